/** The normal equations of a powder pattern, whose columns are zero but for a range of points, and their solutions. */
import { choleskyScaled, solveScaled } from './scaled-cholesky.js';

/** What is refined: data, parameters and the model. Arrays of parameters run parallel to `start`. */
export interface SolverProblem {
  /** Number of data points. */
  points: number;
  y: Float64Array;
  /** 1 / sigma^2; 0 leaves a point out. */
  weight: Float64Array;
  start: Float64Array;
  lower: Float64Array;
  upper: Float64Array;
  /** 1 where the parameter is refined. */
  vary: Uint8Array;
  /** Prior mean and weight (1 / sigma^2); weight 0 for none. */
  priorMean: Float64Array;
  priorWeight: Float64Array;
  /** Computes the curve at `p`; fills `columns[j]` inside its support when `columns` is given. */
  evaluate(p: Float64Array, curve: Float64Array, columns: Float64Array[] | null): void;
  /** First point and one past the last point where column j may be non-zero; may change from step to step. */
  supportStart: Int32Array;
  supportEnd: Int32Array;
  maxIterations: number;
  /** Stops when no parameter moves by more than this fraction of its esd. Default 0.02. */
  tolerance?: number;
}

/** J^T W J with priors, its gradient, and solutions of it; all storage is allocated once. */
export class NormalEquations {
  readonly matrix: Float64Array;
  readonly gradient: Float64Array;
  readonly undetermined = new Set<number>();
  private readonly factor: Float64Array;
  private readonly active: Int32Array;
  private readonly out: Float64Array;
  private readonly held: Uint8Array;
  private weighted = new Float64Array(0);

  constructor(private readonly P: number) {
    this.matrix = new Float64Array(P * P);
    this.gradient = new Float64Array(P);
    this.factor = new Float64Array(P * P);
    this.active = new Int32Array(P);
    this.out = new Float64Array(P);
    this.held = new Uint8Array(P);
  }

  assemble(problem: SolverProblem, p: Float64Array, curve: Float64Array, columns: Float64Array[]): void {
    const { P, matrix, gradient } = this;
    const { y, weight, vary, supportStart, supportEnd } = problem;
    if (this.weighted.length !== y.length) this.weighted = new Float64Array(y.length);
    const weighted = this.weighted;
    matrix.fill(0);
    for (let j = 0; j < P; j++) {
      gradient[j] = problem.priorWeight[j]! * (problem.priorMean[j]! - p[j]!);
      if (vary[j] === 0) continue;
      const cj = columns[j]!;
      const s = supportStart[j]!;
      const e = supportEnd[j]!;
      let g = 0;
      for (let i = s; i < e; i++) {
        const wc = weight[i]! > 0 ? weight[i]! * cj[i]! : 0;
        weighted[i] = wc;
        g += wc === 0 ? 0 : wc * (y[i]! - curve[i]!);
      }
      gradient[j] = gradient[j]! + g;
      for (let k = 0; k <= j; k++) {
        if (vary[k] === 0) continue;
        const from = Math.max(s, supportStart[k]!);
        const to = Math.min(e, supportEnd[k]!);
        if (from >= to) continue;
        const ck = columns[k]!;
        let sum = 0;
        for (let i = from; i < to; i++) sum += weighted[i]! * ck[i]!;
        matrix[j * P + k] = sum;
        matrix[k * P + j] = sum;
      }
      matrix[j * P + j] = matrix[j * P + j]! + problem.priorWeight[j]!;
    }
  }

  /** Damped step; parameters pushed out of their bounds are held. */
  step(problem: SolverProblem, p: Float64Array, lambda: number): Float64Array {
    const { P, out, held, gradient } = this;
    held.fill(0);
    for (let round = 0; round < 4; round++) {
      for (let j = 0; j < P; j++) {
        if (held[j] !== 0) continue;
        const low = p[j]! <= problem.lower[j]! && gradient[j]! < 0;
        const high = p[j]! >= problem.upper[j]! && gradient[j]! > 0;
        if (round === 0 && (low || high)) held[j] = 1;
      }
      this.solveFree(problem.vary, held, lambda);
      let again = false;
      for (let j = 0; j < P; j++) {
        if (out[j] === 0) continue;
        const outward =
          (p[j]! <= problem.lower[j]! && out[j]! < 0) || (p[j]! >= problem.upper[j]! && out[j]! > 0);
        if (outward) {
          held[j] = 1;
          again = true;
        }
      }
      if (!again) break;
    }
    return out;
  }

