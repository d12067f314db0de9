/** Interpolation on strictly ascending abscissae. Outside them the ends' value (linear) or their cubic goes on (spline). */

/** Index i with x[i] <= at < x[i+1], clamped to 0 .. n-2. */
export function intervalOf(x: Float64Array, at: number): number {
  let low = 0;
  let high = x.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x[middle]! <= at) low = middle;
    else high = middle;
  }
  return low;
}

/** Linear interpolation of one point; constant beyond the ends. */
export function interpolateAt(x: Float64Array, y: Float64Array, at: number): number {
  const n = x.length;
  if (n === 1 || at <= x[0]!) return y[0]!;
  if (at >= x[n - 1]!) return y[n - 1]!;
  const i = intervalOf(x, at);
  return y[i]! + ((y[i + 1]! - y[i]!) * (at - x[i]!)) / (x[i + 1]! - x[i]!);
}

/** Linear interpolation onto a grid; constant beyond the ends. */
export function interpolateLinear(x: Float64Array, y: Float64Array, at: Float64Array): Float64Array {
  return Float64Array.from(at, (value) => interpolateAt(x, y, value));
}

export type SplineEnd = 'natural' | 'not-a-knot';

/**
 * Cubic spline through all points.
 * Source: de Boor, A Practical Guide to Splines (2001), chapter IV (end conditions as there).
 */
export class CubicSpline {
  /** Slope at each knot. */
  private readonly slope: Float64Array;

  /** @throws RangeError if there are fewer than two points or x does not ascend strictly */
  constructor(
    private readonly x: Float64Array,
    private readonly y: Float64Array,
    end: SplineEnd = 'not-a-knot',
  ) {
    const n = x.length;
    if (n < 2 || y.length !== n) throw new RangeError(`a spline needs two points or more, not ${n}`);
    for (let i = 1; i < n; i++)
      if (!(x[i]! > x[i - 1]!)) throw new RangeError(`spline knots do not ascend at point ${i}`);
    this.slope = slopes(x, y, n < 4 && end === 'not-a-knot' ? (n === 3 ? 'not-a-knot' : 'natural') : end);
  }

  at(value: number): number {
    const { x, y, slope } = this;
    const i = intervalOf(x, value);
    const h = x[i + 1]! - x[i]!;
    const t = (value - x[i]!) / h;
    const s = 1 - t;
    return (
      s * s * (1 + 2 * t) * y[i]! +
      t * t * (1 + 2 * s) * y[i + 1]! +
      h * s * t * (s * slope[i]! - t * slope[i + 1]!)
    );
  }

  derivativeAt(value: number): number {
    const { x, y, slope } = this;
    const i = intervalOf(x, value);
    const h = x[i + 1]! - x[i]!;
    const t = (value - x[i]!) / h;
    const s = 1 - t;
    return (
      (6 * s * t * (y[i + 1]! - y[i]!)) / h + s * (s - 2 * t) * slope[i]! + t * (t - 2 * s) * slope[i + 1]!
    );
  }

  on(grid: Float64Array): Float64Array {
    return Float64Array.from(grid, (value) => this.at(value));
  }
}

function slopes(x: Float64Array, y: Float64Array, end: SplineEnd): Float64Array {
  const n = x.length;
  const h = new Float64Array(n - 1);
  const d = new Float64Array(n - 1);
  for (let i = 0; i < n - 1; i++) {
    h[i] = x[i + 1]! - x[i]!;
    d[i] = (y[i + 1]! - y[i]!) / h[i]!;
  }
  if (n === 2) return Float64Array.of(d[0]!, d[0]!);
  if (n === 3 && end === 'not-a-knot') {
    // One parabola through three points.
    const bend = (d[1]! - d[0]!) / (h[0]! + h[1]!);
    return Float64Array.of(d[0]! - bend * h[0]!, d[0]! + bend * h[0]!, d[1]! + bend * h[1]!);
  }
  const lower = new Float64Array(n);
  const diagonal = new Float64Array(n);
  const upper = new Float64Array(n);
  const right = new Float64Array(n);
  for (let i = 1; i < n - 1; i++) {
    lower[i] = h[i]!;
    diagonal[i] = 2 * (h[i - 1]! + h[i]!);
    upper[i] = h[i - 1]!;
    right[i] = 3 * (h[i]! * d[i - 1]! + h[i - 1]! * d[i]!);
  }
  if (end === 'natural') {
    diagonal[0] = 2;
    upper[0] = 1;
    right[0] = 3 * d[0]!;
    diagonal[n - 1] = 2;
    lower[n - 1] = 1;
    right[n - 1] = 3 * d[n - 2]!;
  } else {
    const first = h[0]! + h[1]!;
    diagonal[0] = h[1]!;
    upper[0] = first;
    right[0] = ((h[0]! + 2 * first) * h[1]! * d[0]! + h[0]! ** 2 * d[1]!) / first;
    const last = h[n - 2]! + h[n - 3]!;
    diagonal[n - 1] = h[n - 3]!;
    lower[n - 1] = last;
    right[n - 1] = (h[n - 2]! ** 2 * d[n - 3]! + (2 * last + h[n - 2]!) * h[n - 3]! * d[n - 2]!) / last;
  }
  return solveTridiagonal(lower, diagonal, upper, right);
}

/** Thomas algorithm; the arrays are overwritten. */
export function solveTridiagonal(
  lower: Float64Array,
  diagonal: Float64Array,
  upper: Float64Array,
  right: Float64Array,
): Float64Array {
  const n = diagonal.length;
  for (let i = 1; i < n; i++) {
    const factor = lower[i]! / diagonal[i - 1]!;
    diagonal[i]! -= factor * upper[i - 1]!;
    right[i]! -= factor * right[i - 1]!;
  }
  const out = new Float64Array(n);
  for (let i = n - 1; i >= 0; i--) {
    out[i] = (right[i]! - (i < n - 1 ? upper[i]! * out[i + 1]! : 0)) / diagonal[i]!;
  }
  return out;
}
