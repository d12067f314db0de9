import { invertSymmetric } from '../numeric/linear-algebra.js';

/** A cubic through the points of a window, in t = x - centre. */
export interface LocalCubic {
  centre: number;
  coefficients: [number, number, number, number];
  /** Covariance of the coefficients, 4 x 4 row-major, from the sigmas of the points. */
  covariance: Float64Array;
  chi2: number;
  points: number;
}

/**
 * Weighted cubic least squares on the points within `halfWidth` of `centre`. Null where fewer than 6 points, or points
 * on one side only, leave it undetermined.
 */
export function localCubic(
  x: Float64Array,
  y: Float64Array,
  sigma: Float64Array,
  centre: number,
  halfWidth: number,
): LocalCubic | null {
  const moments = new Float64Array(7);
  const right = new Float64Array(4);
  let points = 0;
  let above = 0;
  let sumYY = 0;
  const reference = valueNear(x, y, centre);
  for (let i = firstWithin(x, centre - halfWidth); i < x.length && x[i]! <= centre + halfWidth; i++) {
    if (!Number.isFinite(sigma[i]!)) continue;
    const t = (x[i]! - centre) / halfWidth;
    const w = 1 / (sigma[i]! * sigma[i]!);
    const v = y[i]! - reference;
    points++;
    if (t > 0) above++;
    sumYY += w * v * v;
    let power = w;
    for (let k = 0; k < 7; k++) {
      moments[k] = moments[k]! + power;
      if (k < 4) right[k] = right[k]! + power * v;
      power *= t;
    }
  }
  if (points < 6 || above < 2 || points - above < 2) return null;
  const normal = new Float64Array(16);
  for (let a = 0; a < 4; a++) for (let b = 0; b < 4; b++) normal[4 * a + b] = moments[a + b]!;
  const inverse = invertSymmetric(normal, 4);
  if (!inverse) return null;
  const c = new Float64Array(4);
  let explained = 0;
  for (let a = 0; a < 4; a++) {
    let sum = 0;
    for (let b = 0; b < 4; b++) sum += inverse[4 * a + b]! * right[b]!;
    c[a] = sum;
    explained += sum * right[a]!;
  }
  const unit = (k: number): number => halfWidth ** -k;
  for (let a = 0; a < 4; a++)
    for (let b = 0; b < 4; b++) inverse[4 * a + b] = inverse[4 * a + b]! * unit(a) * unit(b);
  return {
    centre,
    coefficients: [c[0]! + reference, c[1]! * unit(1), c[2]! * unit(2), c[3]! * unit(3)],
    covariance: inverse,
    chi2: Math.max(0, sumYY - explained),
    points,
  };
}

function firstWithin(x: Float64Array, from: number): number {
  let low = 0;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x[middle]! < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

function valueNear(x: Float64Array, y: Float64Array, at: number): number {
  return y[Math.min(x.length - 1, firstWithin(x, at))]!;
}
