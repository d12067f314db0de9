/**
 * One model of the whole scan: anode, an optional layer (AEI) and the pristine electrolyte, with beam-blurred
 * transitions shared by the phase amounts and by all line ratios. Composition, positions and widths are estimated
 * together; whether there is a layer at all is decided by BIC. Method and tests: docs/line-scan.md.
 */

import { median, robustSigma } from '../numeric/robust.js';
import { type AnodeProfile, anodeLogLikelihood, anodeProfile } from './anode-profile.js';
import { LineModel } from './line-model.js';
import { mixLogs } from './pattern-terms.js';
import { quantilesOf, type SampleSet, samplePosterior } from './sampler.js';
import { HYPOTHESES, type LineResponse, logResponse, type PatternObservation } from './scan-observations.js';
import { beamShare } from './transition.js';

/** Positions (ascending away from the anode) and widths of the two boundaries, and the amount in the layer. */
export interface LayerState {
  inner: number;
  outer: number;
  innerWidth: number;
  outerWidth: number;
  amount: number;
}

export interface ScanGeometry {
  beam_um: number;
  /** Positions times the direction: the anode, if any, lies at the low end. */
  direction: 1 | -1;
  first: number;
  last: number;
  /** Mean distance of neighbouring positions. */
  spacing: number;
}

export function scanGeometry(
  patterns: PatternObservation[],
  beam_um: number,
  direction: 1 | -1,
): ScanGeometry {
  const places = [...new Set(patterns.map((p) => direction * p.position_um))].sort((a, b) => a - b);
  const first = places[0];
  const last = places[places.length - 1];
  return { beam_um, direction, first, last, spacing: (last - first) / Math.max(1, places.length - 1) || 1 };
}

/** Widest intrinsic width that is considered, in mean steps; a wider 'boundary' is a gradient. */
const MAX_WIDTH_STEPS = 5;

/** Prior spread of ln brightness. */
const BRIGHTNESS_SPREAD = 0.2;

/** Half-Cauchy belief about the intrinsic width in steps: mostly below one, but any width up to the largest may be. */
const logWidthPrior = (widthInSteps: number): number => -Math.log(1 + (widthInSteps / 0.5) ** 2);

/** So many steps of the scan, at least, must lie beyond the layer: they are what it is compared with. */
const PRISTINE_STEPS = 1.5;

export class CoupledModel {
  readonly model: LineModel;
  readonly anode: AnodeProfile | null;
  readonly geometry: ScanGeometry;
  private readonly anodePosition: Float64Array;
  private readonly linePosition: Float64Array;
  private readonly anodeShare: Float64Array;
  /** Intensity of the layer over that of the electrolyte for the same volume, the lines' own change apart. */
  private brightness = 1;
  private end: { position: number; width: number } | null = null;
  readonly share: Float64Array;
  readonly logRatio: Float64Array;

  constructor(
    linePatterns: PatternObservation[],
    allPatterns: PatternObservation[],
    prior: Float64Array,
    beam_um: number,
    direction?: 1 | -1,
  ) {
    this.anode = anodeProfile(allPatterns);
    const facing = this.anode?.direction ?? direction ?? 1;
    this.geometry = scanGeometry(allPatterns, beam_um, facing);
    this.model = new LineModel(linePatterns, prior);
    this.linePosition = Float64Array.from(linePatterns, (p) => facing * p.position_um);
    this.anodePosition = (this.anode?.position_um ?? new Float64Array(0)).map((p) => facing * p);
    this.anodeShare = new Float64Array(this.anodePosition.length);
    this.share = new Float64Array(linePatterns.length);
    this.logRatio = new Float64Array(prior.length);
  }

  /** Share of the layer in the electrolyte seen by each pattern. */
  shareOf(state: LayerState): Float64Array {
    const { beam_um } = this.geometry;
    for (let i = 0; i < this.linePosition.length; i++) {
      const pastOuter = beamShare(this.linePosition[i] - state.outer, state.outerWidth, beam_um);
      // Without an anode in the scan the layer reaches to its end.
      const pastInner = this.anode
        ? beamShare(this.linePosition[i] - state.inner, state.innerWidth, beam_um)
        : 1;
      const pristine = Math.max(pastOuter, 1e-6);
      const layer = this.brightness * Math.max(0, pastInner - pastOuter);
      this.share[i] = pastInner < 1e-4 && pastOuter < 1e-4 ? 1 : layer / (layer + pristine);
    }
    return this.share;
  }

