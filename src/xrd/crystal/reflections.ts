/** Which lines a lattice and its space group allow, in families of equivalents. */
import { ascendingOrder } from '../../numeric/order.js';
import type { Metric } from './cell.js';
import { familiesIn, isExtinctIn } from './family-list.js';
import { type FamilyList, groupParts, type IndexBox, laueRotations } from './group-parts.js';
import { Recent } from './recent.js';
import type { SymmetryOperation } from './symmetry.js';

/** Families of reflections that are equivalent under the Laue group, in order of falling d. */
export interface ReflectionFamilies {
  count: number;
  /** Three indices a family: of its equivalents the one with the fewest negative indices, then the largest ones. */
  hkl: Int32Array;
  /** Number of equivalents, Friedel mates included. */
  multiplicity: Float64Array;
  /** 1/d^2 (1/angstrom^2). */
  inverseD2: Float64Array;
}

/**
 * All families with 1/d^2 in a range, not extinguished by screw axes, glides or centring.
 * Throws InputError where the range holds too many to be meant.
 */
export function reflectionFamilies(
  reciprocal: Metric,
  operations: readonly SymmetryOperation[],
  minInverseD2: number,
  maxInverseD2: number,
): ReflectionFamilies {
  const request = [...reciprocal, minInverseD2, maxInverseD2];
  const known = latest.get(operations);
  if (known?.request.every((value, i) => value === request[i])) return known.families;
  const box = indexLimits(reciprocal, maxInverseD2);
  const families = within(familiesIn(groupParts(operations), box), reciprocal, minInverseD2, maxInverseD2);
  latest.set(operations, { request, families });
  return families;
}

/** What each group was last asked for: hypotheses and variants of a phase ask for the same lines many times. */
const latest = new Recent<readonly SymmetryOperation[], { request: number[]; families: ReflectionFamilies }>(
  32,
);

/** The families of a list with 1/d^2 in a range, in its order. */
function within(
  { hkl, multiplicity }: FamilyList,
  [s11, s22, s33, s23, s13, s12]: Metric,
  minInverseD2: number,
  maxInverseD2: number,
): ReflectionFamilies {
  const lowest = Math.max(minInverseD2, 1e-12);
  const all = new Float64Array(multiplicity.length);
  const chosen = new Int32Array(multiplicity.length);
  let count = 0;
  for (let j = 0; j < multiplicity.length; j++) {
    const [h, k, l] = [hkl[3 * j]!, hkl[3 * j + 1]!, hkl[3 * j + 2]!];
    const q = h * h * s11 + k * k * s22 + l * l * s33 + 2 * (k * l * s23 + h * l * s13 + h * k * s12);
    if (q > maxInverseD2 || q < lowest) continue;
    all[count] = q;
    chosen[count++] = j;
  }
  const order = ascendingOrder(all.subarray(0, count));
  const families = {
    count,
    hkl: new Int32Array(3 * count),
    multiplicity: new Float64Array(count),
    inverseD2: new Float64Array(count),
  };
  for (let j = 0; j < count; j++) {
    const at = chosen[order[j]!]!;
    for (let i = 0; i < 3; i++) families.hkl[3 * j + i] = hkl[3 * at + i]!;
    families.multiplicity[j] = multiplicity[at]!;
    families.inverseD2[j] = all[order[j]!]!;
  }
  return families;
}

/** Largest |h|, |k|, |l| within the sphere: |h| <= a / d, with a the direct axis, from the inverse of the metric. */
function indexLimits([s11, s22, s33, s23, s13, s12]: Metric, maxInverseD2: number): IndexBox {
  const det = s11 * s22 * s33 + 2 * s23 * s13 * s12 - s11 * s23 * s23 - s22 * s13 * s13 - s33 * s12 * s12;
  const limit = (minor: number) => Math.floor(Math.sqrt((minor / det) * maxInverseD2) + 1e-9);
  return [limit(s22 * s33 - s23 * s23), limit(s11 * s33 - s13 * s13), limit(s11 * s22 - s12 * s12)];
}

/** Extinct: an operation maps hkl onto itself (or, with the inversion, onto -h-k-l) with a phase that is not whole. */
export const isExtinct = (
  operations: readonly SymmetryOperation[],
  h: number,
  k: number,
  l: number,
): boolean => isExtinctIn(groupParts(operations), h, k, l);

/** All equivalents of a reflection under the Laue group, each once. */
export function equivalentsOf(
  [h, k, l]: readonly [number, number, number],
  operations: readonly SymmetryOperation[],
): [number, number, number][] {
  const found = new Map<string, [number, number, number]>();
  for (const r of laueRotations(operations)) {
    const image: [number, number, number] = [
      h * r[0]! + k * r[3]! + l * r[6]! + 0,
      h * r[1]! + k * r[4]! + l * r[7]! + 0,
      h * r[2]! + k * r[5]! + l * r[8]! + 0,
    ];
    found.set(image.join(), image);
  }
  return [...found.values()];
}
