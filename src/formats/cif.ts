/** Crystal structures from CIF, as the world writes it. */
import { InputError } from '../errors.js';
import { checkCell, type Metric } from '../xrd/cell.js';
import { bOfU_A2 } from '../xrd/debye-waller.js';
import { findByHallSymbol, findSpaceGroup } from '../xrd/space-groups.js';
import {
  chargeOf,
  checkOccupancies,
  type Occupant,
  type PhaseStructure,
  type Site,
} from '../xrd/structure.js';
import { closeGroup, parseOperation, type SymmetryOperation } from '../xrd/symmetry.js';
import { assignCharges, formulaOf } from './cif-chemistry.js';
import { type CifBlock, type CifLoop, type CifValue, cifNumber, isMissing, parseCif } from './cif-syntax.js';
import { siteElement } from './cif-element.js';

export interface CifStructure {
  structure: PhaseStructure;
  /** What had to be assumed, and what does not agree; for the user. */
  warnings: string[];
}

const MAX_SITES = 5000;

/**
 * All crystal structures in a CIF, one a data block with atom sites.
 * Throws InputError, with the line, where a block cannot be understood or none holds a structure.
 */
export function structuresFromCif(text: string, path = 'CIF'): CifStructure[] {
  const found = parseCif(text, path)
    .filter((block) => findLoop(block, '_atom_site_label', '_atom_site_type_symbol'))
    .map((block) => structureOfBlock(block, path));
  if (found.length === 0)
    throw new InputError(
      'the CIF holds no crystal structure',
      { path },
      'it needs a cell and a loop of _atom_site_ items',
    );
  return found;
}

/** The first structure of a CIF; a warning names the others. Throws InputError as structuresFromCif does. */
export function structureFromCif(text: string, path = 'CIF'): CifStructure {
  const [first, ...others] = structuresFromCif(text, path);
  const names = others.map((o) => o.structure.name).join(', ');
  const warnings =
    others.length > 0 ? [`the CIF holds ${others.length} more structures (${names}); the first is used`] : [];
  return { structure: first!.structure, warnings: [...first!.warnings, ...warnings] };
}

function structureOfBlock(block: CifBlock, path: string): CifStructure {
  const warnings: string[] = [];
  const cell = readCell(block, path);
  const { operations, spaceGroup } = readSymmetry(block, cell, path, warnings);
  const sites = readSites(block, path, warnings);
  const draft: PhaseStructure = {
    name: block.name || path,
    cell,
    spaceGroup,
    operations,
    sites,
    formulaUnits: 1,
    source: `${path}${block.name ? `, data_${block.name}` : ''}`,
  };
  checkWith(() => checkOccupancies(draft), path, block.line);
  const counted = { ...draft, formulaUnits: formulaOf(draft, block, path, warnings) };
  const structure = assignCharges(counted, warnings);
  const charge = chargeOf(structure);
  if (Math.abs(charge) > 0.02 && structure.sites.some((s) => s.occupants.some((o) => o.charge !== 0)))
    warnings.push(`the charges of a formula unit sum to ${charge.toFixed(2)}, not to zero`);
  return { structure, warnings };
}

function checkWith(check: () => void, path: string, line: number): void {
  try {
    check();
  } catch (thrown) {
    throw thrown instanceof InputError ? thrown.at({ path, line }) : thrown;
  }
}

// ---------------------------------------------------------------- cell and symmetry

function readCell(block: CifBlock, path: string): PhaseStructure['cell'] {
  const read = (tag: string, fallback?: number): number => {
    const number = cifNumber(block.items.get(tag), tag, path);
    if (number) return number.value;
    if (fallback !== undefined) return fallback;
    throw new InputError(`data_${block.name} has no ${tag}`, { path, line: block.line });
  };
  const cell = {
    a_A: read('_cell_length_a'),
    b_A: read('_cell_length_b'),
    c_A: read('_cell_length_c'),
    alpha_deg: read('_cell_angle_alpha', 90),
    beta_deg: read('_cell_angle_beta', 90),
    gamma_deg: read('_cell_angle_gamma', 90),
  };
  checkWith(() => checkCell(cell), path, block.line);
  return cell;
}

