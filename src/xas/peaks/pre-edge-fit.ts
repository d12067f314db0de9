import type { NormalizedSpectrum } from '../../measurement.js';
import { doubtedWidths, widthsName } from './given-widths.js';
import type { PeakWindow } from './peak-windows.js';
import { average, type FittedPeak } from './pre-edge-average.js';
import { areaLimit } from './pre-edge-limit.js';
import {
  dataIn,
  type FitData,
  type KnownParameters,
  penalised,
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

/** A larger set of peaks must be better by this much in BIC ('strong' after Kass and Raftery, J. Am. Stat. Assoc. 90 (1995) 773). */
const STRONG = 6;
/** The model does not describe the data if it misses them by more than this part of the edge step on average. */
const GROSS_MISFIT = 0.03;

/**
 * Fits named peaks below an edge together with the rising edge. Every set of peaks is tried with several descriptions
 * of the edge; BIC chooses the set; the results are averaged over descriptions and peak shapes with BIC weights
 * (J. A. Hoeting et al., Stat. Sci. 14 (1999) 382), so that their spread is part of the uncertainty.
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
  let { chosen, rivals } = chooseSet(data, windows);
  for (;;) {
    const usable = ({ fit }: Trial): boolean => Number.isFinite(fit.chi2);
    const trials = [...chosen.filter(usable), ...rivals.filter(usable)];
    const weights = weightsOf(trials);
    const own = weights.slice(0, chosen.filter(usable).length);
    const best = trials[own.indexOf(Math.max(...own))]!;
    const changes = [otherRanges(spectrum, data, best), otherWidths(data, best)];
    const peaks = chosen[0]!.peaks.map((window) => average(window, trials, weights, changes, spectrum));
    const weak = chosen[0]!.peaks.find((window, k) => isWeak(peaks[k]!, window));
    if (!weak) return finish(data, windows, trials.slice(0, own.length), own, peaks, spectrum);
    const fewer = without(weak, chosen[0]!.peaks);
    chosen = EDGE_VARIANTS.map((variant) => runTrial(data, fewer, variant));
    rivals = [];
  }
}

const shapeNote = ({ frame: { widths } }: FitData): string => (widths ? ` (${widthsName(widths)})` : '');

/** The best description fitted once more with the upper end, and with the lower end, of the range drawn in. */
function otherRanges(spectrum: NormalizedSpectrum, { frame, known }: FitData, best: Trial): Trial[] {
  const { from_eV, to_eV, width_eV } = frame;
  return [
    { ...frame, to_eV: to_eV - 0.6 * width_eV },
    { ...frame, from_eV: from_eV + 3 * width_eV },
  ].flatMap((changed) => {
    try {
      return [runTrial(dataIn(spectrum, changed, known), best.peaks, best.variant)];
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

/** Undetermined, or only a slope that drives the centre to the end of its window; BIC has judged the rest. */
function isWeak({ area, center_eV }: FittedPeak, { from_eV, to_eV }: PeakWindow): boolean {
  const edge = 0.01 * (to_eV - from_eV);
  const inside = center_eV.value > from_eV + edge && center_eV.value < to_eV - edge;
  const placed = center_eV.sigma < 0.5 * (to_eV - from_eV);
  return !(area.value > area.sigma) || !inside || !placed;
}

/** Leaves a window out; of two that overlap, the later one, since a lone peak takes the first name. */
function without(weak: PeakWindow, peaks: readonly PeakWindow[]): PeakWindow[] {
  const later = peaks.find((other) => overlaps(other, weak) && peaks.indexOf(other) > peaks.indexOf(weak));
  return peaks.filter((window) => window !== (later ?? weak));
}

const overlaps = (a: PeakWindow, b: PeakWindow): boolean =>
  a !== b &&
  Math.min(a.to_eV, b.to_eV) - Math.max(a.from_eV, b.from_eV) >
    0.5 * Math.min(a.to_eV - a.from_eV, b.to_eV - b.from_eV);

/** Descriptions of the edge that take part in choosing the set: the best with all but overlapping peaks. */
const FINALISTS = 3;

/**
 * The set of peaks that BIC prefers, as its trials with every description of the edge; and as rivals the larger sets
 * around it, whose further peaks are not asked for strongly enough to be reported, but would change the others.
 */
function chooseSet(data: FitData, windows: readonly PeakWindow[]): { chosen: Trial[]; rivals: Trial[] } {
  const all = setsOf(windows);
  const full = windows.filter((window, k) => !windows.some((other, m) => m < k && overlaps(other, window)));
  const first = EDGE_VARIANTS.map((variant) => runTrial(data, full, variant));
  const finalists = [...first].sort((a, b) => penalised(a.fit, 1) - penalised(b.fit, 1)).slice(0, FINALISTS);
  const sets = all.map((peaks) => {
    const same = peaks.length === full.length && peaks.every((window) => full.includes(window));
    const trials = same ? finalists : finalists.map(({ variant }) => runTrial(data, peaks, variant));
    return { peaks, trials, same, bic: 0 };
  });
  const scale = Math.max(
    1,
    Math.min(...sets.flatMap(({ trials }) => trials.map(({ fit }) => fit.reducedChi2))),
  );
  for (const set of sets) set.bic = Math.min(...set.trials.map(({ fit }) => penalised(fit, scale)));
  sets.sort((a, b) => a.peaks.length - b.peaks.length || a.bic - b.bic);
  const best = sets.reduce((chosen, next) =>
    next.bic < chosen.bic - (next.peaks.length > chosen.peaks.length ? STRONG : 0) ? next : chosen,
  );
  // A further peak in an overlapping window would share the area of the one that is there: that is another question.
  const isRival = (peaks: PeakWindow[]): boolean =>
    peaks.length > best.peaks.length &&
    best.peaks.every((peak) => peaks.includes(peak)) &&
    !peaks.some((peak) => !best.peaks.includes(peak) && best.peaks.some((other) => overlaps(other, peak)));
  const rivals = sets.filter(({ peaks }) => isRival(peaks)).flatMap(({ trials }) => trials);
  if (best.same) return { chosen: first, rivals };
  const chosen = EDGE_VARIANTS.map(
    (variant) =>
      best.trials.find((trial) => trial.variant === variant) ?? runTrial(data, best.peaks, variant),
  );
  return { chosen, rivals };
}

/** All sets; a window that overlaps an earlier one only together with it. */
function setsOf(windows: readonly PeakWindow[]): PeakWindow[][] {
  const sets: PeakWindow[][] = [];
  for (let mask = 0; mask < 1 << windows.length; mask++) {
    const set = windows.filter((_, k) => mask & (1 << k));
    const lone = set.some((window) =>
      windows.some(
        (other, k) => !set.includes(other) && k < windows.indexOf(window) && overlaps(other, window),
      ),
    );
    if (!lone) sets.push(set);
  }
  return sets;
}

function finish(
  data: FitData,
  windows: readonly PeakWindow[],
  trials: readonly Trial[],
  weights: readonly number[],
  peaks: FittedPeak[],
  spectrum: NormalizedSpectrum,
): PreEdgeFit {
  const best = trials[weights.indexOf(Math.max(...weights))]!;
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
  const found = new Set(peaks.map(({ name }) => name));
  const miss = data.y.reduce((sum, value, i) => sum + (value - best.fit.curve[i]!) ** 2, 0) / data.y.length;
  const describes = Math.sqrt(miss) < GROSS_MISFIT;
  return {
    describes,
    peaks: describes ? peaks : [],
    absent: windows
      .filter(({ name }) => describes && !found.has(name))
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
