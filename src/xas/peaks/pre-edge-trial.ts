import { leastSquares } from '../../fit/least-squares.js';
import type { FitResult, LeastSquaresProblem } from '../../fit/types.js';
import type { NormalizedSpectrum } from '../../measurement.js';
import { solveLower } from '../../numeric/linear-algebra.js';
import { findGlitches, withoutGlitches } from '../curve/glitches.js';
import { rangeWithin } from '../curve/grid.js';
import { type MisfitSize, misfitFactor } from './misfit.js';
import { buildPeakModel, type PeakModel } from './peak-model.js';
import type { PeakWindow } from './peak-windows.js';
import { type PeakStart, type PreEdgeFrame, preEdgeComponents, type Variant } from './pre-edge-variants.js';

/** One set of peaks on one description of the edge, fitted. */
export interface Trial {
  variant: Variant;
  peaks: readonly PeakWindow[];
  model: PeakModel;
  fit: FitResult;
}

export interface FitData {
  energy: Float64Array;
  y: Float64Array;
  sigma: Float64Array;
  frame: PreEdgeFrame;
  known: KnownParameters;
  /** What descriptions of the edge miss, with the lower Cholesky factor of the points' covariance; null for noise alone. */
  misfit: (MisfitSize & { factor: Float64Array }) | null;
}

/** What is known about a parameter beside the data: one more datum of the fit. */
export interface Known {
  value: number;
  sigma: number;
}

/** Of each description of the edge, what is known about parameters by their names; of others nothing. */
export type KnownParameters = (variant: Variant) => ReadonlyMap<string, Known>;

export function runTrial(data: FitData, peaks: readonly PeakWindow[], variant: Variant): Trial {
  const starts = peaks.map((window): PeakStart => startOf(data, window));
  const model = buildPeakModel(data.energy, preEdgeComponents(data.frame, starts, variant));
  const known = new Map(data.known(variant));
  if (peaks[0]) known.set(`${peaks[0].name}.eta`, USUAL_ETA);
  return { variant, peaks, model, fit: fitTo(data, model, known) };
}

/** Fits a model, with what is known about its parameters; `curve` of the result is the model on the points. */
export function fitTo(data: FitData, model: PeakModel, known: ReadonlyMap<string, Known>): FitResult {
  const fit = leastSquares({ ...problemOf(data, model, known), maxIterations: 80, tolerance: 1e-3 });
  const curve = new Float64Array(data.y.length);
  model.model(
    Float64Array.from(fit.parameters, ({ value }) => value),
    curve,
  );
  return { ...fit, curve };
}

/**
 * The Lorentzian share of pre-edge peaks is somewhere between none and all: core hole and resolution are alike. Without
 * this the tails of a weak peak may take up any slope of the edge, and its area means little.
 */
const USUAL_ETA: Known = { value: 0.5, sigma: 0.25 };

/** Points and model under their covariance, with what is known about parameters as further data behind the points. */
function problemOf(
  data: FitData,
  { parameters, model, derivative }: PeakModel,
  known: ReadonlyMap<string, Known>,
): LeastSquaresProblem {
  const { misfit } = data;
  const n = data.y.length;
  const further = parameters.flatMap(({ name, vary }, index) => {
    const prior = vary === false ? undefined : known.get(name);
    return prior ? [{ index, ...prior }] : [];
  });
  const whitened = (values: Float64Array): Float64Array =>
    misfit ? solveLower(misfit.factor, n, values) : values;
  const extended = (values: Float64Array, last: number[]): Float64Array => {
    const out = new Float64Array(n + last.length);
    out.set(values);
    out.set(last, n);
    return out;
  };
  const points = new Float64Array(n);
  return {
    parameters,
    y: extended(
      whitened(data.y),
      further.map(({ value }) => value),
    ),
    sigma: extended(
      misfit ? new Float64Array(n).fill(1) : data.sigma,
      further.map(({ sigma }) => sigma),
    ),
    model: (p, out) => {
      model(p, points);
      out.set(whitened(points));
      further.forEach(({ index }, k) => {
        out[n + k] = p[index]!;
      });
    },
    derivative: (p, j, out) => {
      derivative(p, j, points);
      out.set(whitened(points));
      further.forEach(({ index }, k) => {
        out[n + k] = Number(j === index);
      });
      return true;
    },
  };
}

/** Centre where the curve bends down most within the window; height from the chord there. */
export function startOf({ energy, y }: FitData, window: PeakWindow): PeakStart {
  const middle = (window.from_eV + window.to_eV) / 2;
  const [from, to] = rangeWithin(energy, window.from_eV, window.to_eV);
  const reach = Math.max(2, Math.round((to - from) / 4));
  let centre_eV = middle;
  let bend = 0;
  for (let i = Math.max(from, reach); i < Math.min(to, y.length - reach); i++) {
    const below = (y[i - reach]! + y[i + reach]!) / 2;
    if (y[i]! - below > bend) {
      bend = y[i]! - below;
      centre_eV = energy[i]!;
    }
  }
  return { window, centre_eV, height: Math.max(0.05, 2 * bend) };
}

/** BIC with known noise; `scale` takes a misfit common to all models out of the differences. */
export const penalised = (fit: FitResult, scale: number): number =>
  fit.chi2 / scale + fit.varied.length * Math.log(fit.curve.length);

/**
 * Weights of models from their priors and BIC. Tempered by four: the points about an edge are fewer in effect than in
 * number, as the model errs over whole stretches.
 */
export function weightsOf(trials: readonly Pick<Trial, 'fit' | 'variant'>[]): number[] {
  const scale = Math.max(1, Math.min(...trials.map(({ fit }) => fit.reducedChi2)));
  const values = trials.map(({ fit }) => penalised(fit, scale));
  const least = Math.min(...values);
  const raw = values.map((value, k) => trials[k]!.variant.prior * Math.exp(-(value - least) / 8));
  const sum = raw.reduce((total, value) => total + value, 0);
  return raw.map((value) => value / sum);
}

/** The points of a spectrum in the range of a frame. @throws RangeError for fewer than 15 */
export function dataIn(
  spectrum: NormalizedSpectrum,
  frame: PreEdgeFrame,
  known: KnownParameters = () => new Map(),
  misfit: MisfitSize | null = null,
): FitData {
  const [from, to] = rangeWithin(spectrum.energy_eV, frame.from_eV, frame.to_eV);
  if (to - from < 15)
    throw new RangeError(`only ${to - from} points between ${frame.from_eV} and ${frame.to_eV} eV`);
  const masked = withoutGlitches(
    spectrum.sigma,
    findGlitches(spectrum.energy_eV, spectrum.norm, spectrum.sigma, frame.width_eV),
  );
  const energy = spectrum.energy_eV.slice(from, to);
  const y = spectrum.norm.slice(from, to);
  const sigma = masked.slice(from, to);
  const factor = misfit && misfitFactor(energy, sigma, y, misfit);
  return { energy, y, sigma, frame, known, misfit: misfit && factor && { ...misfit, factor } };
}
