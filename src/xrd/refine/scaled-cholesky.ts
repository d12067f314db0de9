/** Symmetric equations solved in their correlation form, so that units of parameters do not matter. */

/** Pivot of a row that depends on earlier ones. */
const DEPENDENT = 1e-11;

/**
 * Cholesky factor of the correlation form of the chosen rows of `matrix`, plus `lambda` on its diagonal of ones.
 * Rows that depend on earlier ones are left out (their pivot is set to 0) and returned.
 */
export function choleskyScaled(
  matrix: Float64Array,
  P: number,
  active: Int32Array,
  n: number,
  lambda: number,
  factor: Float64Array,
): number[] {
  const dead: number[] = [];
  for (let a = 0; a < n; a++) {
    const ja = active[a]!;
    const da = Math.sqrt(matrix[ja * P + ja]!);
    for (let b = 0; b <= a; b++) {
      const jb = active[b]!;
      const db = Math.sqrt(matrix[jb * P + jb]!);
      let sum = a === b ? 1 + lambda : matrix[ja * P + jb]! / (da * db);
      for (let k = 0; k < b; k++) sum -= factor[a * P + k]! * factor[b * P + k]!;
      if (a === b) {
        if (sum > DEPENDENT && da > 0) factor[a * P + a] = Math.sqrt(sum);
        else {
          for (let k = 0; k <= a; k++) factor[a * P + k] = 0;
          dead.push(a);
        }
      } else factor[a * P + b] = factor[b * P + b]! > 0 ? sum / factor[b * P + b]! : 0;
    }
  }
  return dead;
}

/** Solves for the chosen rows, with the factor that choleskyScaled left; the others, and dependent ones, stay as they are or zero. */
export function solveScaled(
  matrix: Float64Array,
  P: number,
  active: Int32Array,
  n: number,
  factor: Float64Array,
  rightHandSide: Float64Array,
  out: Float64Array,
): void {
  for (let a = 0; a < n; a++) {
    const pivot = factor[a * P + a]!;
    const j = active[a]!;
    if (pivot === 0) {
      out[j] = 0;
      continue;
    }
    let sum = rightHandSide[j]! / Math.sqrt(matrix[j * P + j]!);
    for (let k = 0; k < a; k++) sum -= factor[a * P + k]! * out[active[k]!]!;
    out[j] = sum / pivot;
  }
  for (let a = n - 1; a >= 0; a--) {
    const pivot = factor[a * P + a]!;
    const j = active[a]!;
    if (pivot === 0) continue;
    let sum = out[j]!;
    for (let k = a + 1; k < n; k++) sum -= factor[k * P + a]! * out[active[k]!]!;
    out[j] = sum / pivot;
  }
  for (let a = 0; a < n; a++) {
    const j = active[a]!;
    out[j] = out[j]! / Math.sqrt(matrix[j * P + j]!);
  }
}
