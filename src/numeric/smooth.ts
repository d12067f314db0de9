import { backSubstitute, householderQR } from './linear-algebra.js';

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
