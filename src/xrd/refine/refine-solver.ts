/**
 * Bounded Levenberg-Marquardt on the normal equations, made for powder patterns: thousands of points, some tens of
 * parameters that touch all points and, optionally, a hundred that touch one line each. Derivative columns carry the
 * range of points on which they are not zero, so that products of columns cost only their overlap.
 *
 * Objective: sum w (y - f)^2 + sum ((p - prior) / priorSigma)^2. Bounds are active sets: a parameter that is pushed
 * outward from its bound is held for that step, and the fit says so at the end. Damping after Marquardt (J. SIAM 11
 * (1963) 431) with the gain-ratio rule of K. Madsen, H. B. Nielsen, O. Tingleff, Methods for Non-Linear Least Squares
 * Problems (2004), section 3.2. (src/fit holds the general solver for dense problems.)
 */

import { NormalEquations, type SolverProblem } from './normal-equations.js';

export interface SolverState {
  p: Float64Array;
  curve: Float64Array;
  columns: Float64Array[];
  /** Sum over the data alone. */
  chi2: number;
  objective: number;
  iterations: number;
  converged: boolean;
  reason: string;
  /** Parameters that the data (and priors) do not determine: held at their start. */
  undetermined: Set<number>;
}

/** Refines until it converges, stalls or runs out of iterations; never throws for numerical reasons. */
export function solve(problem: SolverProblem, columnsStore?: Float64Array[]): SolverState {
  const P = problem.start.length;
  const columns = columnsStore ?? Array.from({ length: P }, () => new Float64Array(problem.points));
  const p = clampAll(problem.start.slice(), problem);
  const trial = p.slice();
  const curve = new Float64Array(problem.points);
  problem.evaluate(p, curve, columns);
  let { chi2, objective } = measure(problem, p, curve);
  const normal = new NormalEquations(P);
  const state: SolverState = {
    p,
    curve,
    columns,
    chi2,
    objective,
    iterations: 0,
    converged: false,
    reason: 'not started',
    undetermined: new Set(),
  };
  if (!Number.isFinite(objective)) return { ...state, reason: 'the starting model is not finite' };
  let lambda = 1e-4;
  let growth = 2;
  let fresh = true;
  let stale = false;
  let reason = `stopped after ${problem.maxIterations} iterations without converging`;
  let iterations = 0;
  for (; iterations < problem.maxIterations; iterations++) {
    if (fresh) normal.assemble(problem, p, curve, columns);
    const step = normal.step(problem, p, lambda);
    for (let j = 0; j < P; j++)
      trial[j] = Math.min(problem.upper[j]!, Math.max(problem.lower[j]!, p[j]! + step[j]!));
    const largest = normal.largestShift(p, trial);
    const predicted = normal.predictedGain(p, trial);
    // Most steps are taken: derivatives are computed along with the trial, not after it.
    problem.evaluate(trial, curve, columns);
    const next = measure(problem, trial, curve);
    const gain = (objective - next.objective) / Math.max(predicted, 1e-300);
    const tolerance = problem.tolerance ?? 0.02;
    if (Number.isFinite(next.objective) && next.objective <= objective) {
      const drop = objective - next.objective;
      p.set(trial);
      ({ chi2, objective } = next);
      fresh = true;
      stale = false;
      lambda = Math.max(1e-9, lambda * Math.max(1 / 5, 1 - (2 * gain - 1) ** 3));
      growth = 2;
      // Small steps mean something only while the damping is small.
      if (lambda < 0.1 && (largest < tolerance || drop < 1e-7 * objective)) {
        reason =
          largest < tolerance
            ? 'converged: shifts are far below the esds'
            : 'converged: chi square no longer falls';
        state.converged = true;
        break;
      }
    } else {
      fresh = false;
      stale = true;
      if (largest < tolerance) {
        reason = 'converged: shifts are far below the esds';
        state.converged = true;
        break;
      }
      lambda *= growth;
      growth *= 2;
      if (lambda > 1e12) {
        reason = 'stalled: no step lowers chi square';
        break;
      }
    }
  }
  // A rejected trial left its own curve and columns behind.
  if (stale) problem.evaluate(p, curve, columns);
  Object.assign(state, {
    chi2,
    objective,
    iterations: iterations + 1,
    reason,
    undetermined: normal.undetermined,
  });
  return state;
}

function measure(
  { y, weight, priorMean, priorWeight }: SolverProblem,
  p: Float64Array,
  curve: Float64Array,
): { chi2: number; objective: number } {
  let chi2 = 0;
  for (let i = 0; i < y.length; i++) {
    const w = weight[i]!;
    if (w > 0) {
      const d = y[i]! - curve[i]!;
      chi2 += w * d * d;
    }
  }
  let prior = 0;
  for (let j = 0; j < p.length; j++) prior += priorWeight[j]! * (p[j]! - priorMean[j]!) ** 2;
  return { chi2, objective: chi2 + prior };
}

function clampAll(p: Float64Array, { lower, upper }: SolverProblem): Float64Array {
  for (let j = 0; j < p.length; j++) p[j] = Math.min(upper[j]!, Math.max(lower[j]!, p[j]!));
  return p;
}
