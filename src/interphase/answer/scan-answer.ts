/** The answer of a scan as plain data: numbers, sentences, warnings, and the curves that are drawn through the points. */

import type { LineScanCurves, LineScanResult, ValueSigma } from '../../result.js';
import { counted } from '../../words.js';
import type { CoupledDetail, CoupledScan, HypothesisRank } from '../coupled/coupled-scan.js';
import { blurredShare } from '../edges/transition.js';
import { observeScan, type ScanToCouple } from '../lines/observe-scan.js';
import { HYPOTHESES, logResponse, responsesByWeight } from '../lines/scan-observations.js';
import { amountProfile, doubleRatio, doubleRatioEstimate, patternEstimate } from './estimators.js';
import { coupleWithForeign } from './foreign-phases.js';
import { withOneLithium } from './one-lithium.js';
import { LineScanSentences } from './sentences.js';

export type ScanProfile = LineScanCurves['profiles'][number];

/** Everything of the scan's result but its patterns. */
export interface ScanAnswer {
  aei: LineScanResult['aei'];
  boundaries: LineScanResult['boundaries'];
  estimators: LineScanResult['estimators'];
  hypotheses: LineScanResult['hypotheses'];
  statements: string[];
  warnings: string[];
  /**
   * x of single patterns from their line ratios, by the index of the pattern, where it must stand in for that of the
   * refinement: the fits took another order of the cations for granted than the pristine lines show.
   */
  patternX: Record<string, ValueSigma> | null;
  profiles: ScanProfile[];
  ratioPlane: LineScanCurves['ratioPlane'];
}

export interface AnswerOptions {
  minDeltaBic: number;
  samples: number;
  seed: number;
}

export function answerScan(input: ScanToCouple, options: AnswerOptions): ScanAnswer {
  const named = observeScan(input);
  if (!named) return emptyAnswer('no phase of the scan can be an electrolyte: no boundaries are looked for');
  const usable = named.observations.patterns.length;
  if (usable < 4)
    return emptyAnswer(`only ${counted(usable, 'pattern')} could be used: too few for boundaries`);
  const { observed, coupled, told } = coupleWithForeign(input, named, options);
  const { observations } = observed;
  const patternX = patternXOf(coupled, observed.fittedVariant);
  const estimators = estimatesOf(coupled, patternX);
  const oneLithium = coupled.detail && coupled.x ? withOneLithium(coupled.detail, coupled.x) : null;
  const sentences = new LineScanSentences(coupled, estimators.estimators, {
    observed,
    dopant: input.dopant,
    oneLithium,
  });
  return {
    aei: {
      present: coupled.present,
      delta_bic: coupled.deltaBic,
      x: coupled.x,
      x_one_lithium: oneLithium,
      thickness_um: coupled.thickness,
    },
    boundaries: coupled.boundaries.map((b) => ({ ...b })),
    estimators: estimators.estimators,
    hypotheses: coupled.hypotheses.map(rankOf),
    statements: [...sentences.statements(), ...estimators.notes],
    warnings: [...sentences.warnings(), ...told],
    patternX,
    profiles: profilesOf(coupled, input.beam_um, observations.patterns),
    ratioPlane: ratioPlaneOf(coupled),
  };
}

const emptyAnswer = (reason: string): ScanAnswer => ({
  aei: { present: null, delta_bic: null, x: null, thickness_um: null },
  boundaries: [],
  estimators: { 'line-scan': null, pattern: null, 'double-ratio': null },
  hypotheses: [],
  statements: [],
  warnings: [reason],
  patternX: null,
  profiles: [],
  ratioPlane: null,
});

const rankOf = ({
  name,
  deltaBic,
  weight,
  amount,
}: HypothesisRank): LineScanResult['hypotheses'][number] => ({
  name,
  delta_bic: deltaBic,
  weight,
  amount: amount ? { value: amount.value, sigma: amount.sigma } : null,
});

/** Only with indium on lithium sites accepted, where variant or site are settled to be other than the fitted ones. */
function patternXOf(coupled: CoupledScan, fittedVariant: string | null): Record<string, ValueSigma> | null {
  const { detail, x, variants } = coupled;
  if (!detail || !x || fittedVariant === null) return null;
  const settled = variants.find((v) => v.weight > 0.9)?.name;
  const otherSite = coupled.hypotheses[0].name === 'in-on-6g';
  if (!otherSite && (!settled || settled === fittedVariant)) return null;
  const amounts = amountProfile(detail);
  const found: Record<string, ValueSigma> = {};
  detail.linePatterns.forEach(({ index }, i) => {
    if (Number.isFinite(amounts[i].sigma))
      found[index] = { value: Math.max(0, amounts[i].value), sigma: amounts[i].sigma };
  });
  return found;
}

