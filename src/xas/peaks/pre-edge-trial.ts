import { leastSquares } from '../../fit/least-squares.js';
import type { FitResult, LeastSquaresProblem } from '../../fit/types.js';
import type { NormalizedSpectrum } from '../../measurement.js';
import { findGlitches, withoutGlitches } from '../curve/glitches.js';
import { rangeWithin } from '../curve/grid.js';
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
  const fit = leastSquares({ ...withKnown(model, data, known), maxIterations: 80, tolerance: 1e-3 });
  return { variant, peaks, model, fit };
}

/**
 * The Lorentzian share of pre-edge peaks is somewhere between none and all: core hole and resolution are alike. Without
 * this the tails of a weak peak may take up any slope of the edge, and its area means little.
 */
const USUAL_ETA: Known = { value: 0.5, sigma: 0.25 };

/** The model with what is known about its parameters as further data behind the points. */
function withKnown(model: PeakModel, data: FitData, known: ReadonlyMap<string, Known>): LeastSquaresProblem {
  const { parameters } = model;
  const further = parameters.flatMap(({ name, vary }, index) => {
    const prior = vary === false ? undefined : known.get(name);
    return prior ? [{ index, ...prior }] : [];
  });
  const n = data.y.length;
  const extended = (values: Float64Array, last: number[]): Float64Array => {
    const out = new Float64Array(n + last.length);
    out.set(values);
    out.set(last, n);
    return out;
  };
  return {
    parameters,
    y: extended(
      data.y,
      further.map(({ value }) => value),
    ),
    sigma: extended(
      data.sigma,
      further.map(({ sigma }) => sigma),
    ),
    model: (p, out) => {
      model.model(p, out.subarray(0, n));
      further.forEach(({ index }, k) => {
        out[n + k] = p[index]!;
      });
    },
    derivative: (p, j, out) => {
      further.forEach(({ index }, k) => {
        out[n + k] = Number(j === index);
      });
      return model.derivative(p, j, out.subarray(0, n));
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
): FitData {
  const [from, to] = rangeWithin(spectrum.energy_eV, frame.from_eV, frame.to_eV);
  if (to - from < 15)
    throw new RangeError(`only ${to - from} points between ${frame.from_eV} and ${frame.to_eV} eV`);
  const sigma = withoutGlitches(
    spectrum.sigma,
    findGlitches(spectrum.energy_eV, spectrum.norm, spectrum.sigma, frame.width_eV),
  );
  return {
    energy: spectrum.energy_eV.slice(from, to),
    y: spectrum.norm.slice(from, to),
    sigma: sigma.slice(from, to),
    frame,
    known,
  };
}
