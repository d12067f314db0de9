/** Slope of a line by central differences over `reach` points on either side (least squares on that window). */
export function slopes(line: Float64Array, step_um: number, reach: number): Float64Array {
  const out = new Float64Array(line.length);
  for (let j = 0; j < line.length; j++) {
    const from = Math.max(0, j - reach);
    const to = Math.min(line.length - 1, j + reach);
    const centre = (from + to) / 2;
    let xx = 0;
    let xy = 0;
    for (let k = from; k <= to; k++) {
      xx += (k - centre) ** 2;
      xy += (k - centre) * line[k];
    }
    out[j] = xx > 0 ? xy / xx / step_um : 0;
  }
  return out;
}

/**
 * Distance from each point of line a, along the normal given by `slope` at that point, to line b (linear between its
 * points, and straight on beyond its ends); signed, positive where b lies beyond a.
 */
export function alongNormals(
  a: Float64Array,
  b: Float64Array,
  slope: Float64Array,
  step_um: number,
  out: Float64Array,
): void {
  const last = b.length - 1;
  for (let j = 0; j < a.length; j++) {
    const norm = Math.sqrt(1 + slope[j] * slope[j]);
    // Unit normal towards growing positions across: (-slope, 1) / norm in (along, across).
    const along = -slope[j] / norm / step_um;
    const across = 1 / norm;
    let length = (b[j] - a[j]) * across;
    for (let i = 0; i < 8; i++) {
      const t = j + length * along;
      const k = Math.min(Math.max(Math.floor(t), 0), last - 1);
      const tangent = b[k + 1] - b[k];
      const miss = b[k] + (t - k) * tangent - (a[j] + length * across);
      if (Math.abs(miss) < 1e-6) break;
      const rate = across - tangent * along;
      length += miss / Math.max(rate, 0.2);
    }
    out[j] = length;
  }
}

export const quantileOf = (sorted: ArrayLike<number>, p: number): number => {
  const at = p * (sorted.length - 1);
  const i = Math.min(Math.floor(at), sorted.length - 2);
  if (sorted.length < 2) return sorted.length ? sorted[0] : NaN;
  return sorted[i] + (at - i) * (sorted[i + 1] - sorted[i]);
};

/**
 * Root mean square of a line about its mean (about its straight trend where that explains more than 60 % of the variance,
 * as for a tilted layer), and the lag (points) where its correlation falls to 1/e.
 */
export function roughness(line: Float64Array): { rms: number; correlation: number | null } {
  const n = line.length;
  const centre = (n - 1) / 2;
  let mean = 0;
  let xy = 0;
  let xx = 0;
  for (let j = 0; j < n; j++) mean += line[j] / n;
  for (let j = 0; j < n; j++) {
    xy += (j - centre) * line[j];
    xx += (j - centre) ** 2;
  }
  const slope = xx > 0 ? xy / xx : 0;
  const about = (tilt: number): Float64Array => line.map((v, j) => v - mean - tilt * (j - centre));
  const square = (r: Float64Array): number => r.reduce((s, v) => s + v * v, 0) / n;
  const tilted = about(slope);
  const r = square(tilted) < 0.4 * square(about(0)) ? tilted : about(0);
  const variance = square(r);
  let previous = 1;
  for (let lag = 1; lag < n / 2; lag++) {
    let sum = 0;
    for (let j = 0; j + lag < n; j++) sum += r[j] * r[j + lag];
    const c = variance > 0 ? sum / (n - lag) / variance : 0;
    if (c < 1 / Math.E)
      return { rms: Math.sqrt(variance), correlation: lag - (1 / Math.E - c) / Math.max(previous - c, 1e-9) };
    previous = c;
  }
  return { rms: Math.sqrt(variance), correlation: null };
}
