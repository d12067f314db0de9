/**
 * Error functions to double precision.
 * Source: W. J. Cody, Rational Chebyshev approximations for the error function, Math. Comp. 23 (1969) 631.
 */

const A = [3.161123743870566, 113.86415415105016, 377.485237685302, 3209.3775891384694, 0.18577770618460315];
const B = [23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171];
const C = [
  0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001, 881.952221241769,
  1712.0476126340707, 2051.0783778260716, 1230.3393547979972, 2.1531153547440383e-8,
];
const D = [
  15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597,
  4362.619090143247, 3439.3676741437216, 1230.3393548037495,
];
const P = [
  0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275, 6.587491615298378e-4,
  0.016315387137302097,
];
const Q = [
  2.568520192289822, 1.8729528499234604, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918,
];
const INVERSE_SQRT_PI = 0.5641895835477563;

/** erfc(x) exp(x^2) for x >= 0.46875. */
function scaledTail(x: number): number {
  if (x <= 4) {
    let top = C[8]! * x;
    let bottom = x;
    for (let i = 0; i < 7; i++) {
      top = (top + C[i]!) * x;
      bottom = (bottom + D[i]!) * x;
    }
    return (top + C[7]!) / (bottom + D[7]!);
  }
  if (x > 2.53e7) return INVERSE_SQRT_PI / x;
  const z = 1 / (x * x);
  let top = P[5]! * z;
  let bottom = z;
  for (let i = 0; i < 4; i++) {
    top = (top + P[i]!) * z;
    bottom = (bottom + Q[i]!) * z;
  }
  return (INVERSE_SQRT_PI - (z * (top + P[4]!)) / (bottom + Q[4]!)) / x;
}

/** exp(-x^2) with x^2 split so that its rounding does not spoil the tail. */
function gaussian(x: number): number {
  const head = Math.trunc(x * 16) / 16;
  return Math.exp(-head * head) * Math.exp(-(x - head) * (x + head));
}

export function erf(x: number): number {
  const y = Math.abs(x);
  if (Number.isNaN(x)) return x;
  if (y <= 0.46875) {
    const z = y * y;
    let top = A[4]! * z;
    let bottom = z;
    for (let i = 0; i < 3; i++) {
      top = (top + A[i]!) * z;
      bottom = (bottom + B[i]!) * z;
    }
    return (x * (top + A[3]!)) / (bottom + B[3]!);
  }
  const value = y > 6 ? 1 : 1 - gaussian(y) * scaledTail(y);
  return x < 0 ? -value : value;
}

export function erfc(x: number): number {
  const y = Math.abs(x);
  if (y <= 0.46875) return 1 - erf(x);
  const tail = y > 27 ? 0 : gaussian(y) * scaledTail(y);
  return x < 0 ? 2 - tail : tail;
}

/** erfc(x) exp(x^2), without overflow for large x. */
export function erfcx(x: number): number {
  if (x >= 0.46875) return scaledTail(x);
  if (x >= -0.46875) return Math.exp(x * x) * (1 - erf(x));
  return 2 * Math.exp(x * x) - scaledTail(-x);
}

/** Distribution function of the standard normal. */
export const normalCdf = (x: number): number => 0.5 * erfc(-x / Math.SQRT2);
