/** Small searches and derivatives on an ascending energy grid. All arrays are parallel; nothing is changed in place. */

/** Index of the last point at or below `value`; 0 if all points lie above it. */
export function indexAtOrBelow(x: Float64Array, value: number): number {
  let low = 0;
  let high = x.length - 1;
  if (!(x[0]! <= value)) return 0;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (x[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Index of the point nearest to `value`; the lower one of two equally near. */
export function indexNearest(x: Float64Array, value: number): number {
  const below = indexAtOrBelow(x, value);
  if (below + 1 >= x.length) return below;
  return Math.abs(x[below + 1]! - value) < Math.abs(x[below]! - value) ? below + 1 : below;
}

/** First index with x >= value (x.length if there is none). */
export function indexFrom(x: Float64Array, value: number): number {
  let low = 0;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Half-open range of the points with from <= x <= to. */
export function rangeWithin(x: Float64Array, from: number, to: number): [number, number] {
  const first = indexFrom(x, from);
  let last = indexFrom(x, to);
  while (last < x.length && x[last]! <= to) last++;
  return [first, Math.max(first, last)];
}

/**
 * dy/dx as Larch forms it: the index gradient of y over that of x (numpy.gradient for unit spacing: second order inside,
 * one-sided at the ends). First order only where the grid is uneven.
 */
export function ratioDerivative(x: Float64Array, y: Float64Array): Float64Array {
  const n = x.length;
  const out = new Float64Array(n);
  if (n < 2) return out.fill(Number.NaN);
  out[0] = (y[1]! - y[0]!) / (x[1]! - x[0]!);
  out[n - 1] = (y[n - 1]! - y[n - 2]!) / (x[n - 1]! - x[n - 2]!);
  for (let i = 1; i < n - 1; i++) out[i] = (y[i + 1]! - y[i - 1]!) / (x[i + 1]! - x[i - 1]!);
  return out;
}

/** dy/dx by the three-point formula that is exact for parabolas on any grid. */
export function derivative(x: Float64Array, y: Float64Array): Float64Array {
  const n = x.length;
  const out = new Float64Array(n);
  if (n < 3) return ratioDerivative(x, y);
  const slopes = (i: number): [number, number] => [
    x[i + 1]! - x[i]!,
    (y[i + 1]! - y[i]!) / (x[i + 1]! - x[i]!),
  ];
  for (let i = 1; i < n - 1; i++) {
    const [hLeft, left] = slopes(i - 1);
    const [hRight, right] = slopes(i);
    out[i] = (hRight * left + hLeft * right) / (hLeft + hRight);
  }
  const [h0, s0] = slopes(0);
  const [h1, s1] = slopes(1);
  out[0] = s0 + ((s0 - s1) * h0) / (h0 + h1);
  const [ha, sa] = slopes(n - 3);
  const [hb, sb] = slopes(n - 2);
  out[n - 1] = sb + ((sb - sa) * hb) / (ha + hb);
  return out;
}

/** Linear interpolation; NaN outside the range of x. Fastest for ascending `at`, where each search goes on from the last. */
export function interpolateLinear(x: Float64Array, y: Float64Array, at: Float64Array): Float64Array {
  const out = new Float64Array(at.length);
  const last = x.length - 1;
  let i = 0;
  for (let k = 0; k < at.length; k++) {
    const value = at[k]!;
    if (!(value >= x[0]! && value <= x[last]!)) {
      out[k] = Number.NaN;
      continue;
    }
    if (value < x[i]!) i = indexAtOrBelow(x, value);
    while (i < last && x[i + 1]! <= value) i++;
    i = Math.min(i, last - 1);
    out[k] = y[i]! + ((y[i + 1]! - y[i]!) * (value - x[i]!)) / (x[i + 1]! - x[i]!);
  }
  return out;
}

/** Rounds halves to the even neighbour, as Python and numpy do. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
