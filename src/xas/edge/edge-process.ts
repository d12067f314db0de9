import type { Measured } from '../../measurement.js';
import { cholesky, solveCholesky } from '../../numeric/linear-algebra.js';
import { indexNearest } from '../curve/grid.js';

/**
 * A spectrum as a random curve of known smoothness. Absorption is a density of states broadened by the core hole: white
 * noise convolved with a Lorentzian has the covariance 1 / (1 + (d / l)^2) with l the full width of that Lorentzian. So a
 * Gaussian process with this kernel (C. E. Rasmussen, C. K. I. Williams, Gaussian Processes for Machine Learning, 2006,
 * chapters 2 and 5) plus a free parabola states exactly what a spectrum may do between and beyond its noisy points, and
 * its posterior uncertainty holds noise and smoothing bias alike. Amplitude and width come from the marginal likelihood.
 */

/** At most so many points take part: those nearest to the feature. */
const MOST_POINTS = 64;
/** Widths tried, relative to the narrowest physical feature, and amplitudes relative to the range of the data. */
const WIDTHS = [0.7, 1, 1.5];
const AMPLITUDES = [0.1, 1, 10, 100, 1000];
/** Hyperparameters less likely than this against the best do not count. */
const NEGLIGIBLE = 1e-3;

/**
 * The zero is linearised and the kernel is stationary where a spectrum is not: on simulated edges (bench/xas/coverage.ts)
 * the plain posterior is too narrow by this factor.
 */
const CALIBRATION = 1.4;

interface Window {
  x: Float64Array;
  y: Float64Array;
  sigma: Float64Array;
  span: number;
}

interface Posterior {
  window: Window;
  length: number;
  amplitude: number;
  factor: Float64Array;
  alpha: Float64Array;
  logLikelihood: number;
}

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
    const found = zeroOf(posterior, start, reach, order);
    if (!found) continue;
    const weight = Math.exp(posterior.logLikelihood - best);
    weights += weight;
    sum += weight * found.value;
    squares += weight * (found.sigma ** 2 + found.value ** 2);
  }
  if (weights === 0) return null;
  const value = sum / weights;
  return { value, sigma: CALIBRATION * Math.sqrt(Math.max(0, squares / weights - value * value)) };
}

function windowAbout(
  energy: Float64Array,
  mu: Float64Array,
  sigma: Float64Array,
  start: number,
  width: number,
): Window {
  let from = indexNearest(energy, start);
  let to = from + 1;
  let usable = 1;
  const half = 6 * width;
  // Grows to the nearer side until the points or the window are used up.
  while (usable < MOST_POINTS) {
    const left = from > 0 ? start - energy[from - 1]! : Number.POSITIVE_INFINITY;
    const right = to < energy.length ? energy[to]! - start : Number.POSITIVE_INFINITY;
    const nearer = Math.min(left, right);
    if (!Number.isFinite(nearer) || (nearer > half && usable >= 16)) break;
    const index = left <= right ? --from : to++;
    if (Number.isFinite(sigma[index]!)) usable++;
  }
  const kept: number[] = [];
  for (let i = from; i < to; i++) if (Number.isFinite(sigma[i]!)) kept.push(i);
  const middle = mu[indexNearest(energy, start)]!;
  const x = Float64Array.from(kept, (i) => energy[i]! - start);
  return {
    x,
    y: Float64Array.from(kept, (i) => mu[i]! - middle),
    sigma: Float64Array.from(kept, (i) => sigma[i]!),
    span: x.at(-1)! - x[0]!,
  };
}

function likelyPosteriors(window: Window, width: number): Posterior[] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of window.y) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const range2 = (high - low) ** 2;
  const found: Posterior[] = [];
  for (const relative of WIDTHS)
    for (const scale of AMPLITUDES) {
      const posterior = posteriorOf(window, relative * width, scale * range2, range2);
      if (posterior) found.push(posterior);
    }
  const best = Math.max(...found.map(({ logLikelihood }) => logLikelihood));
  return found.filter(({ logLikelihood }) => logLikelihood > best + Math.log(NEGLIGIBLE));
}

