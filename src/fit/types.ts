/** One named parameter of a model. A tie or a fixed value leaves it out of the fit, never silently. */
export interface Parameter {
  name: string;
  value: number;
  min?: number;
  max?: number;
  /** false holds the value. */
  vary?: boolean;
}

export interface FittedParameter {
  name: string;
  value: number;
  /** Standard uncertainty; 0 for a fixed parameter, NaN where the data do not determine it. */
  sigma: number;
  varied: boolean;
  /** The parameter ended on one of its bounds: its sigma is then not to be trusted. */
  atBound: boolean;
}

/** Computes the model curve at all points at once, into `out`. `p` holds all parameters in the given order. */
export type Model = (p: Float64Array, out: Float64Array) => void;

/** Fills the derivative of the curve by parameter `j` into `out`; return false to ask for finite differences. */
export type ModelDerivative = (p: Float64Array, j: number, out: Float64Array) => boolean;

export interface LeastSquaresProblem {
  parameters: Parameter[];
  model: Model;
  derivative?: ModelDerivative;
  y: Float64Array;
  /** Standard uncertainties of y. Without them all points weigh the same and sigma is scaled by the reduced chi square. */
  sigma?: Float64Array | null;
  /** Scale the covariance by the reduced chi square: 'always', 'never', or 'if-worse' (only when above 1). Default: 'always' without sigma, 'if-worse' with it. */
  scaleCovariance?: 'always' | 'never' | 'if-worse';
  maxIterations?: number;
  /** Stop when the next step is shorter than this many standard uncertainties (default 1e-6). */
  tolerance?: number;
}

export interface FitResult {
  parameters: FittedParameter[];
  /** Covariance of the varied parameters, row-major, in the order of `varied`. */
  covariance: Float64Array;
  varied: string[];
  curve: Float64Array;
  chi2: number;
  reducedChi2: number;
  degreesOfFreedom: number;
  /** N ln(chi2/N) + 2P and N ln(chi2/N) + P ln N. */
  aic: number;
  bic: number;
  converged: boolean;
  /** Why it stopped, in words. */
  reason: string;
  iterations: number;
}

/** What does not change while a problem is fitted. */
export interface FitFrame {
  problem: LeastSquaresProblem;
  /** 0 for a point that is left out. */
  inverseSigma: Float64Array;
  /** Bounds of all parameters, infinite where there are none. */
  lower: Float64Array;
  upper: Float64Array;
  /** Indices of the varied parameters. */
  varied: readonly number[];
}
