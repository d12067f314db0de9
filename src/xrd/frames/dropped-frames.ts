/**
 * Frames that lost intensity: a beam that failed for a moment, a shutter that was late.
 *
 * A change of phases or of absorption along the scan is no fault: there intensity steps or slopes from one side to the
 * other, or stays low for several frames, while a dropped frame lies below both sides. At the ends of the scan, where
 * one side is missing, a frame counts as dropped only if its own neighbour, scaled down, explains it.
 */

import type { Pattern } from '../../measurement.js';
import { robustSigma } from '../../numeric/robust.js';
import { median } from '../pattern/background.js';
import type { Mask } from './mask.js';

/** How bright a frame is. */
export interface Level {
  /** Median of the channels: the background. */
  background: number;
  sum: number;
  channels: number;
  /** Intensities above the background, computed anew each time. */
  net: () => Float64Array;
  /** Means of groups of channels, so that few counts and a line's position matter little; NaN becomes the background. */
  broad: Float64Array;
}

/** Below this fraction of both sides a frame is dropped, whatever the others do. */
const DROPPED_BELOW = 0.7;
/** Below this share of its neighbours it is, where the other frames scatter about theirs by far less. */
const DROPPED_ALONE_BELOW = 0.82;
const SCATTERS = 4;
const BELOW_BOTH = 0.95;
/** Cosine of two patterns of one shape; part of a frame's square that its neighbours may leave unexplained. */
const SAME_SHAPE = 0.98;
const MISFIT = 0.1;
const DROPPED_AT_EDGE_BELOW = 0.75;
const GROUPS = 100;
/** Fewer frames do not show how much they scatter. */
const MIN_SHARES = 5;

/** Of a pattern that is read again when all its channels are asked for. */
export function levelOf(pattern: () => Pattern, mask: Mask): Level {
  const { intensity } = pattern();
  const kept = intensity.map((y, i) => (mask[i] === 1 ? y : Number.NaN));
  const background = median(kept);
  let sum = 0;
  let count = 0;
  for (const y of kept) {
    if (!Number.isFinite(y)) continue;
    sum += y;
    count++;
  }
  const net = () => above(background, pattern().intensity, mask);
  return {
    background,
    sum: (sum * intensity.length) / Math.max(1, count),
    channels: intensity.length,
    net,
    broad: broaden(net(), background),
  };
}

const above = (background: number, intensity: Float64Array, mask: Mask): Float64Array =>
  intensity.map((y, i) => (mask[i] === 1 && Number.isFinite(y) ? y - background : 0));

function broaden(net: Float64Array, background: number): Float64Array {
  const groups = Math.min(GROUPS, net.length);
  const size = net.length / groups;
  return Float64Array.from({ length: groups }, (_, g) => {
    const [from, to] = [Math.round(g * size), Math.round((g + 1) * size)];
    let sum = 0;
    for (let i = from; i < to; i++) sum += net[i]!;
    return background + sum / (to - from);
  });
}

type Quantity = 'background' | 'sum';

/**
 * For each frame the fraction of its neighbours' intensity to which it dropped; null where it did not. `levels` are null
 * for frames that cannot be used; neighbours are those of the same row.
 */
export function findDrops(levels: readonly (Level | null)[], rows: ArrayLike<number>): (number | null)[] {
  const sides = levels.map((_, i) => [sideOf(levels, rows, i, -1), sideOf(levels, rows, i, 1)] as const);
  const shares = levels.map((level, i) => {
    const [[left], [right]] = sides[i]!;
    return level && left && right ? shareOf(level, left, right) : Number.NaN;
  });
  return levels.map((level, i) => {
    if (!level) return null;
    const [left, right] = sides[i]!;
    if (left.length === 0 || right.length === 0) {
      const neighbours = left.length > 0 ? left : right;
      return neighbours.length > 0 ? droppedAtEnd(level, neighbours) : null;
    }
    const dropped = droppedBetween(level, left, right);
    if (dropped !== null) return dropped;
    // where brightness steps with the phases, a share says nothing by itself
    const isLow = level.sum < BELOW_BOTH * Math.min(left[0]!.sum, right[0]!.sum);
    const share = shares[i]!;
    return isLow && share < DROPPED_ALONE_BELOW && Math.log(share) < -SCATTERS * scatterBeside(shares, i)
      ? share
      : null;
  });
}

