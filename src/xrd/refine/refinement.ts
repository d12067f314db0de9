/**
 * The working state of one pattern's refinement: model, weights, which parameters vary, and the steps that the driver
 * (refine-pattern.ts) puts in order. A phase that is not clearly there keeps its nuisance parameters at their start, so
 * that nothing diverges where only some phases are present.
 */
import { InputError } from '../../errors.js';
import type { Pattern } from '../../measurement.js';
import { buildMask, countKept, intersectMasks, type Mask } from '../frames/mask.js';
import { type PatternNoise, patternNoise } from '../frames/noise.js';
import type { PatternModel } from '../pattern/pattern-model.js';
import { GLOBAL } from '../pattern/pattern-parameters.js';
import type { PhaseLines } from '../pattern/phase-lines.js';
import { NormalEquations, type SolverProblem } from './normal-equations.js';
import type { RefineOptions } from './refine-options.js';
import { type SolverState, solve } from './refine-solver.js';
import { buildModel, buildProblem, requestedParameters, startValues } from './refinement-setup.js';
import { searchShifts, startingBaseline } from './starting-values.js';

/** Scale over its esd beyond which a phase counts as present, and beyond which its parameters are refined. */
const PRESENT_SIGMAS = 3;
const GATE_SIGMAS = { composition: 4, cell: 5, shape: 8 };
/** More than this above the model is no chance. */
const LACKING_SIGMAS = 5;

export class Refinement {
  readonly model: PatternModel;
  readonly problem: SolverProblem;
  readonly noise: PatternNoise;
  readonly mask: Mask;
  readonly normal: NormalEquations;
  readonly columns: Float64Array[];
  /** Parameters asked for, whether or not they vary at the moment. */
  readonly requested: Set<number>;
  readonly notes: string[] = [];
  /** Weights from the given uncertainties, for the R factors. */
  readonly reportedWeight: Float64Array;
  p: Float64Array;
  state: SolverState | null = null;
  present: boolean[];
  iterations = 0;
  private readonly start: Float64Array;
  private readonly baseline: Float64Array;
  private readonly width_deg: number;

  constructor(
    readonly pattern: Pattern,
    readonly phases: readonly PhaseLines[],
    readonly options: RefineOptions,
  ) {
    const { twoTheta_deg, intensity } = pattern;
    if (phases.length === 0) throw new InputError('no phase to refine', null, 'name at least one');
    this.noise = patternNoise(pattern);
    const own = buildMask(twoTheta_deg, intensity, options);
    this.mask = options.mask ? intersectMasks(own, options.mask) : own;
    const kept = countKept(this.mask);
    if (kept < 50)
      throw new InputError(`only ${kept} usable channels`, { path: pattern.label }, 'widen the range');
    const usable = intensity.map((y, i) => (this.mask[i] === 1 ? y : Number.NaN));
    const { baseline, width_deg } = startingBaseline(twoTheta_deg, usable, this.noise.sigma);
    this.baseline = baseline;
    this.width_deg = width_deg ?? 0.15;
    this.model = buildModel(pattern, phases, options, this.width_deg);
    this.start = startValues(this.model, options, this.width_deg);
    this.p = this.start.slice();
    this.requested = requestedParameters(this.model, options);
    this.reportedWeight = this.noise.sigma.map((s, i) => (this.mask[i] === 1 && s > 0 ? 1 / (s * s) : 0));
    this.present = phases.map(() => true);
    this.columns = this.model.createColumns();
    this.normal = new NormalEquations(this.start.length);
    this.problem = buildProblem(this.model, options, usable, this.reportedWeight, this.p);
    if (this.noise.source === 'estimated') this.notes.push(this.noise.note);
  }

  /** Refines what varies now. */
  run(maxIterations: number, tolerance = 0.02): SolverState {
    this.problem.start = this.p;
    this.problem.maxIterations = maxIterations;
    this.problem.tolerance = tolerance;
    this.state = solve(this.problem, this.columns);
    this.p = this.state.p;
    this.iterations += this.state.iterations;
    return this.state;
  }

  /** Lets exactly these parameters vary. */
  varyOnly(parameters: Iterable<number>): void {
    this.model.vary.fill(0);
    for (const j of parameters) this.model.vary[j] = 1;
  }

  /** Background from the baseline, scales from the net pattern: both linear, so one solution is enough. */
  fitLinear(): void {
    const { background, backgroundTerms, phases } = this.model.parameters;
    const linear: number[] = [];
    for (let n = 0; n < backgroundTerms; n++) linear.push(background + n);
    if (this.iterations === 0) {
      this.startBackground(linear);
      for (const { scale } of phases) this.p[scale] = this.guessScale(scale);
    }
    this.varyOnly([...linear, ...phases.map(({ scale }) => scale)]);
    this.run(10);
    this.judgePresence();
  }

  private startBackground(linear: number[]): void {
    const { problem } = this;
    const y = problem.y;
    this.varyOnly(linear);
    for (const { scale } of this.model.parameters.phases) this.p[scale] = 0;
    problem.y = this.baseline;
    this.run(3);
    problem.y = y;
  }

