/**
 * One model of the whole scan: anode, an optional layer (AEI) and the pristine electrolyte, with beam-blurred
 * transitions shared by the phase amounts and by all line ratios. Composition, positions and widths are estimated
 * together; whether there is a layer at all is decided by BIC. Method and tests: docs/line-scan.md.
 */

import { median, robustSigma } from '../../numeric/robust.js';
import { quantilesOf, type SampleSet, samplePosterior } from '../edges/sampler.js';
import { blurredShare } from '../edges/transition.js';
import { LineModel } from '../lines/line-model.js';
import type { NoiseSource } from '../lines/line-scatter.js';
import { mixLogs } from '../lines/pattern-terms.js';
import {
  HYPOTHESES,
  type LineResponse,
  logResponse,
  type PatternObservation,
} from '../lines/scan-observations.js';
import {
  type AnodeEdge,
  type AnodeProfile,
  anodeLogLikelihood,
  findAnodeEdge,
  logRatioPrior,
} from './anode-edge.js';
import { anodeProfile } from './anode-profile.js';
import {
  indexOf,
  type LayerState,
  leastBlur,
  logWidthPrior,
  MAX_WIDTH_STEPS,
  type ScanGeometry,
  STATE_KEYS,
  scanGeometry,
  toState,
  toVector,
} from './layer-state.js';

/** Prior spread of ln brightness. */
const BRIGHTNESS_SPREAD = 0.2;

/** So many steps of the scan, at least, must lie beyond the layer: they are what it is compared with. */
const PRISTINE_STEPS = 1.5;

export class CoupledModel {
  readonly model: LineModel;
  readonly anode: AnodeProfile | null;
  readonly geometry: ScanGeometry;
  private readonly anodePosition: Float64Array;
  private readonly linePosition: Float64Array;
  private readonly anodeShare: Float64Array;
  /** What the scales of the patterns tell of the layer's brightness. */
  private brightness: { value: number; sigma: number } = { value: 0, sigma: BRIGHTNESS_SPREAD };
  private readonly normalised: boolean;
  private end: AnodeEdge | null = null;
  readonly share: Float64Array;
  /** Share of the beam beyond the anode, for each pattern at the last state. */
  private readonly pastAnode: Float64Array;
  readonly logRatio: Float64Array;

  constructor(
    linePatterns: PatternObservation[],
    allPatterns: PatternObservation[],
    prior: Float64Array,
    { beam_um, normalised }: { beam_um: number; normalised: boolean },
    direction?: 1 | -1,
  ) {
    this.normalised = normalised;
    this.anode = anodeProfile(allPatterns, beam_um, normalised);
    const facing = this.anode?.direction ?? direction ?? 1;
    this.geometry = scanGeometry(allPatterns, beam_um, facing);
    this.model = new LineModel(linePatterns, prior);
    this.linePosition = Float64Array.from(linePatterns, (p) => facing * p.position_um);
    this.anodePosition = (this.anode?.position_um ?? new Float64Array(0)).map((p) => facing * p);
    this.anodeShare = new Float64Array(this.anodePosition.length);
    this.share = new Float64Array(linePatterns.length);
    this.pastAnode = new Float64Array(linePatterns.length).fill(1);
    this.logRatio = new Float64Array(prior.length);
  }

  /** Share of the layer in the electrolyte seen by each pattern. */
  shareOf(state: LayerState): Float64Array {
    const { beam_um } = this.geometry;
    const brightness = Math.exp(state.brightness);
    for (let i = 0; i < this.linePosition.length; i++) {
      const pastOuter = blurredShare(this.linePosition[i] - state.outer, state.outerWidth, beam_um);
      // Without an anode in the scan the layer reaches to its end.
      const pastInner = this.anode
        ? blurredShare(this.linePosition[i] - state.inner, state.innerWidth, beam_um)
        : 1;
      this.pastAnode[i] = pastInner;
      const pristine = Math.max(pastOuter, 1e-6);
      const layer = brightness * Math.max(0, pastInner - pastOuter);
      this.share[i] = pastInner < 1e-4 && pastOuter < 1e-4 ? 1 : layer / (layer + pristine);
    }
    return this.share;
  }