function estimatesOf(
  coupled: CoupledScan,
  patternX: Record<string, ValueSigma> | null,
): { estimators: LineScanResult['estimators']; notes: string[] } {
  const none = { 'line-scan': null, pattern: null, 'double-ratio': null };
  const { detail, x } = coupled;
  if (!detail || !x) return { estimators: none, notes: [] };
  const ratio = doubleRatioEstimate(detail, detail.response);
  return {
    estimators: {
      'line-scan': { value: x.value, sigma: x.sigma },
      pattern: patternEstimate(
        detail,
        detail.linePatterns.map((p) => (patternX ? (patternX[p.index] ?? null) : p.x)),
      ),
      'double-ratio': ratio?.estimate ?? null,
    },
    notes: [
      ...(patternX
        ? [
            `x of single patterns is taken from their line ratios against the pristine patterns: the lines show another site or another order of yttrium than the patterns were fitted with.`,
          ]
        : []),
      ...(ratio
        ? [
            `The double-ratio estimate comes from (${ratio.ratio.name}) in the layer over the pristine electrolyte: ${ratio.ratio.value.toFixed(3)} +- ${ratio.ratio.sigma.toFixed(3)}.`,
          ]
        : []),
    ],
  };
}

// ---------------------------------------------------------------- curves

function profilesOf(
  coupled: CoupledScan,
  beam_um: number,
  patterns: { position_um: number; anode: unknown }[],
): ScanProfile[] {
  const { detail } = coupled;
  const profiles: ScanProfile[] = [];
  const fine = finePositions(patterns.map((p) => p.position_um));
  const anode = detail?.coupled.anode;
  if (anode && detail) {
    const { direction } = detail.coupled.geometry;
    const { state } = detail;
    profiles.push({
      name: 'anode share',
      unit: '1',
      position_um: anode.position_um,
      value: anode.share,
      sigma: anode.counting.map(Math.sqrt),
      model: {
        position_um: fine,
        value: fine.map(
          (p) =>
            anode.low +
            (anode.high - anode.low) *
              (1 - blurredShare(direction * p - state.inner, state.innerWidth, beam_um)),
        ),
      },
    });
  }
  if (!detail) return profiles;
  const amounts = amountProfile(detail);
  profiles.push({
    name: `amount (${detail.response.hypothesis}) from line ratios`,
    unit: '1 per formula unit',
    position_um: Float64Array.from(amounts, (a) => a.position_um),
    value: Float64Array.from(amounts, (a) => a.value),
    sigma: Float64Array.from(amounts, (a) => a.sigma),
    model: { position_um: fine, value: amountCurve(detail, beam_um, fine) },
  });
  return profiles;
}

/** Amount that a pattern at each position shows: the share of the layer in the electrolyte times its amount. */
function amountCurve(detail: CoupledDetail, beam_um: number, fine: Float64Array): Float64Array {
  const { state, coupled } = detail;
  const { direction } = coupled.geometry;
  return fine.map((p) => {
    const outer = blurredShare(direction * p - state.outer, state.outerWidth, beam_um);
    const inner = coupled.anode ? blurredShare(direction * p - state.inner, state.innerWidth, beam_um) : 1;
    const electrolyte = Math.max(inner, outer);
    return electrolyte < 0.02 ? Number.NaN : (state.amount * (electrolyte - outer)) / electrolyte;
  });
}

function finePositions(positions: number[]): Float64Array {
  const low = Math.min(...positions);
  const high = Math.max(...positions);
  return Float64Array.from({ length: 241 }, (_, i) => low + ((high - low) * i) / 240);
}

const PLANE: [[string, string], [string, string]] = [
  ['302', '301'],
  ['112', '302'],
];

function ratioPlaneOf(coupled: CoupledScan): LineScanCurves['ratioPlane'] {
  const { detail } = coupled;
  if (!detail) return null;
  const [first, second] = PLANE;
  const index = (id: string): number => detail.lines.findIndex((l) => l.id === id);
  const indices = [...first, ...second].map(index);
  if (indices.some((i) => i < 0)) return null;
  const measuredX = doubleRatio(detail, ...first);
  const measuredY = doubleRatio(detail, ...second);
  const all = detail.lines.length;
  const ownVariant = responsesByWeight(detail.responses, coupled.variants)[0]?.variant;
  const curves = HYPOTHESES.flatMap((name) => {
    const response = detail.responses.find((r) => r.hypothesis === name && r.variant === ownVariant);
    if (!response) return [];
    const most = Math.min(response.max, name === 'y-migration' ? 0.3 : 0.5);
    const amount = Array.from({ length: 26 }, (_, i) => (most * i) / 25);
    const out = new Float64Array(all);
    const points = amount.map((a) => {
      logResponse(response, a, out);
      const [p, q, r, s] = indices;
      return { x: Math.exp(out[p] - out[q]), y: Math.exp(out[r] - out[s]) };
    });
    return [{ name, x: points.map((p) => p.x), y: points.map((p) => p.y), amount }];
  });
  const asMeasured = ({ value, sigma }: ValueSigma): ValueSigma => ({ value, sigma });
  return {
    measured: measuredX && measuredY ? { x: asMeasured(measuredX), y: asMeasured(measuredY) } : null,
    hypotheses: curves,
    xName: '302/301, layer over pristine',
    yName: '112/302, layer over pristine',
  };
}
