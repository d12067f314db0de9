import type { Measured, NormalizedSpectrum } from '../../measurement.js';
import { estimateOf, type PeakEstimate } from './peak-estimate.js';
import type { PeakWindow } from './peak-windows.js';
import type { Trial } from './pre-edge-trial.js';

/** A fitted peak. Uncertainties hold noise, choice of model, edge step and (centre) calibration. */
export interface FittedPeak {
  name: string;
  center_eV: Measured;
  height: Measured;
  fwhm_eV: Measured;
  area: Measured;
  /** The part of the area's uncertainty that the choice of baseline, shape and normalisation makes. */
  areaSystematic: number;
}

/** The likeliest of the trials that have the reported peaks and no others: those come first. */
function bestOf(trials: readonly Trial[], weights: readonly number[]): number {
  const size = trials[0]!.peaks.length;
  let best = 0;
  for (let k = 0; k < trials.length; k++)
    if (trials[k]!.peaks.length === size && weights[k]! > weights[best]!) best = k;
  return best;
}

/**
 * Weighted mean over the trials; variance within plus variance between, plus what other ranges of the fit, and other
 * values of what was held in it, change in the best trial (of each kind, every change counts as one draw).
 */
export function average(
  window: PeakWindow,
  trials: readonly Trial[],
  weights: readonly number[],
  changes: readonly (readonly Trial[])[],
  spectrum: NormalizedSpectrum,
): FittedPeak {
  const estimates = trials.map((trial) => estimateOf(trial, window.name));
  const best = estimates[bestOf(trials, weights)]!;
  const changed = changes.map((kind) => kind.map((trial) => estimateOf(trial, window.name)));
  const over = (pick: (e: PeakEstimate) => Measured): { mean: Measured; between: number } => {
    let total = 0;
    let mean = 0;
    let within = 0;
    estimates.forEach((estimate, k) => {
      const { value, sigma } = pick(estimate);
      if (!Number.isFinite(sigma)) return;
      total += weights[k]!;
      mean += weights[k]! * value;
      within += weights[k]! * sigma * sigma;
    });
    mean /= total;
    within /= total;
    let between = 0;
    estimates.forEach((estimate, k) => {
      const { value, sigma } = pick(estimate);
      if (Number.isFinite(sigma)) between += (weights[k]! / total) * (value - mean) ** 2;
    });
    for (const kind of changed)
      for (const estimate of kind) {
        const { value, sigma } = pick(estimate);
        if (Number.isFinite(sigma)) between += (value - pick(best).value) ** 2 / kind.length;
      }
    return { mean: { value: mean, sigma: Math.sqrt(within + between) }, between: Math.sqrt(between) };
  };
  const centre = over((e) => e.centre).mean;
  const { mean: height } = over((e) => e.height);
  const { mean: area, between } = over((e) => e.area);
  const relativeStep = finiteOr(spectrum.edgeStep.sigma / Math.abs(spectrum.edgeStep.value), 0);
  const withStep = ({ value, sigma }: Measured): Measured => ({
    value,
    sigma: Math.hypot(sigma, value * relativeStep),
  });
  return {
    name: window.name,
    center_eV: { value: centre.value, sigma: Math.hypot(centre.sigma, finiteOr(spectrum.shift_eV.sigma, 0)) },
    height: withStep(height),
    fwhm_eV: over((e) => e.fwhm).mean,
    area: withStep(area),
    areaSystematic: Math.hypot(between, area.value * relativeStep),
  };
}

export const finiteOr = (value: number, other: number): number => (Number.isFinite(value) ? value : other);
