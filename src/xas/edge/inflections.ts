import type { Measured } from '../../measurement.js';
import { localSlope } from '../curve/local-slope.js';
import { featureOf } from './edge-zero.js';

/** A rising inflection point of mu: a local maximum of its derivative. */
export interface Inflection {
  energy_eV: Measured;
  /** dmu/dE there, per eV. */
  slope: number;
  /** How far the derivative stands out from the valleys beside it, as a fraction of the highest derivative. */
  prominence: number;
}

export interface InflectionOptions {
  /** Narrowest physical feature (full width at half maximum), which sets the windows. */
  width_eV: number;
  /** Smaller inflections are dropped. Default 0.08. */
  minProminence?: number;
}

/** A maximum of the derivative has to stand out by this many of its own standard uncertainties. */
const SIGNIFICANCE = 4;

/**
 * All rising inflection points of a spectrum, by energy. Candidates are the maxima of the derivative of local parabolas
 * that stand out from the noise; each is then placed where the second derivative of the likely curves through the noisy
 * points is zero, with an uncertainty that holds noise and smoothing (edge-zero.ts).
 *
 * @param sigma uncertainty of each point of mu; infinity leaves a point out
 */
export function findInflections(
  energy: Float64Array,
  mu: Float64Array,
  sigma: Float64Array,
  { width_eV, minProminence = 0.08 }: InflectionOptions,
): Inflection[] {
  if (energy.length < 8) return [];
  const { slope, error } = steadySlope(energy, mu, sigma, width_eV);
  const peaks = derivativeMaxima(slope, error);
  const top = peaks.reduce((highest, { index }) => Math.max(highest, slope[index]!), 0);
  const inflections: Inflection[] = [];
  for (const { index, prominence } of peaks) {
    if (prominence < minProminence * top || prominence < SIGNIFICANCE * error[index]!) continue;
    const placed = featureOf(energy, mu, sigma, energy[index]!, width_eV, 2);
    inflections.push({
      energy_eV: placed ?? { value: energy[index]!, sigma: localStep(energy, index) },
      slope: slope[index]!,
      prominence: prominence / top,
    });
  }
  return withoutTwins(inflections).sort((a, b) => a.energy_eV.value - b.energy_eV.value);
}

/** The derivative in the narrowest window that holds its noise below 4 % of its height, from 0.3 to 1 feature width. */
function steadySlope(
  energy: Float64Array,
  mu: Float64Array,
  sigma: Float64Array,
  width: number,
): { slope: Float64Array; error: Float64Array } {
  for (let half = 0.3 * width; ; half *= 1.35) {
    const { slope, sigma: error } = localSlope(energy, mu, sigma, half);
    let top = 0;
    let at = 0;
    for (let i = 3; i < slope.length - 3; i++)
      if (slope[i]! > top && slope[i]! > 5 * error[i]!) {
        top = slope[i]!;
        at = i;
      }
    if (half > width || (top > 0 && error[at]! < 0.04 * top)) return { slope, error };
  }
}

/** Local maxima of the derivative with their topographic prominence; the valleys are counted up to the ends. */
function derivativeMaxima(slope: Float64Array, error: Float64Array): { index: number; prominence: number }[] {
  const found: { index: number; prominence: number }[] = [];
  const margin = 3;
  for (let i = margin; i < slope.length - margin; i++) {
    const value = slope[i]!;
    if (!(value > 0 && value >= slope[i - 1]! && value > slope[i + 1]!) || !Number.isFinite(error[i]!))
      continue;
    let left = value;
    for (let k = i - 1; k >= 0 && !(slope[k]! > value); k--) if (slope[k]! < left) left = slope[k]!;
    let right = value;
    for (let k = i + 1; k < slope.length && !(slope[k]! > value); k++)
      if (slope[k]! < right) right = slope[k]!;
    found.push({ index: i, prominence: value - Math.max(left, right, 0) });
  }
  return found;
}

/** Mean step of the grid about a point. */
export function localStep(energy: Float64Array, index: number): number {
  const from = Math.max(0, index - 2);
  const to = Math.min(energy.length - 1, index + 2);
  return (energy[to]! - energy[from]!) / (to - from);
}

/** Two candidates that a wide window moved onto one inflection are one: the more prominent stays. */
function withoutTwins(found: Inflection[]): Inflection[] {
  const byProminence = [...found].sort((a, b) => b.prominence - a.prominence);
  const kept: Inflection[] = [];
  for (const candidate of byProminence) {
    const twin = kept.some(
      (other) =>
        Math.abs(other.energy_eV.value - candidate.energy_eV.value) <
        2 * (other.energy_eV.sigma + candidate.energy_eV.sigma),
    );
    if (!twin) kept.push(candidate);
  }
  return kept;
}
