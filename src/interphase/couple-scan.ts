/**
 * From the observations of a scan to the answer: is there a layer, what made it, how much of it, and where does it
 * begin and end. Pure: arrays in, numbers out. Method: docs/line-scan.md.
 */
import { type AmountPosterior, amountPosteriors, logSumExp } from './contrast-posterior.js';
import { CoupledModel, type LayerState, medianState, responsesOf } from './coupled-model.js';
import { quantilesOf, type SampleSet } from './sampler.js';
import {
  type Hypothesis,
  type LineResponse,
  type PatternObservation,
  type ScanLine,
  type ScanObservations,
  selectLines,
} from './scan-observations.js';
import { variantWeights } from './variants.js';

export interface Interval {
  value: number;
  sigma: number;
  interval95: [number, number];
}

export interface CoupledBoundary {
  name: string;
  position_um: number;
  sigma_um: number;
  interval95_um: [number, number];
  width_um: number;
}

export interface HypothesisRank {
  name: Hypothesis | 'none';
  deltaBic: number;
  weight: number;
  amount: Interval | null;
}

export interface CoupledScan {
  /** null: the data cannot tell. */
  present: boolean | null;
  /** BIC of 'no layer' minus BIC of the best layer. */
  deltaBic: number | null;
  boundaries: CoupledBoundary[];
  thickness: Interval | null;
  /** Indium per formula unit on lithium sites, where such a hypothesis is accepted. */
  x: Interval | null;
  hypotheses: HypothesisRank[];
  /** Why something is null. */
  reasons: string[];
  variants: { name: string; weight: number }[];
  /** What later steps and figures need; null where no layer model was fitted. */
  detail: CoupledDetail | null;
}

export interface CoupledDetail {
  coupled: CoupledModel;
  lines: ScanLine[];
  linePatterns: PatternObservation[];
  state: LayerState;
  response: LineResponse;
  /** Share of the layer in the electrolyte that each of `linePatterns` sees. */
  share: Float64Array;
  /** Lines of the layer over the pristine ones, each free, up to a common factor; and their covariance. */
  ratio: Float64Array;
  covariance: Float64Array;
  posteriors: AmountPosterior[];
  /** All responses, for the lines of `lines`. */
  responses: LineResponse[];
  samples: SampleSet | null;
  /** Correlation of neighbouring patterns' residuals. */
  neighbourCorrelation: number;
}

export interface CoupleOptions {
  /** BIC by which a layer must be better than none. */
  minDeltaBic?: number;
  samples?: number;
  seed?: number;
  /** Expected ln intensity of every line in the pristine electrolyte, Lorentz-polarisation included. */
  prior: Float64Array;
}

/** Together these weigh against the search for the layer: position (searched for, so twice), width and amount. */
const LAYER_PARAMETERS = 4;
const ELECTROLYTE_SIGMAS = 4;
const ACCEPT_WEIGHT = 0.9;
/** Variants less likely than this are not followed up. */
const MIN_VARIANT_WEIGHT = 1e-4;
/** Weakest line that is compared, as part of the strongest. */
const MIN_PRISTINE_PART = 0.02;
/** Hypotheses closer than this cannot be told apart (odds below about 20 to 1). */
export const INDISTINCT_DELTA_BIC = 6;

export function coupleScan(full: ScanObservations, options: CoupleOptions): CoupledScan {
  const linePatterns = full.patterns.filter(
    (p) => p.electrolyte.value > ELECTROLYTE_SIGMAS * p.electrolyte.sigma && p.electrolyte.value > 0,
  );
  const usable = usableLines(full, linePatterns, options.prior);
  const scan = selectLines({ ...full, patterns: linePatterns }, usable);
  if (linePatterns.length < 4 || usable.length < 3 || scan.responses.length === 0) {
    const reason =
      linePatterns.length < 4
        ? `the electrolyte is seen in ${linePatterns.length} patterns only: too few to compare a layer with it`
        : usable.length < 3
          ? 'fewer than three lines of the electrolyte were measured: no line ratios to compare'
          : 'no hypothesis applies to this electrolyte and dopant';
    return withoutLines(full, reason, options);
  }
  const variants = variantWeights(full, linePatterns, options.prior);
  const plausible = new Set(variants.filter((v) => v.weight > MIN_VARIANT_WEIGHT).map((v) => v.name));
  const best = [...variants].sort((a, b) => b.weight - a.weight)[0];
  const responses = responsesOf(scan.responses, best.name);
  const prior = priorOf(
    scan.responses,
    responses[0],
    Float64Array.from(usable, (j) => options.prior[j]),
  );
  const found = findLayer(scan, full.patterns, prior, responses, linePatterns.length * usable.length);
  if (found.deltaBic < (options.minDeltaBic ?? 0)) return withoutLayer(found, responses, variants, options);
  const considered = scan.responses.filter((r) => plausible.has(r.variant));
  return withLayer(found, { ...scan, responses: considered }, variants, options);
}

