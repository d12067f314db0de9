/**
 * Quality of the frames of a line scan: dead, saturated, spiked, not finite, cut short, written twice, dropped in
 * intensity, shifted. Each frame is first judged alone, then against good neighbours on both sides, so that a bad frame never spoils the verdict on the next.
 */
import type { LineScan, Pattern, Rows } from '../../measurement.js';
import { median, snipBackground } from '../pattern/background.js';
import { findDrops, levelOf } from './dropped-frames.js';
import { LastRead } from './last-read.js';
import { buildMask, countKept, type Mask } from './mask.js';
import { findCuts, findRepeats, findShifts } from './misplaced-frames.js';
import { patternNoise } from './noise.js';
import { maskSpikes } from './spikes.js';

export interface FrameCheck {
  status: 'ok' | 'repaired' | 'excluded';
  /** What was found, in words; null for 'ok'. */
  reason: string | null;
  /** 1 for channels that may be used. */
  mask: Mask;
  /** By how much all its lines are moved against its neighbours' (degrees), where that was found. */
  shift_deg?: number;
}

const MIN_KEPT_FRACTION = 0.6;
const SPIKE_SIGMAS = 8;

/**
 * Checks all frames of a scan; results run parallel to the patterns, of which a few are held at a time. Neighbours are
 * those of the same row.
 */
export function checkFrames({
  patterns: all,
  rows,
}: Pick<LineScan, 'rows'> & { patterns: Rows<Pattern> }): FrameCheck[] {
  const patterns = new LastRead(all.length, (i) => all.at(i)!);
  const width = typicalLineWidth(patterns);
  const cuts = findCuts(patterns);
  const repeats = findRepeats(patterns);
  const alone = Array.from(patterns, (pattern, i) => {
    const check = checkAlone(pattern, width, neighboursOf(patterns, rows, i));
    if (check.status === 'excluded') return check;
    const first = repeats[i];
    if (typeof first === 'number')
      return excluded(check, `the same numbers as pattern ${first}, noise included: written twice`);
    const cut = cuts[i];
    if (!cut) return check;
    return cut.covered < MIN_KEPT_FRACTION ? excluded(check, cut.reason) : repaired(check, cut.reason);
  });
  const levels = alone.map(({ status, mask }, i) =>
    status === 'excluded' ? null : levelOf(() => patterns.at(i)!, mask),
  );
  const largest = levels.reduce((most, level) => Math.max(most, level?.sum ?? 0), 0);
  const drops = findDrops(levels, rows);
  const checked = alone.map((check, i) => {
    const level = levels[i];
    if (!level) return check;
    if (level.sum < 1e-3 * largest) return excluded(check, 'dead: next to no intensity');
    const dropped = drops[i]!;
    return dropped === null
      ? check
      : excluded(check, `intensity dropped to ${Math.round(100 * dropped)} % of the neighbouring frames`);
  });
  const masks = checked.map(({ status, mask }) => (status === 'excluded' ? null : mask));
  const shifts = findShifts(patterns, rows, masks, width);
  return checked.map((check, i) => {
    const shift_deg = shifts[i]!;
    if (shift_deg === 0) return check;
    const reason = `all lines moved by ${shift_deg.toFixed(3)} deg against its neighbours; refined with a zero of its own`;
    return { ...repaired(check, reason), shift_deg };
  });
}

/** The frames before and after in the same row, on the same number of channels. */
const neighboursOf = (patterns: Rows<Pattern>, rows: ArrayLike<number>, i: number): Float64Array[] =>
  [i - 1, i + 1].flatMap((k) => {
    const other = rows[k] === rows[i] ? patterns.at(k) : undefined;
    return other && other.intensity.length === patterns.at(i)!.intensity.length ? [other.intensity] : [];
  });

const repaired = (check: FrameCheck, reason: string): FrameCheck => ({
  ...check,
  status: 'repaired',
  reason: check.reason ? `${reason}; ${check.reason}` : reason,
});

const excluded = (check: FrameCheck, reason: string): FrameCheck => ({
  ...check,
  status: 'excluded',
  reason: check.reason ? `${reason}; ${check.reason}` : reason,
});

