/** How much line intensities scatter from pattern to pattern, beside what counting explains. */

/**
 * Mean square of the residuals over their stated variances (outliers clipped), between 0.3 and 1. Fits of single patterns
 * may state too large errors: misfit of the structure, alike in all patterns, inflates them, yet cancels in the ratios.
 */
export function scatterOverStated(r2: number[], counting: number[], correction: number): number {
  if (r2.length < 50) return 1;
  let scale = 1;
  for (let pass = 0; pass < 5; pass++) {
    let sum = 0;
    for (let k = 0; k < r2.length; k++) sum += Math.min(9, (correction * r2[k]) / (scale * counting[k]));
    scale = Math.min(1, Math.max(0.3, (scale * sum) / (0.985 * r2.length)));
  }
  return scale;
}

/** Variance v >= 0 with which residuals of variance `counting + v` have unit mean square (outliers clipped). */
export function excessVariance(r2: number[], counting: number[], correction: number): number {
  const excess = (v: number): number => {
    let sum = 0;
    for (let k = 0; k < r2.length; k++) {
      const variance = counting[k] + v;
      sum += Math.min(9, (correction * r2[k]) / variance) - 0.985;
    }
    return sum;
  };
  if (r2.length === 0 || excess(0) <= 0) return 1e-6;
  let low = 0;
  let high = 4;
  for (let step = 0; step < 40; step++) {
    const mid = (low + high) / 2;
    if (excess(mid) > 0) low = mid;
    else high = mid;
  }
  return (low + high) / 2;
}
