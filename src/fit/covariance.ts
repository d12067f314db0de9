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

/**
 * Covariance (J^T J)^-1 of the parameters from the singular values of the column-scaled Jacobian of f/sigma.
 * Directions that the data do not determine make the parameters in them NaN and leave the others' sigma right.
 * Source: Press et al., Numerical Recipes, 3rd ed., section 15.4.
 * @param columns the Jacobian's columns, or those of its R factor
 */
export function covarianceOf(columns: readonly Float64Array[]): JacobianCovariance {
  const p = columns.length;
  const covariance = new Float64Array(p * p);
  const undetermined = new Array<boolean>(p).fill(false);
  if (p === 0) return { covariance, undetermined };
  const lengths = columns.map(norm);
  const scaled = columns.map((column, j) =>
    column.map((value) => (lengths[j]! > 0 ? value / lengths[j]! : 0)),
  );
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
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < p; j++) {
      covariance[i * p + j]! /= lengths[i]! * lengths[j]!;
      if (undetermined[i] || undetermined[j]) covariance[i * p + j] = Number.NaN;
    }
  }
  return { covariance, undetermined };
}
