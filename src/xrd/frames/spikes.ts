/**
 * Zingers and dead channels: one to three channels that stand out more sharply than any diffraction line can.
 *
 * The value at the middle of a short run of channels is predicted from four channels outside the run by Lagrange
 * interpolation, (4 (y-d + y+d) - (y-2d + y+2d)) / 6. A line of the instrument's width is smooth on that scale: at its
 * top the interpolation misses a known part r(d) of the height (from a Gaussian of 0.6 of the typical width). What
 * misses by clearly more than that, and by many sigma, is no line, wherever it stands: on a line or beside it.
 */
import { median, snipBackground } from '../pattern/background.js';
import type { Mask } from './mask.js';

export interface SpikeOptions {
  /** Full width of an isolated line, in channels. */
  lineWidth_channels: number;
  /** Standard uncertainty of each channel; that of a spike itself is not used. */
  sigma: Float64Array;
  /** Significance asked for. */
  threshold: number;
  /** Intensities of neighbouring frames on the same channels: what stands there as well is a line, not a spike. */
  neighbours?: Float64Array[];
}

/** Part of a Gaussian line's height that the interpolation at half-distance d misses at its top. */
function missedAtTop(d: number, width: number): number {
  const at = (x: number): number => Math.exp((-4 * Math.LN2 * x * x) / (width * width));
  return 1 - (8 * at(d) - 2 * at(2 * d)) / 6;
}

/** Channels to leave out: the spikes with one channel on each side. Returns their middle channels. */
export function maskSpikes(intensity: Float64Array, mask: Mask, options: SpikeOptions): number[] {
  const n = intensity.length;
  const found: number[] = [];
  const narrow = NARROW * options.lineWidth_channels;
  const base = snipBackground(intensity, 2 * options.lineWidth_channels);
  const excess = new Float64Array(n);
  // Widest distance first: a spike of three channels hides itself from the short distance.
  for (const d of [2, 1]) {
    const missed = missedAtTop(d, narrow);
    if (!(SAFETY * missed < 0.8)) continue;
    excess.fill(0);
    for (let i = 2 * d; i + 2 * d < n; i++) excess[i] = excessAt(intensity, mask, i, d);
    for (let i = 2 * d; i + 2 * d < n; i++) {
      const size = Math.abs(excess[i]!);
      // A spike upsets the prediction of its neighbours as well, by at most two thirds: the largest of a run is it.
      if (size === 0 || !isLargest(excess, i, 2 * d)) continue;
      const sigma = median([i - 2 * d, i - d, i + d, i + 2 * d].map((k) => options.sigma[k]!));
      if (size < options.threshold * DIFFERENCE * sigma) continue;
      const flank = (intensity[i - d]! + intensity[i + d]!) / 2;
      const height = Math.max(Math.abs(intensity[i]! - base[i]!), Math.abs(flank - base[i]!));
      if (size < SAFETY * missed * height) continue;
      if (size < CERTAIN * height && seenBeside(options.neighbours ?? [], i, d, excess[i]!)) continue;
      found.push(i);
      for (let k = i - d; k <= i + d; k++) mask[k] = 0;
    }
  }
  return found.sort((a, b) => a - b);
}

/** Lines of one pattern may be this much narrower than is typical: widths grow with the angle. */
const NARROW = 0.6;
/** A line may be this much sharper than a Gaussian of the narrow width before it counts as a spike. */
const SAFETY = 1.7;
/** Sigma of the difference for equal sigmas of all five channels: sqrt(1 + (2 * 16 + 2) / 36). */
const DIFFERENCE = 1.395;

/** Sharper than this part of its height, it is no line even where a neighbour shows it (a hot channel). */
const CERTAIN = 0.75;
/** A neighbouring frame has a like feature, at least a quarter as sharp and of the same sign, within one channel. */
function seenBeside(neighbours: Float64Array[], i: number, d: number, excess: number): boolean {
  for (const intensity of neighbours)
    for (let k = i - 1; k <= i + 1; k++) {
      const near = intensity[k - d]! + intensity[k + d]!;
      const far = intensity[k - 2 * d]! + intensity[k + 2 * d]!;
      if ((intensity[k]! - (4 * near - far) / 6) / excess > 0.25) return true;
    }
  return false;
}

function excessAt(intensity: Float64Array, mask: Mask, i: number, d: number): number {
  if (mask[i]! + mask[i - d]! + mask[i + d]! + mask[i - 2 * d]! + mask[i + 2 * d]! < 5) return 0;
  const near = intensity[i - d]! + intensity[i + d]!;
  const far = intensity[i - 2 * d]! + intensity[i + 2 * d]!;
  return intensity[i]! - (4 * near - far) / 6;
}

function isLargest(excess: Float64Array, i: number, reach: number): boolean {
  const size = Math.abs(excess[i]!);
  for (let k = Math.max(0, i - reach); k <= Math.min(excess.length - 1, i + reach); k++)
    if (k !== i && (Math.abs(excess[k]!) > size || (Math.abs(excess[k]!) === size && k < i))) return false;
  return true;
}
