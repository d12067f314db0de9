import { type CountImages, median } from './noise.js';

/** Lines of a scan whose counts all stand below or above the lines beside them by one factor. */
export interface Stripe {
  /** Row or column. */
  index: number;
  /** Counts of this line over those expected from the lines beside it. */
  factor: number;
  sigma: number;
}

/** Lines on each side that say what a line should hold: their median lets one of them be a stripe too. */
const SIDE = 3;
/** Standard deviations, and the least change, that make a stripe. */
const SIGNIFICANT = 6;
const LEAST = 0.02;

/**
 * Rows or columns that lost (or gained) beam: the logarithm of their mean over that of the lines on either side, weighted over
 * the elements by counting. A stripe differs from both sides by the same factor, and so do at least two elements, where the map
 * has two: layers and particles change elements differently, or one side only.
 */
export function findStripes({ ny, nx, counts }: CountImages, along: 'row' | 'column'): Stripe[] {
  const lines = along === 'row' ? ny : nx;
  const means = counts.map((values) => lineMeans(values, ny, nx, along));
  const stripes: Stripe[] = [];
  for (let k = 0; k < lines; k++) {
    const ratios = means.flatMap((line) => ratioOf(line, k) ?? []);
    const stripe = ratios.length === 0 ? null : common(ratios, counts.length);
    if (stripe !== null) stripes.push({ index: k, ...stripe });
  }
  return stripes;
}

interface Line {
  mean: number;
  sum: number;
}

function lineMeans(values: Float64Array, ny: number, nx: number, along: 'row' | 'column'): (Line | null)[] {
  const [lines, length] = along === 'row' ? [ny, nx] : [nx, ny];
  return Array.from({ length: lines }, (_, k) => {
    let [sum, n] = [0, 0];
    for (let i = 0; i < length; i++) {
      const value = values[along === 'row' ? k * nx + i : i * nx + k];
      if (!Number.isFinite(value)) continue;
      sum += value;
      n++;
    }
    return n > length / 2 && sum > 0 ? { mean: sum / n, sum } : null;
  });
}

interface Ratio {
  before: number;
  after: number;
  variance: number;
}

/** Logarithms of a line over its two sides, with their counting variance. */
function ratioOf(lines: (Line | null)[], k: number): Ratio | null {
  const own = lines[k];
  const side = (from: number): Line[] =>
    lines.slice(Math.max(0, from), from + SIDE).filter((l) => l !== null);
  const [before, after] = [side(k - SIDE).filter((l) => l !== own), side(k + 1)];
  if (!own || k < 2 || before.length < 2 || after.length < 2) return null;
  const middle = (list: Line[]): number => median(list.map(({ mean }) => mean));
  // A median of n lines has about pi/2 times the variance of their mean.
  const variance = 1 / own.sum + 0.5 * Math.PI * 0.5 * (1 / total(before) + 1 / total(after));
  return { before: Math.log(own.mean / middle(before)), after: Math.log(own.mean / middle(after)), variance };
}

const total = (lines: Line[]): number => lines.reduce((sum, line) => sum + line.sum, 0);

function common(ratios: Ratio[], elements: number): { factor: number; sigma: number } | null {
  const weight = ratios.reduce((sum, { variance }) => sum + 1 / variance, 0);
  const over = (of: (ratio: Ratio) => number): number =>
    ratios.reduce((sum, ratio) => sum + of(ratio) / ratio.variance, 0) / weight;
  const [before, after] = [over((r) => r.before), over((r) => r.after)];
  const sigma = Math.sqrt(1 / weight);
  const change = (before + after) / 2;
  const least = Math.min(Math.abs(before), Math.abs(after));
  if (before * after <= 0 || least < Math.max(SIGNIFICANT * sigma, LEAST)) return null;
  if (Math.abs(before - after) > 0.6 * least + 3 * sigma) return null;
  const single = ratios.map((r) => ({ change: (r.before + r.after) / 2, variance: r.variance }));
  const agree = ratios.every((r) => {
    const room = 5 * Math.sqrt(r.variance) + 0.3 * Math.abs(change);
    return Math.abs(r.before - change) < room && Math.abs(r.after - change) < room;
  });
  const seen = single.filter((one) => Math.abs(one.change) > 3 * Math.sqrt(one.variance)).length;
  return agree && seen >= Math.min(2, elements) ? { factor: Math.exp(change), sigma } : null;
}
