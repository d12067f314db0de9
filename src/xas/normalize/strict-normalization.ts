import type { Measured } from '../../measurement.js';
import type { CurveChange, StepChanges } from '../curve/curve-change.js';
import { indexFrom, indexNearest } from '../curve/grid.js';
import { fitPolynomial, polynomialAt, polynomialOn } from '../curve/polynomial.js';
import {
  assemble,
  type Normalization,
  type NormalizationChoices,
  victoreenOn,
} from './larch-normalization.js';

/** What the ranges are laid around. */
export interface EdgeAnchors {
  e0_eV: number;
  /** Lowest feature that rises from the pre-edge: a pre-edge peak's inflection, or e0. */
  onset_eV: number;
  /** Narrowest physical feature, eV. */
  width_eV: number;
}

/** Ranges in absolute eV, with the degrees of both curves. */
interface Ranges {
  pre1: number;
  pre2: number;
  norm1: number;
  norm2: number;
  preDegree: 0 | 1;
  degree: number;
}

export type { StepChanges } from '../curve/curve-change.js';

export interface StrictNormalization extends Normalization {
  /** The edge step with the uncertainty from noise and from the choice of ranges. */
  step: Measured;
  /** Relative uncertainty of the step from noise alone. */
  stepNoise: number;
  /** What changes when one range or degree is changed within reason: the systematic part, by name. */
  stepChanges: StepChanges;
  warnings: string[];
}

/**
 * Our own normalisation. It differs from the peers where they go wrong: the pre-edge range ends below the first
 * feature, so that a pre-edge peak never counts as background; ranges scale with what was measured, so that short
 * and narrow spectra work; range ends are included; the step is taken at e0 itself, not at the nearest point; a falling
 * edge is reported; and the edge step carries what the choice of ranges could change.
 *
 * @throws RangeError where no point lies below the onset or above e0
 */
export function strictNormalization(
  energy: Float64Array,
  mu: Float64Array,
  sigma: Float64Array,
  anchors: EdgeAnchors,
  choices: NormalizationChoices = {},
): StrictNormalization {
  const { e0_eV } = anchors;
  const ranges = rangesFor(energy, anchors, choices);
  const exponent = choices.victoreen ?? 0;
  const made = fitStep(energy, mu, e0_eV, ranges, exponent);
  const step = choices.step ?? made.step;
  const warnings: string[] = [];
  if (step < 0) warnings.push('mu falls at the edge: the signal looks inverted');
  if (!(Math.abs(step) > 0)) throw new RangeError('the edge step is zero');

  const stepChanges: StepChanges = {};
  if (choices.step === undefined)
    for (const [name, group] of Object.entries(alternatives(energy, ranges, anchors, choices)))
      stepChanges[name] = group.map((changed) =>
        changeBetween(made, fitStep(energy, mu, e0_eV, changed, exponent), energy, e0_eV),
      );
  const noise = stepNoise(energy, sigma, ranges);
  const spread = Math.abs(step) * spreadOf(stepChanges);
  const net = mu.map((value, i) => value - made.preEdge[i]!);
  const ie0 = indexNearest(energy, e0_eV);
  const result = assemble(net, made.preEdge, made.post, step, e0_eV, ie0, {
    pre1_eV: ranges.pre1 - e0_eV,
    pre2_eV: ranges.pre2 - e0_eV,
    norm1_eV: ranges.norm1 - e0_eV,
    norm2_eV: ranges.norm2 - e0_eV,
    degree: ranges.degree,
  });
  if (Math.abs(step) < 5 * noise) warnings.push('the edge step hardly stands out from the noise');
  else if (spread > UNSURE * Math.abs(step))
    warnings.push(
      `the edge step depends on the ranges by ${Math.round((100 * spread) / Math.abs(step))} %: heights, areas and weights do, too`,
    );
  return {
    ...result,
    step: { value: step, sigma: Math.hypot(noise, spread) },
    stepNoise: noise / Math.abs(step),
    stepChanges,
    warnings,
  };
}

/** A step less sure than this part of it is told. */
const UNSURE = 0.1;

interface FittedStep {
  preEdge: Float64Array;
  post: Float64Array;
  step: number;
}

function fitStep(
  energy: Float64Array,
  mu: Float64Array,
  e0: number,
  { pre1, pre2, norm1, norm2, preDegree, degree }: Ranges,
  exponent: number,
): FittedStep {
  const [p1, p2] = inclusive(energy, pre1, pre2);
  const preEdge = victoreenOn(energy, mu, p1, p2, preDegree, exponent);
  const [n1, n2] = inclusive(energy, norm1, norm2);
  const net = mu.map((value, i) => value - preEdge[i]!);
  const polynomial = fitPolynomial(energy, net, n1, n2, degree);
  return { preEdge, post: polynomialOn(polynomial, energy), step: polynomialAt(polynomial, e0) };
}

/** The pre-edge is a straight line, or nearly, so its ends tell how it changes. */
function changeBetween(
  made: FittedStep,
  other: FittedStep,
  energy: Float64Array,
  at_eV: number,
): CurveChange {
  const last = energy.length - 1;
  const change = (i: number): number => (other.preEdge[i]! - made.preEdge[i]!) / made.step;
  const slope_per_eV = (change(last) - change(0)) / (energy[last]! - energy[0]!);
  const offset = change(0) + slope_per_eV * (at_eV - energy[0]!);
  return { step: other.step / made.step - 1, offset, slope_per_eV, at_eV };
}

