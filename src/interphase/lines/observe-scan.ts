/** From the fits of single patterns to what the model of the scan works on. */
import type { Measured, Rows } from '../../measurement.js';
import { median } from '../../numeric/robust.js';
import { compositionOf } from '../../xrd/crystal/composition.js';
import type { PhaseStructure } from '../../xrd/crystal/structure.js';
import type { PatternFit, PhaseFit } from '../../xrd/refine/pattern-fit.js';
import type { ScanModels, ScanPhase } from '../../xrd/refine/scan-start.js';
import type { ScanPatternFit } from '../../xrd/refine/sequential.js';
import { isLi3YCl6, type NamedLine, type ScanResponses, scanResponses } from './responses.js';
import type { PatternObservation, ScanObservations } from './scan-observations.js';

export interface ScanToCouple {
  beam_um: number;
  /** Row of each pattern of a multi-row scan, by the pattern's index. */
  rows: Int32Array;
  dopant: string | null;
  models: ScanModels;
  /** Walked through several times, none of them held: their curves are large. */
  fits: Rows<ScanPatternFit>;
}

export interface ObservedScan {
  observations: ScanObservations;
  prior: Float64Array;
  electrolyte: string;
  /** Variant of the order that the patterns were fitted with; null for a structure of another kind. */
  fittedVariant: string | null;
  anodePhases: string[];
}

/** Anions: a phase without any of them is metallic, and belongs to the anode. */
const ANIONS = new Set(['F', 'Cl', 'Br', 'I', 'O', 'S', 'Se', 'N', 'P', 'H', 'C']);

export const isMetallic = (structure: PhaseStructure): boolean =>
  [...compositionOf(structure).keys()].every((element) => !ANIONS.has(element));

/** The phase whose lines are compared: the one that takes the dopant, else one that is Li3YCl6, else the first salt. */
export const electrolyteOf = (phases: ScanPhase[]): ScanPhase | null =>
  phases.find((p) => p.doped) ??
  phases.find((p) => isLi3YCl6(p.structure)) ??
  phases.find((p) => !isMetallic(p.structure)) ??
  null;

/** Returns null where no phase can be the electrolyte. */
export function observeScan({ beam_um, rows, dopant, models, fits }: ScanToCouple): ObservedScan | null {
  const electrolyte = electrolyteOf(models.phases);
  if (!electrolyte) return null;
  const anodePhases = models.phases
    .filter((p) => p !== electrolyte && isMetallic(p.structure))
    .map((p) => p.name);
  const named = namedLines(fits, electrolyte);
  const responses: ScanResponses =
    dopant === null
      ? { lines: [], responses: [], prior: new Float64Array(0) }
      : scanResponses(electrolyte.structure, dopant, models, named);
  const names = dopant === null ? [] : named;
  const patterns: PatternObservation[] = [];
  for (const found of fits)
    if (found.fit)
      patterns.push(observePattern(found, found.fit, electrolyte.name, anodePhases, names, rows));
  return {
    observations: {
      beam_um,
      normalised: isNormalised(fits),
      lines: responses.lines,
      patterns: amountsFromLines(patterns),
      responses: responses.responses,
    },
    prior: responses.prior,
    electrolyte: electrolyte.name,
    fittedVariant: variantOf(electrolyte.structure),
    anodePhases,
  };
}

/** Largest relative scatter of tops or sums that is taken for equal. */
const EQUAL = 2e-4;

/** All patterns have the same largest intensity or the same sum, as counts never have. */
function isNormalised(fits: Rows<ScanPatternFit>): boolean {
  const tops: number[] = [];
  const sums: number[] = [];
  for (const { status, fit } of fits) {
    if (!fit || status !== 'ok') continue;
    tops.push(fit.curves.observed.reduce((a, b) => Math.max(a, b), -Infinity));
    sums.push(fit.curves.observed.reduce((a, b) => a + b, 0));
  }
  return areEqual(tops) || areEqual(sums);
}

function areEqual(values: number[]): boolean {
  const middle = median(values);
  return values.length > 3 && median(values.map((v) => Math.abs(v - middle))) < EQUAL * Math.abs(middle);
}

/** A built-in variant carries its name after a colon; a CIF of the family counts as the variant that it is nearest to. */
function variantOf(structure: PhaseStructure): string | null {
  if (!isLi3YCl6(structure)) return null;
  if (/^Li3YCl6:/.test(structure.name)) return structure.name.split(':')[1];
  const yttriumOf2d = structure.sites
    .filter((s) => Math.abs(s.position[0] - 1 / 3) < 0.02 && Math.abs(s.position[1] - 2 / 3) < 0.02)
    .map((s) => ({ z: s.position[2], y: s.occupants.find((o) => o.element === 'Y')?.occupancy ?? 0 }));
  const near = (low: number, high: number): number =>
    yttriumOf2d.filter((s) => s.z > low && s.z < high).reduce((sum, s) => sum + s.y, 0);
  const half = near(0.3, 0.7);
  return half > 0.8 ? 'ordered' : half < 0.2 ? 'swapped' : 'default';
}

const keyOf = (hkl: readonly [number, number, number]): string => hkl.join(',');

