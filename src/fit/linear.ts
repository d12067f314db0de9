import { householderQR, norm, svd } from '../numeric/linear-algebra.js';
import { aic, bic } from './criteria.js';
import { type Constraint, SmallLeastSquares } from './small-least-squares.js';

export interface LinearFit {
  coefficients: Float64Array;
  /** Standard uncertainties; 0 for a coefficient held at zero by the constraint, NaN where the columns are degenerate. */
  sigma: Float64Array;
  /** Row-major covariance (scaled as `scaleCovariance` says), singular along the sum for a simplex. */
  covariance: Float64Array;
  /** Coefficients that the constraint holds at zero. */
  held: boolean[];
  curve: Float64Array;
  chi2: number;
  reducedChi2: number;
  degreesOfFreedom: number;
  aic: number;
  bic: number;
}

export interface LinearProblem {
  columns: Float64Array[];
  y: Float64Array;
  /** Standard uncertainties of y; without them all points weigh the same and the covariance is always scaled. */
  sigma?: Float64Array | null;
  scaleCovariance?: 'always' | 'never' | 'if-worse';
  constraint?: Constraint;
}

/**
 * Weighted linear least squares y = sum c_j column_j, by QR and singular values, or with the coefficients
 * non-negative, summing to one, or both (exact by active sets).
 * @throws RangeError for columns of unequal length or a sigma that is not positive
 */
export function linearLeastSquares(problem: LinearProblem): LinearFit {
  const { y } = problem;
  const weighted = weigh(problem);
  const constraint = problem.constraint ?? 'none';
  const raw = constraint === 'none' ? free(weighted.columns, weighted.y) : constrained(weighted, constraint);
  const count = problem.columns.length;
  const curve = new Float64Array(y.length);
  for (let j = 0; j < count; j++)
    for (let i = 0; i < y.length; i++) curve[i]! += raw.coefficients[j]! * problem.columns[j]![i]!;
  let chi2 = 0;
  for (let i = 0; i < y.length; i++) chi2 += ((y[i]! - curve[i]!) * weighted.inverse[i]!) ** 2;
  const parameters =
    count -
    raw.held.filter(Boolean).length -
    (constraint === 'simplex' || constraint === 'sum-to-one' ? 1 : 0);
  const degreesOfFreedom = y.length - parameters;
  const reducedChi2 = degreesOfFreedom > 0 ? chi2 / degreesOfFreedom : Number.NaN;
  const mode = problem.scaleCovariance ?? (problem.sigma ? 'if-worse' : 'always');
  const scale = mode === 'never' ? 1 : mode === 'always' ? reducedChi2 : Math.max(1, reducedChi2);
  const covariance = raw.covariance.map((value) => value * scale);
  return {
    coefficients: raw.coefficients,
    sigma: Float64Array.from({ length: count }, (_, j) => Math.sqrt(covariance[j * count + j]!)),
    covariance,
    held: raw.held,
    curve,
    chi2,
    reducedChi2,
    degreesOfFreedom,
    aic: aic(chi2, y.length, parameters),
    bic: bic(chi2, y.length, parameters),
  };
}

interface RawFit {
  coefficients: Float64Array;
  covariance: Float64Array;
  held: boolean[];
}

/** Columns and y over sigma; the given ones themselves without sigma, so they must not be changed. */
function weigh({ columns, y, sigma }: LinearProblem) {
  const inverse = new Float64Array(y.length).fill(1);
  for (let i = 0; sigma && i < y.length; i++) {
    if (!(sigma[i]! > 0)) throw new RangeError(`sigma of point ${i} is ${sigma[i]}, not positive`);
    inverse[i] = 1 / sigma[i]!;
  }
  const scaled = (values: Float64Array) => {
    if (values.length !== y.length)
      throw new RangeError(`a column has ${values.length} values for ${y.length} points`);
    if (!sigma) return values;
    const out = new Float64Array(values.length);
    for (let i = 0; i < out.length; i++) out[i] = values[i]! * inverse[i]!;
    return out;
  };
  return { columns: columns.map(scaled), y: scaled(y), inverse };
}

/** Minimum-norm solution by singular values of the column-scaled R; degenerate coefficients get NaN uncertainty. */
function free(columns: Float64Array[], y: Float64Array): RawFit {
  const count = columns.length;
  const lengths = columns.map((column) => norm(column) || 1);
  const work = columns.map((column, j) => column.map((value) => value / lengths[j]!));
  const rhs = y.slice();
  const r = householderQR(work, rhs);
  const { u, values, v } = svd(
    columns.map((_, j) => Float64Array.from({ length: count }, (_, i) => r[i * count + j]!)),
  );
  const coefficients = new Float64Array(count);
  const covariance = new Float64Array(count * count);
  const undetermined = new Uint8Array(count);
  for (let k = 0; k < count; k++) {
    if (!(values[k]! > 1e-12 * values[0]!)) {
      for (let j = 0; j < count; j++) if (v[k]![j]! ** 2 > 1e-6) undetermined[j] = 1;
      continue;
    }
    let along = 0;
    for (let i = 0; i < count && i < y.length; i++) along += u[k]![i]! * rhs[i]!;
    for (let i = 0; i < count; i++) {
      coefficients[i]! += (along / values[k]!) * v[k]![i]!;
      for (let j = 0; j < count; j++) covariance[i * count + j]! += (v[k]![i]! * v[k]![j]!) / values[k]! ** 2;
    }
  }
  for (let i = 0; i < count; i++) {
    coefficients[i]! /= lengths[i]!;
    for (let j = 0; j < count; j++) {
      covariance[i * count + j]! /= lengths[i]! * lengths[j]!;
      if (undetermined[i] || undetermined[j]) covariance[i * count + j] = Number.NaN;
    }
  }
  return { coefficients, covariance, held: new Array<boolean>(count).fill(false) };
}

function constrained(weighted: { columns: Float64Array[]; y: Float64Array }, constraint: Constraint): RawFit {
  const { columns, y } = weighted;
  const solver = new SmallLeastSquares(columns, constraint);
  const coefficients = new Float64Array(columns.length);
  const rhs = solver.project(y);
  const mask = solver.solve(rhs, coefficients);
  return {
    coefficients,
    covariance: solver.covariance(mask).slice(),
    held: columns.map((_, j) => constraint !== 'sum-to-one' && ((mask >> j) & 1) === 0),
  };
}

export { type Constraint, SmallLeastSquares } from './small-least-squares.js';
