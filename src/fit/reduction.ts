import { applyQTransposed, dot, householderQR } from '../numeric/linear-algebra.js';

/**
 * A tall Jacobian J reduced to a triangle R with R^T R = J^T J, and residuals v reduced to c with R^T c = J^T v:
 * the least-squares steps on (R, c) are those on (J, v), at a cost that no longer depends on the number of points.
 */
export interface Reduction {
  /** Row-major p x p upper triangle. */
  r: Float64Array;
  /** Reduces a vector over the points; overwrites it. */
  reduce(v: Float64Array): Float64Array;
}

/** Above this many elements the Gram matrix is formed in any case; its rounding only slows steps down. */
const LARGE = 20_000;
/** Square of the smallest part of a column that must stand apart from the columns before it for the Gram matrix to do. */
const WELL_APART = 1e-8;

/**
 * Through the Cholesky factor of the Gram matrix, at a quarter of the cost of QR, where the columns stand well apart
 * (or are very many); by QR otherwise.
 * @param demand 'exact' for the Jacobian at the end, of which uncertainties are made: never through a Gram matrix that
 *   loses digits, however many points
 * @param columns of unit length or zero; they are overwritten or kept, and must not be changed while the reduction is in use
 */
export function reduceJacobian(
  columns: Float64Array[],
  points: number,
  demand: 'quick' | 'exact' = 'quick',
): Reduction {
  const p = columns.length;
  const r = semidefiniteTriangle(gramOf(columns), p);
  if ((demand === 'quick' && p * points > LARGE) || smallestPivot(r, p) > WELL_APART)
    return byGram(columns, r);
  return byQR(columns, points);
}

function smallestPivot(r: Float64Array, p: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < p; i++) least = Math.min(least, r[i * p + i]! ** 2);
  return least;
}

function byQR(columns: Float64Array[], points: number): Reduction {
  const p = columns.length;
  const r = householderQR(columns, new Float64Array(points));
  return {
    r,
    reduce(v) {
      applyQTransposed(columns, r, v);
      const c = new Float64Array(p);
      c.set(v.subarray(0, Math.min(p, v.length)));
      return c;
    },
  };
}

function byGram(columns: Float64Array[], r: Float64Array): Reduction {
  const p = columns.length;
  return {
    r,
    reduce(v) {
      const c = new Float64Array(p);
      for (let i = 0; i < p; i++) {
        const pivot = r[i * p + i]!;
        if (pivot === 0) continue;
        let sum = dot(columns[i]!, v);
        for (let k = 0; k < i; k++) sum -= r[k * p + i]! * c[k]!;
        c[i] = sum / pivot;
      }
      return c;
    },
  };
}

function gramOf(columns: readonly Float64Array[]): Float64Array {
  const p = columns.length;
  const gram = new Float64Array(p * p);
  for (let i = 0; i < p; i++) for (let j = i; j < p; j++) gram[i * p + j] = dot(columns[i]!, columns[j]!);
  return gram;
}

/** Cholesky factor R (upper) of a positive semidefinite matrix given by its upper half; a vanishing pivot gives a zero row. */
function semidefiniteTriangle(gram: Float64Array, p: number): Float64Array {
  const r = new Float64Array(p * p);
  for (let i = 0; i < p; i++) {
    let pivot = gram[i * p + i]!;
    for (let k = 0; k < i; k++) pivot -= r[k * p + i]! ** 2;
    if (!(pivot > 1e-14 * gram[i * p + i]!)) continue;
    const root = Math.sqrt(pivot);
    r[i * p + i] = root;
    for (let j = i + 1; j < p; j++) {
      let sum = gram[i * p + j]!;
      for (let k = 0; k < i; k++) sum -= r[k * p + i]! * r[k * p + j]!;
      r[i * p + j] = sum / root;
    }
  }
  return r;
}
