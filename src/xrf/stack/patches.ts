import type { Grid } from '../../measurement.js';
import { normalQuantile } from '../../numeric/statistics.js';
import { gaussianSmooth, gaussianSum } from '../image/smooth.js';

export interface Patch {
  x_um: number;
  y_um: number;
  area_um2: number;
  pixels: number;
  /** Weighted mean of the unsmoothed fraction over the patch. */
  mean: { value: number; sigma: number };
  /** Highest matched-filter significance, in standard deviations above the map. */
  significance: number;
  members: number[];
}

export interface PatchSearch {
  patches: Patch[];
  /** Median of the fraction over the map, about which patches are sought. */
  background: number;
  /** Significance that noise alone reaches anywhere on the map with the chance `falseAlarm`. */
  threshold: number;
  /** By side of a square patch: the fraction that would have been found with 95 % probability. */
  detectable: { side_um: number; fraction: number }[];
}

export interface PatchOptions {
  falseAlarm: number;
  scales_px: number[];
  minimumPixels: number;
}

export const patchDefaults: PatchOptions = {
  falseAlarm: 0.01,
  scales_px: [0.7, 1.4, 2.8, 5.6],
  minimumPixels: 4,
};

/**
 * Patches of raised fraction by matched filters: the map divided by its variance is smoothed with Gaussians of several
 * widths, each significance map is scaled by its own robust noise (which holds for correlated noise too), and the
 * threshold is Bonferroni's over all pixels and scales, so that a map of noise gives a false patch with the
 * probability `falseAlarm` (`sigmaAtBackground` makes the statistic linear in the data). A patch is the connected region about a peak where the smoothed fraction exceeds half of
 * the peak's height over the background.
 */
export function findPatches(
  fraction: Float32Array,
  sigma: Float32Array,
  grid: Grid,
  options: Partial<PatchOptions> = {},
  sigmaAtBackground: (background: number) => Float32Array = () => sigma,
): PatchSearch {
  const o = { ...patchDefaults, ...options };
  const { ny, nx } = grid;
  const background = robustCentre(fraction);
  const linear = sigmaAtBackground(background);
  const weight = new Float64Array(fraction.length);
  const weighted = new Float64Array(fraction.length);
  let tests = 0;
  for (let i = 0; i < fraction.length; i++) {
    if (!(sigma[i] > 0) || !Number.isFinite(fraction[i])) continue;
    // Single wild pixels are held: a patch must be carried by several.
    const pull = Math.max(-6, Math.min(6, (fraction[i] - background) / linear[i]));
    weight[i] = 1 / (linear[i] * linear[i]);
    weighted[i] = pull / linear[i];
    tests++;
  }
  const threshold = -normalQuantile(o.falseAlarm / Math.max(1, tests * o.scales_px.length));
  const best = new Float64Array(fraction.length);
  const excess = new Float64Array(fraction.length);
  const spread: { scale: number; noise: number }[] = [];
  for (const scale of o.scales_px) {
    const top = gaussianSum(weighted, ny, nx, scale);
    const bottom = gaussianSum(weight, ny, nx, scale);
    // The variance of the sum has the squared kernel, a Gaussian narrower by the root of two.
    const variance = gaussianSum(weight, ny, nx, scale * Math.SQRT1_2);
    const z = new Float64Array(fraction.length);
    for (let i = 0; i < z.length; i++) z[i] = weight[i] > 0 ? top[i] / Math.sqrt(variance[i] + 1e-300) : NaN;
    const noise = Math.max(robustSpread(z) || 1, 1);
    spread.push({ scale, noise });
    for (let i = 0; i < z.length; i++) {
      const zi = z[i] / noise;
      if (zi > best[i]) {
        best[i] = zi;
        excess[i] = top[i] / bottom[i];
      }
    }
  }
  const detail = gaussianRatio(weighted, weight, ny, nx, 1);
  const patches = grow(best, excess, detail, threshold, fraction, sigma, background, grid, o.minimumPixels);
  return { patches, background, threshold, detectable: detectability(sigma, spread, threshold, grid) };
}

function gaussianRatio(
  top: Float64Array,
  bottom: Float64Array,
  ny: number,
  nx: number,
  scale: number,
): Float64Array {
  const a = gaussianSmooth(top, ny, nx, scale);
  const b = gaussianSmooth(bottom, ny, nx, scale);
  return a.map((v, i) => (b[i] > 0 ? v / b[i] : 0));
}

