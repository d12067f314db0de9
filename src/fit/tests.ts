import { betaQuantile, fCdf } from '../numeric/statistics.js';

/**
 * F test of a larger model against a smaller one that it contains: probability that the larger model's gain is chance.
 * Source: Bevington and Robinson, Data Reduction and Error Analysis, 3rd ed., section 11.4.
 */
export function fTest(
  small: { chi2: number; parameters: number },
  large: { chi2: number; parameters: number },
  points: number,
): { f: number; probability: number } {
  const extra = large.parameters - small.parameters;
  const rest = points - large.parameters;
  const f = (small.chi2 - large.chi2) / extra / (large.chi2 / rest);
  return { f, probability: extra > 0 && rest > 0 ? 1 - fCdf(Math.max(0, f), extra, rest) : Number.NaN };
}

/**
 * Hamilton's R-factor test: the largest ratio R(small)/R(large) that chance explains at `significance`.
 * Source: W. C. Hamilton, Acta Cryst. 18 (1965) 502. R is the root of a weighted sum of squares.
 */
export function hamiltonRatio(extra: number, degreesOfFreedom: number, significance = 0.05): number {
  // R^-2 is beta distributed with half the two degrees of freedom.
  return 1 / Math.sqrt(betaQuantile(significance, degreesOfFreedom / 2, extra / 2));
}
