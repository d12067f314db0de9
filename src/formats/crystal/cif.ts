/** Crystal structures from CIF, as the world writes it. */
import { InputError } from '../../errors.js';
import { hasSymmetryOf } from '../../xrd/crystal/cell.js';
import { chargeOf, checkOccupancies } from '../../xrd/crystal/composition.js';
import type { PhaseStructure } from '../../xrd/crystal/structure.js';
import { assignCharges, formulaOf } from './cif-chemistry.js';
import { hasCoordinates, readSites, SITE_LIMIT, statesCharges } from './cif-sites.js';
import { checkWith, readCell, readSymmetry } from './cif-symmetry.js';
import { type CifBlock, findLoop, parseCif } from './cif-syntax.js';

export interface CifStructure {
  structure: PhaseStructure;
  /** What had to be assumed, and what does not agree; for the user. */
  warnings: string[];
}

/**
 * All crystal structures in a CIF, one a data block with atom sites. A block that cannot be understood is left out with
 * a warning while another can be.
 * Throws InputError, with the line, where no block holds a structure.
 */
export function structuresFromCif(text: string, path = 'CIF'): CifStructure[] {
  const found: CifStructure[] = [];
  const faults: InputError[] = [];
  for (const block of parseCif(text, path, SITE_LIMIT)) {
    if (!findLoop(block, '_atom_site_label', '_atom_site_type_symbol') || !hasCoordinates(block)) continue;
    try {
      found.push(structureOfBlock(block, path));
    } catch (thrown) {
      if (!(thrown instanceof InputError)) throw thrown;
      faults.push(thrown);
    }
  }
  if (found.length === 0)
    throw (
      faults[0] ??
      new InputError(
        'the CIF holds no crystal structure',
        { path },
        'it needs a cell and a loop of _atom_site_ items',
      )
    );
  const lost = faults.map((fault) => `a structure of the CIF is left out: ${fault.what}`);
  return [{ ...found[0]!, warnings: [...found[0]!.warnings, ...lost] }, ...found.slice(1)];
}

/** The first structure of a CIF; a warning names the others. Throws InputError as structuresFromCif does. */
export function structureFromCif(text: string, path = 'CIF'): CifStructure {
  const [first, ...others] = structuresFromCif(text, path);
  const names = others
    .slice(0, 5)
    .map((o) => o.structure.name)
    .concat(others.length > 5 ? ['…'] : [])
    .join(', ');
  const warnings =
    others.length > 0 ? [`the CIF holds ${others.length} more structures (${names}); the first is used`] : [];
  return { structure: first!.structure, warnings: [...first!.warnings, ...warnings] };
}

function structureOfBlock(block: CifBlock, path: string): CifStructure {
  const warnings: string[] = [];
  const cell = readCell(block, path);
  const { operations, spaceGroup } = readSymmetry(block, cell, path, warnings);
  if (!hasSymmetryOf(cell, operations))
    warnings.push(
      `the cell ${Object.values(cell).join(' ')} does not have the symmetry of ${spaceGroup.symbol}; check both`,
    );
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
  const structure = statesCharges(block, path) ? counted : assignCharges(counted, warnings);
  const charge = chargeOf(structure);
  const charges = structure.sites.flatMap((site) => site.occupants.map((o) => o.charge));
  // a CIF that charges only some of its atoms means their form factors, not a balance
  if (Math.abs(charge) > 0.02 && charges.some((q) => q > 0) && charges.some((q) => q < 0))
    warnings.push(`the charges of a formula unit sum to ${charge.toFixed(2)}, not to zero`);
  return { structure, warnings };
}
