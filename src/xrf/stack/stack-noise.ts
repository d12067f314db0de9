/** The noise of a stack, from the scatter about the fit. */
import type { StackFractions } from './stack-types.js';

/**
 * Each pixel's variance without the misfit that all pixels share (an axis that is off, a beam that drifted): that is no
 * noise of the pixel. It goes with the edge step and lies across the design, so its square is known from the mean.
 */
export function ownVariance(f: StackFractions, degreesOfFreedom: number): Float32Array {
  if (f.measured < 2) return f.residual;
  const shared = f.meanResidual.reduce((s, m) => s + m * m, 0) / degreesOfFreedom;
  const drawn = f.measured / (f.measured - 1);
  return f.residual.map((v, i) => drawn * (v - shared * f.step[i] * f.step[i]));
}

/** Variance about the fit as a + b * signal, by weighted least squares on 64 bins of the signal; never negative. */
export function noiseModel(level: Float32Array, variance: Float32Array): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const v of level) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  const bins = 64;
  const count = new Float64Array(bins);
  const x = new Float64Array(bins);
  const v = new Float64Array(bins);
  const scale = high > low ? bins / (high - low) : 0;
  for (let i = 0; i < level.length; i++) {
    if (!Number.isFinite(variance[i])) continue;
    const b = Math.min(bins - 1, Math.floor((level[i] - low) * scale));
    count[b]++;
    x[b] += level[i];
    v[b] += variance[i];
  }
  let sw = 0;
  let sx = 0;
  let sv = 0;
  let sxx = 0;
  let sxv = 0;
  for (let b = 0; b < bins; b++) {
    if (count[b] < 10) continue;
    const xb = x[b] / count[b];
    const vb = v[b] / count[b];
    const w = count[b] / (vb * vb + 1e-300);
    sw += w;
    sx += w * xb;
    sv += w * vb;
    sxx += w * xb * xb;
    sxv += w * xb * vb;
  }
  if (sw === 0) {
    const all = variance.reduce((s, q) => (Number.isFinite(q) ? s + q : s), 0) / Math.max(1, variance.length);
    return [Math.max(all, 0), 0];
  }
  const determinant = sw * sxx - sx * sx;
  const slope = determinant > 1e-12 * sw * sxx ? (sw * sxv - sx * sv) / determinant : 0;
  const intercept = (sv - slope * sx) / sw;
  if (slope < 0) return [Math.max(sv / sw, 0), 0];
  if (intercept < 0) return [0, Math.max(sxv / sxx, 0)];
  return [intercept, slope];
}
