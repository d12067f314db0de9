/**
 * The anode's side of the scan: which share of what diffracts is anode material, pattern by pattern. Amounts are first
 * brought to their own plateaus, because indium absorbs ten times as strongly as the electrolyte; the ratio then does
 * not depend on the scale of a pattern.
 */
import { median, robustSigma } from '../../numeric/robust.js';
import type { PatternObservation } from '../lines/scan-observations.js';
import { type AnodeEdge, type AnodeProfile, findAnodeEdge } from './anode-edge.js';
import { meanStep } from './layer-state.js';

/** A plateau is read from so many patterns, or from as many as lie within so many beams. */
const PLATEAU_PATTERNS = 5;
const PLATEAU_BEAMS = 2.5;
/** Layer and electrolyte, or two parts of the anode, may scatter differently for the same volume. */
const OWN_RATIO_SIGMA = 0.05;
/** Where a plateau is hardly seen, or every pattern was scaled to the same top, its level says next to nothing. */
const LOOSE_RATIO_SIGMA = 0.3;
const NORMALISED_RATIO_SIGMA = 1.2;

/**
 * `normalised`: every pattern was brought to the same top or sum, so that amounts of different patterns do not compare.
 * Returns null where the scan holds no anode, or nothing but anode.
 */
export function anodeProfile(
  patterns: PatternObservation[],
  beam_um: number,
  normalised: boolean,
): AnodeProfile | null {
  const measured = patterns.filter((p) => p.anode !== null && Number.isFinite(p.anode.value));
  if (measured.length < 4) return null;
  const split = classify(
    measured.map((p) => Math.max(0, p.anode!.value)),
    measured.map((p) => Math.max(0, p.electrolyte.value)),
  );
  if (!split) return null;
  const { isAnode } = split;
  const step = meanStep(Float64Array.from(measured, (p) => p.position_um));
  const plateau = Math.max(PLATEAU_PATTERNS, Math.ceil((PLATEAU_BEAMS * beam_um) / step));
  let profile = profileOf(measured, { isAnode, far: measured.map(() => true), plateau }, normalised);
  // Plateaus are those of patterns beyond the transition, which is only known once they are.
  for (let pass = 0; profile && pass < 2; pass++) {
    const far = beyond(profile, findAnodeEdge(profile, beam_um), beam_um);
    profile = profileOf(measured, { isAnode, far, plateau }, normalised) ?? profile;
  }
  return profile && hasEdgeInside(profile, beam_um) ? profile : null;
}

/** An edge that is nowhere in the scan is none: the profile is a scatter of amounts. */
function hasEdgeInside(profile: AnodeProfile, beam_um: number): boolean {
  const { position } = findAnodeEdge(profile, beam_um);
  const places = profile.position_um.map((p) => profile.direction * p).sort();
  const half = meanStep(places) / 2;
  return position > places[0] - half && position < places[places.length - 1] + half;
}

function beyond(profile: AnodeProfile, edge: AnodeEdge, beam_um: number): boolean[] {
  const reach = Math.max(0, beam_um / 2 + Math.min(0, edge.width) / 2) + 2 * Math.max(0, edge.width);
  return Array.from(profile.position_um, (p) => Math.abs(profile.direction * p - edge.position) > reach);
}

interface Sides {
  isAnode: boolean[];
  /** Patterns that see one side only. */
  far: boolean[];
  /** How many patterns make a plateau. */
  plateau: number;
}

