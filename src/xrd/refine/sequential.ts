/**
 * Refinement of the patterns of a line scan, each from the scan's shared starting place (scan-start.ts): the same
 * answer in any order and on any number of workers.
 */
import { messageOf } from '../../errors.js';
import type { Pattern } from '../../measurement.js';
import type { FrameCheck } from '../frames/check-frame.js';
import type { PatternFit } from './pattern-fit.js';
import { refinePattern } from './refine-pattern.js';
import { refinablePhases, type ScanModels, uniqueAxis } from './scan-start.js';

export interface ScanPatternFit {
  index: number;
  position_um: number;
  status: 'ok' | 'repaired' | 'excluded' | 'failed';
  /** What was repaired, why it was excluded or why it failed; null for 'ok'. */
  reason: string | null;
  /** In per formula unit; null where the doped phase is not clearly there or no dopant was named. */
  x: { value: number; sigma: number; atBound: boolean } | null;
  /** Null where the frame was excluded or the refinement failed. */
  fit: PatternFit | null;
}

/** An x less certain than this spans all that the structure can hold: it says nothing. */
const MOST_UNCERTAIN_X = 0.25;
/** Lines of the doped phase weaker than this part of its strongest are not measured one by one. */
const MEASURED_MIN_PART = 0.015;

/** Goodness of fit beyond which a second refinement is tried, and how much better its Rwp must be. */
const RETRY_GOF = 1.12;
const RETRY_GAIN = 0.97;
/** Relative spread of the cell lengths about the shared start in that second refinement. */
const SEARCHED_CELL_SPREAD = 0.01;
/** Spreads of the widths in it, centideg^2 and centideg: a mean of different cells has lines that are too broad. */
const SEARCHED_U_SPREAD = 200;
const SEARCHED_X_SPREAD = 3;

/** Refines one pattern of a scan. Never throws for what one pattern may hold: that is its status. */
export function refineScanPattern(
  { index, position_um, pattern }: { index: number; position_um: number; pattern: Pattern },
  models: ScanModels,
  check: FrameCheck,
): ScanPatternFit {
  const common = { index, position_um, x: null, fit: null };
  if (check.status === 'excluded') return { ...common, status: 'excluded', reason: check.reason };
  try {
    const fit = refineWithRetry(pattern, movedStart(models, check.shift_deg ?? 0), check.mask);
    if (!finite(fit)) return { ...common, status: 'failed', reason: 'the refinement gave no finite result' };
    return { index, position_um, status: check.status, reason: check.reason, x: dopantOf(fit, models), fit };
  } catch (thrown) {
    return { ...common, status: 'failed', reason: messageOf(thrown) };
  }
}

const finite = (fit: PatternFit): boolean =>
  Number.isFinite(fit.r.chi2) && fit.curves.calculated.every(Number.isFinite);

function dopantOf(fit: PatternFit, { phases }: ScanModels): ScanPatternFit['x'] {
  const doped = phases.find((phase) => phase.doped);
  const found = fit.phases.find(({ name }) => name === doped?.name)?.composition.x;
  return found && found.sigma > 0 && found.sigma < MOST_UNCERTAIN_X ? found : null;
}

/** The shared start for a frame whose lines are all moved. */
function movedStart(models: ScanModels, shift_deg: number): ScanModels {
  const { values, priors } = models.start;
  const zero = priors.zero;
  if (shift_deg === 0 || !zero) return models;
  return {
    ...models,
    start: {
      values: { ...values, zero: (values.zero ?? 0) + shift_deg },
      priors: { ...priors, zero: { ...zero, value: zero.value + shift_deg } },
    },
  };
}

/**
 * From the shared start; a pattern that it does not fit (a cell that changes with composition by more than a line width,
 * say) is refined once more, its cells searched for and its widths its own, and the better of the two is kept.
 * Neighbours play no part.
 */
function refineWithRetry(pattern: Pattern, models: ScanModels, mask: Uint8Array): PatternFit {
  const first = refineFromStart(pattern, models, mask, false);
  const started = Object.keys(models.start.values).length > 0;
  if (!started || !(first.r.gof > RETRY_GOF)) return first;
  const second = refineFromStart(pattern, models, mask, true);
  return second.r.rwp_percent < RETRY_GAIN * first.r.rwp_percent ? second : first;
}

function refineFromStart(
  pattern: Pattern,
  models: ScanModels,
  mask: Uint8Array,
  searchAnew: boolean,
): PatternFit {
  const phases = refinablePhases(models.phases);
  const doped = models.phases.find((phase) => phase.doped);
  const textureAxes: Record<string, readonly [number, number, number]> = {};
  const texture: string[] = [];
  for (const phase of phases) {
    const axis = uniqueAxis(phase);
    if (!axis || phase.name !== doped?.name) continue;
    textureAxes[phase.name] = axis;
    texture.push(`${phase.name}.texture`);
  }
  const priors = { ...models.start.priors };
  for (const name of Object.keys(priors))
    if (name.endsWith('.texture') && !texture.includes(name)) delete priors[name];
  const values = { ...models.start.values };
  if (searchAnew) {
    for (const [name, { value, sigma }] of Object.entries(priors)) {
      if (/\.[abc]$/.test(name)) priors[name] = { value, sigma: SEARCHED_CELL_SPREAD * value };
      if (name === 'W') priors[name] = { value, sigma: value + sigma };
      if (name.endsWith('.X')) priors[name] = { value, sigma: sigma + SEARCHED_X_SPREAD };
    }
    values.U = Math.min(SEARCHED_U_SPREAD, values.U ?? 0);
    priors.U = { value: values.U, sigma: SEARCHED_U_SPREAD };
  }
  return refinePattern(pattern, phases, {
    wavelengths: [{ lambda_A: models.wavelength_A, weight: 1 }],
    lorentzPolarisation: { integration: models.integration },
    refine: ['zero', ...(searchAnew ? ['U'] : []), 'W', '*.X', '*.cell', '*.composition', '*.B', ...texture],
    values,
    priors,
    textureAxes,
    backgroundTerms: models.backgroundTerms,
    lineScatter: 'estimate',
    freeLines: models.freeLines,
    measureLines: doped ? { [doped.name]: measurable(models) } : {},
    search: searchAnew || Object.keys(models.start.values).length === 0,
    mask,
  });
}

/** Lines of the doped phase that are strong enough, at no or much dopant, to be measured. */
export function measurable({ phases }: ScanModels): number[] {
  const doped = phases.find((phase) => phase.doped);
  if (!doped) return [];
  const { table } = doped;
  const lorentz = table.twoTheta_deg.map((angle) => 1 / Math.sin((angle * Math.PI) / 360) ** 2);
  const strength = table.i0.map(
    (i0, i) => lorentz[i]! * Math.max(i0, i0 + 0.4 * table.i1[i]! + 0.16 * table.i2[i]!),
  );
  const strongest = strength.reduce((a, b) => Math.max(a, b), 0);
  return [...strength.keys()].filter((i) => strength[i]! > MEASURED_MIN_PART * strongest);
}
