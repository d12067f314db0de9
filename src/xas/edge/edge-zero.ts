import type { Measured } from '../../measurement.js';
import { normalCdf } from '../../numeric/error-function.js';
import { likelyPosteriors, meanOf, momentsAt, type Posterior, windowAbout } from './edge-process.js';

/**
 * Where a derivative passes through zero from above: order 1 a maximum, order 2 a rising inflection. Averaged over the
 * hyperparameters with their likelihoods. Null where too few points surround it or no such point lies within a feature
 * width of the start.
 */
export function featureOf(
  energy: Float64Array,
  mu: Float64Array,
  sigma: Float64Array,
  start: number,
  width_eV: number,
  order: 1 | 2,
): Measured | null {
  const window = windowAbout(energy, mu, sigma, start, width_eV);
  if (window.x.length < 8) return null;
  const posteriors = likelyPosteriors(window, width_eV);
  const reach = Math.max(width_eV, 3 * (window.span / window.x.length));
  let weights = 0;
  let sum = 0;
  let squares = 0;
  const best = Math.max(...posteriors.map(({ logLikelihood }) => logLikelihood));
  for (const posterior of posteriors) {
    const found = zeroOf(posterior, reach, order);
    if (!found) continue;
    const weight = Math.exp(posterior.logLikelihood - best);
    weights += weight;
    sum += weight * found.value;
    squares += weight * (found.sigma ** 2 + found.value ** 2);
  }
  if (weights === 0) return null;
  const value = sum / weights;
  return { value: start + value, sigma: Math.sqrt(Math.max(0, squares / weights - value * value)) };
}

/** Points at which the density of the zero is taken. */
const POINTS = 33;

/**
 * Mean and standard deviation of the zero, from the density of downward passages through zero: the probability density
 * of zero for the derivative times the mean downward slope that goes with it (S. O. Rice, Bell Syst. Tech. J. 24 (1945)
 * 46). Where the top of a slope is flat against the noise, this is far from the error of a straight line through zero.
 */
function zeroOf(posterior: Posterior, reach: number, order: 1 | 2): Measured | null {
  const t = mostLikelyZero(posterior, reach, order);
  if (t === null) return null;
  const { v00, m1 } = momentsAt(posterior, order, t);
  let half = Math.min(reach, (5 * Math.sqrt(v00)) / -m1);
  for (;;) {
    let weights = 0;
    let sum = 0;
    let squares = 0;
    let ends = 0;
    for (let k = 0; k < POINTS; k++) {
      const off = half * ((2 * k) / (POINTS - 1) - 1);
      const weight = passageDensity(posterior, order, t + off);
      weights += weight;
      sum += weight * off;
      squares += weight * off * off;
      if (k === 0 || k === POINTS - 1) ends += weight;
    }
    const mean = sum / weights;
    const sigma = Math.sqrt(Math.max(0, squares / weights - mean * mean));
    if (half >= reach || ends < 1e-4 * weights) return { value: t + mean, sigma };
    half = Math.min(reach, 2 * half);
  }
}

function mostLikelyZero(posterior: Posterior, reach: number, order: 1 | 2): number | null {
  const { length } = posterior;
  let t = 0;
  for (let step = 0; step < 40; step++) {
    const f = meanOf(posterior, order, t);
    const slope = meanOf(posterior, order + 1, t);
    const limit = 0.25 * length;
    // Uphill where the curvature has the wrong sign, Newton where it is right.
    const move = slope < 0 ? Math.max(-limit, Math.min(limit, -f / slope)) : Math.sign(f) * limit;
    t += move;
    if (Math.abs(t) > reach) return null;
    if (Math.abs(move) < 1e-7 * length) break;
  }
  return meanOf(posterior, order + 1, t) < 0 ? t : null;
}

function passageDensity(posterior: Posterior, order: 1 | 2, t: number): number {
  const { m0, m1, v00, v01, v11 } = momentsAt(posterior, order, t);
  const density = Math.exp((-0.5 * m0 * m0) / v00) / Math.sqrt(v00);
  const slope = m1 - (v01 / v00) * m0;
  const spread = Math.sqrt(Math.max(0, v11 - (v01 * v01) / v00));
  if (spread === 0) return density * Math.max(0, -slope);
  const z = slope / spread;
  return density * (spread * (Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)) - slope * normalCdf(-z));
}
