/**
 * The anode's side of the scan: which share of what diffracts is anode material, pattern by pattern. Amounts are first
 * brought to their own plateaus, because indium absorbs ten times as strongly as the electrolyte; the ratio then does
 * not depend on the scale of a pattern.
 */
import { median, robustSigma } from '../numeric/robust.js';
import type { PatternObservation } from './scan-observations.js';

export interface AnodeProfile {
  position_um: Float64Array;
  /** anode / (anode + electrolyte), each over its plateau: 0 to 1 but for noise. */
  share: Float64Array;
  /** Counting variance of `share`. */
  counting: Float64Array;
  /** Relative scatter of the anode's and of the electrolyte's amount from pattern to pattern. */
  anodeScatter: number;
  electrolyteScatter: number;
  /** Levels of the two plateaus and their scatter. */
  low: number;
  high: number;
  floor: number;
  /** +1 where the anode lies at small positions, -1 where at large ones. */
  direction: 1 | -1;
}

/** Returns null where the scan holds no anode, or nothing but anode. */
export function anodeProfile(patterns: PatternObservation[]): AnodeProfile | null {
  const measured = patterns.filter((p) => p.anode !== null && Number.isFinite(p.anode.value));
  if (measured.length < 4) return null;
  const position_um = Float64Array.from(measured, (p) => p.position_um);
  const anode = measured.map((p) => p.anode!);
  const electrolyte = measured.map((p) => p.electrolyte);
  const split = classify(
    anode.map((a) => Math.max(0, a.value)),
    electrolyte.map((e) => Math.max(0, e.value)),
  );
  if (!split) return null;
  const { isAnode } = split;
  // Plateaus close to the edge: further in, a layer may scatter differently from the electrolyte behind it.
  const anodePlateau = nearestPlateau(position_um, anode, isAnode, true) || split.anodePlateau;
  const electrolytePlateau =
    nearestPlateau(position_um, electrolyte, isAnode, false) || split.electrolytePlateau;
  const share = new Float64Array(measured.length);
  const counting = new Float64Array(measured.length);
  for (let i = 0; i < measured.length; i++) {
    const a = Math.max(0, anode[i].value) / anodePlateau;
    const e = Math.max(0, electrolyte[i].value) / electrolytePlateau;
    const sum = Math.max(a + e, 1e-6);
    share[i] = a / sum;
    counting[i] =
      ((anode[i].sigma / anodePlateau) * (1 - share[i])) ** 2 +
      ((electrolyte[i].sigma / electrolytePlateau) * share[i]) ** 2;
    counting[i] = Math.min(1, counting[i] / sum ** 2);
  }
  const inAnode = share.filter((_, i) => isAnode[i]);
  const outside = share.filter((_, i) => !isAnode[i]);
  const shares = Array.from(share, (value) => ({ value }));
  const high = nearestPlateau(position_um, shares, isAnode, true);
  const low = nearestPlateau(position_um, shares, isAnode, false);
  // Significance: a level that no noise explains.
  const noise = robustSigma(outside) + Math.sqrt(median(counting));
  if (high - low < 0.15 || high - low < 3 * noise) return null;
  const meanOf = (wanted: boolean): number => {
    const p = position_um.filter((_, i) => isAnode[i] === wanted);
    return p.reduce((s, v) => s + v, 0) / p.length;
  };
  const scatter = scatterOfAmounts(
    anode.filter((_, i) => isAnode[i]).map((a) => a.value / anodePlateau),
    electrolyte.filter((_, i) => !isAnode[i]).map((e) => e.value / electrolytePlateau),
  );
  return {
    position_um,
    share,
    counting,
    anodeScatter: scatter.anode,
    electrolyteScatter: scatter.electrolyte,
    low,
    high,
    floor: Math.min(0.1, Math.max(0.01, robustSigma(outside), inAnode.length > 2 ? robustSigma(inAnode) : 0)),
    direction: meanOf(true) < meanOf(false) ? 1 : -1,
  };
}

