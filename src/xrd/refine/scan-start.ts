/**
 * What all patterns of a line scan share before any of them is refined: the phases with their line tables, and one
 * starting place (zero, widths, cells), found once from the sum of the usable frames. Every pattern starts there, so
 * neither the order of the patterns nor a bad neighbour can change a result.
 */
import { InputError } from '../../errors.js';
import type { LineScan, Measured, Pattern, Rows, StreamedScan } from '../../measurement.js';
import { buildLineTable, type LineTable } from '../crystal/line-table.js';
import type { PhaseStructure } from '../crystal/structure.js';
import type { Substitution } from '../crystal/substitution.js';
import type { FrameCheck } from '../frames/check-frame.js';
import type { PhaseLines } from '../pattern/phase-lines.js';
import { phaseFromTable } from '../pattern/structure-phase.js';
import { parameterOf } from './pattern-fit.js';
import { refinePattern } from './refine-pattern.js';

export interface ScanPhase {
  /** As the experiment file names it. */
  name: string;
  structure: PhaseStructure;
  table: LineTable;
  /** The phase that takes up the dopant; its `x` is refined. */
  doped: boolean;
}

/** Plain data: stored and sent to workers. */
export interface ScanModels {
  wavelength_A: number;
  integration: LineScan['integration'];
  phases: ScanPhase[];
  /** Lines of the doped phase that tell of order among its cations, not of composition: left free in every fit. */
  freeLines: Record<string, number[]>;
  start: { values: Record<string, number>; priors: Record<string, Measured> };
  backgroundTerms: number;
  /** Fit of the mean pattern, for the report. */
  mean: { rwp_percent: number; gof: number; notes: string[] };
}

export interface ScanModelOptions {
  backgroundTerms: number;
  /** How the dopant enters in the fits of single patterns. */
  substitution: Substitution;
}

/** Line tables of the phases over the range of the patterns. `structures` run parallel to `scan.phases`. */
export function scanPhases(
  scan: Pick<StreamedScan, 'phases' | 'patterns' | 'wavelength_A' | 'dopant'>,
  structures: PhaseStructure[],
  substitution: Substitution,
): ScanPhase[] {
  const [low, high] = angularRange(scan.patterns);
  return structures.map((structure, i) => {
    const name = scan.phases[i]!.name;
    const doped = scan.dopant !== null && scan.dopant.into === name;
    const table = buildLineTable(structure, {
      wavelength_A: scan.wavelength_A,
      twoThetaMin_deg: Math.max(0.5, low - 3),
      twoThetaMax_deg: Math.min(179, high + 3),
      ...(doped ? { substitution } : {}),
    });
    return { name, structure, table, doped };
  });
}

function angularRange(patterns: Rows<Pattern>): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (const { twoTheta_deg } of patterns) {
    if (twoTheta_deg.length === 0) continue;
    low = Math.min(low, twoTheta_deg[0]!);
    high = Math.max(high, twoTheta_deg[twoTheta_deg.length - 1]!);
  }
  if (!(high > low)) throw new InputError('no pattern of the scan has angles');
  return [low, high];
}

/** The phases as the pattern model wants them. */
export const refinablePhases = (phases: ScanPhase[]): PhaseLines[] =>
  phases.map(({ name, table, doped }) =>
    phaseFromTable(name, table, { compositionName: doped ? 'x' : null }),
  );

/** Sum of the usable frames on their common angles, counts staying counts; null without any. */
export function meanPattern(patterns: Rows<Pattern>, checks: readonly FrameCheck[]): Pattern | null {
  const isUsable = (i: number): boolean => checks[i]!.status !== 'excluded' && !checks[i]!.shift_deg;
  const first = checks.findIndex((_, i) => isUsable(i));
  if (first < 0) return null;
  const grid = patterns.at(firstOfCommonLength(checks, isUsable))!.twoTheta_deg;
  const n = grid.length;
  const sum = new Float64Array(n);
  const variance = new Float64Array(n);
  const count = new Float64Array(n);
  let at = -1;
  for (const pattern of patterns) {
    at++;
    if (!isUsable(at) || pattern.intensity.length !== n) continue;
    const { mask } = checks[at]!;
    const level = total(pattern, mask);
    if (!(level > 0)) continue;
    for (let i = 0; i < n; i++) {
      if (mask[i] === 0) continue;
      sum[i] = sum[i]! + pattern.intensity[i]!;
      variance[i] = variance[i]! + (pattern.sigma ? pattern.sigma[i]! ** 2 : 0);
      count[i] = count[i]! + 1;
    }
  }
  const most = count.reduce((a, b) => Math.max(a, b), 0);
  // Counts stay counts: a channel that was masked in some frames is scaled up to the number of frames.
  const intensity = sum.map((s, i) => (count[i]! > 0 ? (s * most) / count[i]! : Number.NaN));
  const sigma = patterns.at(first)!.sigma
    ? variance.map((s, i) => (count[i]! > 0 ? (Math.sqrt(s) * most) / count[i]! : Number.NaN))
    : null;
  return { label: 'sum of the frames', twoTheta_deg: grid, intensity, sigma };
}

