import { ratioDerivative } from '../curve/grid.js';
import { smoothLorentzian } from '../curve/lorentzian-smoothing.js';

/**
 * E0 as Larch 2026.3.1 finds it (xraylarch, larch/xafs/pre_edge.py `find_e0`): the highest derivative with two high
 * neighbours, first on the raw derivative, then on a Lorentzian-smoothed one in a window of 75 points each side.
 * It reproduces that program, defects included: on a spectrum with a strong pre-edge it gives the pre-edge, and below
 * 100 points the smoothing width is that of a 1 eV step. `edge-energy.ts` holds the search that we use ourselves.
 *
 * @param energy ascending, eV
 * @throws RangeError below 13 points, where Larch fails too
 */
export function larchE0(energy: Float64Array, mu: Float64Array): number {
  const n = energy.length;
  if (n < 13) throw new RangeError(`Larch's search needs 13 points, here are ${n}`);
  const first = highestSteepPoint(energy, mu, null);
  let from = Math.max(3, first.index - 75);
  let to = Math.min(first.index + 75, n - 3);
  let atEnergy = first.energy;
  if (first.index < 0.05 * n) {
    atEnergy = 0;
    for (let i = 0; i < n; i++) atEnergy += energy[i]! / n;
    from = Math.max(3, first.index - 20);
    to = n - 3;
  }
  const step = 0.5 * (clip(usualStep(energy), 0.01, 1) + clip(atEnergy / 25000, 0.01, 1));
  const second = highestSteepPoint(energy.subarray(from, to), mu.subarray(from, to), step);
  return second.index < 1 ? energy[from + 2]! : second.energy;
}

/** NaN becomes the upper limit, as min(1, nan) is 1 in Python. */
const clip = (value: number, low: number, high: number): number =>
  value < high ? Math.max(low, value) : high;

/**
 * Mean of the ten smallest steps after the smallest 1 %; NaN below 100 points. Larch sorts out disorder first and loses
 * the last point by it, once in the search and once here.
 */
function usualStep(energy: Float64Array): number {
  const n = energy.length - 1;
  const skip = Math.floor(0.01 * n);
  if (skip === 0) return Number.NaN;
  const inner = energy.subarray(skip, n - 1 - skip);
  const used = smallestSteps(inner, skip + 10).subarray(skip);
  let sum = 0;
  for (let i = 0; i < used.length; i++) sum += used[i]!;
  return sum / used.length;
}

/** The `count` smallest steps (all, if there are fewer) in ascending order. */
function smallestSteps(x: Float64Array, count: number): Float64Array {
  const smallest = new Float64Array(Math.min(count, Math.max(0, x.length - 1))).fill(
    Number.POSITIVE_INFINITY,
  );
  const last = smallest.length - 1;
  for (let i = 0; i + 1 < x.length; i++) {
    const step = x[i + 1]! - x[i]!;
    if (!(step < smallest[last]!)) continue;
    let k = last;
    for (; k > 0 && smallest[k - 1]! > step; k--) smallest[k] = smallest[k - 1]!;
    smallest[k] = step;
  }
  return smallest;
}

function highestSteepPoint(
  energyAll: Float64Array,
  muAll: Float64Array,
  smoothing: number | null,
): { energy: number; index: number } {
  const n = energyAll.length - 1;
  const energy = energyAll.subarray(0, n);
  let slope = ratioDerivative(energy, muAll.subarray(0, n));
  if (smoothing !== null) slope = smoothLorentzian(energy, slope, smoothing);

  const margin = Math.max(3, Math.floor(n * 0.02));
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < n; i++) {
    if (!Number.isFinite(slope[i]!)) slope[i] = -1;
    if (i < margin || i >= n - margin) continue;
    if (slope[i]! < low) low = slope[i]!;
    if (slope[i]! > high) high = slope[i]!;
  }
  const range = Math.max(1e-10, high - low);
  const threshold = low + range * steepThreshold(slope, low, range);
  let best = 0;
  let bestSlope = low;
  for (let i = margin; i <= n - margin && i < n - 1; i++) {
    const value = slope[i]!;
    if (value > bestSlope && value > threshold && slope[i - 1]! > threshold && slope[i + 1]! > threshold) {
      best = i;
      bestSlope = value;
    }
  }
  return { energy: energy[best]!, index: best };
}

/** The level, as a fraction of the range, above which a point counts as steep: halved until three points do. */
function steepThreshold(slope: Float64Array, low: number, range: number): number {
  let level = slope.length > 20 ? 0.6 : 0.3;
  let steep = countAbove(slope, low, range, level);
  if (steep < 3) {
    for (let turn = 0; turn < 2 && steep <= 3; turn++) {
      level /= 2;
      steep = countAbove(slope, low, range, level);
    }
  }
  return steep < 3 ? Number.NEGATIVE_INFINITY : level;
}

function countAbove(slope: Float64Array, low: number, range: number, level: number): number {
  let found = 0;
  for (let i = 0; i < slope.length; i++) if ((slope[i]! - low) / range > level) found++;
  return found;
}
