import { median } from '../../numeric/robust.js';
import { estimateNoise } from './noise.js';

/** A point that no absorption edge of this width can make. */
export interface Glitch {
  index: number;
  energy_eV: number;
  /** Distance from the cubic through its neighbours, in standard uncertainties of that distance. */
  deviation: number;
}

const LIMIT = 6;
const MOST = 20;

/**
 * Finds single points that stand out: their distance from the cubic through the two nearest good points on each side is
 * more than six uncertainties, and more than a Lorentzian of the narrowest physical width and the height of the data
 * could make between points at this spacing (64 H (h / width)^4, the remainder term of the interpolation). They are
 * found one by one, the worst first. They are proposed, not removed: what uses them says so.
 */
export function findGlitches(
  energy: Float64Array,
  mu: Float64Array,
  sigma: Float64Array | null,
  width_eV: number,
): Glitch[] {
  const noise = estimateNoise(energy, mu, sigma).sigma;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of mu) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const typical = median(noise);
  const good = Array.from(energy, (_, i) => i);
  const found: Glitch[] = [];
  while (found.length < MOST && good.length > 8) {
    let worst = -1;
    let worstExcess = 1;
    let deviation = 0;
    for (let k = 2; k < good.length - 2; k++) {
      const { distance, factor, spacing } = distanceFromCubic(energy, mu, good, k);
      const error = factor * Math.max(noise[good[k]!]!, typical);
      const physical = 64 * (high - low) * (spacing / width_eV) ** 4;
      const excess = Math.abs(distance) / (LIMIT * error + physical);
      if (excess > worstExcess) {
        worst = k;
        worstExcess = excess;
        deviation = distance / error;
      }
    }
    if (worst < 0) break;
    const index = good[worst]!;
    found.push({ index, energy_eV: energy[index]!, deviation });
    good.splice(worst, 1);
  }
  // So many are no glitches but a coarse or noisy scan that this test does not fit.
  return found.length < MOST ? found.sort((a, b) => a.index - b.index) : [];
}

function distanceFromCubic(
  energy: Float64Array,
  mu: Float64Array,
  good: readonly number[],
  k: number,
): { distance: number; factor: number; spacing: number } {
  const x = energy[good[k]!]!;
  let predicted = 0;
  let variance = 1;
  for (const a of [-2, -1, 1, 2]) {
    const xa = energy[good[k + a]!]!;
    let weight = 1;
    for (const b of [-2, -1, 1, 2]) {
      const xb = energy[good[k + b]!]!;
      if (b !== a) weight *= (x - xb) / (xa - xb);
    }
    predicted += weight * mu[good[k + a]!]!;
    variance += weight * weight;
  }
  return {
    distance: mu[good[k]!]! - predicted,
    factor: Math.sqrt(variance),
    spacing: (energy[good[k + 2]!]! - energy[good[k - 2]!]!) / 4,
  };
}

/** The same uncertainties with infinity at the glitches, so that fits leave these points out. */
export function withoutGlitches(sigma: Float64Array, glitches: readonly Glitch[]): Float64Array {
  const masked = sigma.slice();
  for (const { index } of glitches) masked[index] = Number.POSITIVE_INFINITY;
  return masked;
}
