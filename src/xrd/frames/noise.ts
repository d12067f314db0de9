/**
 * The standard uncertainty of each channel of a powder pattern, from the best knowledge there is: the file's own
 * column, counting statistics where the numbers are counts, or the scatter of the data where they are rates or averages.
 */
import type { Pattern } from '../../measurement.js';

export interface PatternNoise {
  sigma: Float64Array;
  /** Where it comes from, for the report. */
  source: 'file' | 'counts' | 'estimated';
  /** sigma^2 = gain * intensity where the noise is of the counting kind; null for a general column. */
  gain: number | null;
  note: string;
}

/** Scale factor that turns the median absolute deviation of a normal distribution into its sigma. */
const MAD_TO_SIGMA = 1.482602218505602;

/** Standard uncertainties for all channels; those of channels that are not finite are NaN. */
export function patternNoise({ intensity, sigma }: Pattern): PatternNoise {
  if (sigma && usable(sigma)) return fromColumn(intensity, sigma);
  const gain = countingGain(intensity);
  if (isInteger(intensity) && !(gain > 3))
    return {
      sigma: countingSigma(intensity, 1),
      source: 'counts',
      gain: 1,
      note: 'sigma = sqrt(counts), at least 1',
    };
  return {
    sigma: countingSigma(intensity, gain),
    source: 'estimated',
    gain,
    note: `the intensities are not plain counts: noise estimated from differences of neighbouring channels, sigma = sqrt(${gain.toPrecision(3)} * intensity)`,
  };
}

function usable(sigma: Float64Array): boolean {
  let positive = 0;
  for (const s of sigma) if (Number.isFinite(s) && s > 0) positive++;
  return positive > sigma.length / 2;
}

function isInteger(intensity: Float64Array): boolean {
  let whole = 0;
  let finite = 0;
  for (const y of intensity) {
    if (!Number.isFinite(y)) continue;
    finite++;
    if (Math.abs(y - Math.round(y)) < 1e-6) whole++;
  }
  return finite > 0 && whole > 0.98 * finite;
}

/** An uncertainty below this part of what 95 % of the channels have is none. */
const CHANCE_PART = 0.1;

function fromColumn(intensity: Float64Array, column: Float64Array): PatternNoise {
  const ratios: number[] = [];
  const positive: number[] = [];
  for (let i = 0; i < column.length; i++) {
    const s = column[i]!;
    if (!(Number.isFinite(s) && s > 0)) continue;
    positive.push(s);
    if (intensity[i]! > 0) ratios.push((s * s) / intensity[i]!);
  }
  const sorted = Float64Array.from(positive).sort();
  const floor = sorted[Math.floor(sorted.length * 0.05)]!;
  const r = Float64Array.from(ratios).sort();
  const middle = r[r.length >> 1] ?? Number.NaN;
  const spread = (r[Math.floor(r.length * 0.95)]! - r[Math.floor(r.length * 0.05)]!) / middle;
  // The scatter of two or three pixels is now and then next to nothing: that is chance, and no precision.
  const sigma = column.map((s) => (s > CHANCE_PART * floor ? s : floor));
  for (let i = 0; i < sigma.length; i++) if (!Number.isFinite(intensity[i]!)) sigma[i] = Number.NaN;
  return { sigma, source: 'file', gain: spread < 0.02 ? middle : null, note: 'sigma from the file' };
}

function countingSigma(intensity: Float64Array, gain: number): Float64Array {
  let smallest = Number.POSITIVE_INFINITY;
  if (gain === 1) smallest = 1;
  else for (const y of intensity) if (y > 0) smallest = Math.min(smallest, y);
  return intensity.map((y) =>
    Number.isFinite(y) ? Math.sqrt(gain * Math.max(y, smallest, gain)) : Number.NaN,
  );
}

/**
 * Variance per unit of intensity, from third differences of neighbouring channels (blind to the background and nearly
 * so to line flanks), by the median absolute deviation so that lines and spikes do not count.
 */
export function countingGain(intensity: Float64Array): number {
  const scaled: number[] = [];
  for (let i = 0; i + 3 < intensity.length; i++) {
    const d = intensity[i]! - 3 * intensity[i + 1]! + 3 * intensity[i + 2]! - intensity[i + 3]!;
    const level = (intensity[i]! + 3 * intensity[i + 1]! + 3 * intensity[i + 2]! + intensity[i + 3]!) / 8;
    if (Number.isFinite(d) && level > 0) scaled.push(Math.abs(d) / Math.sqrt(20 * level));
  }
  if (scaled.length === 0) return 1;
  const sorted = Float64Array.from(scaled).sort();
  const sigma = MAD_TO_SIGMA * sorted[sorted.length >> 1]!;
  return sigma > 0 ? sigma * sigma : 1;
}
