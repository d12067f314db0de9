/** Line intensities as parabolas in the amount of a substitution. */
import { zeros } from '../../numeric/pooled.js';
import { molarMass_g_mol } from '../../reference/formula.js';
import { compositionOf } from './composition.js';
import type { LineGroups } from './line-grouping.js';
import type { ReflectionFamilies } from './reflections.js';
import type { PhaseStructure } from './structure.js';
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

/** Real part of P1 conj(P2) + Q1 conj(Q2) of each family; of a with itself: |F|^2, the mean of Friedel mates. */
export function products(a: StructureFactors, b: StructureFactors): Float64Array {
  const out = zeros(a[0]!.length);
  for (let part = 0; part < a.length; part++) {
    const [one, other] = [a[part]!, b[part]!];
    for (let j = 0; j < out.length; j++) out[j]! += one[j]! * other[j]!;
  }
  return out;
}

/** Nothing changes: one constant piece. */
export function fixedSegment(
  F2: Float64Array,
  mass: number,
  { count, multiplicity }: ReflectionFamilies,
  { count: lines, lineOf }: LineGroups,
  { from, to }: SubstitutionSegment,
): IntensitySegment {
  const i0 = zeros(lines);
  for (let j = 0; j < count; j++) i0[lineOf[j]!]! += multiplicity[j]! * F2[j]!;
  const none = zeros(lines);
  return { from, to, i0, i1: none, i2: none, massAt0: mass, massSlope: 0 };
}

export function intensitySegment(
  structure: PhaseStructure,
  calculator: StructureFactorCalculator,
  { count, multiplicity }: ReflectionFamilies,
  { count: lines, lineOf }: LineGroups,
  piece: SubstitutionSegment,
): IntensitySegment {
  const at = calculator.evaluate(piece.sites);
  const slope = calculator.derivative(piece.rates);
  const [squares, crosses, curves] = [products(at, at), products(at, slope), products(slope, slope)];
  const i0 = zeros(lines);
  const i1 = zeros(lines);
  const i2 = zeros(lines);
  for (let j = 0; j < count; j++) {
    const line = lineOf[j]!;
    const m = multiplicity[j]!;
    const square = squares[j]!;
    const cross = 2 * crosses[j]!;
    const curve = curves[j]!;
    // from powers of (x - from) to powers of x
    i0[line]! += m * (square - cross * piece.from + curve * piece.from ** 2);
    i1[line]! += m * (cross - 2 * curve * piece.from);
    i2[line]! += m * curve;
  }
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
