/**
 * What the fits of single patterns hand to the model of the whole scan: intensities of the electrolyte's lines and
 * amounts of the phases, each with its uncertainty. Everything absolute (absorption, illuminated volume, monitor) is
 * left to a free scale of each pattern.
 */
import type { Measured } from '../../measurement.js';

/**
 * Classes of lines of the Li3YCl6 family (hcp chlorine, a_hcp = a/3, cations in layers z = 0 and 1/2):
 * A-even (h, k multiples of 3, l even): all cations in phase; A-odd: layer z = 0 minus layer z = 1/2;
 * B (h - k a multiple of 3): yttrium columns minus lithium columns; C: order among the yttrium sites.
 * C lines measure cation disorder, not composition, and are never used for x.
 */
export type LineClass = 'A-even' | 'A-odd' | 'B' | 'C';

const multipleOf3 = (n: number): boolean => n % 3 === 0;

export function lineClass(h: number, k: number, l: number): LineClass {
  if (!multipleOf3(h - k)) return 'C';
  if (multipleOf3(h) && multipleOf3(k)) return l % 2 === 0 ? 'A-even' : 'A-odd';
  return 'B';
}

export interface ScanLine {
  /** For example '302': of all families of the same d, the strongest. */
  id: string;
  hkl: readonly [number, number, number];
  twoTheta_deg: number;
  /** (sin theta / lambda)^2 in 1/angstrom^2. */
  s2: number;
  class: LineClass;
  /** cos^2 of the angle between the line's normal and c*, for a fibre texture about c. */
  cos2FromC: number;
}

export interface PatternObservation {
  index: number;
  position_um: number;
  row: number;
  /** Intensity of each line on a scale of the pattern's own; NaN where it was not measured. */
  intensity: Float64Array;
  /** Covariance of `intensity` from counting, row-major; rows of lines that were not measured are ignored. */
  covariance: Float64Array;
  /** Amount (volume-like) of all anode phases and of the electrolyte, in common units. */
  anode: Measured | null;
  electrolyte: Measured;
  /** x of the single-pattern fit. */
  x: Measured | null;
}

/** Intensity of line j at amount a: i0[j] + i1[j] a + i2[j] a^2, for amounts up to `to`. */
export interface ResponseSegment {
  to: number;
  i0: Float64Array;
  i1: Float64Array;
  i2: Float64Array;
}

/** A hypothesis on what made the layer, within one variant of the structure. */
export interface LineResponse {
  hypothesis: Hypothesis;
  variant: string;
  /** ascending; the first one holds amount 0. */
  segments: ResponseSegment[];
  /** Largest amount that the structure can hold. */
  max: number;
  /** The same change with other scatterers: `part` of the difference is a standard deviation of what is not known of them. */
  doubts: { part: number; segments: ResponseSegment[] }[];
  /** The same hypothesis if one lithium leaves for each dopant ion instead of as many as its charge asks for; null for other hypotheses. */
  oneLithium: ResponseSegment[] | null;
}

export const HYPOTHESES = ['in-on-6h', 'in-on-6g', 'in-on-y', 'y-migration'] as const;
export type Hypothesis = (typeof HYPOTHESES)[number];

/** Whether a hypothesis puts the dopant on lithium sites, which is what x counts. */
export const onLithium = (hypothesis: string): boolean =>
  hypothesis === 'in-on-6h' || hypothesis === 'in-on-6g';

export interface ScanObservations {
  beam_um: number;
  /** Every pattern was brought to the same top or sum: amounts of different patterns do not compare. */
  normalised: boolean;
  lines: ScanLine[];
  patterns: PatternObservation[];
  responses: LineResponse[];
}

/** ln of each line's intensity at amount a over that at 0. */
export const logResponse = (response: LineResponse, amount: number, out: Float64Array): void =>
  logOfSegments(response.segments, amount, out);

export function logOfSegments(segments: ResponseSegment[], amount: number, out: Float64Array): void {
  const zero = segments[0].i0;
  let piece = segments[0];
  for (let k = 1; k < segments.length && amount > piece.to; k++) piece = segments[k];
  const { i0, i1, i2 } = piece;
  for (let j = 0; j < i0.length; j++)
    out[j] = Math.log(Math.max(1e-3, (i0[j] + amount * (i1[j] + amount * i2[j])) / zero[j]));
}

/** The same scan with only the given lines. */
export function selectLines(scan: ScanObservations, keep: number[]): ScanObservations {
  const total = scan.lines.length;
  const pick = (a: Float64Array): Float64Array => Float64Array.from(keep, (j) => a[j]);
  const pickAll = (segments: ResponseSegment[]): ResponseSegment[] =>
    segments.map(({ to, i0, i1, i2 }) => ({ to, i0: pick(i0), i1: pick(i1), i2: pick(i2) }));
  return {
    ...scan,
    lines: keep.map((j) => scan.lines[j]),
    patterns: scan.patterns.map((p) => ({
      ...p,
      intensity: pick(p.intensity),
      covariance: Float64Array.from({ length: keep.length ** 2 }, (_, k) => {
        const i = keep[Math.floor(k / keep.length)];
        return p.covariance[i * total + keep[k % keep.length]];
      }),
    })),
    responses: scan.responses.map((r) => ({
      ...r,
      segments: pickAll(r.segments),
      doubts: r.doubts.map(({ part, segments }) => ({ part, segments: pickAll(segments) })),
      oneLithium: r.oneLithium && pickAll(r.oneLithium),
    })),
  };
}

/** Responses sorted by the weight of their variant, heaviest first. */
export function responsesByWeight(
  responses: LineResponse[],
  variants: { name: string; weight: number }[],
): LineResponse[] {
  const weight = (r: LineResponse): number => variants.find((v) => v.name === r.variant)?.weight ?? 0;
  return [...responses].sort((a, b) => weight(b) - weight(a));
}
