import { householderQR } from './linear-algebra.js';

/** A polynomial in u = (x - center) / scale: sum of coefficients[k] u^k. */
export interface Polynomial {
  center: number;
  scale: number;
  coefficients: Float64Array;
  /** Row-major covariance of the coefficients for unit weights' noise 1 (or for the given sigma). */
  covariance: Float64Array;
}

/**
 * Least-squares polynomial in a domain scaled to -1..1, which keeps high energies from ruining the condition.
 * @param sigma standard uncertainties of y; equal weights without it
 * @throws RangeError when there are fewer points than coefficients
 */
export function fitPolynomial(
  x: Float64Array,
  y: Float64Array,
  degree: number,
  sigma: Float64Array | null = null,
): Polynomial {
  const n = x.length;
  const count = degree + 1;
  if (n < count) throw new RangeError(`a polynomial of degree ${degree} needs ${count} points, not ${n}`);
  const low = x.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = x.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const center = (low + high) / 2;
  const scale = (high - low) / 2 || 1;
  const columns = Array.from({ length: count }, (_, k) =>
    Float64Array.from(x, (value, i) => ((value - center) / scale) ** k / (sigma ? sigma[i]! : 1)),
  );
  const rhs = Float64Array.from(y, (value, i) => value / (sigma ? sigma[i]! : 1));
  const r = householderQR(columns, rhs);
  const coefficients = backSubstitute(r, rhs, count);
  return { center, scale, coefficients, covariance: inverseGram(r, count) };
}

export function evaluatePolynomial(polynomial: Polynomial, x: number): number {
  const u = (x - polynomial.center) / polynomial.scale;
  let value = 0;
  for (let k = polynomial.coefficients.length - 1; k >= 0; k--)
    value = value * u + polynomial.coefficients[k]!;
  return value;
}

/** Coefficients in plain powers of x (for comparison with other programs; ill-conditioned far from 0). */
export function plainCoefficients({ center, scale, coefficients }: Polynomial): Float64Array {
  const out = new Float64Array(coefficients.length);
  // Horner in polynomials: repeatedly multiply by (x - center)/scale and add the next coefficient.
  for (let k = coefficients.length - 1; k >= 0; k--) {
    for (let i = coefficients.length - 1; i >= 0; i--)
      out[i] = ((i > 0 ? out[i - 1]! : 0) - center * out[i]!) / scale;
    out[0]! += coefficients[k]!;
  }
  return out;
}

/** Solves R c = rhs for an upper triangle; a zero pivot gives 0. */
export function backSubstitute(r: Float64Array, rhs: Float64Array, count: number): Float64Array {
  const c = new Float64Array(count);
  for (let i = count - 1; i >= 0; i--) {
    let sum = rhs[i]!;
    for (let j = i + 1; j < count; j++) sum -= r[i * count + j]! * c[j]!;
    const pivot = r[i * count + i]!;
    c[i] = pivot === 0 ? 0 : sum / pivot;
  }
  return c;
}

/** (R^T R)^-1 of an upper triangle. */
function inverseGram(r: Float64Array, count: number): Float64Array {
  const inverse = new Float64Array(count * count);
  const unit = new Float64Array(count);
  for (let j = 0; j < count; j++) {
    unit.fill(0);
    unit[j] = 1;
    const column = backSubstitute(r, unit, count);
    for (let i = 0; i < count; i++) inverse[i * count + j] = column[i]!;
  }
  const out = new Float64Array(count * count);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < count; j++) {
      let sum = 0;
      for (let k = 0; k < count; k++) sum += inverse[i * count + k]! * inverse[j * count + k]!;
      out[i * count + j] = sum;
    }
  return out;
}
