/**
 * Background under a powder pattern: a Chebyshev polynomial of the first kind that is refined, and a SNIP baseline to
 * start it from. SNIP (C. G. Ryan et al., Nucl. Instrum. Methods B 34 (1988) 396; decreasing window after M. Morhac
 * et al., Nucl. Instrum. Methods A 401 (1997) 113) bites into weak lines, so it serves for starting values and for
 * display only.
 */

/** Position of each point on [-1, 1] over the range of the data, as GSAS-II maps it. */
export function chebyshevAbscissa(twoTheta_deg: Float64Array): Float64Array {
  const low = twoTheta_deg[0]!;
  const span = twoTheta_deg[twoTheta_deg.length - 1]! - low || 1;
  return twoTheta_deg.map((value) => (2 * (value - low)) / span - 1);
}

/** The first `terms` Chebyshev polynomials T_n(u) = cos(n acos u) at each point: one array a term. */
export function chebyshevBasis(u: Float64Array, terms: number): Float64Array[] {
  const basis: Float64Array[] = [];
  for (let n = 0; n < terms; n++) {
    const column = new Float64Array(u.length);
    for (let i = 0; i < u.length; i++)
      column[i] = n === 0 ? 1 : n === 1 ? u[i]! : 2 * u[i]! * basis[n - 1]![i]! - basis[n - 2]![i]!;
    basis.push(column);
  }
  return basis;
}

const compress = (y: number): number => Math.log(Math.log(Math.sqrt(Math.max(0, y) + 1) + 1) + 1);
const expand = (v: number): number => (Math.exp(Math.exp(v) - 1) - 1) ** 2 - 1;

/**
 * SNIP baseline. `halfWidth_points` should be 1.5 to 2 times the full width of the widest line, in points.
 * Values that are not finite are bridged linearly first. The data are scaled to a median of 1000 before the
 * double-logarithmic compression, so that rates and counts give the same baseline.
 */
export function snipBackground(intensity: Float64Array, halfWidth_points: number): Float64Array {
  const n = intensity.length;
  const bridged = bridgeGaps(intensity);
  const typical = Math.max(median(bridged), 1e-300);
  const scale = 1000 / typical;
  let level = bridged.map((y) => compress(y * scale));
  let next = new Float64Array(n);
  for (let w = Math.max(1, Math.round(halfWidth_points)); w >= 1; w--) {
    for (let i = 0; i < n; i++) {
      const left = level[Math.max(0, i - w)]!;
      const right = level[Math.min(n - 1, i + w)]!;
      next[i] = Math.min(level[i]!, (left + right) / 2);
    }
    [level, next] = [next, level];
  }
  return level.map((v) => expand(v) / scale);
}

/** Replaces values that are not finite by the line between their finite neighbours. */
export function bridgeGaps(values: Float64Array): Float64Array {
  const out = values.slice();
  let last = -1;
  for (let i = 0; i <= values.length; i++) {
    const finite = i < values.length && Number.isFinite(values[i]!);
    if (!finite && i < values.length) continue;
    const right = i < values.length ? values[i]! : last >= 0 ? values[last]! : 0;
    const left = last >= 0 ? values[last]! : right;
    for (let k = last + 1; k < i; k++) out[k] = left + ((right - left) * (k - last)) / (i - last);
    last = i;
  }
  return out;
}

/** Median of the finite values; NaN if there are none. */
export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
  const n = sorted.length;
  if (n === 0) return Number.NaN;
  return n % 2 === 1 ? sorted[n >> 1]! : (sorted[n / 2 - 1]! + sorted[n / 2]!) / 2;
}
