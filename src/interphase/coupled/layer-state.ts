/** What is unknown about a layer, as one vector, and what is believed of it before the data speak. */
import type { PatternObservation } from '../lines/scan-observations.js';

/** Positions count away from the anode: times the direction of the scan. */
export interface LayerState {
  inner: number;
  outer: number;
  /** Blurs as `blurredShare` takes them: the boundary's own, or how much narrower than stated the beam is. */
  innerWidth: number;
  outerWidth: number;
  amount: number;
  /** ln of what the anode's plateaus make of one volume of anode over one of electrolyte. */
  anodeRatio: number;
  /** ln of the intensity of the layer over that of the electrolyte for the same volume, the lines' own change apart. */
  brightness: number;
}

export const STATE_KEYS = [
  'inner',
  'outer',
  'innerWidth',
  'outerWidth',
  'amount',
  'anodeRatio',
  'brightness',
] as const satisfies readonly (keyof LayerState)[];

export const toVector = (s: LayerState): Float64Array => Float64Array.from(STATE_KEYS, (key) => s[key]);

export const toState = (p: ArrayLike<number>): LayerState =>
  Object.fromEntries(STATE_KEYS.map((key, k) => [key, p[k]])) as Record<(typeof STATE_KEYS)[number], number>;

/** Place of a quantity in the vector. */
export const indexOf = (key: keyof LayerState): number => STATE_KEYS.indexOf(key);

/** Widest intrinsic width that is considered, in mean steps; a wider 'boundary' is a gradient. */
export const MAX_WIDTH_STEPS = 5;

/** Density of a beam narrower than stated against that of a sharp boundary seen by the stated one. */
const NARROW_BEAM = 0.25;

/**
 * Blurs go down to minus so many beams. Below minus one the beam is a point: a pattern then sees one side or the other,
 * and a boundary may lie anywhere between two of them with equal right.
 */
const POINT_BEAM = 3;

/** Least blur that is considered, see `blurredShare`. */
export const leastBlur = (beam_um: number): number => -POINT_BEAM * beam_um;

/** Half-Cauchy belief about the intrinsic width in steps: mostly below one, but any width up to the largest may be. */
export const logWidthPrior = (widthInSteps: number): number =>
  widthInSteps < 0 ? Math.log(NARROW_BEAM) : -Math.log(1 + (widthInSteps / 0.5) ** 2);

export interface ScanGeometry {
  beam_um: number;
  /** Positions times the direction: the anode, if any, lies at the low end. */
  direction: 1 | -1;
  first: number;
  last: number;
  /** What the scan can resolve: the mean distance of its positions, or half the beam where that is more. */
  spacing: number;
}

export function scanGeometry(
  patterns: PatternObservation[],
  beam_um: number,
  direction: 1 | -1,
): ScanGeometry {
  const places = Float64Array.from(patterns, (p) => direction * p.position_um);
  return {
    beam_um,
    direction,
    first: least(places),
    last: -least(places.map((p) => -p)),
    spacing: resolved(places, beam_um),
  };
}

const least = (values: Float64Array): number => values.reduce((a, b) => Math.min(a, b), Infinity);

/** The length that widths and searches are measured in: a scan in steps finer than its beam resolves no more for it. */
export const resolved = (places: Float64Array, beam_um: number): number =>
  Math.max(meanStep(places), beam_um / 2);

/** Mean distance of different neighbouring places; 1 where there is but one. */
export function meanStep(places: Float64Array): number {
  const different = new Set(places).size;
  const reach = -least(places.map((p) => -p)) - least(places);
  return reach / Math.max(1, different - 1) || 1;
}
