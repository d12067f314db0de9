import { dampedStep } from './engine.js';
import type { ReducedProblem } from './linearization.js';

export interface Step {
  /** In scaled parameters. */
  delta: Float64Array;
  /** Fall of chi square that the linearised model expects. */
  predicted: number;
}

/**
 * A damped step inside the bounds. A parameter that sits on a bound and is pushed outward, or that the step takes
 * beyond one, is held there and the step of the others is found anew (active set), so that a bound never bends
 * the direction of the others.
 * @returns null if the engine finds no step
 */
export function boundedStep({ r, c, lower, upper }: ReducedProblem, damping: number): Step | null {
  const p = c.length;
  const held = new Uint8Array(p);
  const gradient = gradientOf(r, c);
  for (let j = 0; j < p; j++) {
    if ((lower[j]! >= 0 && gradient[j]! < 0) || (upper[j]! <= 0 && gradient[j]! > 0)) held[j] = 1;
  }
  const delta = new Float64Array(p);
  for (let round = 0; round <= p; round++) {
    const free = held.some(Boolean) ? stepOfOthers(r, c, held, delta, damping) : dampedStep(r, c, damping);
    if (!free) return null;
    let crossed = false;
    for (let j = 0; j < p; j++) {
      if (held[j]) continue;
      delta[j] = free[j]!;
      if (free[j]! < lower[j]! || free[j]! > upper[j]!) {
        delta[j] = free[j]! < lower[j]! ? lower[j]! : upper[j]!;
        held[j] = 1;
        crossed = true;
      }
    }
    if (!crossed) break;
  }
  return { delta, predicted: predictedFall(r, c, delta) };
}

/** The step of the parameters that are not held, while the held ones move by `delta`. */
function stepOfOthers(
  r: Float64Array,
  c: Float64Array,
  held: Uint8Array,
  delta: Float64Array,
  damping: number,
): Float64Array | null {
  const p = c.length;
  const rest = c.slice();
  const reduced = r.slice();
  for (let j = 0; j < p; j++) {
    if (!held[j]) continue;
    for (let i = 0; i < p; i++) {
      rest[i]! -= r[i * p + j]! * delta[j]!;
      reduced[i * p + j] = 0;
    }
  }
  return dampedStep(reduced, rest, damping);
}

/** R^T c: the direction in which chi square falls (half its negative gradient). */
function gradientOf(r: Float64Array, c: Float64Array): Float64Array {
  const p = c.length;
  const out = new Float64Array(p);
  for (let i = 0; i < p; i++) for (let j = i; j < p; j++) out[j]! += r[i * p + j]! * c[i]!;
  return out;
}

function predictedFall(r: Float64Array, c: Float64Array, delta: Float64Array): number {
  const p = c.length;
  let fall = 0;
  for (let i = 0; i < p; i++) {
    let moved = 0;
    for (let j = i; j < p; j++) moved += r[i * p + j]! * delta[j]!;
    fall += moved * (2 * c[i]! - moved);
  }
  return fall;
}