const OPERATION_TAGS = [
  '_space_group_symop_operation_xyz',
  '_space_group_symop.operation_xyz',
  '_symmetry_equiv_pos_as_xyz',
];
const HALL_TAGS = ['_space_group_name_hall', '_space_group.name_hall', '_symmetry_space_group_name_hall'];
const SYMBOL_TAGS = [
  '_space_group_name_h-m_alt',
  '_space_group.name_h-m_alt',
  '_symmetry_space_group_name_h-m',
  '_space_group_name_h-m_ref',
];
const NUMBER_TAGS = ['_space_group_it_number', '_space_group.it_number', '_symmetry_int_tables_number'];

function firstItem(block: CifBlock, tags: readonly string[]): CifValue | null {
  for (const tag of tags) {
    const value = block.items.get(tag);
    if (value && !isMissing(value)) return value;
  }
  return null;
}

/** Listed operations win; then the Hall symbol, the Hermann-Mauguin symbol and the number. */
function readSymmetry(
  block: CifBlock,
  cell: PhaseStructure['cell'],
  path: string,
  warnings: string[],
): { operations: SymmetryOperation[]; spaceGroup: PhaseStructure['spaceGroup'] } {
  const hall = firstItem(block, HALL_TAGS);
  const symbol = firstItem(block, SYMBOL_TAGS);
  const number = firstItem(block, NUMBER_TAGS);
  const byName = () => {
    const fromHall = hall ? findByHallSymbol(hall.text) : null;
    if (fromHall) return { group: fromHall, assumed: null };
    const name = symbol ?? number;
    if (!name) return null;
    try {
      return findSpaceGroup(name.text, cell);
    } catch (thrown) {
      if (name === symbol && number) return findSpaceGroup(number.text, cell);
      throw thrown instanceof InputError ? thrown.at({ path, line: name.line }) : thrown;
    }
  };
  const listed = listedOperations(block, path);
  if (!listed) {
    const named = byName();
    if (!named)
      throw new InputError(
        `data_${block.name} states no symmetry`,
        { path, line: block.line },
        "add the operations or the symbol; 'P 1' if there is none",
      );
    const { group, assumed } = named;
    if (assumed)
      warnings.push(
        `the space group ${group.shortSymbol} is given without operations: ${assumed} is assumed`,
      );
    return { operations: group.operations, spaceGroup: { number: group.number, symbol: group.shortSymbol } };
  }
  let named: ReturnType<typeof byName> = null;
  try {
    named = byName();
  } catch {
    warnings.push(
      `the space group symbol '${symbol?.text ?? ''}' is not known; the listed operations are used`,
    );
  }
  if (named && named.group.operations.length !== listed.length)
    warnings.push(
      `the ${listed.length} listed symmetry operations are not those of ${named.group.shortSymbol} (${named.group.operations.length}); the listed ones are used`,
    );
  return {
    operations: listed,
    spaceGroup: {
      number: named?.group.number ?? null,
      symbol: named?.group.shortSymbol ?? symbol?.text ?? 'as listed',
    },
  };
}

function listedOperations(block: CifBlock, path: string): SymmetryOperation[] | null {
  for (const tag of OPERATION_TAGS) {
    const loop = findLoop(block, tag);
    const single = block.items.get(tag);
    const values = loop ? loop.rows.map((row) => row[loop.tags.indexOf(tag)]!) : single ? [single] : [];
    const given = values.filter((value) => !isMissing(value));
    if (given.length === 0) continue;
    if (given.length > 192)
      throw new InputError('more than 192 symmetry operations', { path, line: given[0]!.line });
    const operations = given.map((value) => {
      try {
        return parseOperation(value.text);
      } catch (thrown) {
        throw thrown instanceof InputError ? thrown.at({ path, line: value.line }) : thrown;
      }
    });
    try {
      return closeGroup(operations);
    } catch (thrown) {
      throw thrown instanceof InputError ? thrown.at({ path, line: given[0]!.line }) : thrown;
    }
  }
  return null;
}

// ---------------------------------------------------------------- sites

const findLoop = (block: CifBlock, ...tags: string[]): CifLoop | undefined =>
  block.loops.find((loop) => tags.some((tag) => loop.tags.includes(tag)));

