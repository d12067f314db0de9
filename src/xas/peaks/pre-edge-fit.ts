import type { NormalizedSpectrum } from '../../measurement.js';
import { doubtedWidths, widthsName } from './given-widths.js';
import { likeliestMisfit } from './misfit.js';
import type { PeakWindow } from './peak-windows.js';
import { average, type FittedPeak } from './pre-edge-average.js';
import { areaLimit } from './pre-edge-limit.js';
import { chooseSet, overlaps } from './pre-edge-sets.js';
import {
  dataIn,
  type FitData,
  type KnownParameters,
  runTrial,
  type Trial,
  weightsOf,
} from './pre-edge-trial.js';
import { EDGE_VARIANTS, type PreEdgeFrame, variantName } from './pre-edge-variants.js';

export type { FittedPeak } from './pre-edge-average.js';

/** A peak that the data do not ask for, and how large it could still be. */
export interface AbsentPeak {
  name: string;
  /** 95 % upper limit of its area. */
  areaLimit95: number;
}

export interface PreEdgeFit {
  peaks: FittedPeak[];
  absent: AbsentPeak[];
  /** The best description, in words. */
  model: string;
  reducedChi2: number;
  /** false where no model meets the data: then no peak and no limit is given. */
  describes: boolean;
  curves: {
    energy_eV: Float64Array;
    data: Float64Array;
    baseline: Float64Array;
    fit: Float64Array;
    components: { name: string; values: Float64Array }[];
  };
}

/** The model does not describe the data if it misses them by more than this part of the edge step on average. */
const GROSS_MISFIT = 0.03;

/**
 * Fits named peaks below an edge together with the rising edge. Every set of peaks is tried with several descriptions
 * of the edge; BIC chooses the set; the results are averaged over descriptions and peak shapes with BIC weights
 * (J. A. Hoeting et al., Stat. Sci. 14 (1999) 382), so that their spread is part of the uncertainty. Where even the best
 * description misses the data, all is fitted again with that misfit as a part of the noise.
 *
 * @param known what other spectra say about centres and widths
 * @throws RangeError where the spectrum has too few points about the windows
 */
export function fitPreEdge(
  spectrum: NormalizedSpectrum,
  windows: readonly PeakWindow[],
  frame: PreEdgeFrame,
  known?: KnownParameters,
): PreEdgeFit {
  const data = dataIn(spectrum, frame, known);
  const first = bestSet(spectrum, windows, data);
  const { energy, y, sigma } = data;
  const { curve } = first.trials[first.best]!.fit;
  const describes = rms(curve, y) < GROSS_MISFIT;
  const misfit = describes ? likeliestMisfit(energy, y, sigma, curve, frame.width_eV) : null;
  if (!misfit) return finish(data, windows, first, describes, spectrum);
  const allowing = dataIn(spectrum, frame, known, misfit);
  return finish(allowing, windows, bestSet(spectrum, windows, allowing), describes, spectrum);
}

/** The set of peaks that the data ask for, on every description of the edge. */
interface BestSet {
  trials: Trial[];
  /** Index of the likeliest. */
  best: number;
  peaks: FittedPeak[];
}

function bestSet(spectrum: NormalizedSpectrum, windows: readonly PeakWindow[], data: FitData): BestSet {
  const usable = ({ fit }: Trial): boolean => Number.isFinite(fit.chi2);
  let { chosen, rivals } = chooseSet(data, windows);
  for (;;) {
    const own = chosen.filter(usable);
    const trials = [...own, ...rivals.filter(usable)];
    const weights = weightsOf(trials);
    const ownWeights = weights.slice(0, own.length);
    const best = ownWeights.indexOf(Math.max(...ownWeights));
    const changes = [otherRanges(spectrum, data, trials[best]!), otherWidths(data, trials[best]!)];
    const peaks = chosen[0]!.peaks.map((window) => average(window, trials, weights, changes, spectrum));
    const windowsNow = chosen[0]!.peaks;
    const weak = windowsNow.find((window, k) => isWeak(peaks[k]!, window, leastSignal(window, windowsNow)));
    if (!weak) return { trials: own, best, peaks };
    const fewer = without(weak, windowsNow);
    chosen = EDGE_VARIANTS.map((variant) => runTrial(data, fewer, variant));
    rivals = [];
  }
}

