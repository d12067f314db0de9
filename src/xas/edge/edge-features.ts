import type { CalibrationFeature } from '../../experiment.js';
import type { Measured } from '../../measurement.js';
import { mean, median } from '../../numeric/robust.js';
import { indexFrom, indexNearest, rangeWithin } from '../curve/grid.js';
import { fitPolynomial, polynomialAt } from '../curve/polynomial.js';
import { featureOf } from './edge-zero.js';
import { findInflections, type Inflection } from './inflections.js';

/** Everything on an edge that an energy can be read from; null where the spectrum does not have it. */
export interface EdgeFeatures {
  /** All rising inflections, by energy. */
  inflections: Inflection[];
  /** The inflection of the edge proper: the steepest that is not a pre-edge peak's. */
  main: Inflection | null;
  /** The most prominent inflection below the main one. */
  preEdge: Inflection | null;
  /**
   * It is the foot of a metal's edge, where absorption starts at the Fermi level: a prominent shoulder behind which mu
   * does not fall, as it does behind the peak of a bound state.
   */
  preEdgeIsFoot: boolean;
  /** Where mu first passes half of the edge step on its way to the main inflection or just after it. */
  halfStep: Measured | null;
  /** The first maximum after the main inflection. */
  whiteLine: Measured | null;
}

/** A peak is a pre-edge peak if mu falls back below this fraction of the edge step behind it. */
const PRE_EDGE_VALLEY = 0.3;
/** So is a shoulder whose inflection lies below this fraction, if a higher one follows. */
const PRE_EDGE_LEVEL = 0.35;
/** No pre-edge lies further below its edge: vanadates 13, chromates 16 eV. What rises beyond is fine structure. */
const PRE_EDGE_REACH_EV = 30;
/** Inflections that take part in the decision. */
const NOTABLE = 0.2;
/** As plain as this, an inflection may be the edge wherever it lies. */
const PLAIN = 0.5;

/**
 * Finds the features of an edge. The main inflection is not simply the steepest point: behind the inflection of a
 * pre-edge peak mu falls back towards the pre-edge level (below 0.3 of the step), or it lies low on the step with
 * a comparable inflection above; such inflections are set aside as long as another remains.
 *
 * @param sigma uncertainty of each point; infinity leaves a point out
 * @param width_eV narrowest physical feature, full width at half maximum (see featureWidth_eV)
 */
export function findEdgeFeatures(
  energy: Float64Array,
  mu: Float64Array,
  sigma: Float64Array,
  width_eV: number,
): EdgeFeatures {
  const inflections = findInflections(energy, mu, sigma, { width_eV });
  const notable = notableOf(inflections, width_eV);
  if (notable.length === 0)
    return {
      inflections,
      main: null,
      preEdge: null,
      preEdgeIsFoot: false,
      halfStep: null,
      whiteLine: null,
    };
  const level = roughLevel(energy, mu, notable, width_eV);
  const main = mainInflection(energy, notable, level);
  const below = inflections.filter(({ energy_eV }) => energy_eV.value < main.energy_eV.value);
  const preEdge = below.reduce<Inflection | null>(
    (best, next) => (best && best.prominence >= next.prominence ? best : next),
    null,
  );
  return {
    inflections,
    main,
    preEdge,
    preEdgeIsFoot: preEdge !== null && isFoot(energy, sigma, preEdge, main, level),
    halfStep: halfStep(energy, sigma, main, level, width_eV),
    whiteLine: whiteLine(energy, mu, sigma, main, width_eV),
  };
}

/** Without weak ones so far above the steepest that it could not be their pre-edge. */
function notableOf(inflections: Inflection[], width_eV: number): Inflection[] {
  const steepest = inflections.reduce<Inflection | null>(
    (best, next) => (best && best.slope >= next.slope ? best : next),
    null,
  );
  const reach = (steepest?.energy_eV.value ?? 0) + PRE_EDGE_REACH_EV + 2 * width_eV;
  return inflections.filter(
    ({ prominence, energy_eV }) => prominence >= NOTABLE && (prominence >= PLAIN || energy_eV.value <= reach),
  );
}

/** A foot stands out by this prominence, at this level of the step at least, and mu falls by no more than this behind it. */
const FOOT = { prominence: 0.15, level: 0.12, fall: 0.05 };

function isFoot(
  energy: Float64Array,
  sigma: Float64Array,
  preEdge: Inflection,
  main: Inflection,
  { norm, step }: RoughLevel,
): boolean {
  const from = indexNearest(energy, preEdge.energy_eV.value);
  const to = indexNearest(energy, main.energy_eV.value);
  let crest = norm[from]!;
  let fall = 0;
  for (let i = from; i <= to; i++) {
    if (!Number.isFinite(sigma[i]!)) continue;
    crest = Math.max(crest, norm[i]!);
    fall = Math.max(fall, crest - norm[i]! - (5 * sigma[i]!) / Math.abs(step));
  }
  return preEdge.prominence >= FOOT.prominence && norm[from]! >= FOOT.level && fall <= FOOT.fall;
}

/** The energy of a named feature. `second-derivative-zero` is the main inflection: both are where mu'' is zero. */
export function featureEnergy(features: EdgeFeatures, feature: CalibrationFeature): Measured | null {
  switch (feature) {
    case 'main-inflection':
    case 'second-derivative-zero':
      return features.main?.energy_eV ?? null;
    case 'pre-edge-inflection':
      return features.preEdge?.energy_eV ?? null;
    case 'half-step':
      return features.halfStep;
    case 'white-line':
      return features.whiteLine;
  }
}

