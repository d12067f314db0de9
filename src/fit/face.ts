import { invertSymmetric } from '../numeric/linear-algebra.js';

/** The solution on one face of the constraint, for any right-hand side. */
export interface Face {
  members: Int32Array;
  /** Row-major (members x members): c = map b + shift; also the covariance on the face. */
  map: Float64Array;
  shift: Float64Array;
  covariance: Float64Array | null;
}

/**
 * Prepares the face on which the coefficients of the bit mask are free.
 * @returns null when its columns are degenerate
 */
export function makeFace(gram: Float64Array, n: number, mask: number, sumRule: boolean): Face | null {
  const members = Int32Array.from({ length: n }, (_, j) => j).filter((j) => (mask >> j) & 1);
  const m = members.length;
  const part = new Float64Array(m * m);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++) part[i * m + j] = gram[members[i]! * n + members[j]!]!;
  const inverse = invertSymmetric(part, m, 1e-12);
  if (!inverse) return null;
  const shift = new Float64Array(m);
  if (!sumRule) return { members, map: inverse, shift, covariance: null };
  // c = G^-1 b + v (1 - 1^T G^-1 b) / s with v = G^-1 1, s = 1^T v.
  const v = new Float64Array(m);
  let s = 0;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) v[i]! += inverse[i * m + j]!;
    s += v[i]!;
  }
  const map = new Float64Array(m * m);
  for (let i = 0; i < m; i++) {
    shift[i] = v[i]! / s;
    for (let j = 0; j < m; j++) map[i * m + j] = inverse[i * m + j]! - (v[i]! * v[j]!) / s;
  }
  return { members, map, shift, covariance: null };
}
