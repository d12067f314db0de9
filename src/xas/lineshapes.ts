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

/** Error function to 1e-15: its series below 3, the continued fraction of erfc above (Abramowitz and Stegun 7.1.5, 7.1.14). */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  if (a < 3) {
    let term = x;
    let sum = x;
    for (let n = 1; n < 100; n++) {
      term *= (-x * x) / n;
      const next = term / (2 * n + 1);
      sum += next;
      if (Math.abs(next) < 1e-17 * Math.abs(sum)) break;
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = a;
  for (let k = 60; k >= 1; k--) fraction = a + k / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-a * a) / (Math.sqrt(Math.PI) * fraction));
}

/**
 * Voigt profile of unit area: a Gaussian and a Lorentzian of given full widths convolved. Real part of the Faddeeva
 * function by J. A. C. Weideman's expansion (SIAM J. Numer. Anal. 31 (1994) 1497) with 32 terms, good to 1e-12.
 */
export function voigt(d: number, gaussFwhm: number, lorentzFwhm: number): number {
  if (!(gaussFwhm > 0)) return lorentzian(d, lorentzFwhm);
  const sigma = gaussFwhm / (2 * Math.sqrt(2 * Math.LN2));
  const scale = 1 / (sigma * Math.SQRT2);
  return (faddeevaReal(d * scale, 0.5 * lorentzFwhm * scale) * scale) / Math.sqrt(Math.PI);
}

const TERMS = 32;
const LENGTH = Math.sqrt(TERMS / Math.SQRT2);
let expansion: Float64Array | null = null;

/** Coefficients of the expansion, from a discrete Fourier sum. */
function weideman(): Float64Array {
  if (expansion) return expansion;
  const m = 2 * TERMS;
  const a = new Float64Array(TERMS);
  for (let n = 1; n <= TERMS; n++) {
    let sum = 0;
    for (let k = -m + 1; k < m; k++) {
      const t = LENGTH * Math.tan((k * Math.PI) / m / 2);
      sum += Math.exp(-t * t) * (LENGTH * LENGTH + t * t) * Math.cos((n * k * Math.PI) / m);
    }
    a[n - 1] = sum / (2 * m);
  }
  expansion = a;
  return a;
}

/** Re w(x + iy) for y >= 0. */
export function faddeevaReal(x: number, y: number): number {
  const a = weideman();
  // Z = (L + iz) / (L - iz) with iz = -y + ix.
  const dr = LENGTH + y;
  const di = -x;
  const norm = dr * dr + di * di;
  const nr = LENGTH - y;
  const zr = (nr * dr + x * di) / norm;
  const zi = (x * dr - nr * di) / norm;
  let pr = 0;
  let pi = 0;
  for (let n = TERMS - 1; n >= 0; n--) {
    const t = pr * zr - pi * zi + a[n]!;
    pi = pr * zi + pi * zr;
    pr = t;
  }
  // w = 2 p / (L - iz)^2 + (1 / sqrt(pi)) / (L - iz)
  const sr = dr * dr - di * di;
  const si = 2 * dr * di;
  const square = sr * sr + si * si;
  return (2 * (pr * sr + pi * si)) / square + dr / norm / Math.sqrt(Math.PI);
}
