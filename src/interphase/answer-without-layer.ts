/** What is said of a scan in which no layer was looked for or none was found. */
import { anodeBoundary } from './boundary-intervals.js';
import { CoupledModel } from './coupled-model.js';
import type { CoupledScan, CoupleOptions, HypothesisRank } from './coupled-scan.js';
import { detectability, type FoundLayer } from './find-layer.js';
import { normalisedWeights } from './rank-hypotheses.js';
import type { LineResponse, ScanObservations } from './scan-observations.js';

export function withoutLines(full: ScanObservations, reason: string, options: CoupleOptions): CoupledScan {
  const coupled = new CoupledModel([], full.patterns, new Float64Array(0), full);
  return {
    present: null,
    deltaBic: null,
    boundaries: anodeBoundary(coupled, 'anode|electrolyte', options),
    thickness: null,
    x: null,
    hypotheses: [],
    reasons: [reason],
    variants: [],
    detail: null,
  };
}

export function withoutLayer(
  found: FoundLayer,
  responses: LineResponse[],
  variants: { name: string; weight: number }[],
  options: CoupleOptions,
): CoupledScan {
  const { coupled, scan } = found;
  coupled.settleWithout(5);
  const power = detectability(coupled, responses[0], scan.patterns.length * scan.lines.length);
  const present = power > 0 ? false : null;
  const weights = normalisedWeights([0, ...found.gains.map((g) => -g.gain)]);
  const hypotheses: HypothesisRank[] = [
    { name: 'none' as const, deltaBic: 0, weight: weights[0], amount: null },
    ...found.gains.map((g, k) => ({
      name: g.response.hypothesis,
      deltaBic: -g.gain,
      weight: weights[k + 1],
      amount: null,
    })),
  ].sort((a, b) => a.deltaBic - b.deltaBic);
  return {
    present,
    deltaBic: found.deltaBic,
    boundaries: anodeBoundary(coupled, 'anode|electrolyte', options),
    thickness: null,
    x: null,
    hypotheses,
    reasons:
      present === null
        ? [
            'the line ratios scatter so much that even a layer of x = 0.2, three steps wide, would not be seen',
          ]
        : [],
    variants,
    detail: null,
  };
}
