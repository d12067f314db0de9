/**
 * Polynomial least squares on a scaled axis. The abscissa is mapped to [-1, 1] and the fit made in polynomials that are
 * orthogonal on the points themselves (G. E. Forsythe, J. SIAM 5 (1957) 74), so that energies of 28 000 eV and degrees
 * of 5 lose no digits.
 */
export interface Polynomial {
  centre: number;
  scale: number;
  /** Of ((x - centre) / scale)^k. */
  coefficients: Float64Array;
}

/** Fits the points [from, to) of (x, y), optionally with weights 1/sigma^2. Fewer points than coefficients lower the degree. */
export function fitPolynomial(
  x: Float64Array,
  y: Float64Array,
  from: number,
  to: number,
  degree: number,
  weights: Float64Array | null = null,
): Polynomial {
  const n = to - from;
  if (n < 1) throw new RangeError('no points to fit a polynomial to');
  const low = x[from]!;
  const high = x[to - 1]!;
  const centre = (low + high) / 2;
  const scale = high > low ? (high - low) / 2 : 1;
  const terms = Math.min(degree, n - 1) + 1;
  const coefficients = new Float64Array(terms);
  // Monomial coefficients of the current and the previous orthogonal polynomial.
  let current = new Float64Array(terms);
  let previous = new Float64Array(terms);
  current[0] = 1;
  let previousNorm = 1;
  for (let k = 0; k < terms; k++) {
    let norm = 0;
    let shift = 0;
    let projection = 0;
    for (let i = from; i < to; i++) {
      const t = (x[i]! - centre) / scale;
      let value = 0;
      let fitted = 0;
      for (let j = k; j >= 0; j--) value = value * t + current[j]!;
      for (let j = k - 1; j >= 0; j--) fitted = fitted * t + coefficients[j]!;
      const w = weights ? weights[i]! : 1;
      norm += w * value * value;
      shift += w * t * value * value;
      // Projecting the residual instead of y keeps the coefficients exact to rounding.
      projection += w * value * (y[i]! - fitted);
    }
    if (!(norm > 0)) break;
    const c = projection / norm;
    for (let j = 0; j <= k; j++) coefficients[j] = coefficients[j]! + c * current[j]!;
    if (k + 1 === terms) break;
    const a = shift / norm;
    const b = k === 0 ? 0 : norm / previousNorm;
    const next = new Float64Array(terms);
    for (let j = 0; j <= k; j++) {
      next[j + 1] = next[j + 1]! + current[j]!;
      next[j] = next[j]! - a * current[j]! - b * previous[j]!;
    }
    previous = current;
    current = next;
    previousNorm = norm;
  }
  return { centre, scale, coefficients };
}

export function polynomialAt(p: Polynomial, x: number): number {
  const t = (x - p.centre) / p.scale;
  let value = 0;
  for (let j = p.coefficients.length - 1; j >= 0; j--) value = value * t + p.coefficients[j]!;
  return value;
}

export function polynomialOn(p: Polynomial, x: Float64Array, out = new Float64Array(x.length)): Float64Array {
  const { centre, scale, coefficients } = p;
  for (let i = 0; i < x.length; i++) {
    const t = (x[i]! - centre) / scale;
    let value = 0;
    for (let j = coefficients.length - 1; j >= 0; j--) value = value * t + coefficients[j]!;
    out[i] = value;
  }
  return out;
}
