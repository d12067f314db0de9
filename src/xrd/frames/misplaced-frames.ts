/**
 * Frames that are sound in themselves but not what the scan says they are: cut short, the same numbers as an earlier one,
 * or with all lines moved.
 */
import type { Pattern, Rows } from '../../measurement.js';
import { median, robustSigma } from '../../numeric/robust.js';
import { snipBackground } from '../pattern/background.js';
import { LastRead } from './last-read.js';
import type { Mask } from './mask.js';

/** Part of the others' range below which a frame counts as cut short. */
const WHOLE = 0.97;
/** A step this many times the usual one is a gap. */
const GAP = 2.5;

export interface Cut {
  /** Part of the range of the other frames that this one covers. */
  covered: number;
  reason: string;
}

/** Frames that cover less of the angles than most others do; null for whole ones, and all of them where most differ. */
export function findCuts(patterns: Rows<Pattern>): (Cut | null)[] {
  const ends = Array.from(patterns, ({ twoTheta_deg: t }) => ({
    from: t[0]!,
    to: t[t.length - 1]!,
    count: t.length,
  }));
  const steps = ends.map(({ from, to, count }) => (to - from) / (count - 1));
  const low = median(ends.map(({ from }) => from ?? Number.NaN));
  const high = median(ends.map(({ to }) => to ?? Number.NaN));
  const step = median(steps);
  const isWhole = ({ from, to }: { from: number; to: number }): boolean =>
    Math.abs(from - low) < GAP * step && Math.abs(to - high) < GAP * step;
  if (!(high > low) || ends.filter(isWhole).length <= ends.length / 2) return ends.map(() => null);
  return Array.from(patterns, ({ twoTheta_deg: t }, i) => {
    const longest = GAP * Math.max(step, steps[i]!);
    let covered = 0;
    for (let k = 1; k < t.length; k++) {
      const width = Math.min(high, t[k]!) - Math.max(low, t[k - 1]!);
      if (width > 0 && t[k]! - t[k - 1]! < longest) covered += width;
    }
    const part = covered / (high - low);
    if (part >= WHOLE) return null;
    const range = (from: number, to: number): string => `${from.toFixed(1)} to ${to.toFixed(1)} deg`;
    const own = `${t.length} channels from ${range(t[0]!, t[t.length - 1]!)}`;
    return {
      covered: part,
      reason: `cut short: ${own}, ${Math.round(100 * part)} % of the others' ${range(low, high)}`,
    };
  });
}

/** Noise must be seen before equal numbers are more than two smooth curves alike. */
const LEAST_NOISE = 1e-3;
const ROUNDING = 0.5;

/** For each frame the index of an earlier one that holds the same numbers, noise and all; null where there is none. */
export function findRepeats(patterns: Rows<Pattern>): (number | null)[] {
  const bySum = new Map<number, number[]>();
  return Array.from(patterns, ({ intensity }, i) => {
    const sum = intensity.reduce((total, y, k) => total + y * (k + 1), 0);
    if (!Number.isFinite(sum)) return null;
    const alike = bySum.get(sum) ?? [];
    const first = alike.find((k) => isSame(patterns.at(k)!.intensity, intensity));
    if (first !== undefined) return isNoisy(intensity) ? first : null;
    bySum.set(sum, [...alike, i]);
    return null;
  });
}

const isSame = (a: Float64Array, b: Float64Array): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i]);

function isNoisy(y: Float64Array): boolean {
  // third differences of white noise have a variance of 20 sigma^2; those of a smooth curve are next to nothing
  const third = y.slice(3).map((value, i) => value - 3 * y[i + 2]! + 3 * y[i + 1]! - y[i]!);
  const noise = robustSigma(third, 0) / Math.sqrt(20);
  const whole = y.every((value) => value === Math.round(value));
  return noise > LEAST_NOISE * Math.abs(median(y)) && noise > (whole ? ROUNDING : 0);
}

/** Largest shift that is looked for (degrees), as far as the refinement looks for its zero. */
const FARTHEST_deg = 0.3;
/** Cosine of two patterns of the same lines. */
const SAME_LINES = 0.8;
/** Shifts below these parts of a line's width, and of a channel, are left to the zero of the refinement. */
const PART_OF_WIDTH = 0.4;
const CHANNELS = 2;
/** Two neighbours must tell the same shift within this part of it. */
const AGREE = 0.25;

