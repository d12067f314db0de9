import { seededRandom } from '../image/random.js';
import type { LayerFrame } from './frame.js';
import { alongNormals, quantileOf, roughness, slopes } from './thickness.js';

export interface ThicknessResult {
  mean: number;
  sigma: number;
  interval95: [number, number];
  median: number;
  p5: number;
  p95: number;
  /** Local thickness along the normals at each point along the layer (NaN where they leave the map). */
  local_um: Float64Array;
  /** What other stretches of such a layer may give beyond the error of this one: block bootstrap along the layer. */
  samplingSigma: number;
}

/** The two lines of a layer, positions across in units of the frame. */
export type LinePair = readonly [Float64Array, Float64Array];

/**
 * Thickness along the normals of the layer's middle line, averaged over its length on the map. Every draw of the
 * posterior has its own lines and normals, so the spread that is reported is the layer's own and not that of the edge
 * positions. The interval holds for the mean over the mapped stretch; how much it changes with the normals of the most
 * probable line, which is smoother than any draw, with the ends of the map and with the meaning of the word (area over
 * length) is added as uniform systematic uncertainties.
 */
export function thicknessOf(
  frame: LayerFrame,
  lines: LinePair,
  draws: readonly LinePair[],
  seed: number,
): ThicknessResult {
  const best = throughMiddle(frame, lines);
  const stats = draws.map((pair) => summary(throughMiddle(frame, pair)));
  const means = stats.map((t) => t.mean);
  const own = meanOf(means);
  const smooth = summary(best).mean;
  // Near the ends of the map normals leave it, and it is a matter of taste which of those points count.
  const whole = summary({ ...best, local: best.whole }).mean;
  const ends = [smooth, whole, best.local.length > 20 ? summary(best, 3).mean : smooth];
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  const mean = (own + whole) / 2;
  const uniform = (spread: number): number => spread / Math.sqrt(12);
  const sigma = Math.hypot(
    deviation(means),
    uniform(own - smooth),
    uniform(most - least),
    uniform(summary(throughMiddle(frame, lines, 3)).mean - smooth),
    uniform(byArea(frame, lines, best) - smooth),
    responseError * frame.across_um,
  );
  return {
    mean,
    sigma,
    interval95: [Math.max(0, mean - 1.96 * sigma), mean + 1.96 * sigma],
    median: meanOf(stats.map((t) => t.median)),
    p5: Math.max(0, meanOf(stats.map((t) => t.p5))),
    p95: meanOf(stats.map((t) => t.p95)),
    local_um: best.local,
    samplingSigma: blockBootstrap(best.local.filter(Number.isFinite), seed),
  };
}

/** Error of an edge position that the unknown response of the pixels leaves, in units across, for two edges together. */
const responseError = 0.015;

/** The other meaning of a mean thickness: area of the layer over the length of its course, for very rough lines a few percent more. */
function byArea(frame: LayerFrame, [a, b]: LinePair, profile: Profile): number {
  const { local } = profile;
  const { mean } = summary(profile);
  const reach = Math.max(5, Math.round(mean / frame.along_um));
  const middle = a.map((v, j) => ((v + b[j]) / 2) * frame.across_um);
  const slope = slopes(middle, frame.along_um, reach);
  let area = 0;
  let length = 0;
  local.forEach((v, j) => {
    if (!Number.isFinite(v)) return;
    area += (b[j] - a[j]) * frame.across_um;
    length += Math.hypot(1, slope[j]);
  });
  return area / length;
}

/**
 * Local thickness (um) with the length of middle line that each point stands for: where both ends of the normal lie on the
 * map, and wherever its middle does.
 */
interface Profile {
  local: Float64Array;
  whole: Float64Array;
  length: Float64Array;
}

/** Length of the layer along the normals of its middle line (slopes over `reach` points), at each of its points on the map. */
function throughMiddle(frame: LayerFrame, [a, b]: LinePair, reach = 1): Profile {
  const unit = frame.across_um;
  const [low, high] = [a.map((v) => v * unit), b.map((v) => v * unit)];
  const middle = low.map((v, j) => (v + high[j]) / 2);
  const slope = slopes(middle, frame.along_um, reach);
  const up = new Float64Array(a.length);
  const down = new Float64Array(a.length);
  alongNormals(middle, high, slope, frame.along_um, up);
  alongNormals(middle, low, slope, frame.along_um, down);
  const whole = up.map((v, j) => (frame.holds(j, middle[j] / unit) ? v - down[j] : NaN));
  const local = whole.map((thickness, j) => {
    const norm = Math.hypot(1, slope[j]);
    const seen = [up[j], down[j]].every((length) =>
      frame.holds(j - (length * slope[j]) / norm / frame.along_um, (middle[j] + length / norm) / unit),
    );
    return seen ? thickness : NaN;
  });
  return { local, whole, length: slope.map((v) => Math.hypot(1, v)) };
}

function summary(
  { local, length }: Pick<Profile, 'local' | 'length'>,
  skip = 0,
): { mean: number; median: number; p5: number; p95: number } {
  let sum = 0;
  let total = 0;
  const values: number[] = [];
  const first = local.findIndex(Number.isFinite);
  const last = local.findLastIndex(Number.isFinite);
  for (let j = first + skip; j <= last - skip; j++) {
    if (!Number.isFinite(local[j])) continue;
    sum += local[j] * length[j];
    total += length[j];
    values.push(local[j]);
  }
  values.sort((p, q) => p - q);
  return {
    mean: sum / total,
    median: quantileOf(values, 0.5),
    p5: quantileOf(values, 0.05),
    p95: quantileOf(values, 0.95),
  };
}

/** Standard error of the mean of a correlated series by the moving block bootstrap (Kunsch 1989). */
export function blockBootstrap(values: Float64Array, seed: number, draws = 400): number {
  const n = values.length;
  if (n < 8) return NaN;
  const { correlation } = roughness(values);
  const block = Math.min(Math.max(Math.round(3 * (correlation ?? n / 6)), 1), Math.floor(n / 3));
  const random = seededRandom(seed);
  const means = Array.from({ length: draws }, () => {
    let sum = 0;
    let k = 0;
    while (k < n) {
      const from = Math.floor(random.uniform() * (n - block + 1));
      for (let i = 0; i < block && k < n; i++, k++) sum += values[from + i];
    }
    return sum / n;
  });
  return deviation(means);
}

export const meanOf = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
};

export const deviation = (values: ArrayLike<number>): number => {
  const mean = meanOf(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] - mean) ** 2;
  return Math.sqrt(sum / Math.max(values.length - 1, 1));
};
