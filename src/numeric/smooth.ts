import { householderQR } from './linear-algebra.js';
import { backSubstitute } from './polynomial.js';

/**
 * Savitzky-Golay smoothing or derivative by a local least-squares polynomial. On an even grid these are the classical
 * weights; on an uneven one the polynomial is fitted in the true abscissae. Near the ends the window shrinks to one side.
 * Source: Savitzky and Golay, Anal. Chem. 36 (1964) 1627.
 * @param window number of points, odd
 * @param order 0 for the smoothed curve, 1 or 2 for its derivatives by x
 */
export function savitzkyGolay(
  x: Float64Array,
  y: Float64Array,
  window: number,
  degree: number,
  order: 0 | 1 | 2 = 0,
): Float64Array {
  const n = x.length;
  if (window % 2 === 0 || window <= degree || window > n)
    throw new RangeError(`a window of ${window} points does not suit degree ${degree} and ${n} points`);
  const half = (window - 1) / 2;
  const out = new Float64Array(n);
  const count = degree + 1;
  const columns = Array.from({ length: count }, () => new Float64Array(window));
  const rhs = new Float64Array(window);
  for (let i = 0; i < n; i++) {
    const from = Math.min(Math.max(i - half, 0), n - window);
    const scale = (x[from + window - 1]! - x[from]!) / 2;
    for (let k = 0; k < window; k++) {
      const u = (x[from + k]! - x[i]!) / scale;
      let power = 1;
      for (let d = 0; d < count; d++) {
        columns[d]![k] = power;
        power *= u;
      }
      rhs[k] = y[from + k]!;
    }
    const c = backSubstitute(householderQR(columns, rhs), rhs, count);
    out[i] = order === 0 ? c[0]! : order === 1 ? (c[1] ?? 0) / scale : (2 * (c[2] ?? 0)) / scale ** 2;
  }
  return out;
}

/** Convolution with a Gaussian of standard deviation `sigma` (units of x) on an uneven grid, normalised at the ends. */
export function smoothGaussian(x: Float64Array, y: Float64Array, sigma: number): Float64Array {
  if (!(sigma > 0)) return y.slice();
  const n = x.length;
  const out = new Float64Array(n);
  for (let i = 0, from = 0; i < n; i++) {
    while (x[i]! - x[from]! > 5 * sigma) from++;
    let sum = 0;
    let weight = 0;
    for (let k = from; k < n && x[k]! - x[i]! <= 5 * sigma; k++) {
      const width = (x[Math.min(k + 1, n - 1)]! - x[Math.max(k - 1, 0)]!) / 2 || 1;
      const w = width * Math.exp(-0.5 * ((x[k]! - x[i]!) / sigma) ** 2);
      sum += w * y[k]!;
      weight += w;
    }
    out[i] = sum / weight;
  }
  return out;
}

/** Running median over `window` (odd) points; the window shrinks symmetrically at the ends. */
export function runningMedian(y: Float64Array, window: number): Float64Array {
  const half = Math.floor(window / 2);
  const out = new Float64Array(y.length);
  for (let i = 0; i < y.length; i++) {
    const reach = Math.min(half, i, y.length - 1 - i);
    const part = y.slice(i - reach, i + reach + 1).sort();
    out[i] = part[reach]!;
  }
  return out;
}
