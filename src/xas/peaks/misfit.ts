import { cholesky, dot, solveLower } from '../../numeric/linear-algebra.js';

/**
 * What a description of a spectrum misses: real edges are no sums of a step and some peaks. The misfit counts as a random
 * curve, a part of what is described at each energy, and smooth over some widths of the narrowest feature (M. C. Kennedy,
 * A. O'Hagan, J. R. Stat. Soc. B 63 (2001) 425): the points have the covariance
 * sigma_i^2 delta_ij + part^2 f_i f_j / (1 + (d_ij / length)^2), with f the description. Both numbers come from the
 * residual of the best description by their likelihood, so that a description without fault stays as it is.
 */
const PARTS = [0.002, 0.004, 0.008, 0.016, 0.032, 0.064];
const LENGTHS = [1, 2, 4];
/** A misfit counts if it makes the residual likelier by this, as a logarithm. */
const NOTABLE = 2;
/** A point without weight has this many times the largest uncertainty, which no misfit makes up for. */
const NO_WEIGHT = 1e4;

export interface Misfit {
  /** Covariance of the points, row-major, and its lower Cholesky factor. */
  covariance: Float64Array;
  factor: Float64Array;
}

export interface MisfitSize {
  /** Standard deviation of the misfit as a part of the curve. */
  part: number;
  length_eV: number;
}

/** The likeliest size of the misfit that leaves this residual; null where noise alone explains it. */
export function likeliestMisfit(
  energy: Float64Array,
  y: Float64Array,
  sigma: Float64Array,
  fit: Float64Array,
  width_eV: number,
): MisfitSize | null {
  const residual = y.map((value, i) => value - fit[i]!);
  let best: MisfitSize | null = null;
  let likelihood = NOTABLE;
  noiseOf(sigma).forEach((noise, i) => {
    likelihood -= 0.5 * (residual[i]! / noise) ** 2 + Math.log(noise);
  });
  for (const length of LENGTHS)
    for (const part of PARTS) {
      const size = { part, length_eV: length * width_eV };
      const factor = misfitFactor(energy, sigma, fit, size);
      if (!factor) continue;
      const white = solveLower(factor, y.length, residual);
      let found = -0.5 * dot(white, white);
      for (let i = 0; i < y.length; i++) found -= Math.log(factor[i * y.length + i]!);
      if (!(found > likelihood)) continue;
      best = size;
      likelihood = found;
    }
  return best;
}

function noiseOf(sigma: Float64Array): Float64Array {
  const largest = sigma.reduce((most, s) => (Number.isFinite(s) ? Math.max(most, s) : most), 0);
  return sigma.map((s) => (Number.isFinite(s) ? s : NO_WEIGHT * largest));
}

/** Lower Cholesky factor of the covariance of the points; null where rounding leaves none. */
export function misfitFactor(
  energy: Float64Array,
  sigma: Float64Array,
  curve: Float64Array,
  { part, length_eV }: MisfitSize,
): Float64Array | null {
  const n = energy.length;
  const noise = noiseOf(sigma);
  const covariance = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const d = (energy[i]! - energy[j]!) / length_eV;
      covariance[i * n + j] = (part * part * curve[i]! * curve[j]!) / (1 + d * d);
    }
    covariance[i * n + i]! += noise[i]! ** 2;
  }
  return cholesky(covariance, n);
}