/**
 * Lines that speak of composition and were measured in most patterns of the electrolyte. Lines that are next to nothing
 * in the pristine electrolyte are left out: a ratio to them has no sane error.
 */
function usableLines(scan: ScanObservations, patterns: PatternObservation[], prior: Float64Array): number[] {
  const J = scan.lines.length;
  const weakest = Math.log(MIN_PRISTINE_PART) + prior.reduce((a, b) => Math.max(a, b), -Infinity);
  return scan.lines
    .map((_, j) => j)
    .filter((j) => scan.lines[j].class !== 'C' && prior[j] > weakest)
    .filter((j) => {
      const measured = patterns.filter((p) => Number.isFinite(p.intensity[j]) && p.covariance[j * J + j] > 0);
      return measured.length >= 0.6 * patterns.length && patterns.length > 0;
    });
}

/** Expected ln intensities in the chosen variant, from those in the first one. */
const priorOf = (all: LineResponse[], chosen: LineResponse, first: Float64Array): Float64Array =>
  first.map((p, j) => p + Math.log(chosen.segments[0].i0[j] / all[0].segments[0].i0[j]));

interface FoundLayer {
  coupled: CoupledModel;
  scan: ScanObservations;
  state: LayerState;
  response: LineResponse;
  deltaBic: number;
  /** BIC of 'no layer' minus that of each hypothesis. */
  gains: { response: LineResponse; gain: number }[];
}

/** The best layer by any hypothesis, and how much better than none it is. */
function findLayer(
  scan: ScanObservations,
  all: PatternObservation[],
  prior: Float64Array,
  responses: LineResponse[],
  data: number,
): FoundLayer {
  const tries = ([1, -1] as const).map((direction) => {
    const coupled = new CoupledModel(scan.patterns, all, prior, scan.beam_um, direction);
    return { coupled, ...searchLayer(coupled, responses) };
  });
  // With an anode in the scan both tries are the same one; without, the layer may lie on either side.
  const candidates = tries[0].coupled.anode ? [tries[0]] : tries;
  const results = candidates.map((candidate) => {
    const { coupled, state, response } = candidate;
    const end = coupled.anodeEnd();
    const anodeAlone = -2 * coupled.anodeLog(end.position, end.width);
    coupled.settle(state, response, null, 6);
    const anodeWith = -2 * coupled.anodeLog(state.inner, state.innerWidth);
    const gains = responses.map((other) => {
      const own = other === response ? state : coupled.scanOuter(other).state;
      return { response: other, deviance: coupled.lineDeviance(own, other, null) };
    });
    const withLayer = coupled.settle(state, response, null, 3, false);
    const without = coupled.settleWithout(5, false);
    const penalty = LAYER_PARAMETERS * Math.log(data);
    const deltaBic = without + anodeAlone - withLayer - anodeWith - penalty;
    const reference = gains.find((g) => g.response === response)!.deviance;
    return {
      coupled,
      scan,
      state,
      response,
      deltaBic,
      gains: gains.map((g) => ({ response: g.response, gain: deltaBic - (g.deviance - reference) })),
    };
  });
  return results.reduce((a, b) => (b.deltaBic > a.deltaBic ? b : a));
}

function searchLayer(
  coupled: CoupledModel,
  responses: LineResponse[],
): { state: LayerState; response: LineResponse } {
  coupled.settleWithout(5);
  let state: LayerState | null = null;
  let response = responses[0];
  for (let round = 0; round < 3; round++) {
    let lowest = Infinity;
    for (const candidate of responses) {
      const found = coupled.scanOuter(candidate);
      if (found.deviance < lowest) {
        lowest = found.deviance;
        state = found.state;
        response = candidate;
      }
    }
    state = coupled.climb(state!, response, null);
    coupled.settle(state, response, null, 4);
    coupled.learnBrightness();
  }
  return { state: coupled.climb(state!, response, null), response };
}

