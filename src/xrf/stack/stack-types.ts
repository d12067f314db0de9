import type { Grid } from '../../measurement.js';

/** A reference spectrum at the energies of the stack: edge step one, with its uncertainty. */
export interface StackReference {
  name: string;
  norm: Float64Array;
  sigma: Float64Array;
}

export interface StackOptions {
  /** Part of each pixel's signal that does not follow the edge: nothing, a constant, or a straight line in energy. */
  baseline: 'none' | 'constant' | 'linear';
  nonNegative: boolean;
  /** The stack is already normalised (edge step one in every pixel): hold the sum of the references to one. */
  sumToOne: boolean;
  /** Pixels whose edge step is below this many standard uncertainties hold no fraction. */
  minimumStep: number;
}

export const stackDefaults: StackOptions = {
  baseline: 'constant',
  nonNegative: false,
  sumToOne: false,
  minimumStep: 5,
};

export interface StackFractions {
  grid: Grid;
  references: string[];
  energies_eV: Float64Array;
  /** fraction[r][pixel] = c_r / sum c; NaN where the edge step is too small. */
  fraction: Float32Array[];
  sigma: Float32Array[];
  /** Sum of the references' weights: the edge step, in the units of the stack. */
  step: Float32Array;
  /** Root mean square residual over the expected noise. */
  residual: Float32Array;
  /** Noise at each energy relative to the mean, and variance = noise[0] + noise[1] * mean signal. */
  noise: [number, number];
  /** Mean residual and mean signal over all pixels, by energy, in units of the mean edge step. */
  meanResidual: Float64Array;
  meanSignal: Float64Array;
  /** Design: one row per coefficient (references, then baseline). */
  design: Float64Array[];
  /** Unit-noise covariance of the coefficients, row-major. */
  covariance: Float64Array;
  /** Covariance of the coefficients in units of the mean variance about the fit, with the noise of each energy its own. */
  noiseCovariance: Float64Array;
  measured: number;
  /** Mean signal per pixel, for the noise. */
  level: Float32Array;
}
