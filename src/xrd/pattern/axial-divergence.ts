/**
 * Asymmetry of low-angle lines by axial divergence (L. W. Finger, D. E. Cox, A. P. Jephcoat, J. Appl. Cryst. 27
 * (1994) 892), for equal heights of sample and slit, S/L = H/L: the one-parameter form of GSAS-II, with
 * SH/L = (S + H) / L.
 *
 * The line at 2theta is smeared over detector angles 2phi on its low-angle side (high-angle side above 90 deg).
 * With u = h(2phi) / (S + H), where h = L sqrt(cos^2 2phi / cos^2 2theta - 1), the weight
 * W / (h cos 2phi) d(2phi) becomes (1 - u) / (cos^2 2phi sin 2phi) du on 0..1, which is smooth: the inverse-root
 * singularity at 2phi = 2theta is gone, and a few Gauss-Legendre nodes integrate it.
 */
const RAD = Math.PI / 180;

/** Gauss-Legendre nodes and weights on 0..1 (Abramowitz & Stegun table 25.4), by the number of points. */
const RULES = [
  {
    nodes: [0.112701665379258, 0.5, 0.887298334620742],
    weights: [0.277777777777778, 0.444444444444444, 0.277777777777778],
  },
  {
    nodes: [0.046910077030668, 0.230765344947158, 0.5, 0.769234655052842, 0.953089922969332],
    weights: [0.118463442528095, 0.239314335249683, 0.284444444444444, 0.239314335249683, 0.118463442528095],
  },
  {
    nodes: [
      0.0198550717512319, 0.101666761293187, 0.237233795041836, 0.408282678752175, 0.591717321247825,
      0.762766204958164, 0.898333238706813, 0.980144928248768,
    ],
    weights: [
      0.0506142681451884, 0.111190517226687, 0.156853322938943, 0.181341891689181, 0.181341891689181,
      0.156853322938943, 0.111190517226687, 0.0506142681451884,
    ],
  },
] as const;

export const AXIAL_NODES = 8;

/**
 * Fills `shifts_deg` (detector angle minus 2theta) and `weights` (sum 1) of the smeared line of full width `width_deg`;
 * returns the number of nodes: 1 (the mean shift) where the smearing is below a hundredth of the width, up to 8 where it
 * exceeds it.
 * Shifts grow as (SH/L)^2, so that d(shift)/d(SH/L) = 2 shift / (SH/L) to first order.
 */
export function axialSmearing(
  twoTheta_deg: number,
  shOverL: number,
  width_deg: number,
  shifts_deg: Float64Array,
  weights: Float64Array,
): number {
  const twoTheta = twoTheta_deg * RAD;
  const cos = Math.cos(twoTheta);
  const largest = Math.abs(cos / Math.sin(twoTheta)) * 0.5 * shOverL * shOverL;
  const relative = largest / (width_deg * RAD);
  if (!(relative > 0.01)) {
    // the mean of the shift to second order in SH/L: (1 - u) u^2 averages to a sixth of the largest
    shifts_deg[0] = (-Math.sign(cos / Math.sin(twoTheta)) * largest) / (6 * RAD);
    weights[0] = 1;
    return 1;
  }
  const { nodes, weights: rule } = RULES[relative < 0.3 ? 0 : relative < 1 ? 1 : 2]!;
  let total = 0;
  for (let k = 0; k < nodes.length; k++) {
    const u = nodes[k]!;
    const c = Math.max(-0.999999, Math.min(0.999999, cos * Math.sqrt(1 + shOverL * shOverL * u * u)));
    const twoPhi = Math.acos(c);
    const weight = (rule[k]! * (1 - u)) / (c * c * Math.sin(twoPhi));
    shifts_deg[k] = twoPhi / RAD - twoTheta_deg;
    weights[k] = weight;
    total += weight;
  }
  for (let k = 0; k < nodes.length; k++) weights[k] = weights[k]! / total;
  return nodes.length;
}
