import type { StackFractions, StackReference } from './stack-fractions.js';

export interface MeanFraction {
  name: string;
  /** Fraction of the species over the whole map, weighted by the amount of the element (sum of c_r over sum of c). */
  value: number;
  /** Counting and systematic (reference noise, misfit common to all pixels) together. */
  sigma: number;
  counting: number;
  systematic: number;
  /** Upper limit at 95 %, one-sided. */
  limit95: number;
}

/**
 * Mean fraction of each reference with an honest error. Over 500 000 pixels counting averages away; what stays is
 * common to all pixels: noise in the references, and the misfit of the mean spectrum (a reference that is not quite the
 * species, an energy offset), and what the uncertainty of the energy axis does (`axisError`, per reference). All are carried through the same linear fit.
 */
export function meanFractions(
  f: StackFractions,
  references: readonly StackReference[],
  axisError: ArrayLike<number> | null = null,
): MeanFraction[] {
  const r = references.length;
  const p = f.design.length;
  const n = f.energies_eV.length;
  const sums = new Float64Array(r);
  let total = 0;
  const counting = new Float64Array(r);
  for (let i = 0; i < f.step.length; i++) {
    const s = f.step[i];
    if (!(f.sigma[0][i] > 0)) continue;
    total += s;
    for (let j = 0; j < r; j++) {
      sums[j] += f.fraction[j][i] * s;
      counting[j] += (f.sigma[j][i] * s) ** 2;
    }
  }
  const mean = sums.map((s) => s / total);
  const misfit = f.meanResidual.reduce((s, v) => s + v * v, 0) / Math.max(n - p, 1);
  return references.map((reference, j) => {
    // Gradient of f_j by the coefficients at sum 1, then by each point of the data: g P.
    const g = Float64Array.from({ length: p }, (_, k) => (k === j ? 1 : 0) - (k < r ? mean[j] : 0));
    const row = new Float64Array(n);
    for (let k = 0; k < n; k++) {
      for (let a = 0; a < p; a++)
        for (let b = 0; b < p; b++) row[k] += g[a] * f.covariance[a * p + b] * f.design[b][k];
    }
    let fromReferences = 0;
    for (let k = 0; k < n; k++)
      for (let a = 0; a < r; a++) fromReferences += (row[k] * mean[a] * references[a].sigma[k]) ** 2;
    const fromMisfit = row.reduce((s, v) => s + v * v, 0) * misfit;
    const random = Math.sqrt(counting[j]) / total;
    const systematic = Math.sqrt(fromReferences + fromMisfit + (axisError?.[j] ?? 0) ** 2);
    const sigma = Math.hypot(random, systematic);
    return {
      name: reference.name,
      value: mean[j],
      sigma,
      counting: random,
      systematic,
      limit95: Math.max(mean[j], 0) + 1.645 * sigma,
    };
  });
}
