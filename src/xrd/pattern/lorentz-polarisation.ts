import { InputError } from '../../errors.js';
import type { Integration } from '../../measurement.js';

/**
 * What the beam's polarisation does to the intensities.
 * - 'corrected': the detector image was divided by the polarisation factor when it was integrated; applying it
 *   again would correct twice. The default for area detectors.
 * - 'unpolarised': a laboratory tube, or a whole ring summed without correction. The default for 'lab'.
 * - a fraction of the beam polarised in the horizontal plane (about .99 at a synchrotron), and the azimuth of
 *   detection: 0 scatters in the horizontal plane, 90 in the vertical one.
 */
export type Polarisation = 'corrected' | 'unpolarised' | { horizontalFraction: number; azimuth_deg: number };

export interface LorentzPolarisationOptions {
  integration: Integration;
  polarisation?: Polarisation;
  /** 2theta (degrees) of a monochromator crystal; its factor multiplies cos^2 2theta. Laboratory instruments only. */
  monochromatorTwoTheta_deg?: number;
}

const RADIAN = Math.PI / 180;

/**
 * Lorentz-polarisation factor at 2theta (degrees).
 *
 * Lorentz part, after powder averaging (e.g. B. E. Warren, X-ray Diffraction, 1969, ch. 4): the power in the whole
 * cone goes as 1/sin(theta) ('sum-over-ring'); divided by the ring's circumference, which grows as sin(2theta), it is
 * 1/(sin^2(theta) cos(theta)) up to constants ('mean-per-pixel' and the slit of 'lab').
 * Polarisation part: (1 + cos^2 2theta) for an unpolarised beam (without the half, as most programs have it);
 * [(1-p) cos^2 A + p sin^2 A] cos^2 2theta + (1-p) sin^2 A + p cos^2 A, times two, for a polarised one, with
 * p = 1 - horizontalFraction and A = azimuth, so that p = 1/2 gives the unpolarised factor.
 */
export function lorentzPolarisation(twoTheta_deg: number, options: LorentzPolarisationOptions): number {
  const theta = (twoTheta_deg * RADIAN) / 2;
  const sin = Math.sin(theta);
  const lorentz = options.integration === 'sum-over-ring' ? 1 / sin : 1 / (sin * sin * Math.cos(theta));
  return lorentz * polarisationFactor(twoTheta_deg, options);
}

/** The polarisation part alone; one for data that were corrected for it. */
export function polarisationFactor(twoTheta_deg: number, options: LorentzPolarisationOptions): number {
  const polarisation = options.polarisation ?? (options.integration === 'lab' ? 'unpolarised' : 'corrected');
  if (polarisation === 'corrected') return 1;
  const cos2 = Math.cos(twoTheta_deg * RADIAN) ** 2;
  const mono =
    options.monochromatorTwoTheta_deg === undefined
      ? 1
      : Math.cos(options.monochromatorTwoTheta_deg * RADIAN) ** 2;
  if (polarisation === 'unpolarised') return (2 * (1 + mono * cos2)) / (1 + mono);
  const { horizontalFraction, azimuth_deg } = polarisation;
  if (!(horizontalFraction >= 0 && horizontalFraction <= 1))
    throw new InputError(
      `a polarised fraction of ${horizontalFraction} is not possible`,
      null,
      'give it between 0 and 1',
    );
  const sinA2 = Math.sin(azimuth_deg * RADIAN) ** 2;
  const cosA2 = 1 - sinA2;
  const parallel = horizontalFraction * cosA2 + (1 - horizontalFraction) * sinA2;
  return 2 * (parallel * cos2 + 1 - parallel);
}
