import { erf } from '../../numeric/error-function.js';
import { voigt as voigtOf, voigtWithSlopes } from '../../numeric/faddeeva.js';

/**
 * Line shapes with area, centre and full width at half maximum as their parameters, and steps of unit height; each with
 * its derivatives. `d` is x - centre.
 */
const GAUSS_NORM = Math.sqrt((4 * Math.LN2) / Math.PI);
const FOUR_LN2 = 4 * Math.LN2;

export function gaussian(d: number, fwhm: number): number {
  const t = d / fwhm;
  return (GAUSS_NORM / fwhm) * Math.exp(-FOUR_LN2 * t * t);
}

export const lorentzian = (d: number, fwhm: number): number =>
  2 / (Math.PI * fwhm) / (1 + 4 * (d / fwhm) ** 2);

/** Lorentzian share `eta` and Gaussian share 1 - eta of one width (G. K. Wertheim et al., Rev. Sci. Instrum. 45 (1974) 1369). */
export const pseudoVoigt = (d: number, fwhm: number, eta: number): number =>
  eta * lorentzian(d, fwhm) + (1 - eta) * gaussian(d, fwhm);

/** Height of a pseudo-Voigt of unit area. */
export const peakHeight = (fwhm: number, eta: number): number => pseudoVoigt(0, fwhm, eta);

export type StepShape = 'arctan' | 'erf';

/** A rise from 0 to 1 whose derivative has the full width `fwhm`. */
export const step = (shape: StepShape, d: number, fwhm: number): number =>
  shape === 'arctan'
    ? 0.5 + Math.atan((2 * d) / fwhm) / Math.PI
    : 0.5 * (1 + erf((2 * Math.sqrt(Math.LN2) * d) / fwhm));

export const stepSlope = (shape: StepShape, d: number, fwhm: number): number =>
  shape === 'arctan' ? lorentzian(d, fwhm) : gaussian(d, fwhm);

/** Gaussian full width over its standard deviation. */
const GAUSS_FWHM = 2 * Math.sqrt(2 * Math.LN2);

/** Voigt profile of unit area: a Gaussian and a Lorentzian of the given full widths, convolved. */
export const voigt = (d: number, gaussFwhm: number, lorentzFwhm: number): number =>
  gaussFwhm > 0 ? voigtOf(d, gaussFwhm / GAUSS_FWHM, lorentzFwhm / 2) : lorentzian(d, lorentzFwhm);

/** The same with its derivatives by d, by the Gaussian and by the Lorentzian full width, into `out`. */
export function voigtSlopes(d: number, gaussFwhm: number, lorentzFwhm: number, out: Float64Array): void {
  voigtWithSlopes(d, gaussFwhm / GAUSS_FWHM, lorentzFwhm / 2, out);
  out[2]! /= GAUSS_FWHM;
  out[3]! /= 2;
}

/** Share of the Lorentzian that adds linearly; the rest, 0.2166 of its square, adds in quadrature. */
const OLIVERO = 0.5346;

/**
 * Full width of a Voigt profile from those of its parts, to 0.02 % (J. J. Olivero, R. L. Longbothum, J. Quant. Spectrosc.
 * Radiat. Transfer 17 (1977) 233).
 */
export const voigtFwhm = (gaussFwhm: number, lorentzFwhm: number): number =>
  OLIVERO * lorentzFwhm + Math.hypot((1 - OLIVERO) * lorentzFwhm, gaussFwhm);

/** The Gaussian part of a Voigt profile of this full width beside a Lorentzian of that; 0 where the Lorentzian alone is as wide. */
export const voigtGauss = (fwhm: number, lorentzFwhm: number): number =>
  fwhm > lorentzFwhm
    ? Math.sqrt((fwhm - OLIVERO * lorentzFwhm) ** 2 - ((1 - OLIVERO) * lorentzFwhm) ** 2)
    : 0;
