import type { ScaleErrors } from '../curve/curve-change.js';

/** A curve in any space (mu, norm, flat, derivative): what a linear combination is made of. */
export interface Curve {
  label: string;
  energy_eV: Float64Array;
  values: Float64Array;
  sigma: Float64Array | null;
}

export interface MixtureOptions {
  from_eV: number;
  to_eV: number;
  /** Weights at least 0. Default true. */
  nonNegative?: boolean;
  /** Weights add up to 1. Default true. */
  sumToOne?: boolean;
  /**
   * Allow for drifts of the energy axis between the scans of at least this much, and as large as the data ask for; and
   * for glitches: single points that stand out of the residual get no weight. For curves with uncertainties only.
   */
  drift_eV?: number;
  /** With drifts: how uncertain the normalisation of the data and of each standard is (in this order). */
  scales?: (ScaleErrors | null)[];
  /** Uncertainty of each point; without it that of the curves, and without that equal weights. */
  sigma?: number;
}
