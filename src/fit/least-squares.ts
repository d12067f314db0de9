import { norm } from '../numeric/linear-algebra.js';
import { dampedStep } from './engine.js';
import { fitResult, triangleOf } from './fit-result.js';
import { differenceStep, JacobianMaker } from './jacobian.js';
import { linearParameters } from './linearity.js';
import { reduceJacobian } from './reduction.js';
import { boundedStep, type ReducedProblem } from './step.js';
import type { FitResult, LeastSquaresProblem } from './types.js';
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
  private readonly n: number;
  private readonly used: number;
  private readonly inverseSigma: Float64Array;
  private readonly lower: Float64Array;
  private readonly upper: Float64Array;
  private readonly varied: number[];
  private readonly jacobian: JacobianMaker;
  private p: Float64Array;
  private trial: Float64Array;
  private curve: Float64Array;
  private trialCurve: Float64Array;
  private readonly residual: Float64Array;
  private readonly forwardSteps: Float64Array;
  private readonly centralSteps: Float64Array;
  private readonly lengths: Float64Array;
  private chi2 = Number.NaN;
  private iterations = 0;
  private damping = 1e-3;
  private growth = 2;

  constructor(private readonly problem: LeastSquaresProblem) {
    const { parameters, y } = problem;
    this.n = y.length;
    this.inverseSigma = inverseSigmaOf(problem);
    this.used = this.inverseSigma.reduce((count, w) => count + (w > 0 ? 1 : 0), 0);
    this.lower = Float64Array.from(parameters, (q) => q.min ?? Number.NEGATIVE_INFINITY);
    this.upper = Float64Array.from(parameters, (q) => q.max ?? Number.POSITIVE_INFINITY);
    this.p = Float64Array.from(parameters, (q, i) => {
      if (!Number.isFinite(q.value)) throw new RangeError(`start value of ${q.name} is not finite`);
      if (this.lower[i]! > this.upper[i]!) throw new RangeError(`bounds of ${q.name} are out of order`);
      return q.vary === false ? q.value : Math.min(Math.max(q.value, this.lower[i]!), this.upper[i]!);
    });
    this.varied = parameters.flatMap((q, i) =>
      q.vary === false || this.lower[i] === this.upper[i] ? [] : [i],
    );
    this.jacobian = new JacobianMaker(problem, this.varied, this.inverseSigma, this.lower, this.upper);
    this.trial = this.p.slice();
    this.curve = new Float64Array(this.n);
    this.trialCurve = new Float64Array(this.n);
    this.residual = new Float64Array(this.n);
    this.forwardSteps = new Float64Array(this.varied.length);
    this.centralSteps = new Float64Array(this.varied.length);
    this.lengths = new Float64Array(this.varied.length);
  }

  run(): FitResult {
    this.problem.model(this.p, this.curve);
    this.chi2 = this.sumOfSquares(this.curve);
    if (!Number.isFinite(this.chi2)) return this.finish(false, 'the model is not finite at the start values');
    if (this.varied.length === 0) return this.finish(true, 'no parameter varies');
    const [converged, reason] = this.iterate();
    return this.finish(converged, reason);
  }

  private iterate(): [boolean, string] {
    const limit = this.problem.maxIterations ?? 200;
    let central = this.problem.derivative !== undefined;
    let stalled = 0;
    for (this.iterations = 0; this.iterations < limit; this.iterations++) {
      const reduced = this.linearize(central);
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
      if (this.take(step.delta, slack)) {
        this.accept();
        const gain = (before - this.chi2) / step.predicted;
        this.damping = Math.max(this.damping * Math.max(1 / 3, 1 - (2 * gain - 1) ** 3), 1e-14);
        this.growth = 2;
        return short ? 'the next step is within the tolerance' : 'moved';
      }
      if (short) return 'the next step is within the tolerance';
    }
    return 'no step lowers chi square';
  }

  /**
   * Bends a step along the curvature of the model, which follows a narrow winding valley where straight steps crawl.
   * Source: Transtrum and Sethna, arXiv:1201.5885 (geodesic acceleration), with their limit 0.75.
   */
  private accelerate({ r, reduce, lower, upper }: ReducedProblem, delta: Float64Array): void {
    const h = 0.1;
    const { varied, lengths, n } = this;
    this.trial.set(this.p);
    varied.forEach((i, j) => {
      this.trial[i] = this.p[i]! + (h * delta[j]!) / lengths[j]!;
    });
    if (varied.some((i) => this.trial[i]! < this.lower[i]! || this.trial[i]! > this.upper[i]!)) return;
    this.problem.model(this.trial, this.trialCurve);
    // f'' v v = 2/h ((f(p + h v) - f(p))/h - J v); the last term is subtracted after Q^T, where J is R.
    for (let i = 0; i < n; i++) {
      const w = this.inverseSigma[i]!;
      this.residual[i] = w === 0 ? 0 : (2 / (h * h)) * (this.trialCurve[i]! - this.curve[i]!) * w;
    }
    const c = reduce(this.residual);
    const count = varied.length;
    for (let i = 0; i < count; i++) {
      let straight = 0;
      for (let j = i; j < count; j++) straight += r[i * count + j]! * delta[j]!;
      c[i] = -0.5 * (c[i]! - (2 / h) * straight);
    }
    const bend = dampedStep(r, c, this.damping);
    if (!bend || !(2 * norm(bend) <= 0.75 * norm(delta))) return;
    const bent = delta.map((d, j) => d + bend[j]!);
    if (bent.every((d, j) => d >= lower[j]! && d <= upper[j]!)) delta.set(bent);
  }

  /** The reduced problem at p: R and c of min |c - R s| in scaled parameters; null if not finite. */
  private linearize(central: boolean): ReducedProblem | null {
    const { jacobian, varied, lengths, p } = this;
    jacobian.fill(p, this.curve, central ? this.centralSteps : this.forwardSteps, central);
    const noise = Math.sqrt(this.chi2 / Math.max(1, this.used - varied.length));
    const size = this.curveNorm();
    for (let j = 0; j < varied.length; j++) {
      const length = norm(jacobian.columns[j]!);
      if (!Number.isFinite(length)) return null;
      this.forwardSteps[j] = differenceStep(noise, size, length, false);
      this.centralSteps[j] = differenceStep(noise, size, length, true);
      lengths[j] = length > 0 ? length : 1;
      const column = jacobian.columns[j]!;
      const scale = 1 / lengths[j]!;
      for (let i = 0; i < this.n; i++) column[i]! *= scale;
    }
    for (let i = 0; i < this.n; i++) {
      const w = this.inverseSigma[i]!;
      this.residual[i] = w === 0 ? 0 : (this.problem.y[i]! - this.curve[i]!) * w;
    }
    const { r, reduce } = reduceJacobian(jacobian.columns, this.n);
    const c = reduce(this.residual);
    return {
      r,
      c,
      reduce,
      lower: Float64Array.from(varied, (i, j) => (this.lower[i]! - p[i]!) * lengths[j]!),
      upper: Float64Array.from(varied, (i, j) => (this.upper[i]! - p[i]!) * lengths[j]!),
    };
  }

  /** Whether a scaled step is too short to matter, as its length in sigmas or relative to the values. */
  private isShort(delta: Float64Array, predicted: number, tolerance: number): boolean {
    if (this.damping > 1) return delta.every((d) => d === 0);
    const noise2 = this.chi2 / Math.max(1, this.used - this.varied.length);
    if (predicted <= tolerance * tolerance * noise2) return true;
    return this.varied.every(
      (i, j) => Math.abs(delta[j]! / this.lengths[j]!) <= 1e-12 * Math.abs(this.p[i]!),
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

  /** Computes the trial; true if it lowers chi square. */
  private take(delta: Float64Array, slack: number): boolean {
    this.trial.set(this.p);
    this.varied.forEach((i, j) => {
      const moved = this.p[i]! + delta[j]! / this.lengths[j]!;
      this.trial[i] = Math.min(Math.max(moved, this.lower[i]!), this.upper[i]!);
    });
    this.problem.model(this.trial, this.trialCurve);
    const chi2 = this.sumOfSquares(this.trialCurve);
    return slack > 0 ? chi2 <= this.chi2 + slack : chi2 < this.chi2;
  }

  private accept(): void {
    [this.p, this.trial] = [this.trial, this.p];
    [this.curve, this.trialCurve] = [this.trialCurve, this.curve];
    this.chi2 = this.sumOfSquares(this.curve);
  }

  /** Norm of f/sigma. */
  private curveNorm(): number {
    let sum = 0;
    for (let i = 0; i < this.n; i++) sum += (this.curve[i]! * this.inverseSigma[i]!) ** 2;
    return Math.sqrt(sum);
  }

  private sumOfSquares(curve: Float64Array): number {
    return weightedSquares(this.problem.y, curve, this.inverseSigma);
  }

  private finish(converged: boolean, reason: string): FitResult {
    const { problem, varied, p, curve, chi2, used, lower, upper, iterations } = this;
    const count = varied.length;
    let triangle: Float64Array[] | null = null;
    if (count > 0 && Number.isFinite(chi2)) {
      this.jacobian.fill(p, curve, this.centralSteps, true);
      triangle = triangleOf(this.jacobian.columns, this.n);
    }
    const state = { p, curve, chi2, used, varied, lower, upper, iterations, triangle };
    return fitResult(problem, state, converged, reason);
  }
}