  /**
   * The layer may scatter more or less than the electrolyte (density, absorption), which shifts the apparent share of a
   * beam that sees both. Taken from the scales of the patterns that see one of them and no anode, shrunk by how much those scatter;
   * where every pattern was scaled to the same top, scales say nothing of it.
   */
  learnBrightness(): void {
    if (this.normalised) return;
    const of = (test: (f: number) => boolean): number[] =>
      Array.from(this.share.keys())
        .filter((i) => test(this.share[i]) && this.pastAnode[i] > 0.98)
        .map((i) => this.model.scale[i]);
    const [inside, outside] = [of((f) => f > 0.97), of((f) => f < 0.03)];
    if (inside.length < 3 || outside.length < 3) return;
    const difference = median(inside) - median(outside);
    const variance = robustSigma(inside) ** 2 / inside.length + robustSigma(outside) ** 2 / outside.length;
    const prior = BRIGHTNESS_SPREAD ** 2;
    this.brightness = {
      value: (difference * prior) / (prior + variance),
      sigma: Math.sqrt((prior * variance) / (prior + variance)),
    };
  }

  /** Of the anode's profile, and the prior of its ratio. */
  anodeLog({ position, width, ratio }: AnodeEdge): number {
    if (!this.anode) return -0.5 * ratio * ratio;
    for (let i = 0; i < this.anodePosition.length; i++)
      this.anodeShare[i] = 1 - blurredShare(this.anodePosition[i] - position, width, this.geometry.beam_um);
    return anodeLogLikelihood(this.anode, this.anodeShare, ratio) + logRatioPrior(this.anode, ratio);
  }

  anodeLogOf(state: LayerState): number {
    return this.anodeLog({ position: state.inner, width: state.innerWidth, ratio: state.anodeRatio });
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
    learn: NoiseSource = 'residuals',
  ): number {
    this.logRatioOf(state, response, offset, this.logRatio);
    return this.model.settle(this.shareOf(state), this.logRatio, passes, learn);
  }

  /** The same for a scan without a layer. */
  settleWithout(passes: number, learn: NoiseSource = 'residuals'): number {
    return this.model.settle(this.share.fill(0), this.logRatio.fill(0), passes, learn);
  }

  logLikelihood(state: LayerState, response: LineResponse, offset: Float64Array | null): number {
    return this.anodeLogOf(state) - 0.5 * this.lineDeviance(state, response, offset);
  }

  logPrior({ innerWidth, outerWidth, brightness }: LayerState): number {
    const { spacing } = this.geometry;
    const { value, sigma } = this.brightness;
    return (
      logWidthPrior(innerWidth / spacing) +
      logWidthPrior(outerWidth / spacing) -
      0.5 * ((brightness - value) / sigma) ** 2
    );
  }

  allowed(state: LayerState, max: number): boolean {
    const { first, last, spacing, beam_um } = this.geometry;
    const widest = MAX_WIDTH_STEPS * spacing;
    return (
      state.inner > first - spacing / 2 &&
      state.outer > state.inner &&
      state.outer < last - PRISTINE_STEPS * spacing &&
      state.innerWidth >= leastBlur(beam_um) &&
      state.innerWidth < widest &&
      state.outerWidth >= leastBlur(beam_um) &&
      state.outerWidth < widest &&
      state.amount >= 0 &&
      state.amount <= max
    );
  }

  /** Where the anode ends, by its own profile alone; before the start of the scan where there is none. */
  anodeEnd(): AnodeEdge {
    const { first, spacing, beam_um } = this.geometry;
    this.end ??= this.anode
      ? findAnodeEdge(this.anode, beam_um)
      : { position: first - 0.4 * spacing, width: 0.1 * spacing, ratio: 0 };
    return this.end;
  }

  /** A layer from the end of the anode to `outer`. */
  layerUpTo(outer: number, amount: number): LayerState {
    const { position, width, ratio } = this.anodeEnd();
    return {
      inner: position,
      outer,
      innerWidth: width,
      outerWidth: 0.3 * this.geometry.spacing,
      amount,
      anodeRatio: ratio,
      brightness: this.brightness.value,
    };
  }

  /** Best state on a grid of outer boundaries and amounts. */
  scanOuter(response: LineResponse): { state: LayerState; deviance: number } {
    const { last, spacing } = this.geometry;
    const end = this.anodeEnd();
    let best: LayerState | null = null;
    let bestDeviance = Infinity;
    const amounts = [0.04, 0.08, 0.15, 0.25, 0.4, 0.6, 0.8, 1].filter((a) => a <= response.max);
    const thickest = last - PRISTINE_STEPS * spacing - end.position;
    // A thick layer is found from further away: in long scans the search grows with the logarithm of their length.
    for (const amount of amounts)
      for (
        let thickness = 0.25 * spacing;
        thickness < thickest;
        thickness += Math.max(0.5 * spacing, 0.02 * thickness)
      ) {
        const state = this.layerUpTo(end.position + thickness, amount);
        const deviance = this.lineDeviance(state, response, null);
        if (deviance < bestDeviance) {
          bestDeviance = deviance;
          best = state;
        }
      }
    const state = best ?? this.layerUpTo(end.position + 0.5 * spacing, 0);
    return { state, deviance: bestDeviance };
  }

