import { indexAtOrBelow, indexNearest, roundHalfEven } from '../curve/grid.js';
import { fitPolynomial, type Polynomial, polynomialOn } from '../curve/polynomial.js';
import { larchE0 } from '../edge/larch-e0.js';

/** What a user may fix; all energies in eV relative to e0. Undefined fields take the profile's default. */
export interface NormalizationChoices {
  e0_eV?: number | undefined;
  pre1_eV?: number | undefined;
  pre2_eV?: number | undefined;
  norm1_eV?: number | undefined;
  norm2_eV?: number | undefined;
  /** Degree of the post-edge polynomial, 0 to 5. */
  degree?: number | undefined;
  /** Exponent of the energy in the pre-edge fit: a line through mu * E^victoreen. */
  victoreen?: number | undefined;
  /** Degree of the pre-edge: 1 a line, 0 a constant. */
  preDegree?: 0 | 1 | undefined;
  /** A given edge step instead of the fitted one. */
  step?: number | undefined;
}

/** Pre-edge and post-edge curves with the edge step between them; arrays on the input's energies. */
export interface Normalization {
  e0_eV: number;
  edgeStep: number;
  preEdge: Float64Array;
  postEdge: Float64Array;
  norm: Float64Array;
  flat: Float64Array;
  ranges: { pre1_eV: number; pre2_eV: number; norm1_eV: number; norm2_eV: number; degree: number };
}

/**
 * Normalisation as Larch 2026.3.1 does it (xraylarch, larch/xafs/pre_edge.py `preedge`): its default ranges, its index
 * rules (each range ends before the nearest point), the step taken at the grid point nearest to e0.
 *
 * @param energy ascending, eV
 * @throws RangeError for fewer than 2 points, or below 13 without an e0
 */
export function larchNormalization(
  energy: Float64Array,
  mu: Float64Array,
  choices: NormalizationChoices = {},
): Normalization {
  const n = energy.length;
  if (n < 2) throw new RangeError('a spectrum needs at least 2 points');
  const given = choices.e0_eV;
  const e0 =
    given === undefined || given < energy[1]! || given > energy[n - 2]! ? larchE0(energy, mu) : given;
  const ie0 = indexNearest(energy, e0);
  const pre = preRange(energy, e0, ie0, choices);
  const { norm1, norm2, degree } = postRange(energy, e0, choices);

  const preEdge = larchPreEdge(energy, mu, e0, pre, choices);
  let from = Math.min(indexAtOrBelow(energy, norm1 + e0), n - 3);
  const to = indexNearest(energy, norm2 + e0);
  let used = degree;
  if (to - from < 2) {
    from -= 2;
    used = 0;
  } else if (to - from < 5) used = Math.min(1, used);
  const net = new Float64Array(n);
  for (let i = 0; i < n; i++) net[i] = mu[i]! - preEdge[i]!;
  const post = polynomialOn(fitPolynomial(energy, net, from, to, used), energy);
  const edgeStep = Math.max(1e-12, Math.abs(choices.step ?? post[ie0]!));
  return assemble(net, preEdge, post, edgeStep, e0, ie0, {
    pre1_eV: pre.pre1,
    pre2_eV: pre.pre2,
    norm1_eV: norm1,
    norm2_eV: norm2,
    degree: used,
  });
}

/**
 * Builds norm and flat from mu - preEdge and the post-edge polynomial; flat levels the post-edge from point `ie0` on.
 * `net` and `post` become `norm` and `postEdge`: they are overwritten.
 */
export function assemble(
  net: Float64Array,
  preEdge: Float64Array,
  post: Float64Array,
  edgeStep: number,
  e0_eV: number,
  ie0: number,
  ranges: Normalization['ranges'],
): Normalization {
  const n = net.length;
  const flat = new Float64Array(n);
  const level = post[ie0]! / edgeStep;
  for (let i = 0; i < n; i++) {
    const norm = net[i]! / edgeStep;
    flat[i] = i < ie0 ? norm : norm - post[i]! / edgeStep + level;
    net[i] = norm;
    post[i] = preEdge[i]! + post[i]!;
  }
  return { e0_eV, edgeStep, preEdge, postEdge: post, norm: net, flat, ranges };
}