function grow(
  best: Float64Array,
  excess: Float64Array,
  detail: Float64Array,
  threshold: number,
  fraction: Float32Array,
  sigma: Float32Array,
  background: number,
  grid: Grid,
  minimumPixels: number,
): Patch[] {
  const { ny, nx, pixel_um } = grid;
  const taken = new Uint8Array(best.length);
  const seeds = [...best.keys()].filter((i) => best[i] > threshold).sort((a, b) => best[b] - best[a]);
  const patches: Patch[] = [];
  for (const seed of seeds) {
    if (taken[seed]) continue;
    const half = excess[seed] / 2;
    const members = [seed];
    taken[seed] = 1;
    for (let at = 0; at < members.length; at++) {
      const r = Math.floor(members[at] / nx);
      const c = members[at] % nx;
      for (let dr = -1; dr <= 1; dr++) {
        for (let dc = -1; dc <= 1; dc++) {
          const rr = r + dr;
          const cc = c + dc;
          if (rr < 0 || cc < 0 || rr >= ny || cc >= nx) continue;
          const i = rr * nx + cc;
          if (taken[i] || !(sigma[i] > 0) || !(detail[i] > half) || !(best[i] > threshold / 2)) continue;
          taken[i] = 1;
          members.push(i);
        }
      }
    }
    shield(members, taken, ny, nx);
    if (members.length < minimumPixels) continue;
    let w = 0;
    let s = 0;
    let x = 0;
    let y = 0;
    for (const i of members) {
      const wi = 1 / (sigma[i] * sigma[i]);
      w += wi;
      s += wi * fraction[i];
      x += i % nx;
      y += Math.floor(i / nx);
    }
    if (!(s / w > background)) continue;
    patches.push({
      x_um: (x / members.length) * pixel_um.x,
      y_um: (y / members.length) * pixel_um.y,
      area_um2: members.length * pixel_um.x * pixel_um.y,
      pixels: members.length,
      mean: { value: s / w, sigma: Math.sqrt(1 / w) },
      significance: best[seed],
      members,
    });
  }
  return patches;
}

/** The smoothed flank of a patch is no patch of its own: takes a margin about the members out of the search. */
function shield(members: readonly number[], taken: Uint8Array, ny: number, nx: number): void {
  const margin = Math.max(8, Math.ceil(Math.sqrt(members.length)));
  for (const i of members) {
    const r = Math.floor(i / nx);
    const c = i % nx;
    for (const [dr, dc] of [
      [-margin, 0],
      [margin, 0],
      [0, -margin],
      [0, margin],
      [-margin, -margin],
      [margin, margin],
      [-margin, margin],
      [margin, -margin],
    ]) {
      const r1 = Math.min(Math.max(r + dr, 0), ny - 1);
      const c1 = Math.min(Math.max(c + dc, 0), nx - 1);
      const steps = Math.max(Math.abs(r1 - r), Math.abs(c1 - c));
      for (let k = 1; k <= steps; k++)
        taken[Math.round(r + ((r1 - r) * k) / steps) * nx + Math.round(c + ((c1 - c) * k) / steps)] = 1;
    }
  }
}

/** Fraction in a square of this side that the search finds in 95 of 100 cases, by the median noise of the map. */
function detectability(
  sigma: Float32Array,
  spread: { scale: number; noise: number }[],
  threshold: number,
  grid: Grid,
): PatchSearch['detectable'] {
  const typical = medianOf(sigma);
  const pixel = Math.sqrt(grid.pixel_um.x * grid.pixel_um.y);
  return [4, 8, 16, 32].map((side) => {
    // Signal to noise at the centre of a square of unit height under each Gaussian filter; the best filter counts.
    const gains = spread.map(({ scale, noise }) => {
      let overlap = 0;
      let square = 0;
      const reach = Math.ceil(4 * scale);
      for (let k = -reach; k <= reach; k++) {
        const g = Math.exp((-k * k) / (2 * scale * scale));
        square += g * g;
        if (Math.abs(k) <= (side - 1) / 2) overlap += g;
      }
      return (overlap * overlap) / square / noise;
    });
    return { side_um: side * pixel, fraction: ((threshold + 1.645 * 1) * typical) / Math.max(...gains) };
  });
}

function sampleOf(values: ArrayLike<number>): Float64Array {
  const step = Math.max(1, Math.floor(values.length / 50000));
  const out: number[] = [];
  for (let i = 0; i < values.length; i += step) if (Number.isFinite(values[i])) out.push(values[i]);
  return Float64Array.from(out).sort();
}

const medianOf = (values: ArrayLike<number>): number => {
  const s = sampleOf(values);
  return s.length ? s[s.length >> 1] : NaN;
};

const robustCentre = medianOf;

/** Standard deviation from the 16th and 50th percentiles: a patch raises only the upper side. */
function robustSpread(values: Float64Array): number {
  const s = sampleOf(values);
  if (s.length < 10) return 1;
  return s[Math.floor(0.5 * s.length)] - s[Math.floor(0.1587 * s.length)];
}