function posteriorOf(window: Window, length: number, amplitude: number, range2: number): Posterior | null {
  const { x, y, sigma, span } = window;
  const n = x.length;
  const covariance = new Float64Array(n * n);
  const trend = 100 * range2;
  for (let i = 0; i < n; i++) {
    const u = x[i]! / span;
    for (let j = 0; j <= i; j++) {
      const d = (x[i]! - x[j]!) / length;
      const w = u * (x[j]! / span);
      const value = amplitude / (1 + d * d) + trend * (1 + w + w * w);
      covariance[i * n + j] = value;
      covariance[j * n + i] = value;
    }
    covariance[i * n + i] = covariance[i * n + i]! + sigma[i]! ** 2 + 1e-10 * amplitude;
  }
  const factor = cholesky(covariance, n);
  if (!factor) return null;
  const alpha = solveCholesky(factor, n, y);
  let logLikelihood = 0;
  for (let i = 0; i < n; i++) logLikelihood -= 0.5 * y[i]! * alpha[i]! + Math.log(factor[i * n + i]!);
  return { window, length, amplitude, factor, alpha, logLikelihood: logLikelihood };
}

/** The `order`-th derivative of 1 / (1 + u^2), order 0 to 4, by u. */
function kernelDerivative(order: number, u: number): number {
  const q = 1 / (1 + u * u);
  switch (order) {
    case 0:
      return q;
    case 1:
      return -2 * u * q * q;
    case 2:
      return (6 * u * u - 2) * q ** 3;
    case 3:
      return 24 * u * (1 - u * u) * q ** 4;
    default:
      return 24 * (5 * u ** 4 - 10 * u * u + 1) * q ** 5;
  }
}

/** Prior variance of the derivative of order 1, 2, 3: (-1)^k times the 2k-th derivative of the kernel at 0. */
const PRIOR_VARIANCE = [1, 2, 24, 720];

/** Covariance of the `order`-th derivative at t with the data. */
function crossCovariance(
  { window, length, amplitude }: Posterior,
  order: number,
  t: number,
  trend: number,
): Float64Array {
  const { x, span } = window;
  const scale = amplitude / length ** order;
  return x.map((xi) => {
    const w = xi / span;
    const v = t / span;
    const polynomial =
      order === 1 ? (w + 2 * v * w * w) / span : order === 2 ? (2 * w * w) / (span * span) : 0;
    return scale * kernelDerivative(order, (t - xi) / length) + trend * polynomial;
  });
}

function zeroOf(posterior: Posterior, start: number, reach: number, order: 1 | 2): Measured | null {
  const { window, alpha, length, amplitude, factor } = posterior;
  const { y, span } = window;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of y) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const trend = 100 * (high - low) ** 2;
  const mean = (k: number, t: number): number => {
    const c = crossCovariance(posterior, k, t, trend);
    let sum = 0;
    for (let i = 0; i < c.length; i++) sum += c[i]! * alpha[i]!;
    return sum;
  };
  let t = 0;
  for (let step = 0; step < 40; step++) {
    const f = mean(order, t);
    const slope = mean(order + 1, t);
    const limit = 0.25 * length;
    // Uphill where the curvature has the wrong sign, Newton where it is right.
    const move = slope < 0 ? Math.max(-limit, Math.min(limit, -f / slope)) : Math.sign(f) * limit;
    t += move;
    if (Math.abs(t) > reach) return null;
    if (Math.abs(move) < 1e-7 * length) break;
  }
  const slope = mean(order + 1, t);
  if (!(slope < 0)) return null;
  const c = crossCovariance(posterior, order, t, trend);
  const solved = solveCholesky(factor, c.length, c);
  let variance = (amplitude * PRIOR_VARIANCE[order]!) / length ** (2 * order);
  const v = t / span;
  variance += order === 1 ? (trend * (1 + 4 * v * v)) / (span * span) : (4 * trend) / span ** 4;
  for (let i = 0; i < c.length; i++) variance -= c[i]! * solved[i]!;
  return { value: start + t, sigma: Math.sqrt(Math.max(0, variance)) / -slope };
}
