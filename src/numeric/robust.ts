/** Order statistics and robust spread; NaN values are left out. */

const finite = (values: ArrayLike<number>): Float64Array =>
  Float64Array.from(values)
    .filter((value) => !Number.isNaN(value))
    .sort();

/** Quantile by linear interpolation between order statistics (type 7 of Hyndman and Fan 1996); NaN when empty. */
export function quantile(values: ArrayLike<number>, q: number): number {
  return quantileOfSorted(finite(values), q);
}

export function quantileOfSorted(sorted: Float64Array, q: number): number {
  if (sorted.length === 0) return Number.NaN;
  const at = (sorted.length - 1) * Math.min(Math.max(q, 0), 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!);
}

export const median = (values: ArrayLike<number>): number => quantile(values, 0.5);

/** Median absolute deviation times 1.4826: the standard deviation of normal data, deaf to outliers. */
export function robustSigma(values: ArrayLike<number>, center = median(values)): number {
  const sorted = finite(values);
  return 1.482602218505602 * median(sorted.map((value) => Math.abs(value - center)));
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Sample standard deviation (n - 1). */
export function standardDeviation(values: ArrayLike<number>): number {
  const center = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - center) ** 2;
  return Math.sqrt(sum / (values.length - 1));
}

/**
 * Point-to-point noise of an even-spaced smooth curve from its third differences, whatever its slope and curvature.
 * Source: differences of order 3 have variance 20 sigma^2 (binomial coefficients 1 3 3 1); robust by MAD.
 */
export function noiseOf(y: ArrayLike<number>): number {
  if (y.length < 5) return Number.NaN;
  const third = new Float64Array(y.length - 3);
  for (let i = 0; i < third.length; i++) third[i] = y[i + 3]! - 3 * y[i + 2]! + 3 * y[i + 1]! - y[i]!;
  return robustSigma(third, 0) / Math.sqrt(20);
}

/** Weighted mean of independent values with its standard uncertainty. */
export function weightedMean(
  values: ArrayLike<number>,
  sigmas: ArrayLike<number>,
): { value: number; sigma: number; chi2: number } {
  let sum = 0;
  let weight = 0;
  for (let i = 0; i < values.length; i++) {
    const w = 1 / sigmas[i]! ** 2;
    sum += w * values[i]!;
    weight += w;
  }
  const value = sum / weight;
  let chi2 = 0;
  for (let i = 0; i < values.length; i++) chi2 += ((values[i]! - value) / sigmas[i]!) ** 2;
  return { value, sigma: 1 / Math.sqrt(weight), chi2 };
}
