/** Truths of patterns: what is drawn at random, in the words of GSAS-II and of the refinement. */
import type { Random } from '../../../src/numeric/random.js';
import type { CellParameters, FreeCellParameter } from '../../../src/xrd/crystal/cell-metric.js';
import { freeCellParameters } from '../../../src/xrd/crystal/cell-metric.js';
import type { PhaseStructure } from '../../../src/xrd/crystal/structure.js';
import { cellParameters, latticeSystem } from '../../../src/xrd/pattern/structure-phase.js';
import { cifText } from './cif-text.js';

/** A phase as gsas2_patterns.py wants it. */
export interface PeerPhase {
  cif: string;
  weight: number;
  size_um?: number;
  microstrain?: number;
  texture?: { r: number; axis: number[] };
}

export interface PeerPattern {
  wavelengths: number[];
  polarisation: number;
  instrument: Record<string, number>;
  phases: PeerPhase[];
  top: number;
  background: number[];
  /** SH/L, by traced rays. */
  axial?: number;
  shift_um?: number;
  radius_mm?: number;
  intruders?: { at_deg: number; height: number; fwhm_deg: number }[];
}

/** Values by the name of the parameter in the refinement; `PHASE.weight` for weight fractions. */
export type Truth = Record<string, number>;

/** A drawn phase: the structure as it is, and what of it is to be found. */
export interface DrawnPhase {
  structure: PhaseStructure;
  added_A2: number;
  truth: Truth;
}

const B_RANGE_A2: [number, number] = [-0.2, 0.6];

/** The phase in a cell of its own (.3 %, .1 deg), all its atoms softer or stiffer by one B. */
export function drawnPhase(nominal: PhaseStructure, random: Random): DrawnPhase {
  const truth: Truth = {};
  const cell = [...cellParameters(nominal.cell)];
  for (const { name, drives } of freeCell(nominal)) {
    const value =
      drives[0]! < 3
        ? cell[drives[0]!]! * (1 + random.uniform(-0.003, 0.003))
        : cell[drives[0]!]! + random.uniform(-0.1, 0.1);
    for (const index of drives) cell[index] = Number(value.toFixed(5));
    truth[`${nominal.name}.${name}`] = cell[drives[0]!]!;
  }
  const added_A2 = random.uniform(...B_RANGE_A2);
  truth[`${nominal.name}.B`] = added_A2;
  const [a_A, b_A, c_A, alpha_deg, beta_deg, gamma_deg] = cell as unknown as CellParameters;
  return {
    structure: {
      ...nominal,
      cell: { a_A, b_A, c_A, alpha_deg, beta_deg, gamma_deg },
    },
    added_A2,
    truth,
  };
}

const freeCell = (structure: PhaseStructure): FreeCellParameter[] =>
  freeCellParameters(latticeSystem(structure.operations, structure.cell), cellParameters(structure.cell));

/** Every U_ij times a number of its own for each site: what symmetry restricts stays restricted. */
export const vibrating = (structure: PhaseStructure, random: Random): PhaseStructure => ({
  ...structure,
  sites: structure.sites.map((site) => {
    const factor = random.uniform(0.6, 3);
    return {
      ...site,
      U_A2: site.U_A2 ? (site.U_A2.map((u) => u * factor) as unknown as typeof site.U_A2) : null,
    };
  }),
});

/** A diffractometer with a copper tube, or an area detector at a synchrotron whose images were corrected for polarisation. */
export const LAB = { wavelengths: [1.5405929, 1.5444274], polarisation: 0.5 };
export const SYNCHROTRON = { wavelengths: [1.2398], polarisation: 1 };

/** Zero, widths, counts and background of a pattern, with their truth. */
export function drawnInstrument(
  random: Random,
  source: typeof LAB,
): { pattern: Omit<PeerPattern, 'phases'>; truth: Truth } {
  const instrument = {
    Zero: random.uniform(-0.04, 0.04),
    W: random.uniform(8, 25),
    X: random.uniform(2, 6),
  };
  const ground = 10 ** random.uniform(-2, -0.8);
  return {
    pattern: {
      ...source,
      instrument,
      top: 10 ** random.uniform(3, 5),
      background: [1.3 * ground, -0.8 * ground, 0.5 * ground],
    },
    truth: { zero: instrument.Zero, W: instrument.W, X: instrument.X },
  };
}

/** A pattern of drawn phases; `change` is what else the point is about. */
export const peerPhase = (
  { structure, added_A2 }: DrawnPhase,
  weight = 1,
  more: Partial<PeerPhase> = {},
): PeerPhase => ({
  // GSAS-II knows no '0+'
  cif: cifText(structure, added_A2).replace(/ ([A-Z][a-z]?)0\+ /g, ' $1 '),
  weight,
  ...more,
});
