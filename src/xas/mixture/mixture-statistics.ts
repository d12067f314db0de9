import type { LinearFit } from '../../fit/linear.js';
import { fTest, hamiltonRatio } from '../../fit/tests.js';

/** Agreement between a fit and its data, under the names that programs give it. */
export interface MixtureStatistics {
  points: number;
  parameters: number;
  chi2: number;
  reducedChi2: number;
  aic: number;
  bic: number;
  /** sum r^2 / sum y^2 (Larch, Athena with Larch). */
  rFactor: number;
  /** sum r^2 / sum (y - mean)^2 (Athena with Ifeffit, for normalised mu). */
  rFactorAboutMean: number;
  /** sum |r| / sum |y| (PyXRF). */
  rFactorAbsolute: number;
}

/** Statistics of a solution whose curve on the points of y is `fit`. */
export function statisticsOf(result: LinearFit, y: Float64Array, fit: Float64Array): MixtureStatistics {
  return {
    points: y.length,
    parameters: y.length - result.degreesOfFreedom,
    chi2: result.chi2,
    reducedChi2: result.reducedChi2,
    aic: result.aic,
    bic: result.bic,
    ...rFactors(y, fit),
  };
}

function rFactors(y: Float64Array, fit: Float64Array) {
  const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
  let squares = 0;
  let absolute = 0;
  let ySquares = 0;
  let yAboutMean = 0;
  let yAbsolute = 0;
  for (let i = 0; i < y.length; i++) {
    const r = y[i]! - fit[i]!;
    squares += r * r;
    absolute += Math.abs(r);
    ySquares += y[i]! ** 2;
    yAboutMean += (y[i]! - mean) ** 2;
    yAbsolute += Math.abs(y[i]!);
  }
  return {
    rFactor: squares / ySquares,
    rFactorAboutMean: squares / yAboutMean,
    rFactorAbsolute: absolute / yAbsolute,
  };
}

/** F and Hamilton tests of a fit against a nested one with fewer standards. */
export function compareNested(
  small: MixtureStatistics,
  large: MixtureStatistics,
): { f: number; probability: number; hamilton: number; hamiltonLimit: number } {
  const test = fTest(small, large, large.points);
  const extra = large.parameters - small.parameters;
  return {
    ...test,
    hamilton: Math.sqrt(small.chi2 / large.chi2),
    hamiltonLimit: hamiltonRatio(extra, large.points - large.parameters),
  };
}
