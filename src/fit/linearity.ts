import type { LeastSquaresProblem } from './types.js';

/**
 * Indices of varied parameters in which the model is jointly linear at its start values: those whose second
 * difference along their common direction vanishes.
 */
export function linearParameters({ parameters, model, y }: LeastSquaresProblem): Set<number> {
  const start = Float64Array.from(parameters, (q) => q.value);
  const here = new Float64Array(y.length);
  const near = new Float64Array(y.length);
  const far = new Float64Array(y.length);
  model(start, here);
  const linear = new Set<number>();
  const p = start.slice();
  for (let candidate = 0; candidate < parameters.length; candidate++) {
    if (parameters[candidate]!.vary === false) continue;
    linear.add(candidate);
    for (const [share, out] of [
      [0.1, near],
      [0.2, far],
    ] as const) {
      p.set(start);
      for (const i of linear) p[i] = start[i]! + share * (start[i]! || 1);
      model(p, out);
    }
    if (!isStraight(here, near, far)) linear.delete(candidate);
  }
  return linear;
}

function isStraight(here: Float64Array, near: Float64Array, far: Float64Array): boolean {
  let moved = 0;
  let bent = 0;
  for (let i = 0; i < here.length; i++) {
    moved = Math.max(moved, Math.abs(far[i]! - here[i]!));
    bent = Math.max(bent, Math.abs(far[i]! - 2 * near[i]! + here[i]!));
  }
  return Number.isFinite(moved) && moved > 0 && bent < 1e-7 * moved;
}
