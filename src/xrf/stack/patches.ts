import type { Grid } from '../../measurement.js';
import { normalQuantile } from '../../numeric/statistics.js';
import { gaussianSmooth, gaussianSum } from '../image/smooth.js';
import { afterSelection, type PatchField, patchMean } from './patch-mean.js';
import { regionAbout, shield } from './patch-region.js';

export interface Patch {
  x_um: number;
  y_um: number;
  area_um2: number;
  pixels: number;
  /** Weighted mean of the unsmoothed fraction over the patch, freed from what the choice of patch and pixels adds to it. */
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
  /** Whether a pixel's spectrum is one of the references: an odd one alone makes no patch, however far it stands out. */
  plausible: (pixel: number) => boolean;
}

export const patchDefaults: PatchOptions = {
  falseAlarm: 0.01,
  scales_px: [0.7, 1.4, 2.8, 5.6],
  plausible: () => false,
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
  const background = medianOf(fraction);
  const linear = sigmaAtBackground(background);
  const weight = new Float64Array(fraction.length);
  const weighted = new Float64Array(fraction.length);
  let tests = 0;
  for (let i = 0; i < fraction.length; i++) {
    if (!(sigma[i] > 0) || !Number.isFinite(fraction[i])) continue;
    const top = o.plausible(i) ? Infinity : 6;
    const pull = Math.max(-6, Math.min(top, (fraction[i] - background) / linear[i]));
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
  const field = { grid, fraction, sigma, linear, background };
  return {
    patches: grow(field, best, excess, detail, threshold),
    background,
    threshold,
    detectable: detectability(sigma, spread, threshold, grid),
  };
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

/** Fewer pixels than these must stand out by one standard deviation more: the noise of few is not normal so far out. */
const several = 4;

/** Patches about the peaks, the highest first; `excess` is the smoothed fraction over the background at its best scale. */
function grow(
  field: PatchField,
  best: Float64Array,
  excess: Float64Array,
  detail: Float64Array,
  threshold: number,
): Patch[] {
  const { grid, sigma, background } = field;
  const { nx, pixel_um } = grid;
  const taken = new Uint8Array(best.length);
  const seeds: number[] = [];
  best.forEach((z, i) => {
    if (z > threshold) seeds.push(i);
  });
  seeds.sort((a, b) => best[b] - best[a]);
  const patches: Patch[] = [];
  for (const seed of seeds) {
    if (taken[seed]) continue;
    const half = excess[seed] / 2;
    const members = regionAbout(
      seed,
      grid,
      (i) => !taken[i] && sigma[i] > 0 && detail[i] > half && best[i] > threshold / 2,
    );
    shield(members, taken, grid);
    const needed = members.length < several ? threshold + 1 : threshold;
    if (best[seed] < needed) continue;
    const mean = patchMean(field, seed, half, members);
    // A peak whose own pixels do not stand out is the flank of something else.
    if (!(mean.value - background > 2 * mean.sigma)) continue;
    const { share, wider } = afterSelection(best[seed], needed);
    patches.push({
      x_um: (members.reduce((sum, i) => sum + (i % nx), 0) / members.length) * pixel_um.x,
      y_um: (members.reduce((sum, i) => sum + Math.floor(i / nx), 0) / members.length) * pixel_um.y,
      area_um2: members.length * pixel_um.x * pixel_um.y,
      pixels: members.length,
      mean: { value: background + share * (mean.value - background), sigma: wider * mean.sigma },
      significance: best[seed],
      members,
    });
  }
  return patches;
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

export const medianOf = (values: ArrayLike<number>): number => {
  const s = sampleOf(values);
  return s.length ? s[s.length >> 1] : NaN;
};

/** Standard deviation from the 16th and 50th percentiles: a patch raises only the upper side. */
function robustSpread(values: Float64Array): number {
  const s = sampleOf(values);
  if (s.length < 10) return 1;
  return s[Math.floor(0.5 * s.length)] - s[Math.floor(0.1587 * s.length)];
}