  private solveFree(vary: Uint8Array, held: Uint8Array, lambda: number): void {
    const { P, active, out, factor, matrix, gradient } = this;
    this.undetermined.clear();
    let n = 0;
    for (let j = 0; j < P; j++) {
      out[j] = 0;
      if (vary[j] === 0 || held[j] !== 0) continue;
      if (matrix[j * P + j]! > 0) active[n++] = j;
      else this.undetermined.add(j);
    }
    const dead = choleskyScaled(matrix, P, active, n, lambda, factor);
    for (const a of dead) this.undetermined.add(active[a]!);
    solveScaled(matrix, P, active, n, factor, gradient, out);
  }

  /** Largest move in units of the conditional esd 1 / sqrt(A_jj). */
  largestShift(p: Float64Array, trial: Float64Array): number {
    let largest = 0;
    for (let j = 0; j < this.P; j++)
      largest = Math.max(largest, Math.abs(trial[j]! - p[j]!) * Math.sqrt(this.matrix[j * this.P + j]!));
    return largest;
  }

  /** Fall of the objective that the quadratic model promises: 2 g d - d A d. */
  predictedGain(p: Float64Array, trial: Float64Array): number {
    let gain = 0;
    for (let j = 0; j < this.P; j++) {
      const dj = trial[j]! - p[j]!;
      if (dj === 0) continue;
      let Ad = 0;
      for (let k = 0; k < this.P; k++) Ad += this.matrix[j * this.P + k]! * (trial[k]! - p[k]!);
      gain += dj * (2 * this.gradient[j]! - Ad);
    }
    return gain;
  }

  /** Changes the prior weight of a parameter in the problem and in the assembled equations. */
  replacePrior(problem: SolverProblem, p: Float64Array, j: number, weight: number): void {
    const change = weight - problem.priorWeight[j]!;
    problem.priorWeight[j] = weight;
    this.matrix[j * this.P + j] = this.matrix[j * this.P + j]! + change;
    this.gradient[j] = this.gradient[j]! + change * (problem.priorMean[j]! - p[j]!);
  }

  /** Inverse over the given parameters and the full step that the equations, as they stand, ask for. */
  linearised(parameters: number[]): { inverse: Float64Array; step: Float64Array } {
    const inverse = this.inverse(parameters);
    const n = parameters.length;
    const step = new Float64Array(n);
    for (let a = 0; a < n; a++) {
      let sum = 0;
      for (let b = 0; b < n; b++) {
        const value = inverse[a * n + b]!;
        if (!Number.isNaN(value)) sum += value * this.gradient[parameters[b]!]!;
      }
      step[a] = sum;
    }
    return { inverse, step };
  }

  /** Inverse of the undamped matrix over the given parameters, row-major in their order; NaN where undetermined. */
  inverse(parameters: number[]): Float64Array {
    const n = parameters.length;
    const { P } = this;
    const active = Int32Array.from(parameters);
    const dead = new Set(choleskyScaled(this.matrix, P, active, n, 0, this.factor));
    const result = new Float64Array(n * n);
    const unit = new Float64Array(P);
    const column = new Float64Array(P);
    for (let a = 0; a < n; a++) {
      if (dead.has(a)) {
        for (let b = 0; b < n; b++) result[a * n + b] = result[b * n + a] = a === b ? Number.NaN : 0;
        continue;
      }
      unit.fill(0);
      unit[parameters[a]!] = 1;
      solveScaled(this.matrix, P, active, n, this.factor, unit, column);
      for (let b = 0; b < n; b++) if (!dead.has(b)) result[a * n + b] = column[parameters[b]!]!;
    }
    return result;
  }
}
