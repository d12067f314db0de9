import type { Cell, Metric } from './cell.js';
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
