/** Which lines a lattice and its space group allow, in families of equivalents. */
import { ascendingOrder } from '../../numeric/order.js';
import { zeroIntegers, zeros } from '../../numeric/pooled.js';
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
  /** Families of equal kind share a d in every cell that the symmetry allows. */
  kind: Int32Array;
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
  list: FamilyList,
  [s11, s22, s33, s23, s13, s12]: Metric,
  minInverseD2: number,
  maxInverseD2: number,
): ReflectionFamilies {
  const { hkl, inverseD2, chosen } = list;
  const lowest = Math.max(minInverseD2, 1e-12);
  let count = 0;
  for (let j = 0; j < chosen.length; j++) {
    const h = hkl[3 * j]!;
    const k = hkl[3 * j + 1]!;
    const l = hkl[3 * j + 2]!;
    const q = h * h * s11 + k * k * s22 + l * l * s33 + 2 * (k * l * s23 + h * l * s13 + h * k * s12);
    if (q > maxInverseD2 || q < lowest) continue;
    inverseD2[count] = q;
    chosen[count++] = j;
  }
  return gather(list, ascendingOrder(inverseD2.subarray(0, count)));
}

/** Those families of a list that were chosen, in an order. */
function gather(list: FamilyList, order: Int32Array): ReflectionFamilies {
  const count = order.length;
  const hkl = zeroIntegers(3 * count);
  const multiplicity = zeros(count);
  const kind = zeroIntegers(count);
  const inverseD2 = zeros(count);
  for (let j = 0; j < count; j++) {
    const place = order[j]!;
    const at = list.chosen[place]!;
    hkl[3 * j] = list.hkl[3 * at]!;
    hkl[3 * j + 1] = list.hkl[3 * at + 1]!;
    hkl[3 * j + 2] = list.hkl[3 * at + 2]!;
    multiplicity[j] = list.multiplicity[at]!;
    kind[j] = list.kind[at]!;
    inverseD2[j] = list.inverseD2[place]!;
  }
  return { count, hkl, multiplicity, kind, inverseD2 };
}

/** Largest |h|, |k|, |l| within the sphere: |h| <= a / d, with a the direct axis, from the inverse of the metric. */
function indexLimits([s11, s22, s33, s23, s13, s12]: Metric, maxInverseD2: number): IndexBox {
  const det = s11 * s22 * s33 + 2 * s23 * s13 * s12 - s11 * s23 * s23 - s22 * s13 * s13 - s33 * s12 * s12;
  const most = maxInverseD2 / det;
  return [
    largestIndex((s22 * s33 - s23 * s23) * most),
    largestIndex((s11 * s33 - s13 * s13) * most),
    largestIndex((s11 * s22 - s12 * s12) * most),
  ];
}

const largestIndex = (square: number): number => Math.floor(Math.sqrt(square) + 1e-9);

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
