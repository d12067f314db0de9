import { erf } from '../../numeric/error-function.js';
import { voigt as voigtOf } from '../../numeric/faddeeva.js';

/**
 * Line shapes with area, centre and full width at half maximum as their parameters, and steps of unit height; each with
 * its derivatives. `d` is x - centre.
 */
const GAUSS_NORM = Math.sqrt((4 * Math.LN2) / Math.PI);
const FOUR_LN2 = 4 * Math.LN2;

export const gaussian = (d: number, fwhm: number): number =>
  (GAUSS_NORM / fwhm) * Math.exp(-FOUR_LN2 * (d / fwhm) ** 2);

export const lorentzian = (d: number, fwhm: number): number =>
  2 / (Math.PI * fwhm) / (1 + 4 * (d / fwhm) ** 2);

/** Lorentzian share `eta` and Gaussian share 1 - eta of one width (G. K. Wertheim et al., Rev. Sci. Instrum. 45 (1974) 1369). */
export const pseudoVoigt = (d: number, fwhm: number, eta: number): number =>
  eta * lorentzian(d, fwhm) + (1 - eta) * gaussian(d, fwhm);

/** Height of a pseudo-Voigt of unit area. */
export const peakHeight = (fwhm: number, eta: number): number => pseudoVoigt(0, fwhm, eta);

/** Derivative of the pseudo-Voigt by d. */
export function pseudoVoigtSlope(d: number, fwhm: number, eta: number): number {
  const t = d / fwhm;
  const l = lorentzian(d, fwhm);
  return (
    -eta * l * ((8 * t) / fwhm / (1 + 4 * t * t)) -
    (1 - eta) * gaussian(d, fwhm) * ((2 * FOUR_LN2 * t) / fwhm)
  );
}

/** Derivative of the pseudo-Voigt by its width. */
export function pseudoVoigtByWidth(d: number, fwhm: number, eta: number): number {
  const t2 = (d / fwhm) ** 2;
  const l = lorentzian(d, fwhm);
  return (
    (eta * l * (-1 + (8 * t2) / (1 + 4 * t2))) / fwhm +
    ((1 - eta) * gaussian(d, fwhm) * (-1 + 2 * FOUR_LN2 * t2)) / fwhm
  );
}

export type StepShape = 'arctan' | 'erf';

/** A rise from 0 to 1 whose derivative has the full width `fwhm`. */
export const step = (shape: StepShape, d: number, fwhm: number): number =>
  shape === 'arctan'
    ? 0.5 + Math.atan((2 * d) / fwhm) / Math.PI
    : 0.5 * (1 + erf((2 * Math.sqrt(Math.LN2) * d) / fwhm));

export const stepSlope = (shape: StepShape, d: number, fwhm: number): number =>
  shape === 'arctan' ? lorentzian(d, fwhm) : gaussian(d, fwhm);

/** Derivative of the step by its width: both shapes depend on d / fwhm alone. */
export const stepByWidth = (shape: StepShape, d: number, fwhm: number): number =>
  (-d / fwhm) * stepSlope(shape, d, fwhm);

/** Voigt profile of unit area: a Gaussian and a Lorentzian of the given full widths, convolved. */
export const voigt = (d: number, gaussFwhm: number, lorentzFwhm: number): number =>
  gaussFwhm > 0
    ? voigtOf(d, gaussFwhm / (2 * Math.sqrt(2 * Math.LN2)), lorentzFwhm / 2)
    : lorentzian(d, lorentzFwhm);
