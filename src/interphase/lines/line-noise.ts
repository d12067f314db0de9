/** How much line intensities scatter from pattern to pattern, beside what counting explains. */

export interface RelativeResidual {
  /** Pattern. */
  i: number;
  /** Of the intensity over the predicted one. */
  value: number;
  /** Its variance by counting. */
  counting: number;
}

/**
 * Mean square of the residuals over their stated variances (outliers clipped), between 0.3 and 1. Fits of single patterns
 * may state too large errors: misfit of the structure, alike in all patterns, inflates them, yet cancels in the ratios.
 */
export function scatterOverStated(residuals: RelativeResidual[], correction: number): number {
  if (residuals.length < 50) return 1;
  let scale = 1;
  for (let pass = 0; pass < 5; pass++) {
    let sum = 0;
    for (const { value, counting } of residuals)
      sum += Math.min(9, (correction * value ** 2) / (scale * counting));
    scale = Math.min(1, Math.max(0.3, (scale * sum) / (0.985 * residuals.length)));
  }
  return scale;
}

/** Variance v >= 0 with which residuals of variance `counting + v` have unit mean square (outliers clipped). */
export function excessVariance(residuals: RelativeResidual[], correction: number): number {
  const excess = (v: number): number => {
    let sum = 0;
    for (const { value, counting } of residuals)
      sum += Math.min(9, (correction * value ** 2) / (counting + v)) - 0.985;
    return sum;
  };
  if (residuals.length === 0 || excess(0) <= 0) return 1e-6;
  let low = 0;
  let high = 4;
  for (let step = 0; step < 40; step++) {
    const mid = (low + high) / 2;
    if (excess(mid) > 0) low = mid;
    else high = mid;
  }
  return (low + high) / 2;
}
