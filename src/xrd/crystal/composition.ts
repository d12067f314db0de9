/** What a structure is made of: atoms, charge and mass of a formula unit, and what no structure can have. */
import { InputError } from '../../errors.js';
import { type Composition, molarMass_g_mol } from '../../reference/formula.js';
import { cellVolume_A3 } from './cell.js';
import { siteMultiplicity } from './site-orbit.js';
import type { PhaseStructure } from './structure.js';

/** Atoms of each element in one formula unit. */
export function compositionOf(structure: PhaseStructure): Composition {
  const atoms = new Map<string, number>();
  for (const site of structure.sites) {
    const copies = siteMultiplicity(structure, site) / structure.formulaUnits;
    for (const { element, occupancy } of site.occupants)
      atoms.set(element, (atoms.get(element) ?? 0) + copies * occupancy);
  }
  return atoms;
}

/** Sum of the formal charges of one formula unit. */
export function chargeOf(structure: PhaseStructure): number {
  let sum = 0;
  for (const site of structure.sites) {
    const copies = siteMultiplicity(structure, site) / structure.formulaUnits;
    for (const { charge, occupancy } of site.occupants) sum += copies * occupancy * charge;
  }
  return sum;
}

const AVOGADRO_G_PER_A3 = 0.602214076;

/** X-ray density (g/cm3). */
export const densityOf_g_cm3 = (structure: PhaseStructure): number =>
  (molarMass_g_mol(compositionOf(structure)) * structure.formulaUnits) /
  (cellVolume_A3(structure.cell) * AVOGADRO_G_PER_A3);

/**
 * Throws InputError for what no structure can have: a negative occupancy, a site with more than one atom on it
 * (by more than 2 %), no atoms at all.
 */
export function checkOccupancies(structure: PhaseStructure): void {
  if (structure.sites.length === 0) throw new InputError(`${structure.name} has no atom sites`);
  for (const { label, occupants } of structure.sites) {
    let sum = 0;
    for (const { element, occupancy } of occupants) {
      if (!(occupancy >= -1e-9))
        throw new InputError(
          `${structure.name}: the occupancy of ${element} on ${label} is ${occupancy.toFixed(4)}`,
          null,
          'no occupancy can be negative',
        );
      sum += occupancy;
    }
    if (sum > 1.02)
      throw new InputError(
        `${structure.name}: the occupancies on ${label} sum to ${sum.toFixed(3)}`,
        null,
        'a site holds one atom at most',
      );
  }
}
