import { cholesky, dot, solveCholesky, solveLower } from '../../numeric/linear-algebra.js';
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
const WIDTHS = [0.7, 1, 1.4, 2];
const AMPLITUDES = [0.1, 1, 10, 100, 1000];
/** Hyperparameters less likely than this against the best do not count. */
const NEGLIGIBLE = 1e-3;

interface Window {
  x: Float64Array;
  y: Float64Array;
  sigma: Float64Array;
  span: number;
}

export interface Posterior {
  window: Window;
  length: number;
  amplitude: number;
  factor: Float64Array;
  alpha: Float64Array;
  /** Prior variance of the coefficients of the parabola. */
  trend: number;
  logLikelihood: number;
}

export function windowAbout(
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

export function likelyPosteriors(window: Window, width: number): Posterior[] {
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
  return { window, length, amplitude, factor, alpha, trend, logLikelihood };
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
  { window, length, amplitude, trend }: Posterior,
  order: number,
  t: number,
): Float64Array {
  const { x, span } = window;
  const scale = amplitude / length ** order;
  const v = t / span;
  const out = new Float64Array(x.length);
  for (let i = 0; i < out.length; i++) {
    const w = x[i]! / span;
    const polynomial =
      order === 1 ? (w + 2 * v * w * w) / span : order === 2 ? (2 * w * w) / (span * span) : 0;
    out[i] = scale * kernelDerivative(order, (t - x[i]!) / length) + trend * polynomial;
  }
  return out;
}

export const meanOf = (posterior: Posterior, order: number, t: number): number =>
  dot(crossCovariance(posterior, order, t), posterior.alpha);

/** Means and covariance of the derivative of `order` and the next one at t. */
export function momentsAt(posterior: Posterior, order: 1 | 2, t: number) {
  const { window, alpha, amplitude, length, factor, trend } = posterior;
  const n = alpha.length;
  const { span } = window;
  const c0 = crossCovariance(posterior, order, t);
  const c1 = crossCovariance(posterior, order + 1, t);
  const w0 = solveLower(factor, n, c0);
  const w1 = solveLower(factor, n, c1);
  const v = t / span;
  const prior = (k: number): number => (amplitude * PRIOR_VARIANCE[k]!) / length ** (2 * k);
  const bend = (4 * trend) / span ** 4;
  const [p00, p01, p11] =
    order === 1 ? [(trend * (1 + 4 * v * v)) / span ** 2, bend * t, bend] : [bend, 0, 0];
  return {
    m0: dot(c0, alpha),
    m1: dot(c1, alpha),
    v00: Math.max(0, prior(order) + p00 - dot(w0, w0)),
    v01: p01 - dot(w0, w1),
    v11: Math.max(0, prior(order + 1) + p11 - dot(w1, w1)),
  };
}
