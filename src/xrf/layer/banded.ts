/**
 * Symmetric positive definite band matrices, stored by rows: a[i * (w + 1) + k] = A[i][i - k], k = 0..w.
 * Cholesky factor, solves and draws cost O(n w^2); the method is the textbook one (Golub and Van Loan, sec. 4.3).
 */
export interface Banded {
  n: number;
  width: number;
  a: Float64Array;
}

export const banded = (n: number, width: number): Banded => ({
  n,
  width,
  a: new Float64Array(n * (width + 1)),
});

export function addTo(m: Banded, row: number, column: number, value: number): void {
  const [i, j] = row >= column ? [row, column] : [column, row];
  m.a[i * (m.width + 1) + i - j] += value;
}

/** The lower factor L with A = L L^T, in the same storage. Throws RangeError when A is not positive definite. */
export function cholesky(m: Banded): Banded {
  const { n, width } = m;
  const w = width + 1;
  const l = new Float64Array(m.a);
  for (let i = 0; i < n; i++) {
    for (let k = Math.min(width, i); k >= 0; k--) {
      const j = i - k;
      let sum = l[i * w + k];
      const from = Math.max(0, i - width, j - width);
      for (let p = from; p < j; p++) sum -= l[i * w + i - p] * l[j * w + j - p];
      if (k > 0) l[i * w + k] = sum / l[j * w];
      else if (sum > 0) l[i * w] = Math.sqrt(sum);
      else throw new RangeError(`band matrix is not positive definite at row ${i}`);
    }
  }
  return { n, width, a: l };
}

/** Solves L x = b in place. */
export function forward(l: Banded, b: Float64Array): Float64Array {
  const w = l.width + 1;
  for (let i = 0; i < l.n; i++) {
    let sum = b[i];
    for (let k = Math.min(l.width, i); k > 0; k--) sum -= l.a[i * w + k] * b[i - k];
    b[i] = sum / l.a[i * w];
  }
  return b;
}

/** Solves L^T x = b in place. */
export function backward(l: Banded, b: Float64Array): Float64Array {
  const w = l.width + 1;
  for (let i = l.n - 1; i >= 0; i--) {
    const x = b[i] / l.a[i * w];
    b[i] = x;
    for (let k = Math.min(l.width, i); k > 0; k--) b[i - k] -= l.a[i * w + k] * x;
  }
  return b;
}

/** Solves A x = b in place, given the factor. */
export const solve = (l: Banded, b: Float64Array): Float64Array => backward(l, forward(l, b));

/** ln det A from the factor. */
export function logDeterminant(l: Banded): number {
  let sum = 0;
  for (let i = 0; i < l.n; i++) sum += Math.log(l.a[i * (l.width + 1)]);
  return 2 * sum;
}

/** A full symmetric matrix as a band matrix of full width, so that the same factorisation serves. */
export function fromDense(a: readonly Float64Array[], jitter = 0): Banded {
  const m = banded(a.length, Math.max(a.length - 1, 0));
  for (let i = 0; i < a.length; i++)
    for (let j = 0; j <= i; j++) addTo(m, i, j, a[i][j] + (i === j ? jitter * a[i][i] : 0));
  return m;
}
