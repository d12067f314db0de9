import { median } from './noise.js';
import { sampleAt } from './registration.js';

export interface Cleaned {
  values: Float64Array;
  /** Pixels that were taken out (NaN in `values`). */
  outliers: number[];
}

/**
 * Takes out single pixels (or pairs) that stand above or below their eight neighbours by more than `threshold` standard
 * deviations of counting, in the scale of square roots, where counts have the same noise everywhere (Anscombe 1948), and
 * by more than the neighbours differ among themselves. `gain` is the value of one count.
 */
export function removeOutliers(
  values: Float64Array,
  ny: number,
  nx: number,
  gain = 1,
  threshold = 7,
): Cleaned {
  const out = values.slice();
  const outliers: number[] = [];
  const root = (v: number): number => 2 * Math.sqrt(Math.max(v, 0) / gain + 0.375);
  for (let r = 0; r < ny; r++) {
    for (let c = 0; c < nx; c++) {
      const i = r * nx + c;
      if (!Number.isFinite(values[i])) continue;
      const around: number[] = [];
      for (let dr = -1; dr <= 1; dr++) {
        for (let dc = -1; dc <= 1; dc++) {
          const rr = r + dr;
          const cc = c + dc;
          if ((dr || dc) && rr >= 0 && cc >= 0 && rr < ny && cc < nx && Number.isFinite(values[rr * nx + cc]))
            around.push(root(values[rr * nx + cc]));
        }
      }
      if (around.length < 3) continue;
      around.sort((a, b) => a - b);
      const middle = median(around);
      // The second highest and lowest neighbour: one more wild pixel beside this one does not shield it.
      const spread = around[around.length - 2] - around[1];
      if (Math.abs(root(values[i]) - middle) > threshold + 1.5 * spread) outliers.push(i);
    }
  }
  for (const i of outliers) out[i] = NaN;
  return { values: out, outliers };
}

/**
 * Stripes: factors per row (lines of a scan under a varying beam) that make each row agree with its neighbours, as the
 * ratio of the row's sum to the mean of the two beside it; a row counts as a stripe when the ratio is off by more than
 * `threshold` standard deviations of counting and by 2 %. Returns the corrected image and the factors that were divided out.
 */
export function removeStripes(
  values: Float64Array,
  ny: number,
  nx: number,
  gain = 1,
  threshold = 6,
): { values: Float64Array; factors: Float64Array } {
  const sum = new Float64Array(ny);
  for (let r = 0; r < ny; r++)
    for (let c = 0; c < nx; c++) if (Number.isFinite(values[r * nx + c])) sum[r] += values[r * nx + c];
  const factors = new Float64Array(ny).fill(1);
  for (let r = 0; r < ny; r++) {
    const beside = [r - 2, r - 1, r + 1, r + 2]
      .filter((k) => k >= 0 && k < ny && sum[k] > 0)
      .map((k) => sum[k]);
    if (beside.length < 2 || !(sum[r] > 0)) continue;
    const expected = median(beside);
    const noise = Math.sqrt((gain * (sum[r] + expected)) / expected / expected + gain / expected);
    const ratio = sum[r] / expected;
    if (Math.abs(ratio - 1) > Math.max(threshold * noise, 0.02)) factors[r] = ratio;
  }
  return { values: values.map((v, i) => v / factors[Math.floor(i / nx)]), factors };
}

/**
 * Jitter between the rows of a fly scan: each row is moved along itself to where it agrees best with the mean of the rows
 * beside it, by cross correlation; shifts below a third of a pixel are left alone. Returns the shifts in pixels.
 */
export function removeRowJitter(
  values: Float64Array,
  ny: number,
  nx: number,
  reach = 6,
): { values: Float64Array; shifts: Float64Array } {
  const shifts = new Float64Array(ny);
  const row = (r: number): Float64Array => values.subarray(r * nx, (r + 1) * nx);
  for (let r = 0; r < ny; r++) {
    const beside = [r - 2, r - 1, r + 1, r + 2].filter((k) => k >= 0 && k < ny);
    const mean = Float64Array.from({ length: nx }, (_, c) =>
      median(beside.map((k) => row(k)[c]).filter(Number.isFinite)),
    );
    shifts[r] = rowShift(mean, row(r), reach);
  }
  // Jitter is a departure from the neighbours, not a trend: a wavy boundary moves smoothly from row to row.
  const own = shifts.map(
    (s, r) => s - median([r - 1, r, r + 1].filter((k) => k >= 0 && k < ny).map((k) => shifts[k])),
  );
  const moved = own.map((s) => (Math.abs(s) > 1 / 3 ? s : 0));
  const out = values.slice();
  for (let r = 0; r < ny; r++) {
    if (moved[r] === 0) continue;
    for (let c = 0; c < nx; c++) out[r * nx + c] = sampleAt(row(r), 1, nx, 0, c + moved[r]);
  }
  return { values: out, shifts: moved };
}

/** Lag at which row b best follows row a (b(c + lag) ~ a(c)), with a parabola through the top of the correlation. */
function rowShift(a: Float64Array, b: Float64Array, reach: number): number {
  const score = (lag: number): number => {
    let sum = 0;
    let n = 0;
    for (let c = Math.max(0, -lag); c < Math.min(a.length, a.length - lag); c++) {
      const d = Math.sqrt(Math.max(a[c], 0)) - Math.sqrt(Math.max(b[c + lag], 0));
      if (Number.isFinite(d)) {
        sum += d * d;
        n++;
      }
    }
    return n > 0 ? -sum / n : -Infinity;
  };
  let best = 0;
  for (let lag = -reach; lag <= reach; lag++) if (score(lag) > score(best)) best = lag;
  const [l, m, h] = [score(best - 1), score(best), score(best + 1)];
  const curvature = l - 2 * m + h;
  return best + (Number.isFinite(curvature) && curvature < 0 ? (0.5 * (l - h)) / curvature : 0);
}