/** Robust scatter of the logarithms of all shares but a frame's own and its neighbours', which a drop raises. */
function scatterBeside(shares: readonly number[], i: number): number {
  const logs = shares.filter((_, k) => Math.abs(k - i) > 1).map(Math.log);
  const finite = logs.filter(Number.isFinite);
  return finite.length < MIN_SHARES ? Number.POSITIVE_INFINITY : robustSigma(finite);
}

/** Up to three usable frames before or after one, the nearest first. */
function sideOf(
  levels: readonly (Level | null)[],
  rows: ArrayLike<number>,
  i: number,
  direction: 1 | -1,
): Level[] {
  const found: Level[] = [];
  for (let k = i + direction; k >= 0 && k < levels.length && found.length < 3; k += direction) {
    if (rows[k] !== rows[i]) break;
    const neighbour = levels[k];
    if (neighbour) found.push(neighbour);
  }
  return found;
}

/** Lower than both sides by far, in the sum and in the background. */
function droppedBetween(level: Level, left: readonly Level[], right: readonly Level[]): number | null {
  const ratio = (key: Quantity) => Math.max(toMedian(level, left, key), toMedian(level, right, key));
  const sum = ratio('sum');
  return sum < DROPPED_BELOW && !(ratio('background') >= DROPPED_BELOW) ? sum : null;
}

/**
 * How much of its two neighbours a frame holds: p + q of the mixture p left + q right that is nearest to it. Where phases
 * change, a frame is a mixture with p + q near 1, whatever p and q; a frame that dropped has less of both. Neighbours of
 * one shape that differ in brightness leave p + q open: then the share is that of the one which is nearer.
 * NaN where the mixture does not look like the frame.
 */
function shareOf(level: Level, left: Level, right: Level): number {
  const n = level.broad.length;
  if (left.broad.length !== n || right.broad.length !== n) return Number.NaN;
  const floor = (0.3 * (level.sum + left.sum + right.sum)) / level.channels;
  let [ll, lr, rr, ly, ry, yy] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [y, l, r] = [level.broad[i]!, left.broad[i]!, right.broad[i]!];
    // single lines differ by chance of few grains: large intensities weigh no more than the background
    const w = 1 / (Math.abs(y) + Math.abs(l) + Math.abs(r) + floor) ** 2;
    ll += w * l * l;
    lr += w * l * r;
    rr += w * r * r;
    ly += w * l * y;
    ry += w * r * y;
    yy += w * y * y;
  }
  const alike = lr / Math.sqrt(ll * rr);
  const [alone, other] = [ly / ll, ry / rr];
  if (!(alike < SAME_SHAPE)) return Math.max(alone, other);
  const det = ll * rr - lr * lr;
  let p = (ly * rr - ry * lr) / det;
  let q = (ry * ll - ly * lr) / det;
  if (p < 0) [p, q] = [0, other];
  else if (q < 0) [p, q] = [alone, 0];
  const rest = yy - 2 * (p * ly + q * ry) + p * p * ll + 2 * p * q * lr + q * q * rr;
  return rest < MISFIT * yy ? p + q : Number.NaN;
}

/** False for patterns from which the background was taken: its ratios say nothing. */
const hasBackground = (levels: readonly Level[]): boolean =>
  levels.every(({ background, sum, channels }) => background > 0.05 * (sum / channels));

const toMedian = (level: Level, neighbours: readonly Level[], key: Quantity): number =>
  level[key] / median(neighbours.map((l) => l[key]));

function droppedAtEnd(level: Level, neighbours: readonly Level[]): number | null {
  const sum = Math.max(toMedian(level, neighbours, 'sum'), level.sum / neighbours[0]!.sum);
  if (!(sum < DROPPED_AT_EDGE_BELOW && similarity(level.net(), neighbours[0]!.net()) > 0.9)) return null;
  // all of it is dimmer alike
  const background = toMedian(level, neighbours, 'background');
  return hasBackground(neighbours) && !(Math.abs(background / sum - 1) < 0.15) ? null : sum;
}

/** Cosine of the angle between two patterns without their backgrounds. */
function similarity(a: Float64Array, b: Float64Array): number {
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    ab += a[i]! * b[i]!;
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
  }
  return ab / Math.sqrt(aa * bb || 1);
}
