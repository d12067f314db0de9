/**
 * The families of reflections of a space group by their indices alone. Which are equivalent and which extinct does not
 * hang on the cell, so that structures of one group share the lists.
 */
import { InputError } from '../../errors.js';
import { ascendingOrder } from '../../numeric/order.js';
import { inverseD2, invertMetric, type Metric, symmetrizeMetric } from './cell.js';
import { type FamilyList, type GroupParts, type IndexBox, OPERATION_SIZE } from './group-parts.js';

/** Guards against a cell or an angular range that would make millions of lines. */
const MAX_CANDIDATES = 4_000_000;
/** A list is made a little longer than asked for, for the next cell, unless it is long already. */
const SPARE = 1;
const LONG = 50_000;
/** A list of a box this many times too large is not looked through. */
const TOO_LARGE = 4;

/**
 * All families with indices up to the given ones, and perhaps some more, in a fixed order.
 * Throws InputError where there are too many to be meant.
 */
export function familiesIn(parts: GroupParts, box: IndexBox): FamilyList {
  const size = sizeOf(box);
  if (!(size <= MAX_CANDIDATES))
    throw new InputError(
      'the cell and the range of angles hold too many lines',
      null,
      'narrow the range or lengthen the wavelength',
    );
  const [h, k, l] = box;
  const longest = TOO_LARGE * Math.max(size, 200);
  const known = parts.families.find(
    (other) => other[0] >= h && other[1] >= k && other[2] >= l && sizeOf(other) <= longest,
  );
  if (known) return known;
  const larger: IndexBox = size > LONG ? box : [box[0] + SPARE, box[1] + SPARE, box[2] + SPARE];
  return parts.families.set(larger, listFamilies(parts, larger));
}

const sizeOf = ([h, k, l]: IndexBox): number => (2 * h + 1) * (2 * k + 1) * (2 * l + 1);

/** Goes through one half of the box; the first of each family met marks all its equivalents as seen. */
function listFamilies(parts: GroupParts, [hMax, kMax, lMax]: IndexBox): FamilyList {
  const box = { hMax, kMax, lMax, seen: new Uint8Array(sizeOf([hMax, kMax, lMax])) };
  const order = (2 * parts.half.length) / OPERATION_SIZE;
  const first = new Int32Array(3);
  const hkl: number[] = [];
  const multiplicity: number[] = [];
  for (let h = 0; h <= hMax; h++) {
    for (let k = h === 0 ? 0 : -kMax; k <= kMax; k++) {
      const at = placeIn(box, h, k, 0);
      for (let l = h === 0 && k === 0 ? 1 : -lMax; l <= lMax; l++) {
        if (box.seen[at + l] === 1) continue;
        const stabilizer = markFamily(box, parts.half, h, k, l, first);
        if (isExtinctIn(parts, h, k, l)) continue;
        hkl.push(first[0]!, first[1]!, first[2]!);
        multiplicity.push(order / stabilizer);
      }
    }
  }
  return inOrder(Int32Array.from(hkl), Float64Array.from(multiplicity), crookedMetric(parts, box));
}

/** The list by rising 1/d^2 in a crooked cell, since like cells then find it nearly in order, with the kinds. */
function inOrder(hkl: Int32Array, multiplicity: Float64Array, crooked: Metric): FamilyList {
  const count = multiplicity.length;
  const inverseD2s = new Float64Array(count);
  for (let j = 0; j < count; j++)
    inverseD2s[j] = inverseD2(crooked, hkl[3 * j]!, hkl[3 * j + 1]!, hkl[3 * j + 2]!);
  const kinds = kindsOf(inverseD2s);
  const order = ascendingOrder(kinds);
  const list: FamilyList = {
    hkl: new Int32Array(3 * count),
    multiplicity: new Float64Array(count),
    kind: new Int32Array(count),
    inverseD2: new Float64Array(count),
    chosen: new Int32Array(count),
  };
  for (let j = 0; j < count; j++) {
    const at = order[j]!;
    for (let i = 0; i < 3; i++) list.hkl[3 * j + i] = hkl[3 * at + i]!;
    list.multiplicity[j] = multiplicity[at]!;
    list.kind[j] = kinds[at]!;
  }
  return list;
}

/** Numbers equal values alike, in ascending order. */
function kindsOf(values: Float64Array): Float64Array {
  const order = ascendingOrder(values);
  const kinds = new Float64Array(values.length);
  for (let j = 1; j < order.length; j++) {
    const [before, at] = [order[j - 1]!, order[j]!];
    kinds[at] = kinds[before]! + (values[at]! / values[before]! - 1 > SAME ? 1 : 0);
  }
  return kinds;
}

/** Relative difference up to which two values of 1/d^2 are equal. */
const SAME = 1e-11;

/**
 * Reciprocal metric of a cell out of shape in every way that the symmetry allows, with axes in proportion to the box.
 * Only families that share a d in every such cell share it here.
 */
function crookedMetric(
  { half }: GroupParts,
  { hMax, kMax, lMax }: Pick<Box, 'hMax' | 'kMax' | 'lMax'>,
): Metric {
  const [a, b, c] = [1.0123 * (hMax + 1), 1.0291 * (kMax + 1), 1.0537 * (lMax + 1)];
  const bent: Metric = [a * a, b * b, c * c, 0.0311 * b * c, 0.0417 * a * c, 0.0273 * a * b];
  return invertMetric(symmetrizeMetric(bent, half, OPERATION_SIZE)); // a negative rotation does the same to a metric
}

/** All indices up to the largest of each axis, and which of them belong to a family that was met. */
interface Box {
  hMax: number;
  kMax: number;
  lMax: number;
  seen: Uint8Array;
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

/** Extinct: an operation maps hkl onto itself (or, with the inversion, onto -h-k-l) with a phase that is not whole. */
export function isExtinctIn(
  { half, negatives, centring }: GroupParts,
  h: number,
  k: number,
  l: number,
): boolean {
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
