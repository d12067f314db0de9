import { cholesky } from '../../numeric/linear-algebra.js';
import { derivative } from '../curve/grid.js';

/**
 * Repeatability of a monochromator's energy between scans, relative: what a spectrum's axis is uncertain by if it was
 * calibrated on another scan. Ten parts in a million are usual for a good double-crystal monochromator.
 */
export const REPEATABILITY = 1e-5;

/** Drifts tried, relative to the least one. */
const DRIFTS = [1, 2, 4, 8];

/** A linear map after which the points of a curve have unit, uncorrelated errors. */
export interface Whitening {
  apply(values: Float64Array): Float64Array;
  /** Standard deviation of the energy axis from scan to scan that the data ask for, eV. */
  drift_eV: number;
}

/**
 * Noise of a linear combination whose curves were measured on axes that differ by small unknown drifts: a drift t of
 * one curve changes the residual by t times its slope, so the errors of all points are correlated,
 * sigma^2 I + t^2 (sum of the slopes' outer products), and the fit is one of generalised least squares (A. C. Aitken,
 * Proc. R. Soc. Edinb. 55 (1936) 42). The size of t is at least `least_eV`, and larger where the residual asks for it.
 *
 * @param parts the data's fit and the weighted standards, whose drifts are independent
 */
export function whitenDrifts(
  energy: Float64Array,
  sigma: Float64Array,
  residual: Float64Array,
  parts: readonly Float64Array[],
  least_eV: number,
): Whitening {
  const slopes = parts.map((values) => derivative(energy, values).map((slope, i) => slope / sigma[i]!));
  const scaled = residual.map((value, i) => value / sigma[i]!);
  let best: { factor: Float64Array; drift: number; likelihood: number } | null = null;
  for (const multiple of DRIFTS) {
    const drift = multiple * least_eV;
    const factor = factorOf(slopes, drift, scaled.length);
    if (!factor) continue;
    const white = forward(factor, scaled);
    let likelihood = 0;
    for (let i = 0; i < white.length; i++)
      likelihood -= 0.5 * white[i]! ** 2 + Math.log(factor[i * white.length + i]!);
    if (!best || likelihood > best.likelihood) best = { factor, drift, likelihood };
  }
  const { factor, drift } = best!;
  return {
    drift_eV: drift,
    apply: (values) =>
      forward(
        factor,
        values.map((value, i) => value / sigma[i]!),
      ),
  };
}

function factorOf(slopes: readonly Float64Array[], drift: number, n: number): Float64Array | null {
  const covariance = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (const slope of slopes) sum += slope[i]! * slope[j]!;
      covariance[i * n + j] = drift * drift * sum;
      covariance[j * n + i] = covariance[i * n + j]!;
    }
    covariance[i * n + i] = covariance[i * n + i]! + 1;
  }
  return cholesky(covariance, n);
}

/** Solves L x = b. */
function forward(l: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    let sum = x[i]!;
    for (let k = 0; k < i; k++) sum -= l[i * n + k]! * x[k]!;
    x[i] = sum / l[i * n + i]!;
  }
  return x;
}
