/**
 * Lines that lie anywhere: under a line of a phase that nobody named, or on a coarse grain. Any one or two lines of a
 * comparison may be such strays, and are then left out of it. The subsets are summed over with their prior odds, so that a stray line
 * loses its say by as much as it is one, and no line does where all agree.
 */
import { logSumExp } from '../../numeric/log-sum-exp.js';

/** Prior odds that a line is a stray; the latter where lines of an unnamed phase are plain to see. */
export const STRAY_ODDS = 0.03;
export const FOREIGN_STRAY_ODDS = 0.5;
/** Spread of what a stray line may be, as a ratio to its pristine intensity. */
const STRAY_SPREAD = 0.5;
/** So many lines, at least, remain to be compared. */
const REMAINING = 3;

/** Pairs without a line whose residual, given the others, is beyond so many standard deviations add next to nothing. */
const ODD_RESIDUAL = 2;

/**
 * ln of the likelihood with strays over that without. `factor` is the Cholesky factor (row-major, lower) of the
 * covariance C of J residuals r, `whitened` is factor^-1 r, `strayOdds` the prior odds of each line.
 *
 * Leaving out lines S changes chi^2 by -u_S' V_SS^-1 u_S and ln|C| by ln|V_SS|, with V = C^-1 and u = V r.
 */
export function logGainOfStrays(
  factor: Float64Array,
  whitened: Float64Array,
  J: number,
  strayOdds: number,
): number {
  if (J <= REMAINING) return 0;
  const inverse = inverseOf(factor, J);
  const u = new Float64Array(J);
  const V = new Float64Array(J);
  for (let j = 0; j < J; j++) {
    for (let i = j; i < J; i++) u[j] += inverse[i * J + j] * whitened[i];
    V[j] = overlap(inverse, J, j, j);
  }
  const odds = Math.log(strayOdds / STRAY_SPREAD);
  const gains = [0];
  for (let j = 0; j < J; j++) {
    const square = (u[j] * u[j]) / V[j];
    gains.push(odds + 0.5 * (square - Math.log(V[j])));
    if (square < ODD_RESIDUAL ** 2 || J === REMAINING + 1) continue;
    for (let k = 0; k < J; k++) {
      // Pairs of two odd lines come once only.
      if (k === j || (k < j && (u[k] * u[k]) / V[k] >= ODD_RESIDUAL ** 2)) continue;
      gains.push(2 * odds + logGainOfPair(V[j], V[k], overlap(inverse, J, j, k), u[j], u[k]));
    }
  }
  return logSumExp(gains);
}

function logGainOfPair(v: number, w: number, c: number, u: number, t: number): number {
  const determinant = v * w - c * c;
  if (!(determinant > 0)) return -Infinity;
  return 0.5 * ((w * u * u - 2 * c * u * t + v * t * t) / determinant - Math.log(determinant));
}

/** Element j, k of (L L')^-1, from the inverse of L. */
function overlap(inverse: Float64Array, J: number, j: number, k: number): number {
  let sum = 0;
  for (let i = Math.max(j, k); i < J; i++) sum += inverse[i * J + j] * inverse[i * J + k];
  return sum;
}

/** Inverse of a lower triangle. */
function inverseOf(L: Float64Array, J: number): Float64Array {
  const inverse = new Float64Array(J * J);
  for (let k = 0; k < J; k++) {
    inverse[k * J + k] = 1 / L[k * J + k];
    for (let i = k + 1; i < J; i++) {
      let sum = 0;
      for (let m = k; m < i; m++) sum -= L[i * J + m] * inverse[m * J + k];
      inverse[i * J + k] = sum / L[i * J + i];
    }
  }
  return inverse;
}
