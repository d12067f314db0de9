/** Line intensities as parabolas in the amount of a substitution. */
import { molarMass_g_mol } from '../../reference/formula.js';
import type { ReflectionFamily } from './reflections.js';
import { compositionOf, type PhaseStructure } from './structure.js';
import type { StructureFactorCalculator, StructureFactors } from './structure-factor.js';
import type { SubstitutionSegment } from './substitution.js';

/** I(x) = i0 + i1 x + i2 x^2 of each line, for amounts x from `from` to `to`. */
export interface IntensitySegment {
  from: number;
  to: number;
  i0: Float64Array;
  i1: Float64Array;
  i2: Float64Array;
  /** Mass (g/mol) of the formula unit: massAt0 + massSlope * x. */
  massAt0: number;
  massSlope: number;
}

export function squares({ P, Q }: StructureFactors): Float64Array {
  const out = new Float64Array(P.real.length);
  for (let j = 0; j < out.length; j++)
    out[j] = P.real[j]! ** 2 + P.imaginary[j]! ** 2 + Q.real[j]! ** 2 + Q.imaginary[j]! ** 2;
  return out;
}

/** Nothing changes: one constant piece. */
export function fixedSegment(
  at: StructureFactors,
  mass: number,
  families: readonly ReflectionFamily[],
  lines: readonly (readonly number[])[],
  { from, to }: SubstitutionSegment,
): IntensitySegment {
  const i0 = new Float64Array(lines.length);
  lines.forEach((members, line) => {
    for (const j of members) i0[line]! += families[j]!.multiplicity * product(at, at, j);
  });
  const none = new Float64Array(lines.length);
  return { from, to, i0, i1: none, i2: none, massAt0: mass, massSlope: 0 };
}

export function intensitySegment(
  structure: PhaseStructure,
  calculator: StructureFactorCalculator,
  families: readonly ReflectionFamily[],
  lines: readonly (readonly number[])[],
  piece: SubstitutionSegment,
): IntensitySegment {
  const at = calculator.evaluate(piece.sites);
  const slope = calculator.derivative(piece.rates);
  const i0 = new Float64Array(lines.length);
  const i1 = new Float64Array(lines.length);
  const i2 = new Float64Array(lines.length);
  lines.forEach((members, line) => {
    for (const j of members) {
      const m = families[j]!.multiplicity;
      const square = product(at, at, j);
      const cross = 2 * product(at, slope, j);
      const curve = product(slope, slope, j);
      // from powers of (x - from) to powers of x
      i0[line]! += m * (square - cross * piece.from + curve * piece.from ** 2);
      i1[line]! += m * (cross - 2 * curve * piece.from);
      i2[line]! += m * curve;
    }
  });
  const massAtStart = molarMass_g_mol(compositionOf({ ...structure, sites: piece.sites }));
  const massSlope = massRate(structure, piece);
  return {
    from: piece.from,
    to: piece.to,
    i0,
    i1,
    i2,
    massAt0: massAtStart - massSlope * piece.from,
    massSlope,
  };
}

function massRate(structure: PhaseStructure, piece: SubstitutionSegment): number {
  const sites = structure.sites.map((site, i) => ({
    ...site,
    occupants: piece.rates
      .filter((r) => r.site === i)
      .map(({ element, charge, rate }) => ({ element, charge, occupancy: rate })),
  }));
  return molarMass_g_mol(compositionOf({ ...structure, sites }));
}

/** Real part of P1 conj(P2) + Q1 conj(Q2). */
const product = (a: StructureFactors, b: StructureFactors, j: number): number =>
  a.P.real[j]! * b.P.real[j]! +
  a.P.imaginary[j]! * b.P.imaginary[j]! +
  a.Q.real[j]! * b.Q.real[j]! +
  a.Q.imaginary[j]! * b.Q.imaginary[j]!;
