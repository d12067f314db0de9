/**
 * The share of the beam that lies beyond a boundary. A sharp boundary seen by a beam of finite width is a ramp; an
 * interdiffused one is an error function; together they are the convolution of a box with a Gaussian, which has the
 * closed form used here: the integral of the normal distribution, G(u) = u Phi(u) + phi(u).
 */

import { normalCdf } from '../../numeric/error-function.js';

const INV_SQRT_2PI = 1 / Math.sqrt(2 * Math.PI);

const integralOfNormal = (u: number): number => {
  if (u > 8) return u;
  if (u < -8) return 0;
  return u * normalCdf(u) + INV_SQRT_2PI * Math.exp(-0.5 * u * u);
};

/**
 * Share of a beam of width `beam_um` centred `distance_um` behind a boundary that lies beyond it, 0 to 1.
 * `width_um` is the standard deviation of the boundary itself; 0 is a sharp one.
 */
export function beamShare(distance_um: number, width_um: number, beam_um: number): number {
  if (beam_um <= 0) {
    if (width_um <= 0) return distance_um > 0 ? 1 : distance_um < 0 ? 0 : 0.5;
    return normalCdf(distance_um / width_um);
  }
  if (width_um < 1e-3 * beam_um) return Math.min(1, Math.max(0, distance_um / beam_um + 0.5));
  const upper = integralOfNormal((distance_um + beam_um / 2) / width_um);
  const lower = integralOfNormal((distance_um - beam_um / 2) / width_um);
  return ((upper - lower) * width_um) / beam_um;
}

/**
 * The same with all of the blur in one number: above zero the standard deviation of the boundary, beside the beam as it
 * is stated; below zero the boundary is sharp, and the beam narrower than stated by that much (what is stated is nominal).
 */
export function blurredShare(distance_um: number, blur_um: number, beam_um: number): number {
  if (blur_um >= 0) return beamShare(distance_um, blur_um, beam_um);
  // Of such a beam nothing is known but its width, so its shape is taken halfway from a box to a Gaussian of the same variance.
  const narrow = Math.max(0, beam_um + blur_um);
  return beamShare(distance_um, narrow / Math.sqrt(24), narrow / Math.SQRT2);
}

/**
 * Share of the beam in each layer, row-major [point * layers + layer], for boundaries in ascending order.
 * The shares of a point add up to one; layers thinner than the blur never get a negative share.
 */
export function layerShares(
  position_um: Float64Array,
  boundaries_um: ArrayLike<number>,
  widths_um: ArrayLike<number>,
  beam_um: number,
  out: Float64Array,
): void {
  const layers = boundaries_um.length + 1;
  for (let i = 0; i < position_um.length; i++) {
    let before = 1;
    for (let l = 0; l < layers - 1; l++) {
      const beyond = Math.min(before, beamShare(position_um[i] - boundaries_um[l], widths_um[l], beam_um));
      out[i * layers + l] = before - beyond;
      before = beyond;
    }
    out[i * layers + layers - 1] = before;
  }
}
