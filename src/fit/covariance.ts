import { norm, svd } from '../numeric/linear-algebra.js';

/** Singular values below this fraction of the largest (of the column-scaled Jacobian) count as zero. */
const DEGENERATE = 1e-9;
/** Share of a degenerate direction above which a parameter counts as part of it. */
const SHARE = 1e-6;

export interface JacobianCovariance {
  /** Row-major p x p; NaN in the rows and columns of parameters that the data do not determine. */
  covariance: Float64Array;
  undetermined: boolean[];
}

/** Up to this condition number the inverse of the triangle itself is exact enough, and far from degenerate. */
const WELL_CONDITIONED = 1e5;

/**
 * Covariance (J^T J)^-1 of the parameters from the column-scaled triangle R of the Jacobian of f/sigma: R^-1 R^-T, or
 * through its singular values where R is nearly singular. Directions that the data do not determine make the parameters
 * in them NaN and leave the others' sigma right.
 * Source: Press et al., Numerical Recipes, 3rd ed., section 15.4.
 * @param triangle columns of R, upper triangular
 */
export function covarianceOf(triangle: readonly Float64Array[]): JacobianCovariance {
  const p = triangle.length;
  const lengths = triangle.map(norm);
  const scaled = triangle.map((column, j) =>
    column.map((value) => (lengths[j]! > 0 ? value / lengths[j]! : 0)),
  );
  const { covariance, undetermined } = byInverse(scaled) ?? bySingularValues(scaled);
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < p; j++) {
      covariance[i * p + j]! /= lengths[i]! * lengths[j]!;
      if (undetermined[i] || undetermined[j]) covariance[i * p + j] = Number.NaN;
    }
  }
  return { covariance, undetermined };
}

/** R^-1 R^-T; null if the condition number of R, as its Frobenius norms limit it, is too large. */
function byInverse(r: readonly Float64Array[]): JacobianCovariance | null {
  const p = r.length;
  // Column j of R^-1 in row j, by back substitution.
  const inverse = new Float64Array(p * p);
  let squares = 0;
  for (let j = 0; j < p; j++) {
    for (let i = j; i >= 0; i--) {
      let sum = i === j ? 1 : 0;
      for (let k = i + 1; k <= j; k++) sum -= r[k]![i]! * inverse[j * p + k]!;
      const value = sum / r[i]![i]!;
      inverse[j * p + i] = value;
      squares += value * value;
    }
  }
  if (!(p * squares < WELL_CONDITIONED ** 2)) return null;
  const covariance = new Float64Array(p * p);
  for (let i = 0; i < p; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = i; k < p; k++) sum += inverse[k * p + i]! * inverse[k * p + j]!;
      covariance[i * p + j] = sum;
      covariance[j * p + i] = sum;
    }
  return { covariance, undetermined: new Array<boolean>(p).fill(false) };
}

function bySingularValues(scaled: readonly Float64Array[]): JacobianCovariance {
  const p = scaled.length;
  const covariance = new Float64Array(p * p);
  const undetermined = new Array<boolean>(p).fill(false);
  const { values, v } = svd(scaled);
  const threshold = DEGENERATE * values[0]!;
  for (let k = 0; k < p; k++) {
    const direction = v[k]!;
    const value = values[k]!;
    if (!(value > threshold)) {
      for (let j = 0; j < p; j++) if (direction[j]! ** 2 > SHARE) undetermined[j] = true;
      continue;
    }
    for (let i = 0; i < p; i++) {
      for (let j = 0; j < p; j++) covariance[i * p + j]! += (direction[i]! * direction[j]!) / (value * value);
    }
  }
  return { covariance, undetermined };
}
