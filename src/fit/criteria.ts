/**
 * Information criteria and tests between models. chi2 is the weighted sum of squares, n the number of points,
 * k the number of varied parameters.
 */

/** Akaike's criterion as the spectroscopy programs use it: n ln(chi2/n) + 2k. */
export const aic = (chi2: number, n: number, k: number): number => n * Math.log(chi2 / n) + 2 * k;

/** Akaike's criterion corrected for few points (Hurvich and Tsai, Biometrika 76 (1989) 297). */
export const aicc = (chi2: number, n: number, k: number): number =>
  aic(chi2, n, k) + (n - k - 1 > 0 ? (2 * k * (k + 1)) / (n - k - 1) : Number.POSITIVE_INFINITY);

/** Schwarz's criterion with the noise level unknown: n ln(chi2/n) + k ln n. */
export const bic = (chi2: number, n: number, k: number): number => n * Math.log(chi2 / n) + k * Math.log(n);

/** Weights exp(-delta/2), normalised, of models by their criterion (Burnham and Anderson, 2002, section 2.9). NaN counts as excluded. */
export function criterionWeights(values: readonly number[]): number[] {
  const best = Math.min(...values.filter((value) => !Number.isNaN(value)));
  const raw = values.map((value) =>
    Number.isNaN(value) ? 0 : value === best ? 1 : Math.exp(-(value - best) / 2),
  );
  const total = raw.reduce((sum, value) => sum + value, 0);
  return raw.map((value) => (total > 0 ? value / total : Number.NaN));
}
