/** Starting values of a refinement, found from the pattern itself so that nobody has to hold its hand. */
import { median, snipBackground } from '../pattern/background.js';
import type { PatternModel } from '../pattern/pattern-model.js';

/** Full width at half maximum (degrees) of the strong, isolated lines of a pattern; null where nothing stands out. */
export function estimateLineWidth_deg(
  twoTheta_deg: Float64Array,
  intensity: Float64Array,
  sigma: Float64Array,
  baseline: Float64Array,
): number | null {
  const found: { width: number; strength: number }[] = [];
  const n = intensity.length;
  const net = intensity.map((y, i) => (Number.isFinite(y) ? y - baseline[i]! : 0));
  for (let i = 2; i < n - 2; i++) {
    const top = net[i]!;
    if (top < 8 * sigma[i]! || top < net[i - 1]! || top <= net[i + 1]!) continue;
    const left = halfCrossing(twoTheta_deg, net, i, -1);
    const right = halfCrossing(twoTheta_deg, net, i, 1);
    if (left === null || right === null) continue;
    found.push({ width: right - left, strength: top });
  }
  if (found.length === 0) return null;
  const strongest = found.sort((a, b) => b.strength - a.strength).slice(0, 9);
  // The lower middle: overlapped lines look too wide, noise splits none of the strong ones.
  const widths = strongest.map(({ width }) => width).sort((a, b) => a - b);
  return widths[Math.floor(widths.length * 0.4)]!;
}

function halfCrossing(x: Float64Array, net: Float64Array, top: number, direction: 1 | -1): number | null {
  const half = net[top]! / 2;
  for (let i = top; i > 0 && i < net.length - 1; i += direction) {
    const next = net[i + direction]!;
    if (next > net[top]!) return null;
    if (next <= half) {
      const t = (net[i]! - half) / (net[i]! - next || 1);
      return x[i]! + t * (x[i + direction]! - x[i]!);
    }
  }
  return null;
}

/** Width of the SNIP window in channels for lines of the given width. */
export const snipChannels = (twoTheta_deg: Float64Array, width_deg: number): number =>
  Math.max(
    3,
    Math.round(
      (2 * width_deg * twoTheta_deg.length) / (twoTheta_deg[twoTheta_deg.length - 1]! - twoTheta_deg[0]!),
    ),
  );

/** Baseline for starting values: SNIP with a window that suits the lines, found in two rounds. */
export function startingBaseline(
  twoTheta_deg: Float64Array,
  intensity: Float64Array,
  sigma: Float64Array,
): { baseline: Float64Array; width_deg: number | null } {
  const range = twoTheta_deg[twoTheta_deg.length - 1]! - twoTheta_deg[0]!;
  let baseline = snipBackground(intensity, snipChannels(twoTheta_deg, Math.min(0.3, range / 60)));
  const width = estimateLineWidth_deg(twoTheta_deg, intensity, sigma, baseline);
  if (width !== null) baseline = snipBackground(intensity, snipChannels(twoTheta_deg, width));
  return { baseline, width_deg: width };
}

export interface ShiftSearch {
  zero_deg: number;
  /** Relative change of all cell lengths, by phase. */
  strain: number[];
}

const ZERO_STEPS = 13;
const ZERO_RANGE_DEG = 0.3;
const STRAIN_STEPS = 61;
const STRAIN_RANGE = 0.015;

/**
 * Looks for the zero shift (+-.3 deg, shared) and the isotropic cell change (+-1.5 %, per phase) under which the lines
 * stand where the pattern has intensity: the correlation of line areas with the smoothed square root of the net
 * pattern. A phase's cell is changed only if that clearly beats no change, so an absent phase stays where it is.
 */
export function searchShifts(
  model: PatternModel,
  p: Float64Array,
  net: Float64Array,
  sigma: Float64Array,
  width_deg: number,
  zeroAllowed: boolean,
  cellAllowed: boolean[],
): ShiftSearch {
  const { twoTheta_deg: grid } = model;
  const signal = smoothedRoot(grid, net, sigma, width_deg);
  const lines = model.lines(p);
  const phases = model.phaseNames.map((name) => lines.filter((line) => line.phase === name));
  const start = grid[0]!;
  const step = (grid[grid.length - 1]! - start) / (grid.length - 1);
  const score = (phase: number, zero: number, strain: number): number => {
    let sum = 0;
    let norm = 0;
    for (const { twoTheta_deg, area } of phases[phase]!) {
      const weight = Math.sqrt(Math.max(0, area));
      const moved = twoTheta_deg + zero - (strain * 360 * Math.tan((twoTheta_deg * Math.PI) / 360)) / Math.PI;
      const at = Math.round((moved - start) / step);
      if (at >= 0 && at < signal.length) sum += weight * signal[at]!;
      norm += weight * weight;
    }
    return norm > 0 ? sum / Math.sqrt(norm) : 0;
  };
  const noise = median(signal.map(Math.abs)) * 1.5;
  let best = { total: Number.NEGATIVE_INFINITY, zero_deg: 0, strain: phases.map(() => 0) };
  for (let z = 0; z < (zeroAllowed ? ZERO_STEPS : 1); z++) {
    const zero_deg = zeroAllowed ? ZERO_RANGE_DEG * ((2 * z) / (ZERO_STEPS - 1) - 1) : 0;
    let total = 0;
    const strain = phases.map((_, k) => {
      const still = score(k, zero_deg, 0);
      let top = still;
      let at = 0;
      for (let s = 0; cellAllowed[k] && s < STRAIN_STEPS; s++) {
        const candidate = STRAIN_RANGE * ((2 * s) / (STRAIN_STEPS - 1) - 1);
        // A small preference for no change keeps weak phases in place.
        const value = score(k, zero_deg, candidate) * (1 - Math.abs(candidate) * 4);
        if (value > top) {
          top = value;
          at = candidate;
        }
      }
      const convincing = top > 1.15 * still + 2 * noise;
      total += convincing ? top : still;
      return convincing ? at : 0;
    });
    total *= 1 - 0.15 * Math.abs(zero_deg);
    if (total > best.total) best = { total, zero_deg, strain };
  }
  return best;
}

/** Square root of the net pattern (noise set to zero), smoothed by a triangle of the line width. */
function smoothedRoot(
  grid: Float64Array,
  net: Float64Array,
  sigma: Float64Array,
  width_deg: number,
): Float64Array {
  const step = (grid[grid.length - 1]! - grid[0]!) / (grid.length - 1);
  const half = Math.max(1, Math.round((0.8 * width_deg) / step));
  const root = net.map((y, i) => (y > 2 * sigma[i]! ? Math.sqrt(y) : 0));
  const out = new Float64Array(net.length);
  for (let i = 0; i < net.length; i++) {
    let sum = 0;
    let weight = 0;
    for (let k = Math.max(0, i - half); k <= Math.min(net.length - 1, i + half); k++) {
      const w = half + 1 - Math.abs(k - i);
      sum += w * root[k]!;
      weight += w;
    }
    out[i] = sum / weight;
  }
  const mean = out.reduce((a, b) => a + b, 0) / out.length;
  return out.map((v) => v - mean);
}