const shapeNote = ({ frame: { widths } }: FitData): string => (widths ? ` (${widthsName(widths)})` : '');

/** The best description fitted once more with the upper end, and with the lower end, of the range drawn in. */
function otherRanges(spectrum: NormalizedSpectrum, { frame, known, misfit }: FitData, best: Trial): Trial[] {
  const { from_eV, to_eV, width_eV } = frame;
  return [
    { ...frame, to_eV: to_eV - 0.6 * width_eV },
    { ...frame, from_eV: from_eV + 3 * width_eV },
  ].flatMap((changed) => {
    try {
      return [runTrial(dataIn(spectrum, changed, known, misfit), best.peaks, best.variant)];
    } catch (thrown) {
      if (thrown instanceof RangeError) return [];
      throw thrown;
    }
  });
}

/** The best description fitted once more with the given widths as wrong as they may be. */
const otherWidths = (data: FitData, best: Trial): Trial[] =>
  (data.frame.widths ? doubtedWidths(data.frame.widths) : []).map((widths) =>
    runTrial({ ...data, frame: { ...data.frame, widths } }, best.peaks, best.variant),
  );

/** Uncertainties that an area must stand out by: more where two peaks may share what is one. */
const leastSignal = (window: PeakWindow, peaks: readonly PeakWindow[]): number =>
  peaks.some((other) => overlaps(window, other)) ? 3 : 1;

/** Undetermined, or only a slope that drives the centre to the end of its window; BIC has judged the rest. */
function isWeak(
  { area, center_eV }: FittedPeak,
  { from_eV, to_eV }: PeakWindow,
  leastSignal: number,
): boolean {
  const edge = 0.01 * (to_eV - from_eV);
  const inside = center_eV.value > from_eV + edge && center_eV.value < to_eV - edge;
  const placed = center_eV.sigma < 0.5 * (to_eV - from_eV);
  return !(area.value > leastSignal * area.sigma) || !inside || !placed;
}

/** Leaves a window out; of two that overlap, the later one, since a lone peak takes the first name. */
function without(weak: PeakWindow, peaks: readonly PeakWindow[]): PeakWindow[] {
  const later = peaks.find((other) => overlaps(other, weak) && peaks.indexOf(other) > peaks.indexOf(weak));
  return peaks.filter((window) => window !== (later ?? weak));
}

const rms = (a: Float64Array, b: Float64Array): number =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / a.length);

function finish(
  data: FitData,
  windows: readonly PeakWindow[],
  found: BestSet,
  describes: boolean,
  spectrum: NormalizedSpectrum,
): PreEdgeFit {
  const { peaks } = found;
  const best = found.trials[found.best]!;
  const p = Float64Array.from(best.fit.parameters, ({ value }) => value);
  const part = (name: string): Float64Array => {
    const out = new Float64Array(data.energy.length);
    best.model.component(name, p, out);
    return out;
  };
  const baseline = part('base');
  for (const name of ['edge', 'white line', 'tail'])
    part(name).forEach((value, i) => {
      baseline[i] = baseline[i]! + value;
    });
  const present = new Set(peaks.map(({ name }) => name));
  return {
    describes,
    peaks: describes ? peaks : [],
    absent: windows
      .filter(({ name }) => describes && !present.has(name))
      .map((window) => ({
        name: window.name,
        areaLimit95: areaLimit(data, best.peaks, window, spectrum),
      })),
    model: [variantName(best.variant), ...best.peaks.map(({ name }) => name)].join(' + ') + shapeNote(data),
    reducedChi2: best.fit.reducedChi2,
    curves: {
      energy_eV: data.energy,
      data: data.y,
      baseline,
      fit: best.fit.curve.slice(0, data.energy.length),
      components: best.peaks.map(({ name }) => ({ name, values: part(name) })),
    },
  };
}