interface RoughLevel {
  /** (mu - pre-edge) / step at each point. */
  norm: Float64Array;
  step: number;
}

/** A normalisation good to some tenths, for deciding which inflection is which. */
function roughLevel(
  energy: Float64Array,
  mu: Float64Array,
  notable: Inflection[],
  width: number,
): RoughLevel {
  const n = energy.length;
  const start = notable[0]!.energy_eV.value - Math.max(5 * width, 4);
  const preEnd = Math.max(2, Math.min(indexFrom(energy, start), n));
  const pre = fitPolynomial(energy, mu, Math.min(1, preEnd - 2), preEnd, preEnd > 6 ? 1 : 0);
  const net = mu.map((value, i) => value - polynomialAt(pre, energy[i]!));
  // Near behind the edge, as the slope of a background far behind it would pass for a step.
  const behind = notable.at(-1)!.energy_eV.value + 6 * width;
  const after = Math.min(indexFrom(energy, behind), n - 3);
  const step = mean(net.subarray(after, Math.max(after + 3, indexFrom(energy, behind + 30 * width))));
  return { norm: net.map((value) => value / step), step };
}

function mainInflection(energy: Float64Array, notable: Inflection[], { norm }: RoughLevel): Inflection {
  const isPreEdge = notable.map((candidate, k) => {
    const next = notable[k + 1];
    if (!next) return false;
    const from = indexNearest(energy, candidate.energy_eV.value);
    const to = indexNearest(energy, next.energy_eV.value);
    let crest = norm[from]!;
    let valley = Number.POSITIVE_INFINITY;
    for (let i = from; i <= to; i++) {
      crest = Math.max(crest, norm[i]!);
      valley = Math.min(valley, norm[i]! < crest ? norm[i]! : Number.POSITIVE_INFINITY);
    }
    return valley < PRE_EDGE_VALLEY || norm[from]! < PRE_EDGE_LEVEL;
  });
  const eligible = notable.filter((_, k) => !isPreEdge[k]);
  const pool = eligible.length ? eligible : notable;
  return pool.reduce((best, next) => (next.slope > best.slope ? next : best));
}

/**
 * Half of the step is measured from a line through what lies behind the white line, taken back to the edge; how far that
 * is from the mean just behind the edge says how well the step is known.
 */
function halfStep(
  energy: Float64Array,
  sigma: Float64Array,
  main: Inflection,
  { norm: rough, step: roughStep }: RoughLevel,
  width: number,
): Measured | null {
  const edge = main.energy_eV.value;
  const from = indexFrom(energy, edge + Math.max(15, 6 * width));
  const far =
    rough.length - from >= 8
      ? polynomialAt(fitPolynomial(energy, rough, from, rough.length, 1), edge)
      : Number.NaN;
  const level = far > 0.5 && far < 2 ? far : 1;
  const levelSigma = level === far ? Math.max(0.02, Math.abs(far - 1) / 2) : 0.1;
  const norm = rough.map((value) => value / level);
  let i = indexNearest(energy, edge);
  if (norm[i]! < 0.5) while (i < norm.length - 1 && norm[i]! < 0.5) i++;
  else while (i > 0 && norm[i - 1]! >= 0.5) i--;
  if (i === 0 || norm[i]! < 0.5) return null;
  // A line through the points about the crossing: two of them alone say little where they are noisy.
  const [low, high] = rangeWithin(energy, energy[i]! - 0.4 * width, energy[i]! + 0.4 * width);
  const first = Math.min(low, i - 1);
  const last = Math.max(high, i + 1);
  const usable = sigma.map((s) => (Number.isFinite(s) ? 1 : 0));
  const line = fitPolynomial(energy, norm, first, last, 1, usable);
  const slope =
    (polynomialAt(line, energy[last - 1]!) - polynomialAt(line, energy[first]!)) /
    (energy[last - 1]! - energy[first]!);
  if (!(slope > 0)) return null;
  const value = energy[i]! + (0.5 - polynomialAt(line, energy[i]!)) / slope;
  const typical = median(sigma.slice(first, last).filter(Number.isFinite));
  const noise = typical / Math.abs(roughStep * level) / Math.sqrt(last - first);
  return { value, sigma: Math.hypot(noise, 0.5 * levelSigma) / slope };
}

/** First maximum after the main inflection. */
function whiteLine(
  energy: Float64Array,
  mu: Float64Array,
  sigma: Float64Array,
  main: Inflection,
  width: number,
): Measured | null {
  const top = firstCrest(energy, mu, sigma, main, width);
  if (top === null) return null;
  return featureOf(energy, mu, sigma, energy[top]!, width, 1);
}

/** Index of the first point that is the highest within half a feature width and stands out from the noise. */
function firstCrest(
  energy: Float64Array,
  mu: Float64Array,
  sigma: Float64Array,
  main: Inflection,
  width: number,
): number | null {
  const from = indexNearest(energy, main.energy_eV.value);
  const [, to] = rangeWithin(energy, 0, main.energy_eV.value + 12 * width + 6);
  let best = from;
  for (let i = from; i < to; i++) {
    if (!Number.isFinite(sigma[i]!)) continue;
    if (mu[i]! > mu[best]!) best = i;
    const fallen = mu[best]! - mu[i]!;
    if (fallen > 4 * sigma[i]! && energy[i]! - energy[best]! > 0.5 * width) return best;
  }
  return null;
}
