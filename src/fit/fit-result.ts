import { covarianceOf } from './covariance.js';
import { aic, bic } from './criteria.js';
import type { FitFrame, FitResult, FittedParameter, LeastSquaresProblem } from './types.js';

/** Where a fit ended. */
export interface FitState {
  p: Float64Array;
  curve: Float64Array;
  chi2: number;
  /** Points that were not left out. */
  used: number;
  iterations: number;
  /** Columns of the R factor of the Jacobian at the end; null where there is none. */
  triangle: Float64Array[] | null;
}

/** Puts values, uncertainties and statistics together. */
export function fitResult(
  { problem, varied, lower, upper }: FitFrame,
  state: FitState,
  converged: boolean,
  reason: string,
): FitResult {
  const { chi2, used } = state;
  const count = varied.length;
  const degreesOfFreedom = used - count;
  const reducedChi2 = degreesOfFreedom > 0 ? chi2 / degreesOfFreedom : Number.NaN;
  const covariance = scaledCovariance(problem, state.triangle, count, reducedChi2);
  const parameters = problem.parameters.map((q, i): FittedParameter => {
    const j = varied.indexOf(i);
    const value = state.p[i]!;
    if (j < 0) return { name: q.name, value, sigma: 0, varied: false, atBound: false };
    const sigma = Math.sqrt(covariance[j * count + j]!);
    const near = Number.isFinite(sigma) ? 1e-6 * sigma : 0;
    const atBound = value - lower[i]! <= near || upper[i]! - value <= near;
    return { name: q.name, value, sigma, varied: true, atBound };
  });
  return {
    parameters,
    covariance,
    varied: varied.map((i) => problem.parameters[i]!.name),
    curve: state.curve.slice(),
    chi2,
    reducedChi2,
    degreesOfFreedom,
    aic: aic(chi2, used, count),
    bic: bic(chi2, used, count),
    converged,
    reason,
    iterations: state.iterations,
  };
}

function scaledCovariance(
  { scaleCovariance, sigma }: LeastSquaresProblem,
  triangle: Float64Array[] | null,
  count: number,
  reducedChi2: number,
): Float64Array {
  if (!triangle) return new Float64Array(count * count).fill(Number.NaN);
  const mode = scaleCovariance ?? (sigma ? 'if-worse' : 'always');
  const scale = mode === 'never' ? 1 : mode === 'always' ? reducedChi2 : Math.max(1, reducedChi2);
  return covarianceOf(triangle).covariance.map((value) => value * scale);
}