function inclusive(energy: Float64Array, from: number, to: number): [number, number] {
  const first = indexFrom(energy, from - 1e-9);
  const last = indexFrom(energy, to + 1e-9);
  return [Math.min(first, energy.length - 1), Math.max(last, Math.min(first, energy.length - 1) + 1)];
}

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(value, high));

/** Default ranges, each scaled to what was measured; choices replace them one by one. */
function rangesFor(
  energy: Float64Array,
  { e0_eV, onset_eV, width_eV }: EdgeAnchors,
  choices: NormalizationChoices,
): Ranges {
  const n = energy.length;
  const start = energy[n > 40 ? 1 : 0]!;
  const end = energy[n - 1]!;
  if (!(energy[0]! < onset_eV))
    throw new RangeError('no point lies below the edge: the pre-edge cannot be known');
  if (!(end > e0_eV)) throw new RangeError('no point lies above the edge: the edge step cannot be known');
  const before = onset_eV - start;
  const after = end - e0_eV;
  const margin = Math.min(clamp(0.25 * before, 3 * width_eV, 30), 0.7 * before);
  const pre1 = choices.pre1_eV === undefined ? start : Math.max(energy[0]!, e0_eV + choices.pre1_eV);
  let pre2 = choices.pre2_eV === undefined ? onset_eV - margin : e0_eV + choices.pre2_eV;
  pre2 = Math.max(pre2, energy[0]!);
  const gap = Math.min(clamp(0.2 * after, 15, 60), 0.5 * after);
  const norm2 = choices.norm2_eV === undefined ? end : Math.min(end, e0_eV + choices.norm2_eV);
  const norm1 = Math.min(choices.norm1_eV === undefined ? e0_eV + gap : e0_eV + choices.norm1_eV, norm2);
  return {
    pre1: Math.min(pre1, pre2),
    pre2: Math.max(pre1, pre2),
    norm1,
    norm2,
    preDegree: choices.preDegree ?? preDegree(energy, pre1, pre2, e0_eV),
    degree: choices.degree ?? postDegree(norm2 - norm1),
  };
}

/** A line needs a lever: at least five points over at least the distance that it is extrapolated by. */
function preDegree(energy: Float64Array, pre1: number, pre2: number, e0: number): 0 | 1 {
  const points = indexFrom(energy, pre2 + 1e-9) - indexFrom(energy, pre1);
  return points >= 5 && pre2 - pre1 >= 0.8 * (e0 - pre2) ? 1 : 0;
}

/** Over a short span the oscillations behind the edge tilt a line, and its extrapolation to e0 doubles the tilt. */
const postDegree = (span: number): number => (span >= 300 ? 2 : span >= 80 ? 1 : 0);

/**
 * One change at a time to what was not chosen by the user, grouped by what is changed: each range end by about a third,
 * each degree by one.
 */
function alternatives(
  energy: Float64Array,
  ranges: Ranges,
  { e0_eV, onset_eV }: EdgeAnchors,
  choices: NormalizationChoices,
): Record<string, Ranges[]> {
  const { pre1, pre2, norm1, norm2, degree, preDegree } = ranges;
  const margin = onset_eV - pre2;
  const gap = norm1 - e0_eV;
  const free = (key: keyof NormalizationChoices): boolean => choices[key] === undefined;
  const groups: Record<string, Partial<Ranges>[]> = {
    pre1: free('pre1_eV') ? [{ pre1: pre1 + (pre2 - pre1) / 3 }] : [],
    pre2: free('pre2_eV')
      ? [{ pre2: Math.max(pre2 - 0.5 * margin, pre1) }, { pre2: pre2 + 0.3 * margin }]
      : [],
    norm1: free('norm1_eV')
      ? [{ norm1: norm1 - 0.3 * gap }, { norm1: Math.min(norm1 + 0.5 * gap, norm2) }]
      : [],
    norm2: free('norm2_eV') ? [{ norm2: norm2 - (norm2 - norm1) / 4 }] : [],
    degree: free('degree') && norm2 - norm1 >= 20 ? [{ degree: degree === 0 ? 1 : degree - 1 }] : [],
    preDegree: free('preDegree') && preDegree === 1 ? [{ preDegree: 0 }] : [],
  };
  const possible = (r: Ranges): boolean =>
    indexFrom(energy, r.pre2 + 1e-9) > indexFrom(energy, r.pre1 - 1e-9) && r.norm2 > r.norm1;
  return Object.fromEntries(
    Object.entries(groups).map(([name, group]) => [
      name,
      group.map((change) => ({ ...ranges, ...change })).filter(possible),
    ]),
  );
}

function stepNoise(
  energy: Float64Array,
  sigma: Float64Array,
  { pre1, pre2, norm1, norm2, degree }: Ranges,
): number {
  const [p1, p2] = inclusive(energy, pre1, pre2);
  const [n1, n2] = inclusive(energy, norm1, norm2);
  const middle = (from: number, to: number): number => sigma[(from + to - 1) >> 1]!;
  // A polynomial at the end of its range is known (degree + 1)^2 times worse than its mean, a line four times.
  return Math.hypot(
    (2 * middle(p1, p2)) / Math.sqrt(p2 - p1),
    ((degree + 1) * middle(n1, n2)) / Math.sqrt(n2 - n1),
  );
}

/** Each group's largest change counts as the half width of a rectangular distribution. */
function spreadOf(changes: StepChanges): number {
  const squares = Object.values(changes).map((group) => Math.max(0, ...group.map(({ step }) => step ** 2)));
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / 3);
}