  /** Scale at which the phase would explain the whole net intensity: the right order of magnitude. */
  private guessScale(scale: number): number {
    const { model, problem } = this;
    const k = model.parameters.phases.findIndex((slots) => slots.scale === scale);
    const unit = new Float64Array(problem.points);
    const p = this.p.slice();
    p[scale] = 1;
    model.phaseCurve(p, k, unit);
    let product = 0;
    let norm = 0;
    for (let i = 0; i < unit.length; i++) {
      product += problem.weight[i]! * unit[i]! * Math.max(0, problem.y[i]! - this.baseline[i]!);
      norm += problem.weight[i]! * unit[i]! * unit[i]!;
    }
    return norm > 0 ? product / norm : 0;
  }

  /** Moves zero and cells to where the lines are. */
  search(): void {
    const { model, problem } = this;
    const cells = this.phases.map((_, k) => this.requested.has(model.parameters.phases[k]!.cell));
    const zero = this.requested.has(GLOBAL.zero) && problem.priorWeight[GLOBAL.zero] === 0;
    if (!zero && !cells.some(Boolean)) return;
    const p = this.p.slice();
    for (const { scale } of model.parameters.phases) p[scale] = 1;
    const net = problem.y.map((y, i) => (this.mask[i] === 1 ? y - this.baseline[i]! : 0));
    const found = searchShifts(model, p, net, this.noise.sigma, this.width_deg, zero, cells);
    if (zero) this.p[GLOBAL.zero] = found.zero_deg;
    model.parameters.phases.forEach((slots, k) => {
      slots.free.forEach(({ drives }, j) => {
        if (drives[0]! < 3) this.p[slots.cell + j] = this.p[slots.cell + j]! * (1 + found.strain[k]!);
      });
    });
  }

  /** Which phases are there, from their scales and esds scaled by the goodness of fit. */
  judgePresence(): number[] {
    const { phases } = this.model.parameters;
    const significance = this.significances();
    this.present = significance.map((z) => z > PRESENT_SIGMAS);
    // The strongest phase stays, or there would be nothing to fit the line widths to.
    if (!this.present.some(Boolean)) {
      const best = significance.indexOf(Math.max(...significance));
      if (significance[best]! > 2) this.present[best] = true;
    }
    return phases.map((_, k) => (this.present[k] ? significance[k]! : 0));
  }

  private significances(): number[] {
    const varied = this.variedNow();
    this.assemble();
    const inverse = this.normal.inverse(varied);
    const n = varied.length;
    const inflation = Math.max(1, Math.min(4, this.gof()));
    return this.model.parameters.phases.map(({ scale }) => {
      const at = varied.indexOf(scale);
      if (at < 0) return 0;
      const sigma = Math.sqrt(inverse[at * n + at]!) * inflation;
      return sigma > 0 ? this.p[scale]! / sigma : 0;
    });
  }

  assemble(): void {
    this.normal.assemble(this.problem, this.p, this.state!.curve, this.columns);
  }

  variedNow(): number[] {
    const varied: number[] = [];
    this.model.vary.forEach((on, j) => {
      if (on) varied.push(j);
    });
    return varied;
  }

  /** sqrt of the reduced chi square with the weights in use. */
  gof(): number {
    const points = countKept(this.mask);
    return Math.sqrt(this.state!.chi2 / Math.max(1, points - this.variedNow().length));
  }

  /** The requested parameters, those of phases that are too weak for them left at their start. */
  gated(which: (j: number) => boolean = () => true): number[] {
    const strength = this.judgePresence();
    const allowed = new Set(this.requested);
    this.model.parameters.phases.forEach((slots, k) => {
      const z = strength[k]!;
      const gate = (from: number, count: number, minimum: number): void => {
        for (let j = from; j < from + count; j++)
          if (allowed.has(j) && z < minimum && !(z > PRESENT_SIGMAS && this.problem.priorWeight[j]! > 0)) {
            allowed.delete(j);
            this.p[j] = this.start[j]!;
          }
      };
      gate(slots.cell, slots.free.length, GATE_SIGMAS.cell);
      gate(slots.B, 1, GATE_SIGMAS.shape);
      gate(slots.X, 1, GATE_SIGMAS.shape);
      gate(slots.Y, 1, GATE_SIGMAS.shape);
      gate(slots.texture, 1, GATE_SIGMAS.shape);
      gate(slots.composition, slots.compositionCount, GATE_SIGMAS.composition);
    });
    if (!this.present.some(Boolean))
      for (let j = 0; j <= GLOBAL.asymmetry; j++) {
        allowed.delete(j);
        this.p[j] = this.start[j]!;
      }
    return [...allowed].filter(which);
  }

  /**
   * Counting variances from the model instead of the data: free of the bias of 1/y weights at few counts. Where far more
   * was counted than the model has, the model lacks something (a line of a phase that was not named) and its variance
   * would give these very channels the largest weights: there the data decide.
   */
  reweight(): void {
    const { gain } = this.noise;
    if (gain === null) return;
    const { curve } = this.state!;
    const { weight, y } = this.problem;
    const floor = this.noise.source === 'counts' ? 0.3 : gain * 0.3;
    for (let i = 0; i < weight.length; i++) {
      if (!(weight[i]! > 0)) continue;
      const expected = Math.max(curve[i]!, floor);
      const lacking = y[i]! > expected + LACKING_SIGMAS * Math.sqrt(gain * Math.max(expected, gain));
      weight[i] = 1 / (gain * (lacking ? y[i]! : expected));
    }
  }
}
