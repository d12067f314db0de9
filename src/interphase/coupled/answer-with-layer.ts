/** What is said of a scan with a layer: boundaries, thickness, x and what made it. */

import { quantilesOf, type SampleSet } from '../edges/sampler.js';
import { type AmountPosterior, amountPosteriors, logEvidenceOfNothing } from '../lines/contrast-posterior.js';
import { onLithium, type ScanObservations } from '../lines/scan-observations.js';
import { undecided } from './answer-without-layer.js';
import { boundaryOf } from './boundary-intervals.js';
import { type CoupledModel, medianState } from './coupled-model.js';
import {
  type CoupledBoundary,
  type CoupledScan,
  type CoupleOptions,
  INDISTINCT_DELTA_BIC,
  type Interval,
  SAMPLES,
} from './coupled-scan.js';
import type { FoundLayer } from './find-layer.js';
import { type Contrast, freeContrast, offsetOf, VANISHING } from './line-contrast.js';
import { combinedX, logWeight, rankHypotheses } from './rank-hypotheses.js';

const ACCEPT_WEIGHT = 0.9;

/** Spread of ln R_j that texture or a drift may well make. */
const TEXTURE_LIKE = 0.15;

/** Weighted spread of ln R_j over the lines. */
function spreadOf({ ratio, covariance }: Contrast): number {
  const J = ratio.length;
  const logs = ratio.map((r) => Math.log(Math.max(VANISHING, r)));
  const weights = ratio.map((r, j) => 1 / (covariance[j * J + j] / Math.max(VANISHING, r) ** 2 + 1e-4));
  const total = weights.reduce((a, b) => a + b, 0);
  const mean = logs.reduce((sum, l, j) => sum + weights[j] * l, 0) / total;
  return Math.sqrt(logs.reduce((sum, l, j) => sum + weights[j] * (l - mean) ** 2, 0) / total);
}

export function withLayer(
  found: FoundLayer,
  scan: ScanObservations,
  variants: { name: string; weight: number }[],
  options: CoupleOptions,
): CoupledScan {
  const { coupled } = found;
  let { state, response } = found;
  let posteriors: AmountPosterior[] = [];
  let best: AmountPosterior | null = null;
  let share = Float64Array.from(coupled.shareOf(state));
  let contrast: Contrast = { ratio: new Float64Array(0), covariance: new Float64Array(0) };
  let rho = 0;
  const samplesWanted = options.samples ?? SAMPLES;
  let { offset } = found;
  for (let round = 0; round < 3; round++) {
    coupled.settle(state, response, offset, 4);
    coupled.learnBrightness();
    rho = neighbourCorrelation(coupled, share);
    const start = new Float64Array(scan.lines.length);
    coupled.logRatioOf(state, response, offset, start);
    contrast = freeContrast(coupled.model, share, start);
    const inflate = (1 + rho) / (1 - rho);
    contrast.covariance = contrast.covariance.map((c) => c * inflate);
    posteriors = amountPosteriors(
      contrast.ratio,
      contrast.covariance,
      scan.lines,
      scan.responses,
      options.foreignLines,
    );
    best = posteriors.reduce((a, b) =>
      b.logEvidence + logWeight(variants, b.variant) > a.logEvidence + logWeight(variants, a.variant) ? b : a,
    );
    response = best.response;
    state = { ...state, amount: best.mean };
    offset = offsetOf(coupled, state, response, contrast);
    state = coupled.climb(state, response, offset);
    share = Float64Array.from(coupled.shareOf(state));
  }
  coupled.settle(state, response, offset, 4);
  const samples = coupled.sample(state, response, offset, samplesWanted, options.seed ?? 1);
  if (coupled.outerAtLimit(samples)) return withoutPristine(found, samples, variants);
  const { ratio, covariance } = contrast;
  const nothing = logEvidenceOfNothing(ratio, covariance, scan.lines, scan.responses);
  const overNothing = 2 * (best!.logEvidence - nothing);
  // Where lines of another phase came to light there is a layer, whatever the electrolyte's own lines do.
  if (!options.foreignLines && overNothing < INDISTINCT_DELTA_BIC && spreadOf(contrast) < TEXTURE_LIKE)
    return undecided(found, variants, options);
  state = medianState(samples);
  share = Float64Array.from(coupled.shareOf(state));
  const hypotheses = rankHypotheses(posteriors, variants, found.deltaBic, samples);
  const accepted = hypotheses.filter((h) => onLithium(h.name)).reduce((sum, h) => sum + h.weight, 0);
  const reasons: string[] = [];
  const x = accepted >= ACCEPT_WEIGHT ? combinedX(posteriors, variants, samples) : null;
  if (!x)
    reasons.push(
      `x is not given: indium on a lithium site has a weight of ${accepted.toFixed(2)}, and ${hypotheses[0].name} explains the lines best`,
    );
  return {
    present: true,
    deltaBic: found.deltaBic,
    ...placesOf(coupled, samples, reasons),
    x,
    hypotheses,
    reasons,
    variants,
    detail: {
      coupled,
      lines: scan.lines,
      linePatterns: scan.patterns,
      state,
      response,
      share,
      ...contrast,
      posteriors,
      responses: scan.responses,
      samples,
      neighbourCorrelation: rho,
    },
  };
}

