/**
 * Slope of a curve at every point from a parabola through all points within `halfWidth` (and at least two on each
 * side), by weighted least squares; `sigma` of infinity leaves a point out. The second array is its uncertainty.
 * A local parabola is the Savitzky-Golay filter (Anal. Chem. 36 (1964) 1627) on a grid that need not be even.
 */
export function localSlope(
  x: Float64Array,
  y: Float64Array,
  sigma: Float64Array,
  halfWidth: number,
): { slope: Float64Array; sigma: Float64Array } {
  const n = x.length;
  const slope = new Float64Array(n).fill(Number.NaN);
  const error = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  let from = 0;
  let to = 0;
  for (let i = 0; i < n; i++) {
    const at = x[i]!;
    while (x[from]! < at - halfWidth) from++;
    while (to < n && x[to]! <= at + halfWidth) to++;
    const first = Math.max(0, Math.min(from, i - 2));
    const last = Math.min(n, Math.max(to, i + 3));
    const unit = Math.max(at - x[first]!, x[last - 1]! - at);
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    let s4 = 0;
    let r0 = 0;
    let r1 = 0;
    let r2 = 0;
    for (let k = first; k < last; k++) {
      const w = 1 / (sigma[k]! * sigma[k]!);
      const t = (x[k]! - at) / unit;
      const wt = w * t;
      const wtt = wt * t;
      const v = y[k]! - y[i]!;
      s0 += w;
      s1 += wt;
      s2 += wtt;
      s3 += wtt * t;
      s4 += wtt * t * t;
      r0 += w * v;
      r1 += wt * v;
      r2 += wtt * v;
    }
    // Second row of the inverse of [[s0,s1,s2],[s1,s2,s3],[s2,s3,s4]].
    const a = s2 * s3 - s1 * s4;
    const b = s0 * s4 - s2 * s2;
    const c = s1 * s2 - s0 * s3;
    const determinant = s1 * a + s2 * b + s3 * c;
    if (!(determinant > 1e-12 * s0 * s2 * s4)) continue;
    slope[i] = (a * r0 + b * r1 + c * r2) / determinant / unit;
    error[i] = Math.sqrt(b / determinant) / unit;
  }
  return { slope, sigma: error };
}
