import type { Grid } from '../../measurement.js';
import { normalCdf } from '../../numeric/error-function.js';
import { seededRandom } from '../image/random.js';
import { gaussianSmooth } from '../image/smooth.js';
import { regionAbout } from './patch-region.js';

/** A map as the patch search sees it. */
export interface PatchField {
  grid: Grid;
  fraction: Float32Array;
  /** Uncertainty of each pixel's fraction, and what it would be at the fraction of the background; NaN where unknown. */
  sigma: Float32Array;
  linear: Float32Array;
  background: number;
}

const draws = 40;
/** Share of a pixel's noise that is added for finding the members and taken, enlarged, from what is averaged. */
const split = 0.5;

/**
 * Mean fraction of a patch that was found at `seed` and reaches to where the smoothed excess falls to `half`. Members are
 * chosen because they are high, so their own mean is too: each draw of noise e splits the map into f + split e, which
 * chooses the members, and f - e / split, which is averaged over them; the two are independent where e has the noise of
 * the map (data fission, Leiner et al. 2023). The mean over the draws has the noise of the map again. Its error holds
 * that of the pixels and how much it depends on which of them count as members.
 */
export function patchMean(
  field: PatchField,
  seed: number,
  half: number,
  members: readonly number[],
): { value: number; sigma: number } {
  const { grid, fraction, sigma, linear, background } = field;
  const box = boxAbout(members, grid);
  const size = { ny: box.rows, nx: box.columns };
  const at = (k: number): number =>
    (box.row + Math.floor(k / box.columns)) * grid.nx + box.column + (k % box.columns);
  const pixels = Array.from({ length: box.rows * box.columns }, (_, k) => at(k));
  const start = pixels.indexOf(seed);
  const weight = Float64Array.from(pixels, (i) => (linear[i] > 0 ? 1 / linear[i] ** 2 : 0));
  const bottom = gaussianSmooth(weight, box.rows, box.columns, 1);
  const random = seededRandom(seed + 1);
  const fromSplit: number[] = [];
  const plain: number[] = [];
  let variance = 0;
  for (let d = 0; d < draws; d++) {
    const noise = Float64Array.from(pixels, (i) => (sigma[i] > 0 ? sigma[i] * random.normal() : 0));
    const top = Float64Array.from(pixels, (i, k) =>
      weight[k] > 0 ? weight[k] * (fraction[i] - background + split * noise[k]) : 0,
    );
    const excess = gaussianSmooth(top, box.rows, box.columns, 1);
    const inside = regionAbout(start, size, (k) => weight[k] > 0 && excess[k] > half * bottom[k]);
    let [w, kept, all, square] = [0, 0, 0, 0];
    for (const k of inside) {
      if (!(weight[k] > 0)) continue;
      w += weight[k];
      kept += weight[k] * (fraction[pixels[k]] - noise[k] / split);
      all += weight[k] * fraction[pixels[k]];
      square += (weight[k] * sigma[pixels[k]]) ** 2;
    }
    fromSplit.push(kept / w);
    plain.push(all / w);
    variance += square / (w * w) / draws;
  }
  const [kept, all] = [moments(fromSplit), moments(plain)];
  return {
    value: kept.mean,
    sigma: Math.sqrt(variance + kept.variance / draws + all.variance),
  };
}

function boxAbout(
  members: readonly number[],
  { ny, nx }: Grid,
): { row: number; column: number; rows: number; columns: number } {
  const margin = 6;
  let [top, bottom, left, right] = [ny, 0, nx, 0];
  for (const i of members) {
    const c = i % nx;
    const r = (i - c) / nx;
    [top, bottom] = [Math.min(top, r), Math.max(bottom, r)];
    [left, right] = [Math.min(left, c), Math.max(right, c)];
  }
  const row = Math.max(0, top - margin);
  const column = Math.max(0, left - margin);
  return {
    row,
    column,
    rows: Math.min(ny - 1, bottom + margin) - row + 1,
    columns: Math.min(nx - 1, right + margin) - column + 1,
  };
}

function moments(values: readonly number[]): { mean: number; variance: number } {
  const mean = values.reduce((s, v) => s + v, 0) / values.length;
  return { mean, variance: values.reduce((s, v) => s + (v - mean) ** 2, 0) / (values.length - 1) };
}

/**
 * A patch near the threshold is told only when noise has raised it. The most likely significance given that it passed
 * (mean of a normal distribution cut off below the threshold, Cohen 1959), as a share of the one that was seen, and by how
 * much its error is larger.
 */
export function afterSelection(seen: number, threshold: number): { share: number; wider: number } {
  const hazard = (a: number): number =>
    Math.exp(-0.5 * a * a) / Math.sqrt(2 * Math.PI) / Math.max(1 - normalCdf(a), 1e-12);
  let [low, high] = [seen / 2, seen];
  for (let round = 0; round < 40; round++) {
    const middle = (low + high) / 2;
    if (middle + hazard(threshold - middle) > seen) high = middle;
    else low = middle;
  }
  const a = threshold - low;
  const h = hazard(a);
  return { share: low / seen, wider: 1 / Math.sqrt(Math.max(1 - h * (h - a), 0.1)) };
}
