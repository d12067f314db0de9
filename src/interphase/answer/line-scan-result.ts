/** The result of a line scan as result.json and the figures have it. Nothing is computed here. */
import type { Pattern, Rows, StreamedScan } from '../../measurement.js';
import type { LineScanCurves, LineScanResult, PatternCurves, PatternResult } from '../../result.js';
import type { FrameCheck } from '../../xrd/frames/check-frame.js';
import type { ScanModels } from '../../xrd/refine/scan-start.js';
import type { ScanPatternFit } from '../../xrd/refine/sequential.js';
import type { ScanAnswer } from './scan-answer.js';

export interface GatheredScan {
  scan: StreamedScan;
  checks: Rows<FrameCheck>;
  models: ScanModels | null;
  /** Those that were made; a pattern whose fit stopped with an error has none. */
  fits: Rows<ScanPatternFit>;
  answer: ScanAnswer | null;
}

export function lineScanResult({ scan, checks, fits, answer }: GatheredScan): LineScanResult {
  const byIndex = new Map<number, FitNumbers>();
  for (const found of fits) byIndex.set(found.index, numbersOf(found));
  return {
    name: scan.name,
    positions_um: Array.from(scan.positions_um),
    patterns: Array.from(scan.positions_um, (position_um, index) =>
      patternResult(index, position_um, byIndex.get(index), checks.at(index), answer, scan.phases.length > 0),
    ),
    aei: answer?.aei ?? { present: null, delta_bic: null, x: null, thickness_um: null },
    boundaries: answer?.boundaries ?? [],
    estimators: answer?.estimators ?? { 'line-scan': null, pattern: null, 'double-ratio': null },
    hypotheses: answer?.hypotheses ?? [],
    statements: answer?.statements ?? [],
  };
}

/** What result.json tells of a fit: its curves are not held. */
type FitNumbers = Pick<ScanPatternFit, 'status' | 'reason' | 'x'> & {
  fit: Pick<PatternResult, 'rwp_percent' | 'gof' | 'phases'> | null;
};

function numbersOf({ status, reason, x, fit }: ScanPatternFit): FitNumbers {
  if (!fit) return { status, reason, x, fit: null };
  const phases: PatternResult['phases'] = {};
  for (const { name, scale, weightFraction } of fit.phases)
    phases[name] = { scale: scale.value, sigma: scale.sigma, weight_fraction: weightFraction?.value ?? 0 };
  return { status, reason, x, fit: { rwp_percent: fit.r.rwp_percent, gof: fit.r.gof, phases } };
}

function patternResult(
  index: number,
  position_um: number,
  found: FitNumbers | undefined,
  check: FrameCheck | undefined,
  answer: ScanAnswer | null,
  refinable: boolean,
): PatternResult {
  const status =
    found?.status ?? (refinable && check?.status !== 'excluded' ? 'failed' : (check?.status ?? 'ok'));
  const reason =
    found?.reason ?? check?.reason ?? (status === 'failed' ? 'the refinement stopped with an error' : null);
  const fit = found?.fit ?? null;
  if (!fit) return { index, position_um, status, reason, rwp_percent: null, gof: null, x: null, phases: {} };
  return {
    index,
    position_um,
    status,
    reason,
    rwp_percent: fit.rwp_percent,
    gof: fit.gof,
    x: answer?.patternX
      ? (answer.patternX[index] ?? null)
      : (found?.x && { value: found.x.value, sigma: found.x.sigma }) || null,
    phases: fit.phases,
  };
}

/** All curves but those of the patterns, which are read one by one (`patternCurves`). */
export function lineScanCurves({
  scan,
  models,
  fits,
  answer,
}: GatheredScan): Omit<LineScanCurves, 'patterns'> {
  const range = rangeOf(scan.patterns);
  return {
    name: scan.name,
    wavelength_A: scan.wavelength_A,
    positions_um: scan.positions_um,
    ticks: (models?.phases ?? []).map(({ name, table }) => tickMarks(name, table, range)),
    profiles: [...profilesOfFits(fits), ...(answer?.profiles ?? [])],
    ratioPlane: answer?.ratioPlane ?? null,
  };
}

export function patternCurves(
  index: number,
  { twoTheta_deg, intensity, sigma }: Pattern,
  found: ScanPatternFit | undefined,
): PatternCurves {
  const curves = found?.fit?.curves;
  return {
    index,
    twoTheta_deg,
    observed: intensity,
    sigma: curves?.sigma ?? sigma ?? intensity.map((y) => Math.sqrt(Math.max(1, y))),
    calculated: curves?.calculated ?? new Float64Array(0),
    background: curves?.background ?? new Float64Array(0),
  };
}

/** First and last angle of the first pattern that has any. */
function rangeOf(patterns: Rows<Pattern>): [number, number] {
  for (const { twoTheta_deg } of patterns)
    if (twoTheta_deg.length > 0) return [twoTheta_deg[0], twoTheta_deg[twoTheta_deg.length - 1]];
  return [0, 180];
}

function tickMarks(
  phase: string,
  table: ScanModels['phases'][number]['table'],
  [low, high]: [number, number],
): LineScanCurves['ticks'][number] {
  const strength = table.i0.map((i0, i) => i0 / Math.sin((table.twoTheta_deg[i] * Math.PI) / 360) ** 2);
  const top = strength.reduce((a, b) => Math.max(a, b), 0);
  const shown = Array.from(strength.keys()).filter(
    (i) => table.twoTheta_deg[i] >= low && table.twoTheta_deg[i] <= high && strength[i] > 0.005 * top,
  );
  return {
    phase,
    twoTheta_deg: Float64Array.from(shown, (i) => table.twoTheta_deg[i]),
    hkl: shown.map((i) => Array.from(table.hkl.subarray(3 * i, 3 * i + 3)).join(' ')),
    relativeIntensity: Float64Array.from(shown, (i) => strength[i] / top),
  };
}

type Profile = LineScanCurves['profiles'][number];

interface Point {
  position_um: number;
  value: number;
  sigma: number;
}

/** Weight fractions of the phases, and x, along the scan. */
function profilesOfFits(fits: Rows<ScanPatternFit>): Profile[] {
  const fractions = new Map<string, Point[]>();
  const xs: Point[] = [];
  for (const { position_um, x, fit } of fits) {
    for (const { name, weightFraction } of fit?.phases ?? []) {
      const points = fractions.get(name) ?? [];
      fractions.set(name, points);
      if (weightFraction) points.push({ position_um, ...weightFraction });
    }
    if (x) xs.push({ position_um, value: x.value, sigma: x.sigma });
  }
  const profiles = [...fractions].map(([name, points]) => profileOf(`weight fraction ${name}`, '1', points));
  return xs.length > 0
    ? [...profiles, profileOf('x of single patterns', '1 per formula unit', xs)]
    : profiles;
}

const profileOf = (name: string, unit: string, points: Point[]): Profile => ({
  name,
  unit,
  position_um: Float64Array.from(points, (p) => p.position_um),
  value: Float64Array.from(points, (p) => p.value),
  sigma: Float64Array.from(points, (p) => p.sigma),
  model: null,
});
