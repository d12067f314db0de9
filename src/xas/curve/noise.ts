import { median } from '../../numeric/robust.js';

/** What the scatter of neighbouring points says about the noise of a curve. */
export interface Noise {
  /** Standard uncertainty of each point. */
  sigma: Float64Array;
  /** Observed scatter over stated sigma; null where none was stated. */
  ratio: number | null;
}

/** Half width, in points, of the neighbourhood that a local noise level is taken from. */
const REACH = 20;
const TINY = 1e-12;

/**
 * Noise of a sampled curve from each point's distance to the cubic through its two neighbours on each side, scaled to
 * unit variance; the level at a point is the median over its neighbourhood (1.4826 median |r|), so that peaks and
 * glitches do not count. A stated sigma is kept where the scatter agrees with it within a quarter; otherwise it is
 * scaled to the scatter, because currents and dead-time corrected rates often pass for counts.
 */
export function estimateNoise(x: Float64Array, y: Float64Array, stated: Float64Array | null = null): Noise {
  const n = x.length;
  const residual = cubicResiduals(x, y, stated);
  if (stated?.every((s) => s > 0 && Number.isFinite(s))) {
    const ratio = 1.4826 * median(residual.filter(Number.isFinite).map(Math.abs));
    if (!Number.isFinite(ratio) || (ratio > 0.8 && ratio < 1.25)) return { sigma: stated.slice(), ratio };
    const scale = Math.max(ratio, TINY);
    return { sigma: stated.map((s) => s * scale), ratio };
  }
  const free = stated ? cubicResiduals(x, y, null) : residual;
  return { sigma: localLevel(free, n, floorOf(y)), ratio: null };
}

/** Noise below rounding cannot be told from zero, and a zero sigma would divide. */
function floorOf(y: Float64Array): number {
  let largest = 0;
  for (const value of y) largest = Math.max(largest, Math.abs(value));
  return Math.max(TINY, 1e-9 * largest);
}

/**
 * Distance of each point from the cubic through its neighbours, over the uncertainty that this distance has: with
 * unit noise on every point, or with the stated one. NaN at the two points of each end.
 */
function cubicResiduals(x: Float64Array, y: Float64Array, sigma: Float64Array | null): Float64Array {
  const n = x.length;
  const out = new Float64Array(n).fill(Number.NaN);
  const offsets = [-2, -1, 1, 2];
  for (let i = 2; i < n - 2; i++) {
    let predicted = 0;
    let variance = sigma ? sigma[i]! ** 2 : 1;
    for (const a of offsets) {
      let weight = 1;
      for (const b of offsets) if (b !== a) weight *= (x[i]! - x[i + b]!) / (x[i + a]! - x[i + b]!);
      predicted += weight * y[i + a]!;
      variance += weight * weight * (sigma ? sigma[i + a]! ** 2 : 1);
    }
    out[i] = (y[i]! - predicted) / Math.sqrt(variance);
  }
  return out;
}

function localLevel(residual: Float64Array, n: number, floor: number): Float64Array {
  const sigma = new Float64Array(n).fill(floor);
  if (n < 7) return sigma;
  const stride = 5;
  const levelAt = (i: number): number => {
    const from = Math.max(2, Math.min(i - REACH, n - 2 - 2 * REACH));
    const to = Math.min(n - 2, Math.max(i + REACH + 1, 2 * REACH + 3));
    return 1.4826 * median(residual.subarray(from, to).map(Math.abs));
  };
  let left = levelAt(0);
  for (let i = 0; i < n; i += stride) {
    const next = Math.min(i + stride, n - 1);
    const right = levelAt(next);
    for (let k = i; k < Math.min(i + stride, n); k++)
      sigma[k] = Math.max(floor, left + ((right - left) * (k - i)) / stride);
    left = right;
  }
  return sigma;
}