const total = ({ intensity }: Pattern, mask: Uint8Array): number =>
  intensity.reduce((sum, y, i) => (mask[i] === 1 ? sum + y : sum), 0);

/** Index of the first usable frame that has the most common number of channels. */
function firstOfCommonLength(checks: readonly FrameCheck[], isUsable: (i: number) => boolean): number {
  const votes = new Map<number, number>();
  checks.forEach(({ mask }, i) => {
    if (isUsable(i)) votes.set(mask.length, (votes.get(mask.length) ?? 0) + 1);
  });
  const most = Math.max(...votes.values());
  return checks.findIndex(({ mask }, i) => isUsable(i) && votes.get(mask.length) === most);
}

/** Preferred axis that the textures of a lattice are referred to, where it has a unique axis. */
export function uniqueAxis(phase: PhaseLines): readonly [number, number, number] | null {
  return ['hexagonal', 'tetragonal'].includes(phase.system) ? [0, 0, 1] : null;
}

/** Finds the shared starting place. Phases that the mean does not show keep their tabulated cells. */
export function buildScanModels(
  scan: StreamedScan,
  checks: FrameCheck[],
  phases: ScanPhase[],
  freeLines: Record<string, number[]>,
  backgroundTerms: number,
): ScanModels {
  const models: ScanModels = {
    wavelength_A: scan.wavelength_A,
    integration: scan.integration,
    phases,
    freeLines,
    start: { values: {}, priors: {} },
    backgroundTerms,
    mean: { rwp_percent: Number.NaN, gof: Number.NaN, notes: [] },
  };
  const mean = meanPattern(scan.patterns, checks);
  if (!mean) return models;
  const refinable = refinablePhases(phases);
  const fit = refinePattern(mean, refinable, {
    wavelengths: [{ lambda_A: scan.wavelength_A, weight: 1 }],
    lorentzPolarisation: { integration: scan.integration },
    refine: ['zero', 'U', 'W', '*.X', '*.cell', '*.composition', '*.B'],
    priors: { U: { value: 0, sigma: 200 }, '*.B': { value: 0, sigma: 1 } },
    backgroundTerms: backgroundTerms + 2,
    lineScatter: 'estimate',
    freeLines,
  });
  models.mean = { rwp_percent: fit.r.rwp_percent, gof: fit.r.gof, notes: fit.notes };
  const { values, priors } = models.start;
  const carry = (name: string, sigma: (value: number) => number): void => {
    const found = parameterOf(fit, name);
    if (!found) return;
    values[name] = found.value;
    priors[name] = { value: found.value, sigma: sigma(found.value) };
  };
  carry('zero', () => 0.02);
  carry('W', (w) => 0.3 * w + 1);
  values.U = parameterOf(fit, 'U')?.value ?? 0;
  refinable.forEach((phase, k) => {
    const there = fit.phases[k]!.present;
    for (const name of ['a', 'b', 'c'])
      carry(`${phase.name}.${name}`, (length) => (there ? 0.0015 : 0.004) * length);
    for (const name of ['alpha', 'beta', 'gamma']) carry(`${phase.name}.${name}`, () => 0.2);
    carry(`${phase.name}.X`, (x) => 0.3 * x + 1);
    carry(`${phase.name}.B`, () => 0.4);
    if (uniqueAxis(phase)) priors[`${phase.name}.texture`] = { value: 1, sigma: 0.15 };
  });
  return models;
}
