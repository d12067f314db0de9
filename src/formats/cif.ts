/** Crystal structures from CIF, as the world writes it. */
import { InputError } from '../errors.js';
import { chargeOf, checkOccupancies, type PhaseStructure } from '../xrd/structure.js';
import { assignCharges, formulaOf } from './cif-chemistry.js';
import { readSites } from './cif-sites.js';
import { checkWith, readCell, readSymmetry } from './cif-symmetry.js';
import { type CifBlock, findLoop, parseCif } from './cif-syntax.js';

export interface CifStructure {
  structure: PhaseStructure;
  /** What had to be assumed, and what does not agree; for the user. */
  warnings: string[];
}

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
