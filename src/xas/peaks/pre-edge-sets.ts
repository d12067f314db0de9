import type { PeakWindow } from './peak-windows.js';
import { type FitData, penalised, runTrial, type Trial } from './pre-edge-trial.js';
import { EDGE_VARIANTS } from './pre-edge-variants.js';

/** A larger set of peaks must be better by this much in BIC ('strong' after Kass and Raftery, J. Am. Stat. Assoc. 90 (1995) 773). */
const STRONG = 6;
export const overlaps = (a: PeakWindow, b: PeakWindow): boolean =>
  a !== b &&
  Math.min(a.to_eV, b.to_eV) - Math.max(a.from_eV, b.from_eV) >
    0.5 * Math.min(a.to_eV - a.from_eV, b.to_eV - b.from_eV);

/** Of windows that overlap the first. */
const withoutOverlaps = (windows: readonly PeakWindow[]): PeakWindow[] =>
  windows.filter((window, k) => !windows.some((other, m) => m < k && overlaps(other, window)));

/** Descriptions of the edge that take part in choosing the set: the best with all but overlapping peaks. */
const FINALISTS = 3;

/**
 * The set of peaks that BIC prefers, as its trials with every description of the edge; and as rivals the larger sets
 * around it, whose further peaks are not asked for strongly enough to be reported, but would change the others.
 */
export function chooseSet(
  data: FitData,
  windows: readonly PeakWindow[],
): { chosen: Trial[]; rivals: Trial[] } {
  const all = setsOf(windows);
  const full = withoutOverlaps(windows);
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