/** All lines of the electrolyte that any pattern measured, at their tabulated angles. */
function namedLines(fits: Rows<ScanPatternFit>, electrolyte: ScanPhase): NamedLine[] {
  const measured = new Set<string>();
  for (const { fit } of fits)
    for (const { phase, hkl } of fit?.measuredLines ?? [])
      if (phase === electrolyte.name) measured.add(keyOf(hkl));
  const { table } = electrolyte;
  return Array.from({ length: table.count }, (_, i) => ({
    hkl: [table.hkl[3 * i], table.hkl[3 * i + 1], table.hkl[3 * i + 2]] as [number, number, number],
    twoTheta_deg: table.twoTheta_deg[i],
  })).filter((line) => measured.has(keyOf(line.hkl)));
}

function observePattern(
  { index, position_um, x }: ScanPatternFit,
  fit: PatternFit,
  electrolyte: string,
  anodePhases: string[],
  named: NamedLine[],
  rows: Int32Array,
): PatternObservation {
  const J = named.length;
  const intensity = new Float64Array(J).fill(Number.NaN);
  const covariance = new Float64Array(J * J).fill(Number.NaN);
  const place = new Map(named.map((line, j) => [keyOf(line.hkl), j]));
  const slots = fit.measuredLines.map((line) =>
    line.phase === electrolyte ? (place.get(keyOf(line.hkl)) ?? -1) : -1,
  );
  const n = slots.length;
  slots.forEach((j, a) => {
    if (j < 0 || !(fit.measuredLines[a].sigma > 0)) return;
    intensity[j] = fit.measuredLines[a].area;
    slots.forEach((k, b) => {
      if (k >= 0) covariance[j * J + k] = fit.measuredCovariance[a * n + b];
    });
  });
  const amounts = anodePhases.map((name) => amountOf(fit.phases.find((p) => p.name === name)));
  return {
    index,
    position_um,
    row: rows[index] ?? 0,
    intensity,
    covariance,
    anode: amounts.length > 0 ? sumOf(amounts) : null,
    electrolyte: sharpened(amountOf(fit.phases.find((p) => p.name === electrolyte)), intensity, covariance),
    x,
  };
}

/**
 * Amounts of electrolyte from the sum of its lines instead of its scale, which goes up and down with a composition that
 * a single pattern hardly determines. Patterns without measured lines keep their scale, brought to the same units.
 */
function amountsFromLines(patterns: PatternObservation[]): PatternObservation[] {
  const J = patterns[0]?.intensity.length ?? 0;
  const withLines = patterns.filter((p) => p.intensity.some(Number.isFinite));
  const common = Array.from({ length: J }, (_, j) => j).filter(
    (j) => withLines.filter((p) => Number.isFinite(p.intensity[j])).length >= 0.9 * withLines.length,
  );
  if (withLines.length < 4 || common.length < 3) return patterns;
  const sums = patterns.map((p) => {
    if (!common.every((j) => Number.isFinite(p.intensity[j]))) return null;
    let variance = 0;
    for (const j of common) for (const k of common) variance += p.covariance[j * J + k];
    return {
      value: common.reduce((sum, j) => sum + p.intensity[j], 0),
      sigma: Math.sqrt(Math.max(0, variance)),
    };
  });
  const units = patterns.flatMap((p, i) => {
    const sum = sums[i];
    return sum && sum.value > 5 * sum.sigma && p.electrolyte.value > 0
      ? [p.electrolyte.value / sum.value]
      : [];
  });
  if (units.length < 3) return patterns;
  const unit = median(units);
  return patterns.map((p, i) => {
    const sum = sums[i];
    return sum ? { ...p, electrolyte: { value: sum.value * unit, sigma: sum.sigma * unit } } : p;
  });
}

/**
 * The esd of a scale grows without bound where composition is free and hardly determined, though the lines themselves
 * are plain to see: the relative error of their sum is then the better one.
 */
function sharpened(amount: Measured, intensity: Float64Array, covariance: Float64Array): Measured {
  const J = intensity.length;
  let total = 0;
  let variance = 0;
  for (let j = 0; j < J; j++) {
    if (!Number.isFinite(intensity[j])) continue;
    total += intensity[j];
    for (let k = 0; k < J; k++) if (Number.isFinite(intensity[k])) variance += covariance[j * J + k];
  }
  if (!(total > 0 && variance > 0)) return amount;
  return { value: amount.value, sigma: Math.min(amount.sigma, (amount.value * Math.sqrt(variance)) / total) };
}

/** Volume of a phase in the beam, in units that all phases share: scale times the squared cell volume. */
function amountOf(phase: PhaseFit | undefined): Measured {
  if (!phase) return { value: 0, sigma: 0 };
  const factor = phase.volume_A3 ** 2;
  const sigma = Number.isFinite(phase.scale.sigma) ? phase.scale.sigma : 0;
  return { value: phase.scale.value * factor, sigma: sigma * factor };
}

const sumOf = (amounts: Measured[]): Measured => ({
  value: amounts.reduce((s, a) => s + a.value, 0),
  sigma: Math.sqrt(amounts.reduce((s, a) => s + a.sigma * a.sigma, 0)),
});