function profileOf(measured: PatternObservation[], sides: Sides, normalised: boolean): AnodeProfile | null {
  const position_um = Float64Array.from(measured, (p) => p.position_um);
  const anode = measured.map((p) => p.anode!);
  const electrolyte = measured.map((p) => p.electrolyte);
  const anodePlateau = plateauOf(
    position_um,
    anode.map((a) => a.value),
    sides,
    true,
  );
  const electrolytePlateau = plateauOf(
    position_um,
    electrolyte.map((e) => e.value),
    sides,
    false,
  );
  if (!(anodePlateau.level > 0 && electrolytePlateau.level > 0)) return null;
  const share = new Float64Array(measured.length);
  const counting = new Float64Array(measured.length);
  for (let i = 0; i < measured.length; i++) {
    const a = Math.max(0, anode[i].value) / anodePlateau.level;
    const e = Math.max(0, electrolyte[i].value) / electrolytePlateau.level;
    const sum = Math.max(a + e, 1e-6);
    share[i] = a / sum;
    counting[i] =
      ((anode[i].sigma / anodePlateau.level) * (1 - share[i])) ** 2 +
      ((electrolyte[i].sigma / electrolytePlateau.level) * share[i]) ** 2;
    counting[i] = Math.min(1, counting[i] / sum ** 2);
  }
  const onSide = (side: boolean): Float64Array =>
    share.filter((_, i) => sides.isAnode[i] === side && sides.far[i]);
  const outside = share.filter((_, i) => !sides.isAnode[i]);
  const high = plateauOf(position_um, share, sides, true).level;
  const low = plateauOf(position_um, share, sides, false).level;
  // Significance: a level that no noise explains.
  const noise = robustSigma(outside) + Math.sqrt(median(counting));
  if (high - low < 0.15 || high - low < 3 * noise) return null;
  const meanOf = (wanted: boolean): number => {
    const p = position_um.filter((_, i) => sides.isAnode[i] === wanted);
    return p.reduce((s, v) => s + v, 0) / p.length;
  };
  const scatter = scatterOfAmounts(anodePlateau, electrolytePlateau, normalised);
  const levels = [onSide(false), onSide(true)].map((side) => (side.length > 2 ? robustSigma(side) : 0));
  return {
    position_um,
    share,
    counting,
    anodeScatter: scatter.anode,
    electrolyteScatter: scatter.electrolyte,
    ratioSigma: ratioSigmaOf(anodePlateau, electrolytePlateau, normalised),
    low,
    high,
    floor: Math.min(0.1, Math.max(FLOOR, ...levels)),
    direction: meanOf(true) < meanOf(false) ? 1 : -1,
  };
}

const FLOOR = 0.005;

interface Plateau {
  level: number;
  /** Relative scatter of all patterns that see this side only; NaN for too few. */
  scatter: number;
  /** Number of patterns behind `level`. */
  count: number;
}

/** Level of one side, from the patterns that are nearest to the other side beyond the transition. */
function plateauOf(
  position_um: Float64Array,
  values: ArrayLike<number>,
  sides: Sides,
  side: boolean,
): Plateau {
  const indices = Array.from(position_um.keys());
  const others = indices.filter((i) => sides.isAnode[i] !== side);
  const own = indices
    .filter((i) => sides.isAnode[i] === side)
    .map((i) => ({
      value: values[i],
      far: sides.far[i],
      distance: Math.min(...others.map((o) => Math.abs(position_um[o] - position_um[i]))),
    }))
    .sort((a, b) => a.distance - b.distance);
  const pure = own.filter((p) => p.far);
  // Without any pattern beyond the transition, the farthest one comes nearest to it.
  const used = pure.length > 0 ? pure.slice(pure.length > 2 ? 1 : 0, 1 + sides.plateau) : own.slice(-1);
  const level = median(used.map((p) => p.value));
  return {
    level,
    scatter: pure.length < 4 ? Number.NaN : robustSigma(pure.map((p) => p.value / level)),
    count: pure.length > 0 ? used.length : 0,
  };
}

function ratioSigmaOf(anode: Plateau, electrolyte: Plateau, normalised: boolean): number {
  const of = ({ scatter, count }: Plateau): number =>
    count === 0
      ? LOOSE_RATIO_SIGMA
      : Math.max(0.02, Number.isFinite(scatter) ? scatter : 0.15) / Math.sqrt(count);
  return Math.hypot(OWN_RATIO_SIGMA, of(anode), of(electrolyte), normalised ? NORMALISED_RATIO_SIGMA : 0);
}

/**
 * How much the two amounts scatter beyond what they share. The gain of a pattern (monitor, thickness) moves both alike
 * and drops out of their ratio: the smaller of the two scatters is taken for it.
 */
function scatterOfAmounts(
  anode: Plateau,
  electrolyte: Plateau,
  normalised: boolean,
): { anode: number; electrolyte: number } {
  const [a, e] = [anode.scatter, electrolyte.scatter];
  const known = Number.isFinite(a) && Number.isFinite(e) && !normalised;
  const gain2 = known ? 0.8 * Math.min(a, e) ** 2 : 0;
  const own = (value: number): number =>
    Number.isFinite(value) ? Math.min(0.5, Math.max(0.02, Math.sqrt(Math.max(0, value ** 2 - gain2)))) : 0.15;
  return { anode: own(a), electrolyte: own(e) };
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