/** The layer reaches (nearly) to the end of the scan: it is there, but there is nothing left to measure it against. */
function withoutPristine(
  found: FoundLayer,
  samples: SampleSet,
  variants: { name: string; weight: number }[],
): CoupledScan {
  const { coupled, deltaBic } = found;
  return {
    present: true,
    deltaBic,
    boundaries: coupled.anode ? [boundaryOf(coupled, samples, 'anode|aei', 0, 2)] : [],
    thickness: null,
    x: null,
    hypotheses: [],
    reasons: [
      'x, thickness and outer boundary are not given: fewer than two patterns of pristine electrolyte lie behind the layer, so there is nothing to compare its lines with; extend the scan',
    ],
    variants,
    detail: null,
  };
}

function placesOf(
  coupled: CoupledModel,
  samples: SampleSet,
  reasons: string[],
): { boundaries: CoupledBoundary[]; thickness: Interval | null } {
  const outer = boundaryOf(coupled, samples, 'aei|electrolyte', 1, 3);
  if (!coupled.anode) {
    reasons.push(
      'the thickness is not known: no edge of an anode was found in the scan, so where the layer begins is open',
    );
    return { boundaries: [outer], thickness: null };
  }
  const inner = boundaryOf(coupled, samples, 'anode|aei', 0, 2);
  const t = quantilesOf(samples, (p) => p[1] - p[0], [0.025, 0.5, 0.975]);
  return {
    boundaries: [inner, outer].sort((a, b) => a.position_um - b.position_um),
    thickness: { value: t.quantiles[1], sigma: t.sigma, interval95: [t.quantiles[0], t.quantiles[2]] },
  };
}

/** Correlation of the residuals of neighbouring patterns, 0 unless it is significant: shared grains. */
function neighbourCorrelation(coupled: CoupledModel, share: Float64Array): number {
  const J = coupled.model.lines;
  const residual = coupled.model.residuals();
  const order = coupled.model.patterns
    .map((p, i) => ({ p, i }))
    .sort((a, b) => a.p.row - b.p.row || a.p.position_um - b.p.position_um);
  let sum = 0;
  let squares = 0;
  let pairs = 0;
  for (let k = 1; k < order.length; k++) {
    const [a, b] = [order[k - 1], order[k]];
    if (a.p.row !== b.p.row || share[a.i] > 0.95 !== share[b.i] > 0.95) continue;
    for (let j = 0; j < J; j++) {
      const [r, s] = [residual[a.i * J + j], residual[b.i * J + j]];
      if (!Number.isFinite(r) || !Number.isFinite(s)) continue;
      sum += Math.max(-3, Math.min(3, r)) * Math.max(-3, Math.min(3, s));
      squares += (Math.min(9, r * r) + Math.min(9, s * s)) / 2;
      pairs++;
    }
  }
  if (pairs < 20 || squares === 0) return 0;
  const rho = sum / squares;
  return rho > 2 / Math.sqrt(pairs) ? Math.min(0.5, rho) : 0;
}