/**
 * How much the two amounts scatter beyond what they share. The gain of a pattern (monitor, thickness) moves both alike
 * and drops out of their ratio: the smaller of the two scatters is taken for it.
 */
function scatterOfAmounts(anode: number[], electrolyte: number[]): { anode: number; electrolyte: number } {
  const of = (values: number[]): number =>
    values.length < 4 ? Number.NaN : robustSigma(Float64Array.from(values));
  const [a, e] = [of(anode), of(electrolyte)];
  const known = Number.isFinite(a) && Number.isFinite(e);
  const gain2 = known ? 0.8 * Math.min(a, e) ** 2 : 0;
  const own = (value: number): number =>
    Number.isFinite(value) ? Math.min(0.5, Math.max(0.03, Math.sqrt(Math.max(0, value ** 2 - gain2)))) : 0.15;
  return { anode: own(a), electrolyte: own(e) };
}

const PLATEAU_PATTERNS = 5;

/** Median amount of the patterns on one side that are nearest to the other side, but for the very nearest. */
function nearestPlateau(
  position_um: Float64Array,
  amounts: { value: number }[],
  isAnode: boolean[],
  side: boolean,
): number {
  const others = Array.from(position_um).filter((_, i) => isAnode[i] !== side);
  const own = amounts
    .map((amount, i) => ({ value: amount.value, at: position_um[i], mine: isAnode[i] === side }))
    .filter((p) => p.mine)
    .map((p) => ({ value: p.value, distance: Math.min(...others.map((o) => Math.abs(o - p.at))) }))
    .sort((a, b) => a.distance - b.distance);
  const plateau = own.length > 2 ? own.slice(1, 1 + PLATEAU_PATTERNS) : own;
  return median(plateau.map((p) => p.value));
}

/** Two groups by the ratio of normalised amounts, with the plateaus that the groups themselves define. */
function classify(
  anode: number[],
  electrolyte: number[],
): { isAnode: boolean[]; anodePlateau: number; electrolytePlateau: number } | null {
  const top = (values: number[]): number => Math.max(...values);
  let anodePlateau = top(anode);
  let electrolytePlateau = top(electrolyte);
  if (!(anodePlateau > 0 && electrolytePlateau > 0)) return null;
  let isAnode: boolean[] = [];
  for (let pass = 0; pass < 4; pass++) {
    isAnode = anode.map((a, i) => a / anodePlateau > electrolyte[i] / electrolytePlateau);
    const inside = anode.filter((_, i) => isAnode[i]);
    const outside = electrolyte.filter((_, i) => !isAnode[i]);
    if (inside.length === 0 || outside.length === 0) return null;
    anodePlateau = median(inside) || anodePlateau;
    electrolytePlateau = median(outside) || electrolytePlateau;
  }
  return { isAnode, anodePlateau, electrolytePlateau };
}

/**
 * Log likelihood of the profile for given beam shares in the anode (Student-t, 4 degrees of freedom). The variance
 * follows the model: scatter of the amounts matters where both are seen, while a plateau's ratio hardly scatters at all.
 */
export function anodeLogLikelihood(profile: AnodeProfile, inAnode: ArrayLike<number>): number {
  const { share, counting, low, high, floor } = profile;
  const sa = profile.anodeScatter ** 2;
  const se = profile.electrolyteScatter ** 2;
  let sum = 0;
  for (let i = 0; i < share.length; i++) {
    const w = Math.min(1, Math.max(0, inAnode[i]));
    const variance = counting[i] + floor * floor + (w * (1 - w)) ** 2 * (sa + se);
    const residual = share[i] - low - (high - low) * w;
    sum -= 0.5 * Math.log(variance) + 2.5 * Math.log(1 + (residual * residual) / (4 * variance));
  }
  return sum;
}