/** Verdict on one frame without its neighbours. `lineWidth_channels` null: spikes are not looked for. */
export function checkAlone(
  pattern: Pattern,
  lineWidth_channels: number | null,
  neighbours: Float64Array[] = [],
): FrameCheck {
  const { intensity, twoTheta_deg } = pattern;
  const mask = buildMask(twoTheta_deg, intensity);
  const reasons: string[] = [];
  const bad = intensity.length - countKept(mask);
  if (bad > 0) reasons.push(`${bad} channel${bad > 1 ? 's' : ''} not finite`);
  const used = intensity.filter((_, i) => mask[i] === 1);
  if (used.length === 0) return { status: 'excluded', reason: 'not finite: no channel holds a number', mask };
  const top = used.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const bottom = used.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  if (top === bottom) return { status: 'excluded', reason: deadOrFull(top), mask };
  if (top <= 0) return { status: 'excluded', reason: 'dead: no channel above zero', mask };
  const flat = maskConstantRuns(intensity, mask);
  if (flat > 0) reasons.push(`${flat} channels dead (a constant value)`);
  const clipped = maskSaturation(intensity, mask, top);
  if (clipped > 0)
    reasons.push(`saturated: ${clipped} channels at the largest value ${Number(top.toPrecision(6))}`);
  if (lineWidth_channels !== null) {
    const { sigma } = patternNoise(pattern);
    const spikes = maskSpikes(intensity, mask, {
      lineWidth_channels,
      sigma,
      threshold: SPIKE_SIGMAS,
      neighbours,
    });
    if (spikes.length > 0) {
      const where = spikes.slice(0, 3).map((i) => twoTheta_deg[i]!.toFixed(2));
      const list = `${where.join(', ')}${spikes.length > 3 ? ', …' : ''}`;
      reasons.push(`${spikes.length} spike${spikes.length > 1 ? 's' : ''} at ${list} deg`);
    }
  }
  if (reasons.length === 0) return { status: 'ok', reason: null, mask };
  const kept = countKept(mask) / mask.length;
  return {
    status: kept < MIN_KEPT_FRACTION ? 'excluded' : 'repaired',
    reason: `${reasons.join('; ')}${kept < MIN_KEPT_FRACTION ? ` (only ${Math.round(100 * kept)} % of the channels left)` : '; masked'}`,
    mask,
  };
}

const deadOrFull = (value: number): string =>
  value === 0
    ? 'dead: every channel is zero'
    : `dead or saturated: every channel reads ${Number(value.toPrecision(6))}`;

/** Counts that chance does not bring to zero. */
const MANY_COUNTS = 10;

/** A dead module stops from one channel to the next; without background the foot of a line fades into zeros. */
const endsAbruptly = (intensity: Float64Array, from: number, to: number): boolean =>
  [from - 1, to].every((at) => {
    const beside = intensity[at];
    return beside === undefined || !Number.isFinite(beside) || beside > MANY_COUNTS;
  });

/** Masks runs of equal values far longer than chance allows (a stuck or zero-filled module); returns the number of channels. */
function maskConstantRuns(intensity: Float64Array, mask: Mask): number {
  const shortest = Math.max(12, Math.round(0.01 * intensity.length));
  const typical = median(intensity);
  let masked = 0;
  for (let i = 0; i < intensity.length; ) {
    let j = i + 1;
    while (j < intensity.length && intensity[j] === intensity[i]) j++;
    // Long runs of one low count are chance where counts are few, and say nothing about the detector.
    const dead = intensity[i]! > MANY_COUNTS || (typical > MANY_COUNTS && endsAbruptly(intensity, i, j));
    if (j - i >= shortest && Number.isFinite(intensity[i]!) && dead) {
      for (let k = i; k < j; k++) mask[k] = 0;
      masked += j - i;
    }
    i = j;
  }
  return masked;
}

/**
 * Masks the channels at a clipping level, with one channel on each side. A frame is clipped if at least three
 * neighbouring channels share its largest value, which noise does not do at the top of a line.
 */
function maskSaturation(intensity: Float64Array, mask: Mask, top: number): number {
  if (top < 30 && Number.isInteger(top)) return 0;
  let longest = 0;
  let run = 0;
  for (let i = 0; i < intensity.length; i++) {
    run = mask[i] === 1 && intensity[i] === top ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  if (longest < 3) return 0;
  let count = 0;
  for (let i = 0; i < intensity.length; i++) {
    if (intensity[i] !== top) continue;
    count++;
    for (let k = Math.max(0, i - 1); k <= Math.min(mask.length - 1, i + 1); k++) mask[k] = 0;
  }
  return count;
}

/** Full width at half maximum, in channels, that lines of these patterns typically have; null where there are none. */
export function typicalLineWidth(patterns: Iterable<Pattern>): number | null {
  const widths: number[] = [];
  for (const pattern of patterns) widths.push(...lineWidthsOf(pattern));
  if (widths.length === 0) return null;
  const sorted = Float64Array.from(widths).sort();
  // Sharp lines decide what may count as a spike; the lowest part is left to zingers themselves.
  return sorted[Math.floor(sorted.length * 0.35)]!;
}

function lineWidthsOf(pattern: Pattern): number[] {
  const { intensity } = pattern;
  const n = intensity.length;
  if (!intensity.some((y) => y > 0)) return [];
  const { sigma } = patternNoise(pattern);
  const base = snipBackground(intensity, Math.max(10, Math.round(n / 40)));
  const net = intensity.map((y, i) => (Number.isFinite(y) ? y - base[i]! : 0));
  const found: { width: number; height: number }[] = [];
  for (let i = 2; i + 2 < n; i++) {
    const height = net[i]!;
    if (height < 10 * sigma[i]! || height < net[i - 1]! || height <= net[i + 1]!) continue;
    let left = i;
    let right = i;
    while (left > 0 && net[left]! > height / 2) left--;
    while (right < n - 1 && net[right]! > height / 2) right++;
    found.push({ width: right - left - 1 + 0.5, height });
    i = right;
  }
  return found
    .sort((a, b) => b.height - a.height)
    .slice(0, 8)
    .map(({ width }) => width)
    .filter((width) => width >= 2.5);
}
