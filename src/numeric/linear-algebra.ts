/**
 * Small dense linear algebra on Float64Array. Matrices are row-major unless a name says `columns`
 * (an array of column vectors, which is how least squares meets them).
 */

/** Inner product in four independent sums, which keeps the processor's pipelines full. */
export function dot(a: Float64Array, b: Float64Array): number {
  const n = a.length;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 3 < n; i += 4) {
    s0 += a[i]! * b[i]!;
    s1 += a[i + 1]! * b[i + 1]!;
    s2 += a[i + 2]! * b[i + 2]!;
    s3 += a[i + 3]! * b[i + 3]!;
  }
  for (; i < n; i++) s0 += a[i]! * b[i]!;
  return s0 + s1 + (s2 + s3);
}

/** Euclidean norm, safe against overflow and underflow. */
export function norm(a: Float64Array): number {
  let sum = dot(a, a);
  if (sum > 1e-280 && sum < 1e300) return Math.sqrt(sum);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]!));
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! / largest) ** 2;
  return largest * Math.sqrt(sum);
}

/**
 * Householder QR of the matrix with these columns; the columns and `rhs` are overwritten.
 * Afterwards `r` (p x p, upper triangle) and the first p elements of `rhs` (Q^T rhs) hold the reduced problem.
 * Source: Golub and Van Loan, Matrix Computations, 4th ed., section 5.2.
 */
export function householderQR(columns: Float64Array[], rhs: Float64Array): Float64Array {
  const p = columns.length;
  const n = rhs.length;
  const r = new Float64Array(p * p);
  for (let k = 0; k < p; k++) {
    const v = columns[k]!;
    if (k < n) {
      let length = 0;
      for (let i = k; i < n; i++) length += v[i]! * v[i]!;
      length = Math.sqrt(length);
      if (length > 0) {
        const alpha = v[k]! > 0 ? -length : length;
        // v becomes the Householder vector; beta = 2 / |v|^2 = 1 / (alpha^2 - alpha v_k).
        const beta = 1 / (alpha * (alpha - v[k]!));
        v[k]! -= alpha;
        if (Number.isFinite(beta)) {
          for (let j = k + 1; j < p; j++) reflect(v, columns[j]!, k, n, beta);
          reflect(v, rhs, k, n, beta);
        }
        r[k * p + k] = alpha;
      }
    }
    for (let j = k + 1; j < p; j++) r[k * p + j] = k < n ? columns[j]![k]! : 0;
  }
  return r;
}

/** Solves R c = rhs for an upper triangle; a zero pivot gives 0. */
export function backSubstitute(r: Float64Array, rhs: Float64Array, count: number): Float64Array {
  const c = new Float64Array(count);
  for (let i = count - 1; i >= 0; i--) {
    let sum = rhs[i]!;
    for (let j = i + 1; j < count; j++) sum -= r[i * count + j]! * c[j]!;
    const pivot = r[i * count + i]!;
    c[i] = pivot === 0 ? 0 : sum / pivot;
  }
  return c;
}

/** Applies Q^T of a finished `householderQR` (its columns and R) to another right-hand side, in place. */
export function applyQTransposed(columns: Float64Array[], r: Float64Array, rhs: Float64Array): void {
  const p = columns.length;
  for (let k = 0; k < p && k < rhs.length; k++) {
    const v = columns[k]!;
    const beta = -1 / (r[k * p + k]! * v[k]!);
    if (Number.isFinite(beta)) reflect(v, rhs, k, rhs.length, beta);
  }
}

function reflect(v: Float64Array, target: Float64Array, from: number, to: number, beta: number): void {
  let sum = 0;
  for (let i = from; i < to; i++) sum += v[i]! * target[i]!;
  const factor = beta * sum;
  for (let i = from; i < to; i++) target[i]! -= factor * v[i]!;
}

/** Lower Cholesky factor of a symmetric n x n matrix; null if it is not positive definite (pivot below `tiny` of its diagonal). */
export function cholesky(matrix: Float64Array, n: number, tiny = 1e-14): Float64Array | null {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!;
      if (i === j) {
        if (!(sum > tiny * matrix[i * n + i]!)) return null;
        l[i * n + i] = Math.sqrt(sum);
      } else {
        l[i * n + j] = sum / l[j * n + j]!;
      }
    }
  }
  return l;
}

/** Solves L x = b for a lower triangle. */
export function solveLower(l: Float64Array, n: number, b: Float64Array): Float64Array {
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    let sum = x[i]!;
    for (let k = 0; k < i; k++) sum -= l[i * n + k]! * x[k]!;
    x[i] = sum / l[i * n + i]!;
  }
  return x;
}

