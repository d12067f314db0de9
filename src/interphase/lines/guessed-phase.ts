/**
 * A phase that nobody named, recognised by its lines in the patterns of the layer, and the scan refined with it: lines of
 * the electrolyte that lie under its lines are then parted from them, instead of being believed or doubted whole.
 */
import type { Pattern, Rows } from '../../measurement.js';
import { builtInPhase, builtInPhaseNames } from '../../xrd/crystal/built-in-phases.js';
import { freeCellParameters } from '../../xrd/crystal/cell-metric.js';
import { buildLineTable, type LineTable } from '../../xrd/crystal/line-table.js';
import type { PhaseStructure } from '../../xrd/crystal/structure.js';
import { lorentzPolarisation } from '../../xrd/pattern/lorentz-polarisation.js';
import { type PatternFit, parameterOf } from '../../xrd/refine/pattern-fit.js';
import { refinablePhases, type ScanModels, type ScanPhase } from '../../xrd/refine/scan-start.js';
import { refineScanPattern, type ScanPatternFit } from '../../xrd/refine/sequential.js';
import { isMetallic, type ScanToCouple } from './observe-scan.js';
import { isLi3YCl6 } from './responses.js';

export interface GuessedPhase {
  phase: ScanPhase;
  /** Places of its lines that stand alone and are there (degrees). */
  twoTheta_deg: number[];
  /** Other built-in phases that have such lines too, and fit them less well. */
  others: string[];
}

/** So many of its lines must stand alone and be there. */
const LINES = 3;
/** Lines weaker than this part of the strongest are not asked for. */
const STRONG = 0.15;
/** Lines nearer to one another than this are one. */
const TOGETHER_deg = 0.2;
/** No line of a named phase of some strength lies nearer than this to one that stands alone. */
const APART_deg = 0.3;
/** Half of the window about a line. */
const WINDOW_deg = 0.12;
/** Misfit about a line, in its standard deviations, without the phase; with it, so much of that remains at most. */
const SIGMAS = 5;
const REMAINING = 0.5;
/** Spreads of the cell about the tabulated one and about the one found, relative: as for the phases of a scan. */
const CELL_SPREAD = 0.004;
const FOUND_CELL_SPREAD = 0.0015;
const ANGLE_SPREAD_deg = 0.2;

/** The built-in salt that explains the misfit of the layer's patterns best; null where none does so with three lines. */
export function guessPhase(layer: Iterable<PatternFit>, models: ScanModels): GuessedPhase | null {
  const sum = sumOf(layer);
  if (!sum) return null;
  const without = refined(sum, models);
  if (!without) return null;
  const fitting: { phase: ScanPhase; twoTheta_deg: number[]; chi2: number }[] = [];
  const named = new Set(models.phases.map((p) => p.structure.name));
  for (const name of builtInPhaseNames()) {
    const structure = builtInPhase(name);
    if (named.has(name) || isLi3YCl6(structure) || isMetallic(structure)) continue;
    const tried = withPhase(models, structure, CELL_SPREAD);
    const fit = refined(sum, tried);
    const found = fit?.phases.find((p) => p.name === name);
    if (!fit || !found?.present) continue;
    const phase = scanPhaseOf(models, { ...structure, cell: cellOf(found.cell) });
    const twoTheta_deg = linesThatFit(phase, models, without, fit);
    if (twoTheta_deg.length >= LINES) fitting.push({ phase, twoTheta_deg, chi2: fit.r.chi2 });
  }
  const [best, ...others] = fitting.sort((a, b) => a.chi2 - b.chi2);
  return best && best.chi2 < without.r.chi2
    ? { phase: best.phase, twoTheta_deg: best.twoTheta_deg, others: others.map((o) => o.phase.name) }
    : null;
}

export function sayGuessed({ phase, twoTheta_deg, others }: GuessedPhase): string {
  const where = [...twoTheta_deg].sort((a, b) => a - b).map((angle) => angle.toFixed(2));
  const less = others.length > 0 ? ` (better than ${others.join(' or ')} would)` : '';
  return `lines near ${where.join(', ')} deg in the layer belong to no named phase, and ${phase.name} would explain them${less}: boundaries, x and hypotheses were found with it as a guess, the fits of single patterns without it. Add ${phase.name} to the phases of the experiment if it may be there`;
}

/** The scan with the phase, each pattern refined anew from where it was. */
export function refineWith(input: ScanToCouple, { phase }: GuessedPhase): ScanToCouple {
  const models = withPhase(input.models, phase.structure, FOUND_CELL_SPREAD);
  const fits: ScanPatternFit[] = [];
  for (const found of input.fits) fits.push(found.fit ? refinedAnew(found, found.fit, models) : found);
  return { ...input, models, fits: fits satisfies Rows<ScanPatternFit> };
}

function refinedAnew(found: ScanPatternFit, fit: PatternFit, models: ScanModels): ScanPatternFit {
  const { twoTheta_deg, observed, sigma, mask } = fit.curves;
  const pattern = { label: fit.label, twoTheta_deg, intensity: observed, sigma };
  const status = found.status === 'repaired' ? 'repaired' : 'ok';
  const { values, priors } = models.start;
  // A frame whose lines are all moved was fitted from a moved zero.
  const zero = parameterOf(fit, 'zero')?.value ?? values.zero ?? 0;
  const moved = priors.zero ? { ...priors, zero: { ...priors.zero, value: zero } } : priors;
  const own = { ...models, start: { values: { ...values, zero }, priors: moved } };
  const again = refineScanPattern({ ...found, pattern }, own, { status, reason: found.reason, mask });
  return again.fit ? again : found;
}