/**
 * Shift (degrees) of all lines of a frame against two neighbours of its row that agree with each other; zero where
 * there is none to be seen, or the neighbours show other lines.
 */
export function findShifts(
  patterns: Rows<Pattern>,
  rows: ArrayLike<number>,
  masks: (Mask | null)[],
  lineWidth_channels: number | null,
): number[] {
  if (lineWidth_channels === null) return masks.map(() => 0);
  const shapes = new LastRead(masks.length, (i) => {
    const mask = masks[i];
    return mask ? shapeOf(patterns.at(i)!.intensity, mask) : null;
  });
  return Array.from(patterns, ({ twoTheta_deg: t }, i) => {
    const own = shapes.at(i);
    const pair = neighbourPair(shapes, rows, i);
    if (!own || !pair) return 0;
    const step = (t[t.length - 1]! - t[0]!) / (t.length - 1);
    const most = Math.min(80, Math.round(FARTHEST_deg / step));
    const least = Math.max(CHANNELS, PART_OF_WIDTH * lineWidth_channels);
    const [one, other] = pair.map((shape) => lagOf(own, shape, most)) as [number, number];
    const shift = (one + other) / 2;
    // NaN where the lines are others
    if (!(Math.abs(shift) >= least && Math.abs(one - other) < AGREE * Math.abs(shift))) return 0;
    return Math.abs(lagOf(pair[0], pair[1], most)) < AGREE * Math.abs(shift) ? shift * step : 0;
  });
}

/** Square roots of what stands above the background: strong lines do not rule alone. */
function shapeOf(intensity: Float64Array, mask: Mask): Float64Array {
  const filled = intensity.map((y, i) => (mask[i] === 1 ? Math.max(0, y) : 0));
  const base = snipBackground(filled, Math.max(10, Math.round(filled.length / 40)));
  const noise = robustSigma(filled.map((y, i) => y - base[i]!));
  return filled.map((y, i) => Math.sqrt(Math.max(0, y - base[i]! - 3 * noise)));
}

/** The nearest usable frames on both sides, or two on one side at an end of the row. */
function neighbourPair(
  shapes: Rows<Float64Array | null>,
  rows: ArrayLike<number>,
  i: number,
): [Float64Array, Float64Array] | null {
  const length = shapes.at(i)?.length;
  const beside = (direction: 1 | -1): Float64Array[] => {
    const found: Float64Array[] = [];
    for (let k = i + direction; rows[k] === rows[i] && Math.abs(k - i) < 4; k += direction) {
      const shape = shapes.at(k);
      if (shape && shape.length === length) found.push(shape);
    }
    return found;
  };
  const [left, right] = [beside(-1), beside(1)];
  const [one, other] = left.length > 0 && right.length > 0 ? [left[0], right[0]] : [...left, ...right];
  return one && other ? [one, other] : null;
}

/** Channels by which `a` is moved upwards against `b`, to a part of a channel; NaN where no shift makes them alike. */
function lagOf(a: Float64Array, b: Float64Array, most: number): number {
  const norm = Math.sqrt(dot(a, a, 0) * dot(b, b, 0));
  let best = 0;
  const at = (lag: number): number => dot(a, b, lag) / norm;
  let top = at(0);
  for (let lag = -most; lag <= most; lag++) {
    const value = at(lag);
    if (value > top) [top, best] = [value, lag];
  }
  if (!(top >= SAME_LINES) || Math.abs(best) === most) return Number.NaN;
  const [before, after] = [at(best - 1), at(best + 1)];
  return best + (before - after) / (2 * (before - 2 * top + after));
}

/** Sum of a[i + lag] b[i]. */
function dot(a: Float64Array, b: Float64Array, lag: number): number {
  let sum = 0;
  const end = Math.min(b.length, a.length - lag);
  for (let i = Math.max(0, -lag); i < end; i++) sum += a[i + lag]! * b[i]!;
  return sum;
}
