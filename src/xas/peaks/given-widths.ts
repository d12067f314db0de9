import { coreWidth_eV, edgeEnergy_eV } from '../../reference/edges.js';
import { SI_111 } from '../curve/resolution.js';
import { voigtGauss } from './lineshapes.js';
import type { PeakWindow } from './peak-windows.js';
import type { GivenWidths, PreEdgeFrame } from './pre-edge-variants.js';

/**
 * What is held of the widths of peaks: nothing; the core hole, so that each peak is a Voigt profile whose Gaussian part is
 * fitted; or the core hole and the instrument, so that no width is fitted.
 */
export const HELD_WIDTHS = ['free', 'core-hole', 'tables'] as const;
export type HeldWidths = (typeof HELD_WIDTHS)[number];

/**
 * Widths by name of what is held, from the tables unless they are stated: the core hole after Krause and Oliver (1979), and
 * a Si(111) monochromator's intrinsic 1.33e-4 of the edge energy. Null where all are free.
 *
 * @throws RangeError for widths that are stated but not held, or not positive, and where the table has no core hole
 */
export function givenWidths(
  held: HeldWidths,
  element: string,
  edge: string,
  stated: { core_eV?: number | undefined; resolution_eV?: number | undefined } = {},
): GivenWidths | null {
  if (held === 'free') {
    if (stated.core_eV !== undefined || stated.resolution_eV !== undefined)
      throw new RangeError('a width is stated, but all widths are free: hold them by core-hole or tables');
    return null;
  }
  const core_eV = stated.core_eV ?? coreWidth_eV(element, edge);
  if (core_eV === null)
    throw new RangeError(`no table has the width of the ${element} ${edge} core hole: state it in eV`);
  const resolution_eV = stated.resolution_eV ?? SI_111 * edgeEnergy_eV(element, edge);
  if (!(core_eV > 0 && resolution_eV > 0)) throw new RangeError('a width must be a positive number of eV');
  return { core_eV, resolution_eV, mayBroaden: held === 'core-hole' };
}

/** Krause and Oliver state 3 to 10 % for most K levels; a monochromator is hardly known better. */
const DOUBT = 0.1;

/** The given widths as wrong as they may be, one standard uncertainty either way. */
export const doubtedWidths = (widths: GivenWidths): GivenWidths[] =>
  [1 - DOUBT, 1 + DOUBT].map((factor) => ({
    ...widths,
    core_eV: widths.core_eV * factor,
    resolution_eV: widths.resolution_eV * factor,
  }));

/** In words, for the name of a model. */
export const widthsName = ({ core_eV, resolution_eV, mayBroaden }: GivenWidths): string =>
  `Voigt peaks, core hole ${core_eV.toPrecision(3)} eV, Gaussian ${mayBroaden ? 'at least ' : ''}${resolution_eV.toPrecision(3)} eV`;

/** Widths that a peak may have, in narrowest physical features. */
const USUAL = [1.5, 2.5, 3.5];

/** Values of the width parameter of a peak that is not seen: what the usual widths leave for it beside what is given. */
export function unseenWidths({ widths, width_eV }: PreEdgeFrame, { maxFwhm_eV }: PeakWindow): number[] {
  const total = USUAL.map((factor) => Math.min(factor * width_eV, maxFwhm_eV));
  if (!widths) return total;
  const { core_eV, resolution_eV, mayBroaden } = widths;
  return mayBroaden
    ? total.map((fwhm) => Math.max(resolution_eV, voigtGauss(fwhm, core_eV)))
    : [resolution_eV];
}