function readSites(block: CifBlock, path: string, warnings: string[]): Site[] {
  const loop = findLoop(block, '_atom_site_fract_x');
  if (!loop)
    throw new InputError(
      'the atom sites have no fractional coordinates',
      { path, line: block.line },
      'add _atom_site_fract_x, _y and _z',
    );
  if (loop.rows.length > MAX_SITES)
    throw new InputError(`the CIF lists ${loop.rows.length} atom sites; ${MAX_SITES} are read at most`, {
      path,
      line: loop.line,
    });
  const column = (tag: string) => loop.tags.indexOf(tag);
  const anisotropic = readAnisotropic(block, path);
  const oxidation = readOxidationNumbers(block, path);
  const formula = block.items.get('_chemical_formula_sum')?.text ?? null;
  const sites: Site[] = [];
  for (const row of loop.rows) {
    const value = (tag: string): CifValue | undefined => (column(tag) < 0 ? undefined : row[column(tag)]);
    const number = (tag: string): number | null => cifNumber(value(tag), tag, path)?.value ?? null;
    const label = value('_atom_site_label')?.text ?? value('_atom_site_type_symbol')!.text;
    if (value('_atom_site_calc_flag')?.text === 'dum') continue;
    const position = ['x', 'y', 'z'].map((axis) => number(`_atom_site_fract_${axis}`));
    if (position.some((p) => p === null)) {
      warnings.push(`the site ${label} has no coordinates and is left out`);
      continue;
    }
    const type = value('_atom_site_type_symbol');
    const ion = siteElement(isMissing(type) ? null : type!.text, label, formula);
    if (!ion)
      throw new InputError(
        `no element can be told from the site '${label}'`,
        { path, line: row[0]!.line },
        'add _atom_site_type_symbol',
      );
    const occupancy = number('_atom_site_occupancy') ?? 1;
    const charge = ion.charge ?? oxidation.get(type?.text ?? '') ?? 0;
    const occupant: Occupant = { element: ion.element, charge, occupancy };
    const u = number('_atom_site_u_iso_or_equiv');
    const b = number('_atom_site_b_iso_or_equiv');
    const B_A2 = b ?? (u === null ? null : bOfU_A2(u));
    if (B_A2 !== null && B_A2 < 0) warnings.push(`the site ${label} has a negative displacement parameter`);
    addSite(sites, {
      label,
      occupants: [occupant],
      position: position as [number, number, number],
      B_A2,
      U_A2: anisotropic.get(label) ?? null,
    });
  }
  return sites;
}

/** Two rows at one place with the same displacement are one site with mixed occupancy. */
function addSite(sites: Site[], site: Site): void {
  const at = sites.findIndex(
    (other) =>
      other.position.every((p, i) => Math.abs(p - site.position[i]!) < 1e-4) &&
      (other.B_A2 === site.B_A2 ||
        (other.B_A2 !== null && site.B_A2 !== null && Math.abs(other.B_A2 - site.B_A2) < 1e-6)) &&
      other.U_A2 === null &&
      site.U_A2 === null,
  );
  if (at < 0) sites.push(site);
  else
    sites[at] = {
      ...sites[at]!,
      label: `${sites[at]!.label}/${site.label}`,
      occupants: [...sites[at]!.occupants, ...site.occupants],
    };
}

/** U_ij by site label, from U or B (B_ij = 8 pi^2 U_ij). */
function readAnisotropic(block: CifBlock, path: string): Map<string, Metric> {
  const found = new Map<string, Metric>();
  const loop = findLoop(block, '_atom_site_aniso_label');
  if (!loop) return found;
  const at = (tag: string) => loop.tags.indexOf(tag);
  for (const row of loop.rows) {
    const components = ['11', '22', '33', '23', '13', '12'].map((ij) => {
      const read = (tag: string) => (at(tag) < 0 ? null : cifNumber(row[at(tag)], tag, path));
      const u = read(`_atom_site_aniso_u_${ij}`);
      if (u) return u.value;
      const b = read(`_atom_site_aniso_b_${ij}`);
      return b ? b.value / (8 * Math.PI * Math.PI) : null;
    });
    if (components.every((c) => c !== null))
      found.set(row[at('_atom_site_aniso_label')]!.text, components as unknown as Metric);
  }
  return found;
}

function readOxidationNumbers(block: CifBlock, path: string): Map<string, number> {
  const found = new Map<string, number>();
  const loop = findLoop(block, '_atom_type_oxidation_number');
  if (!loop) return found;
  const [symbol, number] = ['_atom_type_symbol', '_atom_type_oxidation_number'].map((tag) =>
    loop.tags.indexOf(tag),
  );
  for (const row of loop.rows) {
    const value = cifNumber(row[number!], '_atom_type_oxidation_number', path);
    if (value && symbol! >= 0) found.set(row[symbol!]!.text, value.value);
  }
  return found;
}
