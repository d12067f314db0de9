import { median } from './noise.js';

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
  const roots = values.map((v) => (Number.isFinite(v) ? 2 * Math.sqrt(Math.max(v, 0) / gain + 0.375) : NaN));
  const around: number[] = [];
  for (let r = 0; r < ny; r++) {
    for (let c = 0; c < nx; c++) {
      const i = r * nx + c;
      if (Number.isNaN(roots[i])) continue;
      around.length = 0;
      let far = 0;
      for (let rr = Math.max(0, r - 1); rr <= Math.min(ny - 1, r + 1); rr++) {
        for (let cc = Math.max(0, c - 1); cc <= Math.min(nx - 1, c + 1); cc++) {
          const root = roots[rr * nx + cc];
          if (Number.isNaN(root) || (rr === r && cc === c)) continue;
          around.push(root);
          if (Math.abs(root - roots[i]) > threshold) far++;
        }
      }
      // Few pixels differ from half of their neighbours; only those are looked at closely.
      if (around.length < 3 || far < around.length / 2) continue;
      around.sort((a, b) => a - b);
      const middle = median(around);
      // The second highest and lowest neighbour: one more wild pixel beside this one does not shield it. With fewer than eight
      // (at the rim of the map) the one neighbour that is as high may be all that shows of a thin layer.
      const inner = around.length === 8 ? 1 : 0;
      const spread = around[around.length - 1 - inner] - around[inner];
      if (
        Math.abs(roots[i] - middle) > threshold + 1.5 * spread &&
        !likeRing(roots, ny, nx, i, middle, threshold)
      )
        outliers.push(i);
    }
  }
  for (const i of outliers) out[i] = NaN;
  return { values: out, outliers };
}

/**
 * Whether the pixels two away hold values like this one: then it is the tip of something that ends there, a rough boundary or a
 * particle, and no fault.
 */
function likeRing(
  roots: Float64Array,
  ny: number,
  nx: number,
  i: number,
  middle: number,
  threshold: number,
): boolean {
  const [r, c] = [Math.floor(i / nx), i % nx];
  const up = roots[i] > middle;
  for (let rr = Math.max(0, r - 2); rr <= Math.min(ny - 1, r + 2); rr++) {
    for (let cc = Math.max(0, c - 2); cc <= Math.min(nx - 1, c + 2); cc++) {
      if (Math.max(Math.abs(rr - r), Math.abs(cc - c)) < 2) continue;
      const root = roots[rr * nx + cc];
      if (up ? root > roots[i] - threshold : root < roots[i] + threshold) return true;
    }
  }
  return false;
}
