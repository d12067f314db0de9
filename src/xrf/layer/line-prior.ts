import { addTo, type Banded, banded, cholesky, fromDense, logDeterminant, solve } from './banded.js';

/**
 * A boundary along the layer is a straight line plus a stationary random line u with the Matern covariance of
 * smoothness 3/2, whose precision on a regular grid is sparse (Lindgren, Rue and Lindstrom 2011): Q = tau R R with
 * R = kappa^2 + D'D, variance 1 / (4 kappa^3 tau). How rough and how long the waves are is found from the data by the
 * marginal likelihood, so that the noise of the edge positions is not taken for roughness.
 */
export interface LinePrior {
  tau: number;
  kappa: number;
}

export const priorFrom = (rms: number, range: number): LinePrior => {
  const kappa = 2.146 / range;
  return { kappa, tau: 1 / (4 * kappa ** 3 * rms * rms) };
};

/** Standard deviation of the line about its trend, and the lag at which its correlation has fallen to 1/e. */
export const rmsOf = (p: LinePrior): number => Math.sqrt(1 / (4 * p.kappa ** 3 * p.tau));
export const rangeOf = (p: LinePrior): number => 2.146 / p.kappa;

/** Calls `put(i, j, Q_ij)` for all non-zero elements with j <= i of the precision of a line of n points. */
export function eachPrecision(
  prior: LinePrior,
  n: number,
  put: (i: number, j: number, value: number) => void,
): void {
  const k2 = prior.kappa * prior.kappa;
  const diagonal = (i: number): number => k2 + (n === 1 ? 0 : i === 0 || i === n - 1 ? 1 : 2);
  const off = -1;
  for (let i = 0; i < n; i++) {
    let d = diagonal(i) ** 2;
    if (i > 0) d += off * off;
    if (i < n - 1) d += off * off;
    put(i, i, prior.tau * d);
    if (i > 0) put(i, i - 1, prior.tau * off * (diagonal(i) + diagonal(i - 1)));
    if (i > 1) put(i, i - 2, prior.tau * off * off);
  }
}

/**
 * Roughness and range that make the edge positions y (weights w = 1/variance, 0 where missing) most probable, by a
 * grid and a pattern search on their logarithms. Weak log-normal priors keep a line with no roughness in bounds.
 */
export function findPrior(y: Float64Array, w: Float64Array, start: LinePrior | null = null): LinePrior {
  const n = y.length;
  // Fewer than three known positions say nothing about roughness.
  if (w.filter((v) => v > 0).length < 3) return start ?? priorFrom(1, 12);
  const evidence = (logRms: number, logRange: number): number => {
    if (
      logRms < Math.log(0.005) ||
      logRms > Math.log(200) ||
      logRange < Math.log(3) ||
      logRange > Math.log(3 * n)
    )
      return -Infinity;
    const weak = -0.5 * (logRms / 3) ** 2 - 0.5 * (logRange - Math.log(12)) ** 2;
    return weak + lineEvidence(y, w, priorFrom(Math.exp(logRms), Math.exp(logRange)));
  };
  let best: [number, number] = start ? [Math.log(rmsOf(start)), Math.log(rangeOf(start))] : [0, Math.log(10)];
  let top = evidence(...best);
  if (!start || !Number.isFinite(top)) {
    for (const rms of [0.02, 0.1, 0.3, 1, 3]) {
      for (const range of [3, 6, 12, 25, 60]) {
        const e = evidence(Math.log(rms), Math.log(range));
        if (e > top || !Number.isFinite(top)) {
          top = e;
          best = [Math.log(rms), Math.log(range)];
        }
      }
    }
  }
  for (let step = 0.8; step > 0.04; step /= 2) {
    for (let improved = true; improved; ) {
      improved = false;
      for (const [a, b] of [
        [step, 0],
        [-step, 0],
        [0, step],
        [0, -step],
        [step, step],
        [-step, -step],
        [step, -step],
        [-step, step],
      ]) {
        const e = evidence(best[0] + a, best[1] + b);
        if (e > top + 1e-4) {
          top = e;
          best = [best[0] + a, best[1] + b];
          improved = true;
        }
      }
    }
  }
  return priorFrom(Math.exp(best[0]), Math.exp(best[1]));
}

/** ln p(y | prior) with a flat prior on the straight line, up to a constant. */
function lineEvidence(y: Float64Array, w: Float64Array, prior: LinePrior): number {
  const n = y.length;
  const a: Banded = banded(n, 2);
  const q: Banded = banded(n, 2);
  eachPrecision(prior, n, (i, j, value) => {
    addTo(a, i, j, value);
    addTo(q, i, j, value);
  });
  for (let i = 0; i < n; i++) addTo(a, i, i, w[i]);
  let la: Banded;
  let lq: Banded;
  try {
    la = cholesky(a);
    lq = cholesky(q);
  } catch {
    return -Infinity;
  }
  // S = (W^-1 + Q^-1)^-1 = W - W A^-1 W acts on y and on the trend.
  const s = (v: Float64Array): Float64Array => {
    const x = solve(
      la,
      v.map((vi, i) => vi * w[i]),
    );
    return v.map((vi, i) => w[i] * (vi - x[i]));
  };
  const columns = [new Float64Array(n).fill(1), Float64Array.from({ length: n }, (_, i) => (i - n / 2) / n)];
  const sy = s(y);
  const sx = columns.map(s);
  const xx = columns.map((c) => Float64Array.from(sx, (v) => dot(c, v)));
  const xy = Float64Array.from(columns, (c) => dot(c, sy));
  const lx = cholesky(fromDense(xx, 1e-12));
  const fitted = dot(xy, solve(lx, xy.slice()));
  let logW = 0;
  for (let i = 0; i < n; i++) if (w[i] > 0) logW += Math.log(w[i]);
  return 0.5 * (logDeterminant(lq) + logW - logDeterminant(la) - logDeterminant(lx) - (dot(y, sy) - fitted));
}

export const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};