function refined(pattern: Pattern, models: ScanModels): PatternFit | null {
  const mask = Uint8Array.from(pattern.intensity, (y) => (Number.isFinite(y) ? 1 : 0));
  const check = { status: 'ok' as const, reason: null, mask };
  return refineScanPattern({ index: 0, position_um: 0, pattern }, models, check).fit;
}

/** Sum of the patterns; channels that one of them masks are left out. */
function sumOf(fits: Iterable<PatternFit>): Pattern | null {
  let sum: { twoTheta_deg: Float64Array; intensity: Float64Array; variance: Float64Array } | null = null;
  for (const { curves } of fits) {
    const { twoTheta_deg, observed, sigma, mask } = curves;
    sum ??= {
      twoTheta_deg,
      intensity: new Float64Array(observed.length),
      variance: new Float64Array(observed.length),
    };
    if (observed.length !== sum.intensity.length) continue;
    for (let i = 0; i < observed.length; i++) {
      sum.intensity[i] += mask[i] === 1 ? observed[i] : Number.NaN;
      sum.variance[i] += sigma[i] ** 2;
    }
  }
  if (!sum) return null;
  const { twoTheta_deg, intensity, variance } = sum;
  return { label: 'sum of the layer', twoTheta_deg, intensity, sigma: variance.map(Math.sqrt) };
}

function scanPhaseOf(models: ScanModels, structure: PhaseStructure): ScanPhase {
  const angles = models.phases.flatMap(({ table }) => Array.from(table.twoTheta_deg));
  const table = buildLineTable(structure, {
    wavelength_A: models.wavelength_A,
    twoThetaMin_deg: Math.max(0.5, Math.min(...angles) - 1),
    twoThetaMax_deg: Math.min(179, Math.max(...angles) + 1),
  });
  return { name: structure.name, structure, table, doped: false };
}

function withPhase(models: ScanModels, structure: PhaseStructure, spread: number): ScanModels {
  const phase = scanPhaseOf(models, structure);
  const values = { ...models.start.values };
  const priors = { ...models.start.priors };
  const [{ system, cell }] = refinablePhases([phase]);
  for (const { name, drives } of freeCellParameters(system, cell)) {
    const value = cell[drives[0]];
    values[`${phase.name}.${name}`] = value;
    priors[`${phase.name}.${name}`] = { value, sigma: drives[0] < 3 ? spread * value : ANGLE_SPREAD_deg };
  }
  return { ...models, phases: [...models.phases, phase], start: { values, priors } };
}

const cellOf = ([a_A, b_A, c_A, alpha_deg, beta_deg, gamma_deg]: PatternFit['phases'][number]['cell']) => ({
  a_A,
  b_A,
  c_A,
  alpha_deg,
  beta_deg,
  gamma_deg,
});

/**
 * Places of the strong lines of the phase that stand alone, are missed without it and met with it. None at all where as many
 * are not to be seen: then it is another phase that has some lines in common with this one.
 */
function linesThatFit(phase: ScanPhase, models: ScanModels, without: PatternFit, fit: PatternFit): number[] {
  const others = models.phases.flatMap(({ table }) => strongLines(table, models));
  const { twoTheta_deg } = without.curves;
  const alone = strongLines(phase.table, models).filter(
    (angle) =>
      angle > twoTheta_deg[0] + WINDOW_deg &&
      angle < twoTheta_deg[twoTheta_deg.length - 1] - WINDOW_deg &&
      others.every((other) => Math.abs(other - angle) > APART_deg),
  );
  const met = alone.filter((angle) => {
    const before = misfitAbout(angle, without);
    return before > SIGMAS && Math.abs(misfitAbout(angle, fit)) < REMAINING * before;
  });
  return met.length > alone.length / 2 ? met : [];
}

/** Places of the strong lines of a phase; those that lie together count as one. */
function strongLines({ twoTheta_deg, i0 }: LineTable, { integration }: ScanModels): number[] {
  const strength = twoTheta_deg.map((angle, i) => i0[i] * lorentzPolarisation(angle, { integration }));
  const strongest = strength.reduce((a, b) => Math.max(a, b), 0);
  const places: number[] = [];
  for (const i of Array.from(strength.keys()).sort((a, b) => strength[b] - strength[a])) {
    if (strength[i] < STRONG * strongest) break;
    if (places.every((angle) => Math.abs(angle - twoTheta_deg[i]) > TOGETHER_deg))
      places.push(twoTheta_deg[i]);
  }
  return places;
}

/** Sum of the residuals about an angle, in its standard deviations; 0 where nothing was measured. */
function misfitAbout(angle_deg: number, { curves }: PatternFit): number {
  const { twoTheta_deg, observed, calculated, sigma, mask } = curves;
  let sum = 0;
  let variance = 0;
  for (let i = 0; i < observed.length; i++) {
    if (mask[i] !== 1 || Math.abs(twoTheta_deg[i] - angle_deg) > WINDOW_deg) continue;
    sum += observed[i] - calculated[i];
    variance += sigma[i] ** 2;
  }
  return variance > 0 ? sum / Math.sqrt(variance) : 0;
}
