/** Which lines a lattice and its space group allow, in families of equivalents. */
import { InputError } from '../../errors.js';
import { ascendingOrder } from '../../numeric/order.js';
import type { Metric } from './cell.js';
import { type GroupParts, groupParts, laueRotations, OPERATION_SIZE } from './group-parts.js';
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

/** Guards against a cell or an angular range that would make millions of lines. */
const MAX_CANDIDATES = 4_000_000;

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
  const families = findFamilies(reciprocal, groupParts(operations), minInverseD2, maxInverseD2);
  latest.set(operations, { request, families });
  return families;
}

/** What each group was last asked for: hypotheses and variants of a phase ask for the same lines many times. */
const latest = new Recent<readonly SymmetryOperation[], { request: number[]; families: ReflectionFamilies }>(
  32,
);

/** Goes through one half of the sphere; the first of each family met marks all its equivalents as seen. */
function findFamilies(
  reciprocal: Metric,
  parts: GroupParts,
  minInverseD2: number,
  maxInverseD2: number,
): ReflectionFamilies {
  const [s11, s22, s33, s23, s13, s12] = reciprocal;
  const box = makeBox(reciprocal, maxInverseD2);
  const { hMax, kMax, lMax, seen } = box;
  const lowest = Math.max(minInverseD2, 1e-12);
  const order = (2 * parts.half.length) / OPERATION_SIZE;
  const first = new Int32Array(3);
  const found: number[] = [];
  for (let h = 0; h <= hMax; h++) {
    for (let k = h === 0 ? 0 : -kMax; k <= kMax; k++) {
      const at = placeIn(box, h, k, 0);
      const q0 = h * h * s11 + k * k * s22 + 2 * h * k * s12;
      const q1 = 2 * (k * s23 + h * s13);
      for (let l = h === 0 && k === 0 ? 1 : -lMax; l <= lMax; l++) {
        if (seen[at + l] === 1) continue;
        const q = q0 + l * (q1 + l * s33);
        if (q > maxInverseD2 || q < lowest) continue;
        const stabilizer = markFamily(box, parts.half, h, k, l, first);
        if (!isExtinctIn(parts, h, k, l)) found.push(first[0]!, first[1]!, first[2]!, order / stabilizer, q);
      }
    }
  }
  return inOrder(found);
}

/** All indices up to the largest of each axis, and which of them belong to a family that was met. */
interface Box {
  hMax: number;
  kMax: number;
  lMax: number;
  seen: Uint8Array;
}

/** Throws InputError for a box of millions. */
function makeBox(reciprocal: Metric, maxInverseD2: number): Box {
  const [hMax, kMax, lMax] = indexLimits(reciprocal, maxInverseD2);
  const size = (2 * hMax + 1) * (2 * kMax + 1) * (2 * lMax + 1);
  if (!(size <= MAX_CANDIDATES))
    throw new InputError(
      'the cell and the range of angles hold too many lines',
      null,
      'narrow the range or lengthen the wavelength',
    );
  return { hMax, kMax, lMax, seen: new Uint8Array(size) };
}

const placeIn = ({ hMax, kMax, lMax }: Box, h: number, k: number, l: number): number =>
  ((h + hMax) * (2 * kMax + 1) + k + kMax) * (2 * lMax + 1) + l + lMax;

/** Marks all equivalents of hkl, writes the one that stands for them, and returns how many rotations fix hkl. */
function markFamily(
  box: Box,
  half: Float64Array,
  h: number,
  k: number,
  l: number,
  first: Int32Array,
): number {
  let stabilizer = 0;
  let least = 4;
  for (let i = 0; i < half.length; i += OPERATION_SIZE) {
    let a = h * half[i]! + k * half[i + 3]! + l * half[i + 6]!;
    let b = h * half[i + 1]! + k * half[i + 4]! + l * half[i + 7]!;
    let c = h * half[i + 2]! + k * half[i + 5]! + l * half[i + 8]!;
    if (Math.abs(a) <= box.hMax && Math.abs(b) <= box.kMax && Math.abs(c) <= box.lMax) {
      box.seen[placeIn(box, a, b, c)] = 1;
      box.seen[placeIn(box, -a, -b, -c)] = 1;
    }
    if ((a === h && b === k && c === l) || (a === -h && b === -k && c === -l)) stabilizer++;
    let negatives = (a < 0 ? 1 : 0) + (b < 0 ? 1 : 0) + (c < 0 ? 1 : 0);
    const positives = (a > 0 ? 1 : 0) + (b > 0 ? 1 : 0) + (c > 0 ? 1 : 0);
    if (positives < negatives || (positives === negatives && isBefore(a, b, c, 0, 0, 0))) {
      a = -a;
      b = -b;
      c = -c;
      negatives = positives;
    }
    if (negatives < least || (negatives === least && isBefore(first[0]!, first[1]!, first[2]!, a, b, c))) {
      least = negatives;
      first[0] = a;
      first[1] = b;
      first[2] = c;
    }
  }
  return stabilizer;
}

/** (a, b, c) < (h, k, l) with the first difference deciding. */
const isBefore = (a: number, b: number, c: number, h: number, k: number, l: number): boolean =>
  a < h || (a === h && (b < k || (b === k && c < l)));

/** Sorted by 1/d^2. `found` holds h, k, l, multiplicity and 1/d^2 of each family. */
function inOrder(found: readonly number[]): ReflectionFamilies {
  const count = found.length / 5;
  const inverseD2 = new Float64Array(count);
  for (let j = 0; j < count; j++) inverseD2[j] = found[5 * j + 4]!;
  const order = ascendingOrder(inverseD2);
  const hkl = new Int32Array(3 * count);
  const multiplicity = new Float64Array(count);
  for (let j = 0; j < count; j++) {
    const at = 5 * order[j]!;
    for (let i = 0; i < 3; i++) hkl[3 * j + i] = found[at + i]!;
    multiplicity[j] = found[at + 3]!;
    inverseD2[j] = found[at + 4]!;
  }
  return { count, hkl, multiplicity, inverseD2 };
}

/** Largest |h|, |k|, |l| within the sphere: |h| <= a / d, with a the direct axis, from the inverse of the metric. */
function indexLimits([s11, s22, s33, s23, s13, s12]: Metric, maxInverseD2: number): [number, number, number] {
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

function isExtinctIn({ half, negatives, centring }: GroupParts, h: number, k: number, l: number): boolean {
  for (let i = 3; i < centring.length; i += 3)
    if (!isWhole(h * centring[i]! + k * centring[i + 1]! + l * centring[i + 2]!)) return true;
  return shiftsPhase(half, h, k, l) || shiftsPhase(negatives, h, k, l);
}

function shiftsPhase(list: Float64Array, h: number, k: number, l: number): boolean {
  for (let i = 0; i < list.length; i += OPERATION_SIZE) {
    if (h * list[i]! + k * list[i + 3]! + l * list[i + 6]! !== h) continue;
    if (h * list[i + 1]! + k * list[i + 4]! + l * list[i + 7]! !== k) continue;
    if (h * list[i + 2]! + k * list[i + 5]! + l * list[i + 8]! !== l) continue;
    if (!isWhole(h * list[i + 9]! + k * list[i + 10]! + l * list[i + 11]!)) return true;
  }
  return false;
}

const isWhole = (phase: number): boolean => Math.abs(phase - Math.round(phase)) <= 1e-3;

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