  /**
   * The layer may scatter more or less than the electrolyte (density, absorption), which shifts the apparent share of a
   * beam that sees both. Taken from the scales of the patterns that see one of them, shrunk by how much those scatter.
   */
  learnBrightness(): void {
    const of = (test: (f: number) => boolean): number[] =>
      Array.from(this.share.keys())
        .filter((i) => test(this.share[i]))
        .map((i) => this.model.scale[i]);
    const [inside, outside] = [of((f) => f > 0.97), of((f) => f < 0.03)];
    if (inside.length < 3 || outside.length < 3) return;
    const difference = median(inside) - median(outside);
    const variance = robustSigma(inside) ** 2 / inside.length + robustSigma(outside) ** 2 / outside.length;
    this.brightness = Math.exp((difference * BRIGHTNESS_SPREAD ** 2) / (BRIGHTNESS_SPREAD ** 2 + variance));
  }

  anodeLog(inner: number, width: number): number {
    if (!this.anode) return 0;
    for (let i = 0; i < this.anodePosition.length; i++)
      this.anodeShare[i] = 1 - beamShare(this.anodePosition[i] - inner, width, this.geometry.beam_um);
    return anodeLogLikelihood(this.anode, this.anodeShare);
  }

  logRatioOf(
    state: LayerState,
    response: LineResponse,
    offset: Float64Array | null,
    out: Float64Array,
  ): void {
    logResponse(response, state.amount, out);
    if (offset) for (let j = 0; j < offset.length; j++) out[j] += offset[j];
  }

  /** ln m of every pattern and line for a state. */
  logMixture(state: LayerState, response: LineResponse): Float64Array {
    const logRatio = new Float64Array(this.logRatio.length);
    this.logRatioOf(state, response, null, logRatio);
    const share = this.shareOf(state);
    const out = new Float64Array(share.length * logRatio.length);
    mixLogs(share, logRatio, out);
    return out;
  }

  /** Sum of squares of the lines for a state, at the weights of the last `settle`. */
  lineDeviance(state: LayerState, response: LineResponse, offset: Float64Array | null): number {
    this.logRatioOf(state, response, offset, this.logRatio);
    return this.model.deviance(this.shareOf(state), this.logRatio);
  }

  /** Settles scales, pristine lines and noise about a state. */
  settle(
    state: LayerState,
    response: LineResponse,
    offset: Float64Array | null,
    passes: number,
    learn = true,
  ): number {
    this.logRatioOf(state, response, offset, this.logRatio);
    return this.model.settle(this.shareOf(state), this.logRatio, passes, learn);
  }

  /** The same for a scan without a layer. */
  settleWithout(passes: number, learn = true): number {
    return this.model.settle(this.share.fill(0), this.logRatio.fill(0), passes, learn);
  }

  logLikelihood(state: LayerState, response: LineResponse, offset: Float64Array | null): number {
    return this.anodeLog(state.inner, state.innerWidth) - 0.5 * this.lineDeviance(state, response, offset);
  }

  logPrior({ innerWidth, outerWidth }: LayerState): number {
    const { spacing } = this.geometry;
    return logWidthPrior(innerWidth / spacing) + logWidthPrior(outerWidth / spacing);
  }

  allowed(state: LayerState, max: number): boolean {
    const { first, last, spacing } = this.geometry;
    const widest = MAX_WIDTH_STEPS * spacing;
    return (
      state.inner > first - spacing / 2 &&
      state.outer > state.inner &&
      state.outer < last - PRISTINE_STEPS * spacing &&
      state.innerWidth >= 0 &&
      state.innerWidth < widest &&
      state.outerWidth >= 0 &&
      state.outerWidth < widest &&
      state.amount >= 0 &&
      state.amount <= max
    );
  }

  /** Where the anode ends, by its own profile alone; the start of the scan where there is none. */
  anodeEnd(): { position: number; width: number } {
    this.end ??= this.findAnodeEnd();
    return this.end;
  }

  private findAnodeEnd(): { position: number; width: number } {
    const { first, last, spacing } = this.geometry;
    if (!this.anode) return { position: first - 0.4 * spacing, width: 0.1 * spacing };
    let best = { position: first, width: 0.25 * spacing };
    let bestLog = -Infinity;
    for (const width of [0.1, 0.25, 0.5, 1, 2].map((w) => w * spacing))
      for (let b = first; b < last; b += 0.05 * spacing) {
        const value = this.anodeLog(b, width) + logWidthPrior(width / spacing);
        if (value > bestLog) {
          bestLog = value;
          best = { position: b, width };
        }
      }
    return best;
  }

