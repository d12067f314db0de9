import { normalQuantile, tQuantile } from '../../numeric/statistics.js';
import { residualMaker } from './stack-components.js';
import type { StackFractions, StackReference } from './stack-types.js';

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
 * What all pixels share of the error of a fraction: noise in the references, and the misfit of the mean spectrum. The misfit
 * is taken as errors in proportion to the signal (a beam that drifted between the energies, a normalisation that is off),
 * whose size the residual of the mean spectrum gives (method of moments, with the leverage of each energy).
 */
export interface SharedError {
  /** Standard error of a reference's fraction in a region whose fractions are these. */
  at(reference: number, fractions: ArrayLike<number>): number;
  /** Degrees of freedom behind it (Satterthwaite 1946), less one for the offset of the axis. */
  degreesOfFreedom: number;
}

/** @param axisError standard error of each fraction by the uncertainty of the energy axis, per reference */
export function sharedError(
  f: StackFractions,
  references: readonly StackReference[],
  axisError: ArrayLike<number> | null = null,
): SharedError {
  const r = references.length;
  const p = f.design.length;
  const n = f.energies_eV.length;
  const v = f.meanSignal.map((y) => y * y);
  const m = residualMaker(f);
  let expected = 0;
  let squares = 0;
  for (let a = 0; a < n; a++) {
    expected += m[a * n + a] * v[a];
    for (let b = 0; b < n; b++) squares += m[a * n + b] ** 2 * v[a] * v[b];
  }
  const found = f.meanResidual.reduce((s, d) => s + d * d, 0);
  const degreesOfFreedom = Math.max(expected ** 2 / squares - (axisError ? 1 : 0), 1);
  const freedom = expected ** 2 / squares / degreesOfFreedom;
  const relative2 = expected > 0 ? (found / expected) * freedom : 0;
  const at = (j: number, fractions: ArrayLike<number>): number => {
    let variance = (axisError?.[j] ?? 0) ** 2;
    for (let k = 0; k < n; k++) {
      // Gradient of f_j by the coefficients at sum 1, then by this point of the data.
      let row = 0;
      for (let a = 0; a < p; a++) {
        const g = (a === j ? 1 : 0) - (a < r ? fractions[j] : 0);
        for (let b = 0; b < p; b++) row += g * f.covariance[a * p + b] * f.design[b][k];
      }
      variance += row * row * relative2 * v[k];
      for (let a = 0; a < r; a++) variance += (row * fractions[a] * references[a].sigma[k]) ** 2;
    }
    return Math.sqrt(variance);
  };
  return { at, degreesOfFreedom };
}

/**
 * Mean fraction of each reference with an honest error: over 500 000 pixels counting averages away, and what all pixels
 * share stays. The limit allows for the few energies that the shared error is known from (Student's t).
 */
export function meanFractions(
  f: StackFractions,
  references: readonly StackReference[],
  shared: SharedError = sharedError(f, references),
): MeanFraction[] {
  const r = references.length;
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
  return references.map((reference, j) => {
    const random = Math.sqrt(counting[j]) / total;
    const systematic = shared.at(j, mean);
    const sigma = Math.hypot(random, systematic);
    const degrees = systematic > 0 ? shared.degreesOfFreedom * (sigma / systematic) ** 4 : Infinity;
    const width = degrees < 1e4 ? tQuantile(0.95, degrees) : normalQuantile(0.95);
    return {
      name: reference.name,
      value: mean[j],
      sigma,
      counting: random,
      systematic,
      limit95: Math.max(mean[j], 0) + width * sigma,
    };
  });
}