  /** Climbs to the best state nearby, coordinate by coordinate, with shrinking steps. */
  climb(start: LayerState, response: LineResponse, offset: Float64Array | null): LayerState {
    const { spacing, beam_um } = this.geometry;
    const unit: LayerState = {
      inner: spacing,
      outer: spacing,
      innerWidth: spacing,
      outerWidth: spacing,
      amount: 0.2,
      anodeRatio: this.anode?.ratioSigma ?? 1,
      brightness: this.brightness.sigma,
    };
    let state = start;
    const value = (s: LayerState): number =>
      this.allowed(s, response.max) ? this.logLikelihood(s, response, offset) + this.logPrior(s) : -Infinity;
    let best = value(state);
    for (let step = 0.4; step > 0.004; ) {
      let improved = false;
      for (const key of STATE_KEYS)
        for (const sign of [1, -1]) {
          const trial = { ...state, [key]: state[key] + sign * step * unit[key] };
          if (key.endsWith('Width')) trial[key] = Math.max(leastBlur(beam_um), trial[key]);
          trial.amount = Math.min(response.max, Math.max(0, trial.amount));
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
    const { spacing, beam_um } = this.geometry;
    const far = -leastBlur(beam_um);
    const leap = (reach: Partial<LayerState>): Float64Array =>
      Float64Array.from(STATE_KEYS, (key) => reach[key] ?? 0);
    return samplePosterior({
      start: toVector(start),
      step: toVector({
        inner: 0.1 * spacing,
        outer: 0.1 * spacing,
        innerWidth: 0.1 * spacing,
        outerWidth: 0.1 * spacing,
        amount: 0.01,
        anodeRatio: 0.3 * (this.anode?.ratioSigma ?? 1),
        brightness: 0.3 * this.brightness.sigma,
      }),
      logDensity: (p) => {
        const state = toState(p);
        return this.allowed(state, response.max)
          ? this.logLikelihood(state, response, offset) + this.logPrior(state)
          : -Infinity;
      },
      // A beam that is as wide as stated and one that is a point may both do, and nothing in between.
      leaps: [leap({ inner: spacing, innerWidth: far }), leap({ outer: spacing, outerWidth: far })],
      burnIn: Math.round(samples / 2),
      samples,
      seed,
    });
  }

  /** The outer boundary is pushed against the farthest place that the scan allows. */
  outerAtLimit(samples: SampleSet): boolean {
    const { last, spacing } = this.geometry;
    const [high] = quantilesOf(samples, (p) => p[indexOf('outer')], [0.975]).quantiles;
    return high > last - (PRISTINE_STEPS + 0.1) * spacing;
  }

  /** Samples of the anode's edge alone: position, width and ratio. */
  sampleAnode(samples: number, seed: number): SampleSet {
    const { first, last, spacing, beam_um } = this.geometry;
    const end = this.anodeEnd();
    return samplePosterior({
      start: Float64Array.of(end.position, end.width, end.ratio),
      step: Float64Array.of(0.1 * spacing, 0.1 * spacing, 0.3 * (this.anode?.ratioSigma ?? 1)),
      logDensity: ([position, width, ratio]) =>
        position > first - spacing / 2 &&
        position < last &&
        width >= leastBlur(beam_um) &&
        width < MAX_WIDTH_STEPS * spacing
          ? this.anodeLog({ position, width, ratio }) + logWidthPrior(width / spacing)
          : -Infinity,
      leaps: [Float64Array.of(spacing, -leastBlur(beam_um), 0)],
      burnIn: Math.round(samples / 2),
      samples,
      seed,
    });
  }
}

/** The state with the median of every parameter. */
export const medianState = (set: SampleSet): LayerState =>
  toState(STATE_KEYS.map((_, k) => quantilesOf(set, (p) => p[k], [0.5]).quantiles[0]));

/** The response of each hypothesis within one variant, in the fixed order of the hypotheses. */
export const responsesOf = (responses: LineResponse[], variant: string): LineResponse[] =>
  HYPOTHESES.map((h) => responses.find((r) => r.hypothesis === h && r.variant === variant)).filter(
    (r): r is LineResponse => r !== undefined,
  );
