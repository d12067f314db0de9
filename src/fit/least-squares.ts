import { bendStep } from './bend.js';
import { fitResult } from './fit-result.js';
import { linearParameters } from './linearity.js';
import { Linearization, type ReducedProblem } from './linearization.js';
import { boundedStep } from './step.js';
import type { FitFrame, FitResult, LeastSquaresProblem } from './types.js';
import { inverseSigmaOf, weightedSquares } from './weights.js';

/** The fit is done when the next step is shorter than this many standard uncertainties of every parameter. */
const DEFAULT_TOLERANCE = 1e-6;
const MAX_DAMPING = 1e16;
/** A fit that has not converged by then runs along a curved valley. */
const ACCELERATE_AFTER = 8;

/**
 * Weighted nonlinear least squares with bounds: Levenberg-Marquardt steps by ml-levenberg-marquardt, driven with
 * own scaling, acceptance, damping and convergence tests (see docs/numerics.md).
 * A point with infinite sigma is left out. Degenerate directions give sigma NaN; nothing singular throws.
 * @throws RangeError for arrays of unequal length, a sigma that is not positive, values out of order with bounds
 */
export function leastSquares(problem: LeastSquaresProblem): FitResult {
  const fit = new Fit(problem).run();
  if (fit.converged && !fit.parameters.some((q) => Number.isNaN(q.sigma))) return fit;
  // Lost on a plateau, perhaps: bring the parameters that enter linearly into place first, then fit all again.
  const nearer = solveLinearFirst(problem);
  if (!nearer) return fit;
  const again = new Fit(nearer).run();
  return again.chi2 < fit.chi2 || Number.isNaN(fit.chi2) ? again : fit;
}

/** The problem with its linear parameters fitted while the others wait at their start; null if there are none, or only such. */
function solveLinearFirst(problem: LeastSquaresProblem): LeastSquaresProblem | null {
  const linear = linearParameters(problem);
  const varied = problem.parameters.filter((q) => q.vary !== false).length;
  if (linear.size === 0 || linear.size === varied) return null;
  const parameters = problem.parameters.map((q, i) => ({ ...q, vary: linear.has(i) }));
  const { parameters: found } = new Fit({ ...problem, parameters }).run();
  return { ...problem, parameters: problem.parameters.map((q, i) => ({ ...q, value: found[i]!.value })) };
}

class Fit {
  private readonly used: number;
  private readonly frame: FitFrame;
  private readonly linearization: Linearization;
  private p: Float64Array;
  private trial: Float64Array;
  private curve: Float64Array;
  private trialCurve: Float64Array;
  private chi2 = Number.NaN;
  private iterations = 0;
  private damping = 1e-3;
  private growth = 2;

  constructor(private readonly problem: LeastSquaresProblem) {
    const { parameters, y } = problem;
    const inverseSigma = inverseSigmaOf(problem);
    this.used = inverseSigma.reduce((count, w) => count + (w > 0 ? 1 : 0), 0);
    const lower = new Float64Array(parameters.length);
    const upper = new Float64Array(parameters.length);
    this.p = new Float64Array(parameters.length);
    const varied: number[] = [];
    parameters.forEach(({ name, value, min, max, vary }, i) => {
      const low = min ?? Number.NEGATIVE_INFINITY;
      const high = max ?? Number.POSITIVE_INFINITY;
      if (!Number.isFinite(value)) throw new RangeError(`start value of ${name} is not finite`);
      if (low > high) throw new RangeError(`bounds of ${name} are out of order`);
      lower[i] = low;
      upper[i] = high;
      this.p[i] = vary === false ? value : Math.min(Math.max(value, low), high);
      if (vary !== false && low !== high) varied.push(i);
    });
    this.frame = { problem, inverseSigma, lower, upper, varied };
    this.linearization = new Linearization(this.frame);
    this.trial = this.p.slice();
    this.curve = new Float64Array(y.length);
    this.trialCurve = new Float64Array(y.length);
  }

  run(): FitResult {
    this.problem.model(this.p, this.curve);
    this.chi2 = this.sumOfSquares(this.curve);
    if (!Number.isFinite(this.chi2)) return this.finish(false, 'the model is not finite at the start values');
    if (this.frame.varied.length === 0) return this.finish(true, 'no parameter varies');
    const [converged, reason] = this.iterate();
    return this.finish(converged, reason);
  }

