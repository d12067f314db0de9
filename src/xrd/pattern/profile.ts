/**
 * Shape of one powder line: Thompson-Cox-Hastings pseudo-Voigt with Caglioti widths, size and strain broadening.
 *
 * Conventions are those of GSAS-II, so that numbers can be carried over: the Gaussian variance is
 * sigma^2 = U tan^2(theta) + V tan(theta) + W in centidegrees squared, the Lorentzian full width is
 * gamma = X / cos(theta) + Y tan(theta) + Z in centidegrees of 2theta. Inside this folder widths are full widths at
 * half maximum in degrees.
 *
 * Sources: G. Caglioti, A. Paoletti, F. P. Ricci, Nucl. Instrum. 3 (1958) 223; P. Thompson, D. E. Cox,
 * J. B. Hastings, J. Appl. Cryst. 20 (1987) 79, eqs 6-7 (pseudo-Voigt of given Gaussian and Lorentzian widths).
 */

/** Widths of the instrument in GSAS-II units: U, V, W in centideg^2, X, Y, Z in centideg. */
export interface InstrumentWidths {
  U: number;
  V: number;
  W: number;
  X: number;
  Y: number;
  Z: number;
}

/** sqrt(8 ln 2): full width of a Gaussian over its sigma. */
export const FWHM_PER_SIGMA = 2.3548200450309493;
const RAD = Math.PI / 180;
/** Variance below which the Gaussian part is held, (0.0005 deg)^2 in centideg^2: keeps widths real when U, V, W wander. */
const MIN_VARIANCE_CDEG2 = 0.0025;

/** Gaussian variance (centideg^2) at a Bragg angle, held above a small positive floor. */
export function gaussVariance_cdeg2(widths: InstrumentWidths, twoTheta_deg: number): number {
  const tan = Math.tan((twoTheta_deg * RAD) / 2);
  return Math.max(MIN_VARIANCE_CDEG2, (widths.U * tan + widths.V) * tan + widths.W);
}

/** Full widths at half maximum (degrees of 2theta) of the Gaussian and the Lorentzian part at an angle. */
export function lineWidths(
  widths: InstrumentWidths,
  twoTheta_deg: number,
): { gauss_deg: number; lorentz_deg: number } {
  const theta = (twoTheta_deg * RAD) / 2;
  return {
    gauss_deg: (FWHM_PER_SIGMA * Math.sqrt(gaussVariance_cdeg2(widths, twoTheta_deg))) / 100,
    lorentz_deg: Math.max(0, widths.X / Math.cos(theta) + widths.Y * Math.tan(theta) + widths.Z) / 100,
  };
}

/**
 * Coefficient X (centideg) of Lorentzian size broadening by crystallites of the given size:
 * X = 100 * 180 K lambda / (pi D), Scherrer with K = 1 (GSAS-II: 1.8 lambda / (pi D) with D in um).
 */
export const sizeToX = (size_um: number, wavelength_A: number): number =>
  (1.8 * wavelength_A) / (Math.PI * size_um);

/** Coefficient Y (centideg) of Lorentzian strain broadening; microstrain is the full width of delta d / d times 1e6. */
export const strainToY = (microstrain: number): number => (0.018 * microstrain) / Math.PI;

/** Places in the array that `pseudoVoigtShape` fills. */
export const SHAPE = { H: 0, eta: 1, dHdG: 2, dHdL: 3, dEtadG: 4, dEtadL: 5, length: 6 } as const;

/**
 * Width H and mixing eta of the pseudo-Voigt that approximates the convolution of a Gaussian of full width `gauss`
 * with a Lorentzian of full width `lorentz` (any unit), with their four derivatives, into `shape` (see SHAPE).
 * Thompson, Cox & Hastings 1987: H^5 = G^5 + 2.69269 G^4 L + 2.42843 G^3 L^2 + 4.47163 G^2 L^3 + 0.07842 G L^4 + L^5;
 * eta = 1.36603 q - 0.47719 q^2 + 0.11116 q^3 with q = L / H.
 */
export function pseudoVoigtShape(gauss: number, lorentz: number, shape: Float64Array): void {
  const G = gauss;
  const L = lorentz;
  const G2 = G * G;
  const L2 = L * L;
  const fifth =
    G2 * G2 * (G + 2.69269 * L) + G2 * L2 * (2.42843 * G + 4.47163 * L) + L2 * L2 * (0.07842 * G + L);
  const H = fifth ** 0.2;
  const perH4 = H > 0 ? 1 / (5 * H ** 4) : 0;
  const dHdG =
    perH4 *
    (5 * G2 * G2 +
      4 * 2.69269 * G2 * G * L +
      3 * 2.42843 * G2 * L2 +
      2 * 4.47163 * G * L2 * L +
      0.07842 * L2 * L2);
  const dHdL =
    perH4 *
    (2.69269 * G2 * G2 +
      2 * 2.42843 * G2 * G * L +
      3 * 4.47163 * G2 * L2 +
      4 * 0.07842 * G * L2 * L +
      5 * L2 * L2);
  const q = H > 0 ? L / H : 0;
  const dEta = 1.36603 + q * (-2 * 0.47719 + 3 * 0.11116 * q);
  shape[SHAPE.H] = H;
  shape[SHAPE.eta] = q * (1.36603 + q * (-0.47719 + 0.11116 * q));
  shape[SHAPE.dHdG] = dHdG;
  shape[SHAPE.dHdL] = dHdL;
  shape[SHAPE.dEtadG] = H > 0 ? (-dEta * q * dHdG) / H : 0;
  shape[SHAPE.dEtadL] = H > 0 ? (dEta * (1 - q * dHdL)) / H : 0;
}

const LORENTZ_NORM = 2 / Math.PI;
export const GAUSS_NORM = 2 * Math.sqrt(Math.LN2 / Math.PI);
export const FOUR_LN2 = 4 * Math.LN2;

/** Pseudo-Voigt of unit area at distance `dx` from its centre: eta Lorentzian + (1 - eta) Gaussian, both of full width H. */
export function pseudoVoigt(dx: number, H: number, eta: number): number {
  const u = dx / H;
  const u2 = u * u;
  return (
    ((eta * LORENTZ_NORM) / (1 + 4 * u2) +
      (1 - eta) * GAUSS_NORM * (u2 < 15 ? Math.exp(-FOUR_LN2 * u2) : 0)) /
    H
  );
}
