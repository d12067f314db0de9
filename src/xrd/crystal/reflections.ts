/** Which lines a lattice and its space group allow, in families of equivalents. */
import { InputError } from '../../errors.js';
import type { Metric } from './cell.js';
import { laueRotations, type SymmetryOperation } from './symmetry.js';

export interface ReflectionFamily {
  /** The equivalent with the fewest negative indices, then the largest ones. */
  hkl: readonly [number, number, number];
  /** Number of equivalents, Friedel mates included. */
  multiplicity: number;
  /** 1/d^2 (1/angstrom^2). */
  inverseD2: number;
}

/** Guards against a cell or an angular range that would make millions of lines. */
const MAX_CANDIDATES = 4_000_000;

/**
 * All families with 1/d^2 in a range, not extinguished by screw axes, glides or centring, in order of falling d.
 * Throws InputError where the range holds too many to be meant.
 */
export function reflectionFamilies(
  reciprocal: Metric,
  operations: readonly SymmetryOperation[],
  minInverseD2: number,
  maxInverseD2: number,
): readonly ReflectionFamily[] {
  const request = [...reciprocal, minInverseD2, maxInverseD2];
  const known = latest.get(operations);
  if (known?.request.every((value, i) => value === request[i])) return known.families;
  const families = findFamilies(reciprocal, operations, minInverseD2, maxInverseD2);
  latest.set(operations, { request, families });
  return families;
}

/** What each group was last asked for: hypotheses and variants of a phase ask for the same lines many times. */
const latest = new WeakMap<
  readonly SymmetryOperation[],
  { request: number[]; families: readonly ReflectionFamily[] }
>();

function findFamilies(
  reciprocal: Metric,
  operations: readonly SymmetryOperation[],
  minInverseD2: number,
  maxInverseD2: number,
): ReflectionFamily[] {
  const laue = laueRotations(operations);
  const flat = flatten(laue);
  const [hMax, kMax, lMax] = indexLimits(reciprocal, maxInverseD2);
  if ((2 * hMax + 1) * (2 * kMax + 1) * (2 * lMax + 1) > MAX_CANDIDATES)
    throw new InputError(
      'the cell and the range of angles hold too many lines',
      null,
      'narrow the range or lengthen the wavelength',
    );
  const [s11, s22, s33, s23, s13, s12] = reciprocal;
  const lowest = Math.max(minInverseD2, 1e-12);
  const families: ReflectionFamily[] = [];
  for (let h = hMax; h >= -hMax; h--) {
    for (let k = kMax; k >= (h < 0 ? 0 : -kMax); k--) {
      // of hkl and -h-k-l one has at most one negative index, and the representative has the fewest
      for (let l = lMax; l >= (h < 0 || k < 0 ? 0 : -lMax); l--) {
        const q = h * h * s11 + k * k * s22 + l * l * s33 + 2 * (k * l * s23 + h * l * s13 + h * k * s12);
        if (q > maxInverseD2 || q < lowest) continue;
        const stabilizer = canonicalStabilizer(flat, h, k, l);
        if (stabilizer === 0 || isExtinct(operations, h, k, l)) continue;
        families.push({ hkl: [h, k, l], multiplicity: laue.length / stabilizer, inverseD2: q });
      }
    }
  }
  return families.sort((a, b) => a.inverseD2 - b.inverseD2);
}

function flatten(rotations: readonly (readonly number[])[]): Int32Array {
  const flat = new Int32Array(9 * rotations.length);
  rotations.forEach((r, i) => {
    flat.set(r, 9 * i);
  });
  return flat;
}

/** Largest |h|, |k|, |l| within the sphere: |h| <= a / d, with a the direct axis, from the inverse of the metric. */
function indexLimits([s11, s22, s33, s23, s13, s12]: Metric, maxInverseD2: number): [number, number, number] {
  const det = s11 * s22 * s33 + 2 * s23 * s13 * s12 - s11 * s23 * s23 - s22 * s13 * s13 - s33 * s12 * s12;
  const limit = (minor: number) => Math.floor(Math.sqrt((minor / det) * maxInverseD2) + 1e-9);
  return [limit(s22 * s33 - s23 * s23), limit(s11 * s33 - s13 * s13), limit(s11 * s22 - s12 * s12)];
}

const negatives = (h: number, k: number, l: number): number =>
  (h < 0 ? 1 : 0) + (k < 0 ? 1 : 0) + (l < 0 ? 1 : 0);

/** Number of Laue rotations that leave hkl in place if it represents its family, else 0. */
function canonicalStabilizer(r: Int32Array, h: number, k: number, l: number): number {
  const own = negatives(h, k, l);
  let stabilizer = 0;
  for (let i = 0; i < r.length; i += 9) {
    const a = h * r[i]! + k * r[i + 3]! + l * r[i + 6]!;
    const b = h * r[i + 1]! + k * r[i + 4]! + l * r[i + 7]!;
    const c = h * r[i + 2]! + k * r[i + 5]! + l * r[i + 8]!;
    if (a === h && b === k && c === l) {
      stabilizer++;
      continue;
    }
    const theirs = negatives(a, b, c);
    if (theirs < own) return 0;
    if (theirs === own && (a > h || (a === h && (b > k || (b === k && c > l))))) return 0;
  }
  return stabilizer;
}

/** h' = h R (row vector): how a rotation of the crystal acts on the indices. */
function rotate(
  r: ArrayLike<number>,
  at: number,
  h: number,
  k: number,
  l: number,
  out: [number, number, number],
): void {
  out[0] = h * r[at]! + k * r[at + 3]! + l * r[at + 6]!;
  out[1] = h * r[at + 1]! + k * r[at + 4]! + l * r[at + 7]!;
  out[2] = h * r[at + 2]! + k * r[at + 5]! + l * r[at + 8]!;
}

/** Extinct: an operation maps hkl onto itself with a phase that is no multiple of 2 pi. */
export function isExtinct(
  operations: readonly SymmetryOperation[],
  h: number,
  k: number,
  l: number,
): boolean {
  for (const { rotation: r, translation: t } of operations) {
    if (h * r[0]! + k * r[3]! + l * r[6]! !== h) continue;
    if (h * r[1]! + k * r[4]! + l * r[7]! !== k) continue;
    if (h * r[2]! + k * r[5]! + l * r[8]! !== l) continue;
    const phase = h * t[0]! + k * t[1]! + l * t[2]!;
    if (Math.abs(phase - Math.round(phase)) > 1e-3) return true;
  }
  return false;
}

/** All equivalents of a reflection under the Laue group, each once. */
export function equivalentsOf(
  hkl: readonly [number, number, number],
  operations: readonly SymmetryOperation[],
): [number, number, number][] {
  const found = new Map<string, [number, number, number]>();
  for (const rotation of laueRotations(operations)) {
    const image: [number, number, number] = [0, 0, 0];
    rotate(rotation, 0, hkl[0], hkl[1], hkl[2], image);
    const clean = image.map((v) => v + 0) as [number, number, number];
    found.set(clean.join(), clean);
  }
  return [...found.values()];
}
