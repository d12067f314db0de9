/** Atom sites of a CIF's data block. */
import { InputError } from '../../errors.js';
import type { Metric } from '../../xrd/crystal/cell.js';
import { bOfU_A2 } from '../../xrd/crystal/debye-waller.js';
import type { Occupant, Site } from '../../xrd/crystal/structure.js';
import { siteElement } from './cif-element.js';
import { type CifBlock, type CifValue, cifNumber, findLoop, isMissing, type RowLimit } from './cif-syntax.js';

/** What a CIF may list at most. */
export const SITE_LIMIT: RowLimit = { tag: '_atom_site_fract_x', rows: 5000 };

const AXES = ['x', 'y', 'z'] as const;

/** False for the empty rows of question marks that some databases write where they know no atoms. */
export function hasCoordinates(block: CifBlock): boolean {
  const loop = findLoop(block, '_atom_site_fract_x');
  // without the column the reader shall say what is missing
  if (!loop) return true;
  const x = loop.tags.indexOf('_atom_site_fract_x');
  return loop.rows.some((row) => row[x]!.quoted || row[x]!.text !== '?');
}

/** Atom sites of a block. Throws InputError for sites without coordinates or of unknown elements. */
export function readSites(block: CifBlock, path: string, warnings: string[]): Site[] {
  const loop = findLoop(block, '_atom_site_fract_x');
  if (!loop)
    throw new InputError(
      'the atom sites have no fractional coordinates',
      { path, line: block.line },
      'add _atom_site_fract_x, _y and _z',
    );
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
    const position = AXES.map((axis) => coordinate(value(`_atom_site_fract_${axis}`), axis, path));
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
    if (b !== null && b > 0 && b < 0.1)
      warnings.push(`the site ${label} has B = ${b}, which looks like a U; it is used as B`);
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

/** True where a type symbol or an oxidation number states a charge, zero among them ('Si0+'). */
export function statesCharges(block: CifBlock, path: string): boolean {
  const loop = findLoop(block, '_atom_site_type_symbol');
  const at = loop?.tags.indexOf('_atom_site_type_symbol') ?? -1;
  const signed = loop?.rows.some((row) => siteElement(row[at]!.text, '', null)?.charge != null);
  return signed === true || readOxidationNumbers(block, path).size > 0;
}

/** A fractional coordinate; ICSD leaves the digits of zero out, so that '.' is 0 there. Null for '?'. */
function coordinate(value: CifValue | undefined, axis: string, path: string): number | null {
  if (value && !value.quoted && value.text === '.') return 0;
  const fraction = cifNumber(value, `_atom_site_fract_${axis}`, path)?.value ?? null;
  if (fraction !== null && Math.abs(fraction) > 100)
    throw new InputError(
      `_atom_site_fract_${axis} is ${fraction}, far outside the cell`,
      { path, line: value!.line },
      'fractional coordinates count in cell edges, not in angstrom',
    );
  return fraction;
}

/** Two rows at one place with the same displacement are one site with mixed occupancy. */
function addSite(sites: Site[], site: Site): void {
  const at = sites.findIndex(
    (other) => isNear(other.position, site.position, 1e-4) && movesAlike(other, site),
  );
  if (at < 0) sites.push(site);
  else
    sites[at] = {
      ...sites[at]!,
      label: `${sites[at]!.label}/${site.label}`,
      occupants: [...sites[at]!.occupants, ...site.occupants],
    };
}

function movesAlike(one: Site, other: Site): boolean {
  if (one.U_A2 && other.U_A2) return isNear(one.U_A2, other.U_A2, 1e-6);
  if (one.U_A2 || other.U_A2) return false;
  return one.B_A2 === null || other.B_A2 === null
    ? one.B_A2 === other.B_A2
    : isNear([one.B_A2], [other.B_A2], 1e-6);
}

const isNear = (one: readonly number[], other: readonly number[], tolerance: number): boolean =>
  one.every((v, i) => Math.abs(v - other[i]!) < tolerance);

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
    // the diagonal must be there; '.' off it is a zero
    if (components.slice(0, 3).every((c) => c !== null))
      found.set(row[at('_atom_site_aniso_label')]!.text, components.map((c) => c ?? 0) as unknown as Metric);
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