/** Pre-edge range; `line` is false where too few points leave only a constant. */
function preRange(
  energy: Float64Array,
  e0: number,
  ie0: number,
  choices: NormalizationChoices,
): { pre1: number; pre2: number; line: boolean } {
  const unit = ie0 > 20 ? 5 : 2;
  let pre1 = choices.pre1_eV ?? unit * roundHalfEven((energy[1]! - e0) / unit);
  pre1 = Math.max(pre1, energy[0]! - e0);
  let pre2 = choices.pre2_eV ?? 0.5 * pre1;
  if (pre1 > pre2) [pre1, pre2] = [pre2, pre1];
  const points = indexAtOrBelowShifted(energy, e0, pre2) - indexAtOrBelowShifted(energy, e0, pre1);
  return { pre1, pre2, line: points >= 3 };
}

/** Index of the last point with energy - e0 <= value, with the rounding of that difference. */
function indexAtOrBelowShifted(energy: Float64Array, e0: number, value: number): number {
  let i = indexAtOrBelow(energy, value + e0);
  while (i + 1 < energy.length && energy[i + 1]! - e0 <= value) i++;
  while (i > 0 && energy[i]! - e0 > value) i--;
  return i;
}

function postRange(
  energy: Float64Array,
  e0: number,
  choices: NormalizationChoices,
): { norm1: number; norm2: number; degree: number } {
  const end = energy[energy.length - 1]! - e0;
  let norm2 = choices.norm2_eV ?? 5 * roundHalfEven(end / 5);
  if (norm2 < 0) norm2 = end - norm2;
  norm2 = Math.min(norm2, end);
  let norm1 = choices.norm1_eV ?? Math.min(25, 5 * roundHalfEven(norm2 / 15));
  if (norm1 > norm2) [norm1, norm2] = [norm2, norm1];
  norm1 = Math.min(norm1, norm2 - 2);
  const span = norm2 - norm1;
  const degree = choices.degree ?? (span < 30 ? 0 : span < 300 ? 1 : 2);
  return { norm1, norm2, degree: Math.max(0, Math.min(5, degree)) };
}

function larchPreEdge(
  energy: Float64Array,
  mu: Float64Array,
  e0: number,
  { pre1, pre2, line }: { pre1: number; pre2: number; line: boolean },
  choices: NormalizationChoices,
): Float64Array {
  const n = energy.length;
  const from = indexAtOrBelow(energy, pre1 + e0);
  let to = indexNearest(energy, pre2 + e0);
  if (!line || choices.preDegree === 0) {
    if (to === from) to++;
    let sum = 0;
    for (let i = from; i < to; i++) sum += mu[i]!;
    return new Float64Array(n).fill(sum / (to - from));
  }
  if (to - from < 2) to = Math.min(n, from + 2);
  return victoreenOn(energy, mu, from, to, 1, choices.victoreen ?? 0);
}

/** A polynomial through mu * E^exponent on points [from, to), divided by E^exponent, on all energies. */
export function victoreenOn(
  energy: Float64Array,
  mu: Float64Array,
  from: number,
  to: number,
  degree: number,
  exponent: number,
): Float64Array {
  const on = (p: Polynomial): Float64Array => polynomialOn(p, energy);
  if (exponent === 0) return on(fitPolynomial(energy, mu, from, to, degree));
  const scaled = new Float64Array(mu.length);
  for (let i = from; i < to; i++) scaled[i] = mu[i]! * energy[i]! ** exponent;
  const curve = on(fitPolynomial(energy, scaled, from, to, degree));
  for (let i = 0; i < curve.length; i++) curve[i] = curve[i]! / energy[i]! ** exponent;
  return curve;
}