function withoutLines(full: ScanObservations, reason: string, options: CoupleOptions): CoupledScan {
  const coupled = new CoupledModel([], full.patterns, new Float64Array(0), full.beam_um);
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

function withoutLayer(
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

/** ln-likelihood gain (as BIC) that a layer of amount 0.2, three steps wide, would have brought. */
function detectability(coupled: CoupledModel, response: LineResponse, data: number): number {
  const { spacing, last } = coupled.geometry;
  const end = coupled.anodeEnd();
  const outer = Math.min(end.position + 3 * spacing, last - spacing);
  const state: LayerState = {
    inner: end.position,
    outer,
    innerWidth: 0.3 * spacing,
    outerWidth: 0.3 * spacing,
    amount: Math.min(0.2, response.max),
  };
  const logRatio = new Float64Array(coupled.model.lines);
  coupled.logRatioOf(state, response, null, logRatio);
  return coupled.model.expectedGain(coupled.shareOf(state), logRatio) - LAYER_PARAMETERS * Math.log(data);
}

/** The anode's own edge, sampled; nothing where there is no anode in the scan. */
function anodeBoundary(coupled: CoupledModel, name: string, options: CoupleOptions): CoupledBoundary[] {
  if (!coupled.anode) return [];
  const samples = coupled.sampleAnode(options.samples ?? 4000, options.seed ?? 1);
  return [boundaryOf(coupled, samples, name, 0, 1)];
}

function boundaryOf(
  coupled: CoupledModel,
  samples: SampleSet,
  name: string,
  position: number,
  width: number,
): CoupledBoundary {
  const { direction } = coupled.geometry;
  const at = quantilesOf(samples, (p) => direction * p[position], [0.025, 0.5, 0.975]);
  return {
    name,
    position_um: at.quantiles[1],
    sigma_um: at.sigma,
    interval95_um: [at.quantiles[0], at.quantiles[2]],
    width_um: quantilesOf(samples, (p) => p[width], [0.5]).quantiles[0],
  };
}

function withLayer(
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
  let contrast = {
    ratio: new Float64Array(0) as Float64Array,
    covariance: new Float64Array(0) as Float64Array,
  };
  let rho = 0;
  const samplesWanted = options.samples ?? 4000;
  for (let round = 0; round < 3; round++) {
    coupled.settle(state, response, best?.offset ?? null, 4);
    coupled.learnBrightness();
    rho = neighbourCorrelation(coupled, share);
    const start = new Float64Array(scan.lines.length);
    coupled.logRatioOf(state, response, best?.offset ?? null, start);
    contrast = coupled.model.freeContrast(share, start);
    const inflate = (1 + rho) / (1 - rho);
    contrast.covariance = contrast.covariance.map((c) => c * inflate);
    posteriors = amountPosteriors(contrast.ratio, contrast.covariance, scan.lines, scan.responses);
    best = posteriors.reduce((a, b) =>
      b.logEvidence + logWeight(variants, b.variant) > a.logEvidence + logWeight(variants, a.variant) ? b : a,
    );
    response = scan.responses.find((r) => r.hypothesis === best!.hypothesis && r.variant === best!.variant)!;
    state = coupled.climb({ ...state, amount: best.mean }, response, best.offset);
    share = Float64Array.from(coupled.shareOf(state));
  }
  coupled.settle(state, response, best!.offset, 4);
  const samples = coupled.sample(state, response, best!.offset, samplesWanted, options.seed ?? 1);
  if (coupled.outerAtLimit(samples)) return withoutPristine(found, samples, variants);
  state = medianState(samples);
  share = Float64Array.from(coupled.shareOf(state));
  const hypotheses = rankHypotheses(posteriors, variants, found.deltaBic, samples);
  const accepted = hypotheses
    .filter((h) => h.name === 'in-on-6h' || h.name === 'in-on-6g')
    .reduce((sum, h) => sum + h.weight, 0);
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

const logWeight = (variants: { name: string; weight: number }[], name: string): number =>
  Math.log(Math.max(1e-12, variants.find((v) => v.name === name)?.weight ?? 1e-12));

const normalisedWeights = (bics: number[]): number[] => {
  const logs = bics.map((b) => -0.5 * b);
  const sum = logSumExp(logs);
  return logs.map((l) => Math.exp(l - sum));
};

/** Hypotheses with their evidence summed over the variants, and 'none' by the scan's own delta BIC. */
function rankHypotheses(
  posteriors: AmountPosterior[],
  variants: { name: string; weight: number }[],
  deltaBic: number,
  samples: SampleSet,
): HypothesisRank[] {
  const names = [...new Set(posteriors.map((p) => p.hypothesis))];
  const evidence = names.map((name) =>
    logSumExp(
      posteriors
        .filter((p) => p.hypothesis === name)
        .map((p) => p.logEvidence + logWeight(variants, p.variant)),
    ),
  );
  const top = evidence.reduce((a, b) => Math.max(a, b), -Infinity);
  const bics = [...evidence.map((e) => 2 * (top - e)), Math.max(0, deltaBic)];
  const weights = normalisedWeights(bics);
  const ranks: HypothesisRank[] = names.map((name, k) => ({
    name,
    deltaBic: bics[k],
    weight: weights[k],
    amount: mixPosteriors(
      posteriors.filter((p) => p.hypothesis === name),
      variants,
      samples,
    ),
  }));
  ranks.push({ name: 'none', deltaBic: bics[names.length], weight: weights[names.length], amount: null });
  return ranks.sort((a, b) => a.deltaBic - b.deltaBic);
}

const combinedX = (
  posteriors: AmountPosterior[],
  variants: { name: string; weight: number }[],
  samples: SampleSet,
): Interval =>
  mixPosteriors(
    posteriors.filter((p) => p.hypothesis === 'in-on-6h' || p.hypothesis === 'in-on-6g'),
    variants,
    samples,
  );

/** Mean, sigma and interval of a mixture of posteriors, widened by what the boundaries leave open. */
function mixPosteriors(
  posteriors: AmountPosterior[],
  variants: { name: string; weight: number }[],
  samples: SampleSet,
): Interval {
  const logs = posteriors.map((p) => p.logEvidence + logWeight(variants, p.variant));
  const norm = logSumExp(logs);
  const step = 0.0005;
  const count = Math.ceil(Math.max(...posteriors.map((p) => p.amounts[p.amounts.length - 1])) / step) + 2;
  const amounts = Float64Array.from({ length: count }, (_, i) => i * step);
  const cumulative = new Float64Array(count);
  posteriors.forEach((p, k) => {
    const weight = Math.exp(logs[k] - norm);
    if (weight < 1e-6) return;
    const own = cumulativeOf(p);
    for (let i = 0; i < count; i++) cumulative[i] += weight * own(amounts[i]);
  });
  const at = (probability: number): number => {
    let i = 1;
    while (i < count - 1 && cumulative[i] < probability * cumulative[count - 1]) i++;
    const target = probability * cumulative[count - 1];
    const part = (target - cumulative[i - 1]) / (cumulative[i] - cumulative[i - 1] || 1);
    return amounts[i - 1] + part * step;
  };
  const value = at(0.5);
  const sigma = (at(0.8413) - at(0.1587)) / 2;
  const widen = Math.sqrt(1 + variancePartFromPlaces(samples) / Math.max(sigma * sigma, 1e-12));
  return {
    value,
    sigma: sigma * widen,
    interval95: [Math.max(0, value - widen * (value - at(0.025))), value + widen * (at(0.975) - value)],
  };
}

function cumulativeOf(p: AmountPosterior): (a: number) => number {
  const { amounts, density } = p;
  const n = amounts.length;
  const step = amounts[1] - amounts[0];
  const sums = new Float64Array(n);
  for (let i = 1; i < n; i++) sums[i] = sums[i - 1] + 0.5 * step * (density[i] + density[i - 1]);
  return (a) => {
    if (a <= amounts[0]) return 0;
    if (a >= amounts[n - 1]) return 1;
    const at = (a - amounts[0]) / step;
    const i = Math.min(n - 2, Math.floor(at));
    return (sums[i] + (at - i) * (sums[i + 1] - sums[i])) / sums[n - 1];
  };
}

/** Variance of the amount that goes along with the boundaries and widths, by linear regression over the samples. */
export function variancePartFromPlaces(samples: SampleSet): number {
  const { count, parameters: n, values } = samples;
  const mean = new Float64Array(n);
  for (let i = 0; i < count; i++) for (let k = 0; k < n; k++) mean[k] += values[i * n + k] / count;
  const a = n - 1;
  let covered = 0;
  // Boundaries are nearly independent of one another, so the parts add up; a sum above the whole is cut.
  let total = 0;
  const cov = new Float64Array(n);
  const variance = new Float64Array(n);
  for (let i = 0; i < count; i++)
    for (let k = 0; k < n; k++) {
      const d = values[i * n + k] - mean[k];
      variance[k] += (d * d) / count;
      cov[k] += (d * (values[i * n + a] - mean[a])) / count;
    }
  total = variance[a];
  for (let k = 0; k < a; k++) if (variance[k] > 0) covered += (cov[k] * cov[k]) / variance[k];
  return Math.min(0.8 * total, covered);
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
