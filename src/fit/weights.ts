import type { LeastSquaresProblem } from './types.js';

/**
 * 1/sigma of each point; 1 without sigma, 0 for a point that is left out (infinite sigma).
 * @throws RangeError for a sigma that is not positive, or a y that is not finite and not left out
 */
export function inverseSigmaOf({ y, sigma }: Pick<LeastSquaresProblem, 'y' | 'sigma'>): Float64Array {
  const out = new Float64Array(y.length).fill(1);
  if (sigma) {
    if (sigma.length !== y.length)
      throw new RangeError(`sigma has ${sigma.length} values for ${y.length} points`);
    for (let i = 0; i < y.length; i++) {
      if (!(sigma[i]! > 0)) throw new RangeError(`sigma of point ${i} is ${sigma[i]}, not positive`);
      out[i] = 1 / sigma[i]!;
    }
  }
  for (let i = 0; i < y.length; i++) {
    if (out[i]! > 0 && !Number.isFinite(y[i]!)) throw new RangeError(`point ${i} is ${y[i]}, not finite`);
  }
  return out;
}

/** Sum of ((y - curve) w)^2 over the points that are not left out. */
export function weightedSquares(y: Float64Array, curve: Float64Array, inverseSigma: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < y.length; i++) {
    const w = inverseSigma[i]!;
    if (w === 0) continue;
    const d = (y[i]! - curve[i]!) * w;
    sum += d * d;
  }
  return sum;
}