  private iterate(): [boolean, string] {
    const limit = this.problem.maxIterations ?? 200;
    let central = this.problem.derivative !== undefined;
    let stalled = 0;
    for (this.iterations = 0; this.iterations < limit; this.iterations++) {
      const reduced = this.linearization.at(this.p, this.curve, Math.sqrt(this.noise2()), central);
      if (!reduced) return [false, 'the derivatives are not finite'];
      const before = this.chi2;
      const outcome = this.advance(reduced);
      stalled = before - this.chi2 <= 1e-14 * before ? stalled + 1 : 0;
      if (this.chi2 === 0) return [true, 'converged: the model meets every point'];
      if (outcome === 'moved' && stalled < 4) continue;
      if (central) {
        if (outcome === 'moved') return [true, 'converged: chi square no longer falls'];
        return [true, `converged: ${outcome}`];
      }
      // Forward differences may stop a little beside the minimum: go on with central ones.
      central = true;
      stalled = 0;
      this.damping = Math.min(this.damping, 1e-3);
      this.growth = 2;
    }
    return [false, `stopped after ${limit} iterations`];
  }

  /** Tries steps with growing damping until one lowers chi square. */
  private advance(
    reduced: ReducedProblem,
  ): 'moved' | 'the next step is within the tolerance' | 'no step lowers chi square' {
    const tolerance = this.problem.tolerance ?? DEFAULT_TOLERANCE;
    for (; this.damping < MAX_DAMPING; this.damping *= this.growth, this.growth *= 2) {
      const step = boundedStep(reduced, this.damping);
      if (!step) continue;
      const short =
        this.isShort(step.delta, step.predicted, tolerance) && this.isShortUndamped(reduced, tolerance);
      if (!short && this.iterations >= ACCELERATE_AFTER) this.accelerate(reduced, step.delta);
      const before = this.chi2;
      // A fall below the rounding error of chi square cannot be seen: such steps are taken on trust.
      const slack = step.predicted < 1e-10 * before ? 1e-13 * before : 0;
      const chi2 = this.tryStep(step.delta);
      if (slack > 0 ? chi2 <= before + slack : chi2 < before) {
        this.accept(chi2);
        const gain = (before - chi2) / step.predicted;
        this.damping = Math.max(this.damping * Math.max(1 / 5, 1 - (2 * gain - 1) ** 3), 1e-14);
        this.growth = 2;
        return short ? 'the next step is within the tolerance' : 'moved';
      }
      if (short) return 'the next step is within the tolerance';
    }
    return 'no step lowers chi square';
  }

  /** Bends the step along the curvature of the model, if the bend stays within the bounds. */
  private accelerate(reduced: ReducedProblem, delta: Float64Array): void {
    const { frame, linearization, p, curve, trial, trialCurve, damping } = this;
    bendStep(frame, linearization.lengths, reduced, { p, curve, trial, trialCurve, damping }, delta);
  }

  /** Whether a scaled step is too short to matter, as its length in sigmas or relative to the values. */
  private isShort(delta: Float64Array, predicted: number, tolerance: number): boolean {
    if (this.damping > 1) return delta.every((d) => d === 0);
    if (predicted <= tolerance * tolerance * this.noise2()) return true;
    const { lengths } = this.linearization;
    return this.frame.varied.every(
      (i, j) => Math.abs(delta[j]! / lengths[j]!) <= 1e-12 * Math.abs(this.p[i]!),
    );
  }

  /** Damping may hide how far a poorly determined direction still has to go; if so, it is lowered. */
  private isShortUndamped(reduced: ReducedProblem, tolerance: number): boolean {
    if (this.damping <= 1e-12) return true;
    const step = boundedStep(reduced, 1e-12);
    if (!step || this.isShort(step.delta, step.predicted, tolerance)) return true;
    this.damping = Math.max(1e-3 * this.damping, 1e-12);
    return false;
  }

  /** Chi square after a scaled step. */
  private tryStep(delta: Float64Array): number {
    const { p, trial, trialCurve } = this;
    const { varied, lower, upper } = this.frame;
    const { lengths } = this.linearization;
    trial.set(p);
    for (let j = 0; j < varied.length; j++) {
      const i = varied[j]!;
      trial[i] = Math.min(Math.max(p[i]! + delta[j]! / lengths[j]!, lower[i]!), upper[i]!);
    }
    this.problem.model(trial, trialCurve);
    return this.sumOfSquares(trialCurve);
  }

  private accept(chi2: number): void {
    [this.p, this.trial] = [this.trial, this.p];
    [this.curve, this.trialCurve] = [this.trialCurve, this.curve];
    this.chi2 = chi2;
  }

  /** Reduced chi square. */
  private noise2(): number {
    return this.chi2 / Math.max(1, this.used - this.frame.varied.length);
  }

  private sumOfSquares(curve: Float64Array): number {
    return weightedSquares(this.problem.y, curve, this.frame.inverseSigma);
  }

  private finish(converged: boolean, reason: string): FitResult {
    const { frame, p, curve, chi2, used, iterations } = this;
    const known = frame.varied.length > 0 && Number.isFinite(chi2);
    const triangle = known ? this.linearization.triangle(p, curve) : null;
    return fitResult(frame, { p, curve, chi2, used, iterations, triangle }, converged, reason);
  }
}
