import type { FitResult } from '../../fit/types.js';
import type { Measured, NormalizedSpectrum } from '../../measurement.js';
import { gaussian, lorentzian } from './lineshapes.js';
import { heightPerArea } from './peak-model.js';
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

interface PeakEstimate {
  centre: Measured;
  height: Measured;
  fwhm: Measured;
  area: Measured;
}

function estimateOf({ fit, peaks }: Trial, name: string): PeakEstimate {
  const get = (field: string, of = name) => fit.parameters.find((p) => p.name === `${of}.${field}`)!;
  const area = get('area');
  const fwhm = get('fwhm');
  const eta = get('eta', peaks[0]!.name);
  const perArea = heightPerArea('pseudo-voigt', fwhm.value, eta.value);
  // Height = area * H(eta) / fwhm, with its gradient by area, width and shape.
  const gradient: [string, number][] = [
    [`${name}.area`, perArea],
    [`${name}.fwhm`, (-area.value * perArea) / fwhm.value],
    [eta.name, area.value * (lorentzian(0, fwhm.value) - gaussian(0, fwhm.value))],
  ];
  let variance = 0;
  for (const [a, da] of gradient)
    for (const [b, db] of gradient) variance += da * db * covarianceOf(fit, a, b);
  const measured = ({ value, sigma }: { value: number; sigma: number }): Measured => ({ value, sigma });
  return {
    centre: measured(get('centre')),
    fwhm: measured(fwhm),
    area: measured(area),
    height: { value: area.value * perArea, sigma: Math.sqrt(Math.max(0, variance)) },
  };
}

function covarianceOf(fit: FitResult, a: string, b: string): number {
  const i = fit.varied.indexOf(a);
  const j = fit.varied.indexOf(b);
  return i < 0 || j < 0 ? 0 : fit.covariance[i * fit.varied.length + j]!;
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
 * Weighted mean over the trials; variance within plus variance between, plus what other ranges of the fit change in the
 * best trial (each range's change counts as one draw).
 */
export function average(
  window: PeakWindow,
  trials: readonly Trial[],
  weights: readonly number[],
  otherRanges: readonly Trial[],
  spectrum: NormalizedSpectrum,
): FittedPeak {
  const estimates = trials.map((trial) => estimateOf(trial, window.name));
  const best = estimates[bestOf(trials, weights)]!;
  const changed = otherRanges.map((trial) => estimateOf(trial, window.name));
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
    for (const estimate of changed) {
      const { value, sigma } = pick(estimate);
      if (Number.isFinite(sigma)) between += (value - pick(best).value) ** 2 / Math.max(1, changed.length);
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
