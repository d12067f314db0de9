/** The answer of the coupled model, and what later steps need to know of how it came about. */

import type { SampleSet } from '../edges/sampler.js';
import type { AmountPosterior } from '../lines/contrast-posterior.js';
import type { Hypothesis, LineResponse, PatternObservation, ScanLine } from '../lines/scan-observations.js';
import type { CoupledModel } from './coupled-model.js';
import type { LayerState } from './layer-state.js';

export interface Interval {
  value: number;
  sigma: number;
  interval95: [number, number];
}

export interface CoupledBoundary {
  name: string;
  position_um: number;
  sigma_um: number;
  interval95_um: [number, number];
  width_um: number;
}

export interface HypothesisRank {
  name: Hypothesis | 'none';
  deltaBic: number;
  weight: number;
  amount: Interval | null;
}

export interface CoupledScan {
  /** null: the data cannot tell. */
  present: boolean | null;
  /** BIC of 'no layer' minus BIC of the best layer. */
  deltaBic: number | null;
  boundaries: CoupledBoundary[];
  thickness: Interval | null;
  /** Indium per formula unit on lithium sites, where such a hypothesis is accepted. */
  x: Interval | null;
  hypotheses: HypothesisRank[];
  /** Why something is null. */
  reasons: string[];
  variants: { name: string; weight: number }[];
  /** What later steps and figures need; null where no layer model was fitted. */
  detail: CoupledDetail | null;
}

export interface CoupledDetail {
  coupled: CoupledModel;
  lines: ScanLine[];
  linePatterns: PatternObservation[];
  state: LayerState;
  response: LineResponse;
  /** Share of the layer in the electrolyte that each of `linePatterns` sees. */
  share: Float64Array;
  /** Lines of the layer over the pristine ones, each free, up to a common factor; and their covariance. */
  ratio: Float64Array;
  covariance: Float64Array;
  posteriors: AmountPosterior[];
  /** All responses, for the lines of `lines`. */
  responses: LineResponse[];
  samples: SampleSet | null;
  /** Correlation of neighbouring patterns' residuals. */
  neighbourCorrelation: number;
}

/** So many samples, of which some hundred are independent: with fewer the ends of 95 % intervals lie anywhere within a third of a sigma. */
export const SAMPLES = 20_000;

export interface CoupleOptions {
  /** BIC by which a layer must be better than none. */
  minDeltaBic?: number;
  samples?: number;
  seed?: number;
  /** The layer holds lines of a phase that was not named: they may lie under any of those that are compared. */
  foreignLines?: boolean;
  /** Expected ln intensity of every line in the pristine electrolyte, Lorentz-polarisation included. */
  prior: Float64Array;
}

/** Hypotheses closer than this cannot be told apart (odds below about 20 to 1). */
export const INDISTINCT_DELTA_BIC = 6;
