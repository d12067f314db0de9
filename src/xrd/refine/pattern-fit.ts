/** What the refinement of one pattern gives. */
import type { FittedParameter } from '../../fit/types.js';
import type { Measured } from '../../measurement.js';
import type { RFactors } from './r-factors.js';

/** A line's measured integrated intensity: fitted freely, with everything else held to the model. */
export interface MeasuredLine {
  phase: string;
  hkl: readonly [number, number, number];
  twoTheta_deg: number;
  /** Data units times degrees. Counting noise and overlap with its neighbours; no grain statistics. */
  area: number;
  sigma: number;
  /** What the structure at the refined parameters gives for the same line. */
  calculated: number;
}

export interface PhaseFit {
  name: string;
  /** Found in the pattern: scale beyond three sigma. Nuisance parameters of absent phases are not refined. */
  present: boolean;
  scale: Measured;
  /** Fraction by weight of the crystalline phases of the model (Hill & Howard 1987), with its uncertainty. */
  weightFraction: Measured | null;
  /** a, b, c (angstrom), alpha, beta, gamma (degrees). */
  cell: [number, number, number, number, number, number];
  cellSigma: [number, number, number, number, number, number];
  volume_A3: number;
  /** Composition parameters (x …); null where the phase is absent. */
  composition: Record<string, (Measured & { atBound: boolean }) | null>;
  /** 100 sum |Io - Ic| / sum Io over the phase's lines, Io by Rietveld's partition. */
  rBragg_percent: number | null;
  /** Relative scatter of line intensities beyond counting (one sigma): grain statistics and misfit of the structure. */
  lineScatter: number | null;
}

export interface PatternFit {
  label: string;
  converged: boolean;
  /** Why it stopped, in words. */
  reason: string;
  iterations: number;
  /** Every parameter of the model but the deviations of single lines. */
  parameters: FittedParameter[];
  phases: PhaseFit[];
  r: RFactors;
  /** Correlation matrix of the refined parameters, row-major in the order of `correlated`. */
  correlated: string[];
  correlation: Float64Array;
  /** Covariance of the same, with the scale of the GOF in it. */
  covariance: Float64Array;
  measuredLines: MeasuredLine[];
  /** Covariance of the measured areas, row-major in their order. */
  measuredCovariance: Float64Array;
  curves: {
    twoTheta_deg: Float64Array;
    observed: Float64Array;
    sigma: Float64Array;
    calculated: Float64Array;
    background: Float64Array;
    /** 1 where the channel was used. */
    mask: Uint8Array;
  };
  noise: string;
  /** What the user should know: parameters at bounds, undetermined ones, phases left out, estimated noise. */
  notes: string[];
}

/** A fitted parameter by name. */
export const parameterOf = (fit: PatternFit, name: string): FittedParameter | undefined =>
  fit.parameters.find((parameter) => parameter.name === name);
