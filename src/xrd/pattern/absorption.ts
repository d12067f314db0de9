/**
 * How absorption in the sample changes line intensities with angle. Only what the geometry fixes is corrected; an
 * absolute intensity between two places of a sample is never used.
 */
import { InputError } from '../../errors.js';

/**
 * - transmission: a plate of thickness t normal to the beam, seen through: exp(-mu t (1/cos 2theta - 1)) averaged over
 *   depth, relative to 2theta = 0.
 * - reflection: a plate of thickness t in symmetric reflection: 1 - exp(-2 mu t / sin theta).
 * - cylinder: a capillary of radius R, A. W. Hewat, Acta Cryst. A35 (1979) 248:
 *   exp(-(1.7133 - .0368 sin^2 theta) mu R + (.0927 + .375 sin^2 theta) (mu R)^2); good to 1 % below mu R = 1.
 */
export type AbsorptionGeometry =
  | { kind: 'transmission'; muT: number }
  | { kind: 'reflection'; muT: number }
  | { kind: 'cylinder'; muR: number };

/** Transmission factor at 2theta (degrees). Throws InputError for a negative product, or a cylinder beyond mu R = 1. */
export function absorptionFactor(twoTheta_deg: number, geometry: AbsorptionGeometry): number {
  const product = geometry.kind === 'cylinder' ? geometry.muR : geometry.muT;
  if (!(product >= 0))
    throw new InputError(
      `an absorption of ${product} is not possible`,
      null,
      'give mu times thickness, from 0',
    );
  const twoTheta = (twoTheta_deg * Math.PI) / 180;
  const sin = Math.sin(twoTheta / 2);
  switch (geometry.kind) {
    case 'transmission':
      return throughPlate(product, 1 / Math.cos(twoTheta));
    case 'reflection':
      return -Math.expm1((-2 * product) / sin);
    case 'cylinder':
      if (product > 1)
        throw new InputError(
          `mu R = ${product} is beyond the formula for capillaries`,
          null,
          'it holds below 1',
        );
      return Math.exp(
        -(1.7133 - 0.0368 * sin * sin) * product + (0.0927 + 0.375 * sin * sin) * product * product,
      );
  }
}

/**
 * The beam goes in over a depth z and out over (t - z) / cos 2theta: the mean of exp(-mu z - mu (t - z) s) with
 * s = 1 / cos 2theta, divided by exp(-mu t). Zero behind the plate's plane.
 */
function throughPlate(muT: number, s: number): number {
  if (!(s >= 1)) return 0;
  const excess = muT * (s - 1);
  return excess < 1e-8 ? 1 : -Math.expm1(-excess) / excess;
}