/** Solves L L^T x = b for a lower Cholesky factor. */
export function solveCholesky(l: Float64Array, n: number, b: Float64Array): Float64Array {
  const x = solveLower(l, n, b);
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= l[k * n + i]! * x[k]!;
    x[i]! /= l[i * n + i]!;
  }
  return x;
}

/** Inverse of a symmetric positive definite matrix; null if it is not one. */
export function invertSymmetric(matrix: Float64Array, n: number, tiny = 1e-14): Float64Array | null {
  const l = cholesky(matrix, n, tiny);
  if (!l) return null;
  const inverse = new Float64Array(n * n);
  const unit = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    unit.fill(0);
    unit[j] = 1;
    const column = solveCholesky(l, n, unit);
    for (let i = 0; i < n; i++) inverse[i * n + j] = column[i]!;
  }
  return inverse;
}

/** Solves a general square system by elimination with partial pivoting; null if it is singular. */
export function solve(matrix: Float64Array, n: number, b: Float64Array): Float64Array | null {
  const a = matrix.slice();
  const x = b.slice();
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(a[i * n + k]!) > Math.abs(a[pivot * n + k]!)) pivot = i;
    if (!(Math.abs(a[pivot * n + k]!) > 0)) return null;
    if (pivot !== k) {
      for (let j = 0; j < n; j++) {
        const kept = a[k * n + j]!;
        a[k * n + j] = a[pivot * n + j]!;
        a[pivot * n + j] = kept;
      }
      const kept = x[k]!;
      x[k] = x[pivot]!;
      x[pivot] = kept;
    }
    for (let i = k + 1; i < n; i++) {
      const factor = a[i * n + k]! / a[k * n + k]!;
      if (factor === 0) continue;
      for (let j = k; j < n; j++) a[i * n + j]! -= factor * a[k * n + j]!;
      x[i]! -= factor * x[k]!;
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let j = i + 1; j < n; j++) x[i]! -= a[i * n + j]! * x[j]!;
    x[i]! /= a[i * n + i]!;
  }
  return x;
}

export interface Svd {
  /** Left singular vectors as columns, each as long as the input's columns. */
  u: Float64Array[];
  /** Singular values, largest first. */
  values: Float64Array;
  /** Right singular vectors as columns. */
  v: Float64Array[];
}

/**
 * Singular value decomposition by one-sided Jacobi rotations: small singular values come out with
 * high relative accuracy, which covariances of nearly degenerate fits need.
 * Source: Demmel and Veselic, SIAM J. Matrix Anal. Appl. 13 (1992) 1204.
 * @param columns column vectors of equal length; not changed
 */
export function svd(columns: readonly Float64Array[]): Svd {
  const p = columns.length;
  const u = columns.map((column) => column.slice());
  const v = columns.map((_, j) => {
    const unit = new Float64Array(p);
    unit[j] = 1;
    return unit;
  });
  for (let sweep = 0, rotated = true; rotated && sweep < 60; sweep++) {
    rotated = false;
    for (let i = 0; i < p - 1; i++) {
      for (let j = i + 1; j < p; j++) {
        if (rotateApart(u[i]!, u[j]!, v[i]!, v[j]!)) rotated = true;
      }
    }
  }
  const lengths = u.map(norm);
  const order = lengths.map((_, j) => j).sort((a, b) => lengths[b]! - lengths[a]!);
  for (let j = 0; j < p; j++) {
    if (lengths[j]! > 0) for (let i = 0; i < u[j]!.length; i++) u[j]![i]! /= lengths[j]!;
  }
  return {
    u: order.map((j) => u[j]!),
    values: Float64Array.from(order, (j) => lengths[j]!),
    v: order.map((j) => v[j]!),
  };
}

function rotateApart(a: Float64Array, b: Float64Array, va: Float64Array, vb: Float64Array): boolean {
  let aa = 0;
  let bb = 0;
  let ab = 0;
  for (let i = 0; i < a.length; i++) {
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
    ab += a[i]! * b[i]!;
  }
  if (!(Math.abs(ab) > 1e-15 * Math.sqrt(aa * bb)) || ab === 0) return false;
  const zeta = (bb - aa) / (2 * ab);
  const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
  const c = 1 / Math.sqrt(1 + t * t);
  const s = c * t;
  rotate(a, b, c, s);
  rotate(va, vb, c, s);
  return true;
}

function rotate(a: Float64Array, b: Float64Array, c: number, s: number): void {
  for (let i = 0; i < a.length; i++) {
    const ai = a[i]!;
    const bi = b[i]!;
    a[i] = c * ai - s * bi;
    b[i] = s * ai + c * bi;
  }
}
