import { leastSquares } from '../../fit/least-squares.js';
import type { Measured } from '../../measurement.js';
import { CubicSpline } from '../../numeric/interpolate.js';
import { rangeWithin } from '../curve/grid.js';

/** A measured curve with its noise. */
export interface NoisyCurve {
  energy_eV: Float64Array;
  mu: Float64Array;
  sigma: Float64Array;
}

export interface Alignment {
  /** What has to be added to the energies of the moving curve. */
  shift_eV: Measured;
  reducedChi2: number;
  points: number;
}

/**
 * Moves one spectrum onto another of the same shape: shift along the energy, scale, offset and slope are fitted to all
 * points of the fixed spectrum between `from_eV` and `to_eV`. The whole edge counts, so the shift is known many times
 * better than any single inflection. The noise of both curves weighs; where the shapes differ, reduced chi square says
 * so and widens the uncertainty.
 *
 * @throws RangeError where fewer than 12 points of both curves lie in the range
 */
export function alignSpectra(
  moving: NoisyCurve,
  fixed: NoisyCurve,
  from_eV: number,
  to_eV: number,
  limit_eV = 25,
): Alignment {
  const low = Math.max(from_eV, moving.energy_eV[0]! + limit_eV);
  const high = Math.min(to_eV, moving.energy_eV.at(-1)! - limit_eV);
  const [from, to] = rangeWithin(fixed.energy_eV, low, high);
  const [movingFrom, movingTo] = rangeWithin(moving.energy_eV, from_eV, to_eV);
  if (to - from < 12 || movingTo - movingFrom < 12)
    throw new RangeError(`too few points between ${from_eV} and ${to_eV} eV to align`);
  const energy = fixed.energy_eV.slice(from, to);
  const y = fixed.mu.slice(from, to);
  const knots = distinct(moving.energy_eV);
  const at = (values: Float64Array): Float64Array => Float64Array.from(knots, (i) => values[i]!);
  const spline = new CubicSpline(at(moving.energy_eV), at(moving.mu));
  const middle = (low + high) / 2;
  const half = (high - low) / 2;
  const span = (curve: Float64Array): number => Math.max(...curve) - Math.min(...curve);
  const scale = span(y) / span(moving.mu.slice(movingFrom, movingTo));
  // The moving curve's noise, as if it stood on the fixed curve's points.
  const noise = new CubicSpline(at(moving.energy_eV), at(moving.sigma), 'natural');
  const sigma = energy.map((e, i) => Math.hypot(fixed.sigma[from + i]!, scale * noise.at(e)));
  const fit = leastSquares({
    parameters: [
      { name: 'shift', value: 0, min: -limit_eV, max: limit_eV },
      { name: 'scale', value: scale },
      { name: 'offset', value: 0 },
      { name: 'slope', value: 0 },
    ],
    model: (p, out) => {
      for (let i = 0; i < energy.length; i++)
        out[i] = p[1]! * spline.at(energy[i]! - p[0]!) + p[2]! + (p[3]! * (energy[i]! - middle)) / half;
    },
    derivative: (p, j, out) => {
      for (let i = 0; i < energy.length; i++)
        out[i] =
          j === 0
            ? -p[1]! * spline.derivativeAt(energy[i]! - p[0]!)
            : j === 1
              ? spline.at(energy[i]! - p[0]!)
              : j === 2
                ? 1
                : (energy[i]! - middle) / half;
      return true;
    },
    y,
    sigma,
    tolerance: 1e-4,
  });
  const shift = fit.parameters[0]!;
  return {
    shift_eV: { value: shift.value, sigma: shift.sigma },
    reducedChi2: fit.reducedChi2,
    points: energy.length,
  };
}

/** Points at least 1 meV apart: a spline through two noisy points at almost one energy would have a wild slope. */
function distinct(energy: Float64Array): number[] {
  const kept: number[] = [];
  for (let i = 0; i < energy.length; i++)
    if (kept.length === 0 || energy[i]! - energy[kept.at(-1)!]! >= 1e-3) kept.push(i);
  return kept;
}

/** Reduced chi square up to which two spectra count as one shape. */
const ONE_SHAPE = 2;

/** Aligns two spectra about an edge; null where they do not overlap enough or have different shapes. */
export function alignIfSameShape(
  moving: NoisyCurve,
  fixed: NoisyCurve,
  edge_eV: number,
  width_eV: number,
): Alignment | null {
  try {
    const found = alignSpectra(
      moving,
      fixed,
      edge_eV - Math.max(15, 5 * width_eV),
      edge_eV + Math.max(30, 8 * width_eV),
      12,
    );
    return found.reducedChi2 < ONE_SHAPE && Number.isFinite(found.shift_eV.sigma) ? found : null;
  } catch (thrown) {
    if (thrown instanceof RangeError) return null;
    throw thrown;
  }
}
