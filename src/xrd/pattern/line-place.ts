/**
 * Where a line of given 1/d^2 stands and how wide it is, at the parameters of a pattern model: 2 asin(lambda / 2d) + zero +
 * displacement cos(theta), sigma^2 = U tan^2 + V tan + W, gamma = X / cos + Y tan + Z (units of pattern-parameters.ts).
 */
import { GLOBAL, type PhaseSlots } from './pattern-parameters.js';
import { FWHM_PER_SIGMA } from './profile.js';

const RAD = Math.PI / 180;
const MIN_VARIANCE_CDEG2 = 0.0025;
/** sin(theta) beyond which a line is not reached. */
const EWALD_LIMIT = 0.9999;

/** One place, to be filled for line after line: nothing is allocated while a pattern is computed. */
export class LinePlace {
  cos = 1;
  tan = 0;
  /** 2theta of the lattice, and where the line stands in the pattern. */
  bragg_deg = 0;
  position = 0;
  /** sigma^2 (centidegrees squared), and full widths at half maximum (degrees). */
  variance = 0;
  gauss = 0;
  lorentz = 0;

  /** False beyond the Ewald limit. */
  set(q: number, lambda_A: number, p: Float64Array, slots: PhaseSlots): boolean {
    const sin = (lambda_A * Math.sqrt(q)) / 2;
    if (sin >= EWALD_LIMIT) return false;
    const cos = Math.sqrt(1 - sin * sin);
    const tan = sin / cos;
    this.cos = cos;
    this.tan = tan;
    this.bragg_deg = (2 * Math.asin(sin)) / RAD;
    this.position = this.bragg_deg + p[GLOBAL.zero]! + p[GLOBAL.displacement]! * cos;
    this.variance = Math.max(MIN_VARIANCE_CDEG2, (p[GLOBAL.U]! * tan + p[GLOBAL.V]!) * tan + p[GLOBAL.W]!);
    this.gauss = (FWHM_PER_SIGMA * Math.sqrt(this.variance)) / 100;
    const lorentz = (p[GLOBAL.X]! + p[slots.X]!) / cos + (p[GLOBAL.Y]! + p[slots.Y]!) * tan + p[GLOBAL.Z]!;
    this.lorentz = Math.max(0, lorentz / 100);
    return true;
  }
}
