/** The noise of a stack, from the scatter about the fit. */
import type { StackFractions } from './stack-types.js';

const BINS = 64;

/**
 * Variance about the fit as a + b * signal, by weighted least squares on 64 bins of the signal; never negative. Each pixel's
 * variance is taken without the misfit that all pixels share (an axis that is off, a beam that drifted): that is no noise of the
 * pixel. It goes with the edge step and lies across the design, so its square is known from the mean.
 * @param f with the variances about the fit as `residual`
 */
export function noiseModel(f: StackFractions, degreesOfFreedom: number): [number, number] {
  const { level, residual, step, measured } = f;
  const drawn = measured < 2 ? 1 : measured / (measured - 1);
  const shared =
    measured < 2 ? 0 : (drawn * f.meanResidual.reduce((s, m) => s + m * m, 0)) / degreesOfFreedom;
  const bins = binsOf(level);
  for (let i = 0; i < level.length; i++) {
    const variance = drawn * residual[i] - shared * step[i] * step[i];
    if (!(Math.abs(variance) < Infinity)) continue;
    const b = Math.min(BINS - 1, Math.floor((level[i] - bins.low) * bins.scale));
    bins.count[b]++;
    bins.level[b] += level[i];
    bins.variance[b] += variance;
  }
  return lineThrough(bins);
}

interface Bins {
  low: number;
  scale: number;
  count: Float64Array;
  /** Sums over the pixels of a bin. */
  level: Float64Array;
  variance: Float64Array;
}

function binsOf(level: Float32Array): Bins {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < level.length; i++) {
    const v = level[i];
    if (v < low) low = v;
    if (v > high) high = v;
  }
  const sums = (): Float64Array => new Float64Array(BINS);
  return {
    low,
    scale: high > low ? BINS / (high - low) : 0,
    count: sums(),
    level: sums(),
    variance: sums(),
  };
}

function lineThrough({ count, level, variance }: Bins): [number, number] {
  let sw = 0;
  let sx = 0;
  let sv = 0;
  let sxx = 0;
  let sxv = 0;
  for (let b = 0; b < BINS; b++) {
    if (count[b] < 10) continue;
    const xb = level[b] / count[b];
    const vb = variance[b] / count[b];
    const w = count[b] / (vb * vb + 1e-300);
    sw += w;
    sx += w * xb;
    sv += w * vb;
    sxx += w * xb * xb;
    sxv += w * xb * vb;
  }
  if (sw === 0) {
    const pixels = count.reduce((s, n) => s + n, 0);
    return [Math.max(variance.reduce((s, v) => s + v, 0) / Math.max(1, pixels), 0), 0];
  }
  const determinant = sw * sxx - sx * sx;
  const slope = determinant > 1e-12 * sw * sxx ? (sw * sxv - sx * sv) / determinant : 0;
  const intercept = (sv - slope * sx) / sw;
  if (slope < 0) return [Math.max(sv / sw, 0), 0];
  if (intercept < 0) return [0, Math.max(sxv / sxx, 0)];
  return [intercept, slope];
}
