import { derivative } from '../numeric/derivative.js';

/** A peak of a simulated spectrum: area-normalised shapes are avoided, so that `height` is what a plot shows. */
export interface ShapePeak {
  center_eV: number;
  height: number;
  fwhm_eV: number;
  /** Lorentzian share of the pseudo-Voigt. */
  eta: number;
}

/** A normalised absorption edge: arctangent steps (heights sum to one), peaks, and damped oscillations. */
export interface XanesShape {
  steps: { center_eV: number; height: number; width_eV: number }[];
  peaks: ShapePeak[];
  /** Amplitude of fine structure (at k = 3 per angstrom), bond length (angstrom) and its phase. */
  oscillation: { amplitude: number; distance_A: number; phase: number };
}

const ELECTRON_A2_PER_EV = 0.2624682917;

/** Value of a shape at an energy on the true (calibrated) axis; 0 well before the edge and about 1 after. */
export function shapeAt({ steps, peaks, oscillation }: XanesShape, energy_eV: number): number {
  let value = 0;
  for (const { center_eV, height, width_eV } of steps)
    value += height * (0.5 + Math.atan((energy_eV - center_eV) / width_eV) / Math.PI);
  for (const { center_eV, height, fwhm_eV, eta } of peaks) {
    const u2 = ((energy_eV - center_eV) / fwhm_eV) ** 2;
    value += height * (eta / (1 + 4 * u2) + (1 - eta) * Math.exp(-4 * Math.LN2 * u2));
  }
  const above = energy_eV - steps[0]!.center_eV - 12;
  if (above > 0) {
    // The EXAFS equation of one shell, switched on smoothly beyond the near edge.
    const k = Math.sqrt(ELECTRON_A2_PER_EV * (above + 12));
    const onset = 1 - Math.exp(-((above / 15) ** 2));
    value +=
      onset *
      oscillation.amplitude *
      (9 / (k * k)) *
      Math.exp(-0.012 * k * k) *
      Math.sin(2 * k * oscillation.distance_A + oscillation.phase);
  }
  return value;
}

/** A shape moved along the energy axis. */
export const shifted = (shape: XanesShape, by_eV: number): XanesShape => ({
  ...shape,
  steps: shape.steps.map((step) => ({ ...step, center_eV: step.center_eV + by_eV })),
  peaks: shape.peaks.map((peak) => ({ ...peak, center_eV: peak.center_eV + by_eV })),
});

/** Sum of shapes with weights. */
export const mixtureAt = (
  parts: readonly { shape: XanesShape; weight: number }[],
  energy_eV: number,
): number => parts.reduce((sum, { shape, weight }) => sum + weight * shapeAt(shape, energy_eV), 0);

/** All maxima of the derivative between two energies, with their heights relative to the highest (at least `least`), ascending. */
export function inflectionsOf(
  at: (energy_eV: number) => number,
  from_eV: number,
  to_eV: number,
  least = 0.2,
): { energy_eV: number; prominence: number }[] {
  const step = 0.01;
  const energy = Float64Array.from(
    { length: Math.round((to_eV - from_eV) / step) + 1 },
    (_, i) => from_eV + i * step,
  );
  const slope = derivative(energy, energy.map(at));
  const found: { energy_eV: number; height: number }[] = [];
  for (let i = 2; i < slope.length - 2; i++) {
    if (slope[i]! > slope[i - 1]! && slope[i]! >= slope[i + 1]! && slope[i]! > 0) {
      const bend = slope[i - 1]! - 2 * slope[i]! + slope[i + 1]!;
      const off = bend === 0 ? 0 : (0.5 * (slope[i - 1]! - slope[i + 1]!)) / bend;
      found.push({ energy_eV: energy[i]! + off * step, height: slope[i]! });
    }
  }
  const highest = Math.max(...found.map(({ height }) => height));
  return found
    .map(({ energy_eV, height }) => ({ energy_eV, prominence: height / highest }))
    .filter(({ prominence }) => prominence > least);
}

/** The steepest point of an edge. */
export const mainInflection = (at: (energy_eV: number) => number, from_eV: number, to_eV: number): number =>
  inflectionsOf(at, from_eV, to_eV).find(({ prominence }) => prominence === 1)!.energy_eV;
