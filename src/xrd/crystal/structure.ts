import { InputError } from '../../errors.js';
import type { Composition } from '../../reference/formula.js';
import { molarMass_g_mol } from '../../reference/formula.js';
import { type Cell, cellVolume_A3, type Metric, metric } from './cell.js';
import type { SymmetryOperation } from './symmetry.js';

/** What sits on a site: an ion and its share of the site, 0 to 1. */
export interface Occupant {
  element: string;
  /** Formal charge; chooses the form factor and enters the charge balance. */
  charge: number;
  occupancy: number;
}

/** An atom site of the asymmetric unit. */
export interface Site {
  label: string;
  occupants: readonly Occupant[];
  /** Fractional coordinates. */
  position: readonly [number, number, number];
  /** Isotropic displacement B = 8 pi^2 U (angstrom^2); null takes the element's default. */
  B_A2: number | null;
  /** Anisotropic U_ij (angstrom^2) as [11, 22, 33, 23, 13, 12], CIF convention; wins over B. */
  U_A2: Metric | null;
}

/** A crystal structure. Never changed in place. */
export interface PhaseStructure {
  name: string;
  cell: Cell;
  spaceGroup: { number: number | null; symbol: string };
  /** Every operation of the group, the identity among them. They win over the symbol. */
  operations: readonly SymmetryOperation[];
  sites: readonly Site[];
  /** Formula units in the cell. */
  formulaUnits: number;
  /** Where the numbers come from. */
  source: string;
}

/** Copies of a site nearer to each other than this (angstrom) are one atom on a special position. */
const COINCIDENCE_A = 0.05;

/** Copies found before, by coordinates: nothing changes in place. */
const orbits = new WeakMap<
  Site['position'],
  { cell: Cell; operations: readonly SymmetryOperation[]; orbit: Float64Array }
>();

/**
 * Fractional coordinates of all copies of a site in the cell, in [0, 1), as x, y, z triples one after another.
 * A site within .05 angstrom of a special position is moved onto it, so that its multiplicity is right.
 */
export function siteOrbit({ cell, operations }: PhaseStructure, site: Site): Float64Array {
  const known = orbits.get(site.position);
  if (known && known.cell === cell && known.operations === operations) return known.orbit;
  const orbit = findOrbit(cell, operations, site);
  orbits.set(site.position, { cell, operations, orbit });
  return orbit;
}

function findOrbit(cell: Cell, operations: readonly SymmetryOperation[], site: Site): Float64Array {
  const g = metric(cell);
  const position = snapToSpecialPosition(operations, site.position, g);
  const found: number[] = [];
  for (const operation of operations) {
    const [x, y, z] = transform(operation, position);
    let known = false;
    for (let i = 0; i < found.length && !known; i += 3)
      known = distance2_A2(g, x - found[i]!, y - found[i + 1]!, z - found[i + 2]!) < COINCIDENCE_A ** 2;
    if (!known) found.push(wrap(x), wrap(y), wrap(z));
  }
  return Float64Array.from(found);
}

const wrap = (v: number): number => {
  const w = v - Math.floor(v);
  return w > 1 - 1e-9 ? 0 : w;
};

export function transform(
  { rotation: r, translation: t }: SymmetryOperation,
  [x, y, z]: readonly [number, number, number],
): [number, number, number] {
  return [
    r[0]! * x + r[1]! * y + r[2]! * z + t[0]!,
    r[3]! * x + r[4]! * y + r[5]! * z + t[1]!,
    r[6]! * x + r[7]! * y + r[8]! * z + t[2]!,
  ];
}

/** Squared length (angstrom^2) of a fractional difference, each component taken to the nearest lattice point. */
function distance2_A2([g11, g22, g33, g23, g13, g12]: Metric, x: number, y: number, z: number): number {
  const dx = x - Math.round(x);
  const dy = y - Math.round(y);
  const dz = z - Math.round(z);
  return dx * dx * g11 + dy * dy * g22 + dz * dz * g33 + 2 * (dy * dz * g23 + dx * dz * g13 + dx * dy * g12);
}

/** The mean of the images of a position that fall onto it. */
function snapToSpecialPosition(
  operations: readonly SymmetryOperation[],
  position: readonly [number, number, number],
  g: Metric,
): [number, number, number] {
  const shift = [0, 0, 0];
  let count = 0;
  for (const operation of operations) {
    const image = transform(operation, position);
    const d = image.map((v, i) => v - position[i]! - Math.round(v - position[i]!));
    if (distance2_A2(g, d[0]!, d[1]!, d[2]!) > COINCIDENCE_A ** 2) continue;
    d.forEach((v, i) => {
      shift[i]! += v;
    });
    count++;
  }
  return [0, 1, 2].map((i) => position[i]! + shift[i]! / count) as [number, number, number];
}

export const siteMultiplicity = (structure: PhaseStructure, site: Site): number =>
  siteOrbit(structure, site).length / 3;

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
