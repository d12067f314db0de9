/**
 * First derivative on an uneven grid, second order everywhere: the parabola through each point and its neighbours.
 * Source: Fornberg, Math. Comp. 51 (1988) 699, three-point weights.
 * @throws RangeError below three points
 */
export function derivative(x: Float64Array, y: Float64Array): Float64Array {
  const n = x.length;
  if (n < 3) throw new RangeError(`a derivative needs three points, not ${n}`);
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const k = Math.min(Math.max(i, 1), n - 2);
    const left = x[k]! - x[k - 1]!;
    const right = x[k + 1]! - x[k]!;
    const slopeLeft = (y[k]! - y[k - 1]!) / left;
    const slopeRight = (y[k + 1]! - y[k]!) / right;
    const bend = (slopeRight - slopeLeft) / (left + right);
    const middle = slopeLeft + bend * left;
    out[i] = middle + 2 * bend * (x[i]! - x[k]!);
  }
  return out;
}

/** Second derivative of the same parabolas; the ends repeat their neighbours. */
export function secondDerivative(x: Float64Array, y: Float64Array): Float64Array {
  const n = x.length;
  if (n < 3) throw new RangeError(`a second derivative needs three points, not ${n}`);
  const out = new Float64Array(n);
  for (let i = 1; i < n - 1; i++) {
    const left = x[i]! - x[i - 1]!;
    const right = x[i + 1]! - x[i]!;
    out[i] = (2 * ((y[i + 1]! - y[i]!) / right - (y[i]! - y[i - 1]!) / left)) / (left + right);
  }
  out[0] = out[1]!;
  out[n - 1] = out[n - 2]!;
  return out;
}