  /** Best state on a grid of outer boundaries and amounts. */
  scanOuter(response: LineResponse): { state: LayerState; deviance: number } {
    const { last, spacing } = this.geometry;
    const end = this.anodeEnd();
    let best: LayerState | null = null;
    let bestDeviance = Infinity;
    const amounts = [0.04, 0.08, 0.15, 0.25, 0.4, 0.6, 0.8, 1].filter((a) => a <= response.max);
    for (const amount of amounts)
      for (
        let outer = end.position + 0.25 * spacing;
        outer < last - PRISTINE_STEPS * spacing;
        outer += 0.5 * spacing
      ) {
        const state = {
          inner: end.position,
          outer,
          innerWidth: end.width,
          outerWidth: 0.3 * spacing,
          amount,
        };
        const deviance = this.lineDeviance(state, response, null);
        if (deviance < bestDeviance) {
          bestDeviance = deviance;
          best = state;
        }
      }
    const state = best ?? {
      inner: end.position,
      outer: end.position + 0.5 * spacing,
      innerWidth: end.width,
      outerWidth: 0.3 * spacing,
      amount: 0,
    };
    return { state, deviance: bestDeviance };
  }

  /** Climbs to the best state nearby, coordinate by coordinate, with shrinking steps. */
  climb(start: LayerState, response: LineResponse, offset: Float64Array | null): LayerState {
    const { spacing } = this.geometry;
    const keys = ['inner', 'outer', 'innerWidth', 'outerWidth', 'amount'] as const;
    const unit = { inner: spacing, outer: spacing, innerWidth: spacing, outerWidth: spacing, amount: 0.2 };
    let state = start;
    const value = (s: LayerState): number =>
      this.allowed(s, response.max) ? this.logLikelihood(s, response, offset) + this.logPrior(s) : -Infinity;
    let best = value(state);
    for (let step = 0.4; step > 0.004; ) {
      let improved = false;
      for (const key of keys)
        for (const sign of [1, -1]) {
          const trial = { ...state, [key]: state[key] + sign * step * unit[key] };
          if (key.endsWith('Width') || key === 'amount') trial[key] = Math.max(0, trial[key]);
          if (key === 'amount') trial.amount = Math.min(response.max, trial.amount);
          const found = value(trial);
          if (found > best + 1e-7) {
            best = found;
            state = trial;
            improved = true;
          }
        }
      if (!improved) step /= 2;
    }
    return state;
  }

  sample(
    start: LayerState,
    response: LineResponse,
    offset: Float64Array | null,
    samples: number,
    seed: number,
  ): SampleSet {
    const { spacing } = this.geometry;
    return samplePosterior({
      start: toVector(start),
      step: Float64Array.of(0.1 * spacing, 0.1 * spacing, 0.1 * spacing, 0.1 * spacing, 0.01),
      logDensity: (p) => {
        const state = toState(p);
        return this.allowed(state, response.max)
          ? this.logLikelihood(state, response, offset) + this.logPrior(state)
          : -Infinity;
      },
      burnIn: Math.round(samples / 2),
      samples,
      seed,
    });
  }

  /** The outer boundary is pushed against the farthest place that the scan allows. */
  outerAtLimit(samples: SampleSet): boolean {
    const { last, spacing } = this.geometry;
    const [high] = quantilesOf(samples, (p) => p[1], [0.975]).quantiles;
    return high > last - (PRISTINE_STEPS + 0.1) * spacing;
  }

  /** Samples of the anode's edge alone: position and width. */
  sampleAnode(samples: number, seed: number): SampleSet {
    const { first, last, spacing } = this.geometry;
    const end = this.anodeEnd();
    return samplePosterior({
      start: Float64Array.of(end.position, end.width),
      step: Float64Array.of(0.1 * spacing, 0.1 * spacing),
      logDensity: ([position, width]) =>
        position > first - spacing / 2 && position < last && width >= 0 && width < MAX_WIDTH_STEPS * spacing
          ? this.anodeLog(position, width) + logWidthPrior(width / spacing)
          : -Infinity,
      burnIn: Math.round(samples / 2),
      samples,
      seed,
    });
  }
}

export const toVector = (s: LayerState): Float64Array =>
  Float64Array.of(s.inner, s.outer, s.innerWidth, s.outerWidth, s.amount);

export const toState = (p: ArrayLike<number>): LayerState => ({
  inner: p[0],
  outer: p[1],
  innerWidth: p[2],
  outerWidth: p[3],
  amount: p[4],
});

/** The state with the median of every parameter. */
export function medianState(set: SampleSet): LayerState {
  const at = (k: number): number => quantilesOf(set, (p) => p[k], [0.5]).quantiles[0];
  return toState([0, 1, 2, 3, 4].map(at));
}

/** The response of each hypothesis within one variant, in the fixed order of the hypotheses. */
export const responsesOf = (responses: LineResponse[], variant: string): LineResponse[] =>
  HYPOTHESES.map((h) => responses.find((r) => r.hypothesis === h && r.variant === variant)).filter(
    (r): r is LineResponse => r !== undefined,
  );
