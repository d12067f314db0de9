/** A space group taken apart for loops: flat numbers, each rotation once, the centring and the inversion aside. */
import type { Cell, Metric } from './cell.js';
import { Recent } from './recent.js';
import { LARGEST_ROTATION_ENTRY, type SymmetryOperation } from './symmetry.js';

export interface GroupParts {
  /**
   * One operation for each rotation, up to a sign: rotation (9 numbers, row-major) and translation (3). The others are
   * the same with a centring vector added, or the negative rotation.
   */
  half: Float64Array;
  /** The rest: operations with the negative rotation of the one at the same place in `half`; empty without any. */
  negatives: Float64Array;
  /** Lattice vectors of the centring, three numbers each, zero first. */
  centring: Float64Array;
  /** An inversion at the origin: structure factors without dispersion are real. */
  centred: boolean;
  /** Families of reflections by their indices, found for earlier cells; see family-list.ts. */
  families: Recent<IndexBox, FamilyList>;
  /** Copies of sites found before, by coordinates; see site-orbit.ts. */
  orbits: Map<readonly [number, number, number], SiteOrbit>;
}

export interface SiteOrbit {
  cell: Cell;
  /** Copies in the cell. */
  multiplicity: number;
  /**
   * x, y, z and weight of those copies that are needed for sums of exp(2 pi i h.r): one of each set that the centring
   * makes, and of r and -r where the group is centred at the origin. The weights sum to the multiplicity.
   */
  independent: readonly number[];
  /** Sums over the copies that were made last; see site-amplitudes.ts. */
  amplitudes: KnownAmplitudes | null;
}

/** Real and imaginary part of an amplitude for each family; without an imaginary part it is zero throughout. */
export interface Amplitudes {
  real: Float64Array;
  imaginary: Float64Array | null;
}

export interface KnownAmplitudes extends Amplitudes {
  /** Indices of the families. */
  hkl: Int32Array;
  U_A2: Metric | null;
}

/** Largest |h|, |k| and |l|. */
export type IndexBox = readonly [number, number, number];

/** Families of equivalent reflections that a group does not extinguish, whatever the cell. */
export interface FamilyList {
  /** Three indices a family. */
  hkl: Int32Array;
  multiplicity: Float64Array;
  /** Families of equal kind share a d in every cell that the symmetry allows. */
  kind: Int32Array;
  /** Room for 1/d^2 of each, and for the numbers of those that are chosen, while a range is looked up. */
  inverseD2: Float64Array;
  chosen: Int32Array;
}

const parts = new Recent<readonly SymmetryOperation[], GroupParts>(64);

/** The parts of a closed group. Structures with equal operations share them, and what is kept with them. */
export function groupParts(operations: readonly SymmetryOperation[]): GroupParts {
  const known = parts.get(operations);
  if (known) return known;
  const same = parts.find((others) => areEqual(others, operations));
  return parts.set(operations, same ?? takeApart(operations));
}

function areEqual(one: readonly SymmetryOperation[], other: readonly SymmetryOperation[]): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (!isEqual(one[i]!, other[i]!)) return false;
  return true;
}

function isEqual(one: SymmetryOperation, other: SymmetryOperation): boolean {
  if (one === other) return true;
  for (let i = 0; i < 9; i++) if (one.rotation[i] !== other.rotation[i]) return false;
  for (let i = 0; i < 3; i++) if (one.translation[i] !== other.translation[i]) return false;
  return true;
}

/** Numbers of a rotation and its translation in `half` and `negatives`. */
export const OPERATION_SIZE = 12;

function takeApart(operations: readonly SymmetryOperation[]): GroupParts {
  const places = new Map<number, number>();
  const half: number[] = [];
  const negatives: number[] = [];
  const centring = [0, 0, 0];
  let centred = false;
  for (const { rotation, translation } of operations) {
    const key = rotationKey(rotation);
    if (key === IDENTITY_KEY && (translation[0] !== 0 || translation[1] !== 0 || translation[2] !== 0))
      centring.push(translation[0]!, translation[1]!, translation[2]!);
    if (key === -IDENTITY_KEY && translation[0] === 0 && translation[1] === 0 && translation[2] === 0)
      centred = true;
    if (places.has(key)) continue;
    const opposite = places.get(-key);
    const target = opposite === undefined ? half : negatives;
    const at = opposite ?? half.length;
    places.set(key, at);
    for (let i = 0; i < 9; i++) target[at + i] = rotation[i]!;
    for (let i = 0; i < 3; i++) target[at + 9 + i] = translation[i]!;
  }
  return {
    half: Float64Array.from(half),
    negatives: Float64Array.from(negatives),
    centring: Float64Array.from(centring),
    centred,
    families: new Recent(4),
    orbits: new Map(),
  };
}

/** One number for the nine entries of a rotation; that of the negative rotation is the negative. */
function rotationKey(rotation: readonly number[]): number {
  let key = 0;
  for (let i = 0; i < 9; i++) key = (2 * LARGEST_ROTATION_ENTRY + 1) * key + rotation[i]!;
  return key;
}

const IDENTITY_KEY = rotationKey([1, 0, 0, 0, 1, 0, 0, 0, 1]);

/**
 * Rotation parts of the Laue group (the point group with the inversion added), each once, as they act on hkl rows:
 * h' = h R. Families of reflections with equal |F|^2 up to anomalous differences are its orbits.
 */
export function laueRotations(operations: readonly SymmetryOperation[]): readonly (readonly number[])[] {
  const { half } = groupParts(operations);
  const rotations: number[][] = [];
  for (let at = 0; at < half.length; at += OPERATION_SIZE) {
    const rotation = [...half.subarray(at, at + 9)];
    rotations.push(
      rotation,
      rotation.map((v) => 0 - v),
    );
  }
  return rotations;
}
