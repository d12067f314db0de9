import { type Detector, fwhm_eV } from './detector.js';
import type { ColumnOptions } from './spectrum-columns.js';
import { type FitterSetup, SpectrumFitter } from './spectrum-fit.js';

/** Part of an element's error that summing channels may add. */
const LOSS = 0.01;

/**
 * How many neighbouring channels may be summed before single spectra are fitted: at most a quarter of the narrowest peak, and
 * no more than adds one percent to the counting error of any element. The model is summed like the data, so that areas
 * keep their meaning; what is lost is what the shape of a peak within a sum tells, which is little as long as a sum is
 * narrow beside the peak, and most where lines lie close together.
 * @param c coefficients of the sum spectrum, for the errors
 */
export function channelsToSum(
  setup: FitterSetup,
  c: Float64Array,
  detector: Detector,
  { firstChannel }: ColumnOptions,
): number {
  const errors = (summed: number): Float64Array => {
    const sigma = new Float64Array(c.length);
    new SpectrumFitter({ ...setup, summed }).errors(c, sigma);
    return sigma;
  };
  const narrowest = fwhm_eV(detector, detector.offset_eV + detector.gain_eV * firstChannel);
  const widest = Math.max(1, Math.floor(narrowest / detector.gain_eV / 4));
  const single = errors(1);
  for (let summed = widest; summed > 1; summed--) {
    const lost = loss(setup, single, () => errors(summed));
    if (lost < LOSS) return summed;
  }
  return 1;
}

/** Largest relative growth of an element's error; Infinity where summed components cannot be told apart. */
function loss({ columns }: FitterSetup, single: Float64Array, summed: () => Float64Array): number {
  try {
    const sigma = summed();
    return columns.reduce(
      (most, { kind }, j) => (kind === 'element' ? Math.max(most, sigma[j] / single[j] - 1) : most),
      0,
    );
  } catch (thrown) {
    if (thrown instanceof RangeError) return Number.POSITIVE_INFINITY;
    throw thrown;
  }
}
