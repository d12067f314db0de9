import { norm } from '../numeric/linear-algebra.js';
import { dampedStep } from './engine.js';
import type { ReducedProblem } from './linearization.js';
import type { FitFrame } from './types.js';

/**
 * Bends a scaled step, in place, along the curvature of the model, which follows a narrow winding valley where straight
 * steps crawl; leaves it where the bend is large against the step or leads out of the bounds.
 * Source: Transtrum and Sethna, arXiv:1201.5885 (geodesic acceleration), with their limit 0.75.
 * @param at where the fit stands; `trial` and `trialCurve` are overwritten
 */
export function bendStep(
  { problem, inverseSigma, varied, lower, upper }: FitFrame,
  lengths: Float64Array,
  reduced: ReducedProblem,
  at: {
    p: Float64Array;
    curve: Float64Array;
    trial: Float64Array;
    trialCurve: Float64Array;
    damping: number;
  },
  delta: Float64Array,
): void {
  const { p, curve, trial, trialCurve } = at;
  const { r, reduce } = reduced;
  const h = 0.1;
  trial.set(p);
  for (let j = 0; j < varied.length; j++) {
    const i = varied[j]!;
    trial[i] = p[i]! + (h * delta[j]!) / lengths[j]!;
    if (trial[i]! < lower[i]! || trial[i]! > upper[i]!) return;
  }
  problem.model(trial, trialCurve);
  // f'' v v = 2/h ((f(p + h v) - f(p))/h - J v); the last term is subtracted after Q^T, where J is R.
  const bending = trialCurve.map((value, i) =>
    inverseSigma[i] === 0 ? 0 : (2 / (h * h)) * (value - curve[i]!) * inverseSigma[i]!,
  );
  const c = reduce(bending);
  const count = varied.length;
  for (let i = 0; i < count; i++) {
    let straight = 0;
    for (let j = i; j < count; j++) straight += r[i * count + j]! * delta[j]!;
    c[i] = -0.5 * (c[i]! - (2 / h) * straight);
  }
  const bend = dampedStep(r, c, at.damping);
  if (!bend || !(2 * norm(bend) <= 0.75 * norm(delta))) return;
  const bent = delta.map((d, j) => d + bend[j]!);
  if (bent.every((d, j) => d >= reduced.lower[j]! && d <= reduced.upper[j]!)) delta.set(bent);
}
