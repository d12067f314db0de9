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
}

export function runTrial(data: FitData, peaks: readonly PeakWindow[], variant: Variant): Trial {
  const starts = peaks.map((window): PeakStart => startOf(data, window));
  const model = buildPeakModel(data.energy, preEdgeComponents(data.frame, starts, variant));
  const fit = leastSquares({
    ...withShapePrior(model, data, peaks[0] && `${peaks[0].name}.eta`),
    maxIterations: 80,
    tolerance: 1e-3,
  });
  return { variant, peaks, model, fit };
}

/** The Lorentzian share of pre-edge peaks is somewhere between none and all: core hole and resolution are alike. */
const USUAL_ETA = { value: 0.5, sigma: 0.25 };

/**
 * The model with one more datum, the usual peak shape. Without it the tails of a weak peak may take up any slope of the
 * edge, and its area means little.
 */
function withShapePrior(model: PeakModel, data: FitData, eta: string | undefined): LeastSquaresProblem {
  const { parameters } = model;
  const index = parameters.findIndex(({ name }) => name === eta);
  if (index < 0) return { ...model, y: data.y, sigma: data.sigma };
  const n = data.y.length;
  const extended = (values: Float64Array, last: number): Float64Array => {
    const out = new Float64Array(n + 1);
    out.set(values);
    out[n] = last;
    return out;
  };
  return {
    parameters,
    y: extended(data.y, USUAL_ETA.value),
    sigma: extended(data.sigma, USUAL_ETA.sigma),
    model: (p, out) => {
      model.model(p, out.subarray(0, n));
      out[n] = p[index]!;
    },
    derivative: (p, j, out) => {
      out[n] = j === index ? 1 : 0;
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
export function dataIn(spectrum: NormalizedSpectrum, frame: PreEdgeFrame): FitData {
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
  };
}
