/** What is said of a scan in which no layer was looked for or none was found. */

import type { LineResponse, ScanObservations } from '../lines/scan-observations.js';
import type { AbsoluteEvidence } from '../lines/variants.js';
import { anodeBoundary } from './boundary-intervals.js';
import { CoupledModel } from './coupled-model.js';
import type { CoupledScan, CoupleOptions, HypothesisRank } from './coupled-scan.js';
import { detectability, type FoundLayer } from './find-layer.js';
import { normalisedWeights } from './rank-hypotheses.js';

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

/** Better than this, the absolute intensities say by themselves that the electrolyte is not pristine. */
const ALTERED_DELTA_BIC = 20;
/** From here on a pristine electrolyte is not what they are most like. */
const DOUBTED_DELTA_BIC = 0;
/** Lines that differ by less look like those of coordinates that are a little off. */
const LEAST_ALTERED_SPREAD = 0.2;

export function withoutLayer(
  found: FoundLayer,
  responses: LineResponse[],
  altered: AbsoluteEvidence | null,
  variants: { name: string; weight: number }[],
  options: CoupleOptions,
): CoupledScan {
  const { coupled, scan } = found;
  coupled.settleWithout(5);
  const power = detectability(coupled, responses[0], scan.patterns.length * scan.lines.length);
  const common = {
    ...noLayer(found, variants),
    boundaries: anodeBoundary(coupled, 'anode|electrolyte', options),
  };
  if (altered && altered.deltaBic > DOUBTED_DELTA_BIC) {
    const looks = `all patterns have the same line ratios, and by their absolute intensities these are those of ${altered.hypothesis} at an amount of about ${altered.amount.toFixed(2)} rather than of the pristine structure`;
    return altered.deltaBic > ALTERED_DELTA_BIC && altered.spread > LEAST_ALTERED_SPREAD
      ? {
          ...common,
          // Nothing in the scan could be compared with the layer.
          deltaBic: null,
          present: true,
          boundaries: anodeBoundary(coupled, 'anode|aei', options),
          hypotheses: [],
          reasons: [
            `no pattern of the scan shows pristine electrolyte: ${looks}; a layer that reaches beyond the scan, so that x, thickness and outer boundary are not given; extend the scan`,
          ],
        }
      : {
          ...common,
          present: null,
          reasons: [
            `it cannot be told whether there is pristine electrolyte in the scan, or only a layer: ${looks}, which a structure that is a little off may be like as well; extend the scan`,
          ],
        };
  }
  return power > 0
    ? { ...common, present: false }
    : {
        ...common,
        present: null,
        reasons: [
          'the line ratios scatter so much that even a layer of x = 0.2, three steps wide, would not be seen',
        ],
      };
}

/** Lines change along the scan, yet hardly beyond their scatter, or no more than texture or a drift would change them. */
export function undecided(
  found: FoundLayer,
  variants: { name: string; weight: number }[],
  options: CoupleOptions,
): CoupledScan {
  return {
    ...noLayer(found, variants),
    present: null,
    boundaries: anodeBoundary(found.coupled, 'anode|electrolyte', options),
    reasons: [
      `line ratios change a little along the scan (BIC better by ${found.deltaBic.toFixed(0)}), but no more than scatter, texture or a drift may change them: whether there is a layer cannot be told`,
    ],
  };
}

/** What both have in common: hypotheses by how much better the scan is with such a layer. */
function noLayer(
  { gains, deltaBic }: FoundLayer,
  variants: { name: string; weight: number }[],
): Omit<CoupledScan, 'present' | 'boundaries'> {
  const weights = normalisedWeights([0, ...gains.map((g) => -g.gain)]);
  const ranks: HypothesisRank[] = [
    { name: 'none' as const, deltaBic: 0, weight: weights[0], amount: null },
    ...gains.map((g, k) => ({
      name: g.response.hypothesis,
      deltaBic: -g.gain,
      weight: weights[k + 1],
      amount: null,
    })),
  ].sort((a, b) => a.deltaBic - b.deltaBic);
  const least = ranks[0].deltaBic;
  return {
    deltaBic,
    thickness: null,
    x: null,
    hypotheses: ranks.map((r) => ({ ...r, deltaBic: r.deltaBic - least })),
    reasons: [],
    variants,
    detail: null,
  };
}
