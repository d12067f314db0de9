import { isDeepStrictEqual } from 'node:util';
import type { ElementImage } from '../../measurement.js';
import { type FitterSetup, SpectrumFitter } from './spectrum-fit.js';
import { columnOf, type SpectrumPlan } from './spectrum-plan.js';

/** What a pixel's fit needs of a plan. */
export type PixelPlan = Pick<SpectrumPlan, 'pixels' | 'groups' | 'columns'>;

/** Counts and standard uncertainties by element, in the order of `plan.groups`, and by pixel. */
export interface PixelFits {
  values: Float64Array[];
  sigma: Float64Array[];
  /** Pixels whose spectrum holds no count in any channel. */
  empty: number[];
}

export const newPixelFits = ({ groups }: Pick<SpectrumPlan, 'groups'>, pixels: number): PixelFits => ({
  values: groups.map(() => new Float64Array(pixels)),
  sigma: groups.map(() => new Float64Array(pixels)),
  empty: [],
});

/** The last fitter of this thread: a map is fitted part by part, and what a fitter learned of one part serves the next. */
let last: { setup: FitterSetup; fitter: SpectrumFitter } | null = null;

function fitterOf(setup: FitterSetup): SpectrumFitter {
  if (last === null || !isDeepStrictEqual(last.setup, setup))
    last = { setup, fitter: new SpectrumFitter(setup) };
  return last.fitter;
}

/** A function that fits spectra of so many channels, which lie one behind the other. */
export function pixelFitter(plan: PixelPlan, channels: number): (counts: Float32Array) => PixelFits {
  const fitter = fitterOf(plan.pixels);
  const c = new Float64Array(fitter.count);
  const s = new Float64Array(fitter.count);
  const index = plan.groups.map((group) => columnOf(plan.pixels, group));
  return (counts) => {
    const pixels = counts.length / channels;
    const fits = newPixelFits(plan, pixels);
    for (let i = 0; i < pixels; i++) {
      fitter.fit(counts, i * channels + plan.columns.firstChannel, c);
      fitter.errors(c, s);
      for (let g = 0; g < index.length; g++) {
        fits.values[g][i] = c[index[g]];
        fits.sigma[g][i] = s[index[g]];
      }
      if (allZero(c, 0, c.length) && allZero(counts, i * channels, channels)) fits.empty.push(i);
    }
    return fits;
  };
}

function allZero(values: ArrayLike<number>, from: number, length: number): boolean {
  for (let k = from; k < from + length; k++) if (values[k] !== 0) return false;
  return true;
}

/** Puts the fits of some pixels, whose first is pixel `at`, into those of the whole map. */
export function placeFits(whole: PixelFits, part: PixelFits, at: number): void {
  part.values.forEach((values, g) => {
    whole.values[g].set(values, at);
    whole.sigma[g].set(part.sigma[g], at);
  });
  for (const i of part.empty) whole.empty.push(at + i);
}

/** A pixel without a single count was not measured where the others hold this many: chance would leave e^-20 of them empty. */
const COUNTS_OF_A_MEASURED_PIXEL = 20;

export interface PixelCorrections {
  /** Variance of dead-time corrected counts over their number. */
  variance: Float64Array | null;
  /** Relative beam intensity by which the images are divided. */
  i0: Float64Array | null;
}

/**
 * Element images from the fits: errors widened by the dead-time correction, divided by the beam intensity, and NaN where
 * nothing was measured (`unmeasured` pixels in all).
 */
export function elementImages(
  plan: SpectrumPlan,
  { values, sigma, empty }: PixelFits,
  { variance, i0 }: PixelCorrections,
): { images: ElementImage[]; unmeasured: number } {
  const pixels = values[0]?.length ?? 0;
  const counts = plan.sum.reduce((a, b) => a + b, 0);
  const unmeasured = counts > COUNTS_OF_A_MEASURED_PIXEL * (pixels - empty.length) ? empty : [];
  const images = plan.groups.map((group, g): ElementImage => {
    const v = i0 === null ? values[g] : values[g].map((value, i) => value / i0[i]);
    const s = sigma[g].map((value, i) => (value * Math.sqrt(variance?.[i] ?? 1)) / (i0?.[i] ?? 1));
    for (const i of unmeasured) v[i] = s[i] = Number.NaN;
    return { element: group.name, values: v, sigma: s };
  });
  return { images, unmeasured: unmeasured.length };
}
