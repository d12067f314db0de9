/** What the lines of a layer mean if one lithium, instead of as many as its charge asks for, leaves for each dopant ion. */
import type { CoupledDetail, Interval } from '../coupled/coupled-scan.js';
import { logOfSegments, logResponse } from '../lines/scan-observations.js';

/** Amounts that are tried, as parts of x: an ion with few electrons counts for much less once its lithium stays. */
const [LEAST, MOST, TRIALS] = [0.5, 1.1, 241];
/** Scatter of a ratio beside its error, so that one line alone does not decide. */
const FLOOR = 0.02;

/**
 * x counts the dopant in the neutral formula, Li3-3xInxYCl6. Structure factors are linear in the occupancies: on its site a dopant
 * is seen as f(dopant) - n f(Li) with n lithium gone for it, so that the same lines mean another x at another n. The amounts
 * are matched on the ratios of the layer's lines, each with its weight; null where x counts something else.
 */
export function withOneLithium({ response, ratio, covariance }: CoupledDetail, x: Interval): Interval | null {
  const { oneLithium } = response;
  if (!oneLithium || !(x.value > 0)) return null;
  const J = ratio.length;
  const weight = ratio.map((r, j) => 1 / (covariance[j * J + j] / Math.max(FLOOR, r) ** 2 + FLOOR ** 2));
  const total = weight.reduce((a, b) => a + b, 0);
  const meant = new Float64Array(J);
  logResponse(response, x.value, meant);
  const own = new Float64Array(J);
  let best = { factor: 1, distance: Infinity };
  for (let k = 0; k < TRIALS; k++) {
    const factor = LEAST + ((MOST - LEAST) * k) / (TRIALS - 1);
    logOfSegments(oneLithium, factor * x.value, own);
    // A common factor of all ratios says nothing.
    const mean = own.reduce((sum, log, j) => sum + weight[j] * (log - meant[j]), 0) / total;
    const distance = own.reduce((sum, log, j) => sum + weight[j] * (log - meant[j] - mean) ** 2, 0);
    if (distance < best.distance) best = { factor, distance };
  }
  const { factor } = best;
  const { value, sigma, interval95 } = x;
  return {
    value: factor * value,
    sigma: factor * sigma,
    interval95: [factor * interval95[0], factor * interval95[1]],
  };
}
