import type { FitResult, FittedParameter } from '../../fit/types.js';
import type { Measured } from '../../measurement.js';
import { gaussian, lorentzian, voigt, voigtFwhm, voigtSlopes } from './lineshapes.js';
import { heightPerArea } from './peak-model.js';
import type { Trial } from './pre-edge-trial.js';

/** A peak as one trial has it. */
export interface PeakEstimate {
  centre: Measured;
  height: Measured;
  /** Of the whole peak, also where it is a Voigt profile. */
  fwhm: Measured;
  area: Measured;
}

/** What the parameters of one fit say about a peak, with the uncertainties of its covariance. */
export function estimateOf({ fit, peaks }: Trial, name: string): PeakEstimate {
  const find = (field: string, of = name) => fit.parameters.find((p) => p.name === `${of}.${field}`);
  const area = find('area')!;
  const width = find('fwhm')!;
  const lorentz = find('lorentz');
  const { perArea, byWidth, byEta, eta, fwhm, fwhmByWidth } = lorentz
    ? voigtShape(width.value, lorentz.value)
    : pseudoVoigtShape(width.value, find('eta', peaks[0]!.name)!);
  // Height = area * perArea(width, shape), with its gradient by area, width and shape.
  const gradient: [string, number][] = [
    [area.name, perArea],
    [width.name, area.value * byWidth],
    ...(eta === null ? [] : [[eta, area.value * byEta] satisfies [string, number]]),
  ];
  let variance = 0;
  for (const [a, da] of gradient)
    for (const [b, db] of gradient) variance += da * db * covarianceOf(fit, a, b);
  const measured = ({ value, sigma }: { value: number; sigma: number }): Measured => ({ value, sigma });
  return {
    centre: measured(find('centre')!),
    fwhm: { value: fwhm, sigma: width.sigma * fwhmByWidth },
    area: measured(area),
    height: { value: area.value * perArea, sigma: Math.sqrt(Math.max(0, variance)) },
  };
}

/** Height over area of a peak and its derivatives; its full width and the derivative by the width that is fitted. */
interface Shape {
  perArea: number;
  byWidth: number;
  eta: string | null;
  byEta: number;
  fwhm: number;
  fwhmByWidth: number;
}

function pseudoVoigtShape(fwhm: number, eta: FittedParameter): Shape {
  const perArea = heightPerArea('pseudo-voigt', fwhm, eta.value);
  return {
    perArea,
    byWidth: -perArea / fwhm,
    eta: eta.name,
    byEta: lorentzian(0, fwhm) - gaussian(0, fwhm),
    fwhm,
    fwhmByWidth: 1,
  };
}

/** Of a Voigt profile whose Lorentzian part is known. */
function voigtShape(gauss: number, lorentz: number): Shape {
  const slopes = new Float64Array(4);
  voigtSlopes(0, gauss, lorentz, slopes);
  const fwhm = voigtFwhm(gauss, lorentz);
  return {
    perArea: voigt(0, gauss, lorentz),
    byWidth: slopes[2]!,
    eta: null,
    byEta: 0,
    fwhm,
    fwhmByWidth: (voigtFwhm(gauss * 1.001, lorentz) - fwhm) / (0.001 * gauss),
  };
}

function covarianceOf(fit: FitResult, a: string, b: string): number {
  const i = fit.varied.indexOf(a);
  const j = fit.varied.indexOf(b);
  return i < 0 || j < 0 ? 0 : fit.covariance[i * fit.varied.length + j]!;
}
