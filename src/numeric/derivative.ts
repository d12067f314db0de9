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
