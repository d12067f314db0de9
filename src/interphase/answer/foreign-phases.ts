/** The scan coupled, whether or not all phases in it were named. */
import type { PatternFit } from '../../xrd/refine/pattern-fit.js';
import { coupleScan } from '../coupled/couple-scan.js';
import type { CoupledScan, CoupleOptions } from '../coupled/coupled-scan.js';
import { guessPhase, refineWith, sayGuessed } from '../lines/guessed-phase.js';
import { type ObservedScan, observeScan, type ScanToCouple } from '../lines/observe-scan.js';
import type { PatternObservation } from '../lines/scan-observations.js';
import { sayUnexplained, unexplainedLines } from '../lines/unexplained-lines.js';
import { purePatterns } from './estimators.js';

/** More phases than these are not guessed: what is left then is doubted. */
const MOST_GUESSED = 2;

export interface ForeignAnswer {
  observed: ObservedScan;
  coupled: CoupledScan;
  /** What was found of phases that nobody named, and what was done about it. */
  told: string[];
}

/**
 * Couples the scan as its phases are named. Where lines in the layer belong to none of them, the phase that has them is
 * guessed and the patterns are refined with it; if none can be guessed, all lines are trusted less.
 */
export function coupleWithForeign(
  input: ScanToCouple,
  named: ObservedScan,
  options: Omit<CoupleOptions, 'prior'>,
): ForeignAnswer {
  const told: string[] = [];
  let observed = named;
  let refined = input;
  for (let guessed = 0; ; guessed++) {
    const { observations, prior } = observed;
    const coupled = coupleScan(observations, { prior, ...options });
    const layer = layerFits(refined, coupled);
    const unexplained = layer && unexplainedLines(layer.inside, layer.outside, refined.models);
    if (!unexplained) return { observed, coupled, told };
    const guess = guessed < MOST_GUESSED ? guessPhase(layer.inside, refined.models) : null;
    const again = guess && refineWith(refined, guess);
    const seenAgain = again && observeScan(again);
    if (!seenAgain) {
      told.push(sayUnexplained(unexplained));
      return { observed, coupled: coupleScan(observations, { prior, ...options, foreignLines: true }), told };
    }
    told.push(sayGuessed(guess));
    refined = again;
    observed = seenAgain;
  }
}

interface LayerFits {
  inside: Iterable<PatternFit>;
  outside: Iterable<PatternFit>;
}

function layerFits({ fits }: ScanToCouple, { detail }: CoupledScan): LayerFits | null {
  if (!detail) return null;
  const { pristine } = purePatterns(detail);
  // A layer that is thinner than the beam is pure in no pattern: then those that see most of it.
  const most = detail.share.reduce((a, b) => Math.max(a, b), 0);
  const layer = detail.linePatterns.filter((_, i) => detail.share[i] > 0.9 * most);
  const fitsOf = (patterns: PatternObservation[]): Iterable<PatternFit> => {
    const wanted = new Set(patterns.map((p) => p.index));
    return { [Symbol.iterator]: () => fittedAmong(fits, wanted) };
  };
  return { inside: fitsOf(layer), outside: fitsOf(pristine) };
}

function* fittedAmong(fits: ScanToCouple['fits'], wanted: Set<number>): Generator<PatternFit> {
  for (const { index, fit } of fits) if (fit && wanted.has(index)) yield fit;
}
