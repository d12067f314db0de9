/** Lines in the patterns of the layer that no named phase explains: something else grew there, or was there. */
import { median } from '../../numeric/robust.js';
import { builtInPhase, builtInPhaseNames } from '../../xrd/crystal/built-in-phases.js';
import { buildLineTable } from '../../xrd/crystal/line-table.js';
import { lorentzPolarisation } from '../../xrd/pattern/lorentz-polarisation.js';
import type { PatternFit } from '../../xrd/refine/pattern-fit.js';
import type { ScanModels } from '../../xrd/refine/scan-start.js';
import { isLi3YCl6 } from './responses.js';

export interface UnexplainedLines {
  /** Median goodness of fit of the layer's patterns, and of the electrolyte's. */
  gof: [layer: number, electrolyte: number];
  twoTheta_deg: number[];
  /** Built-in phases, not named in the experiment, whose strongest lines are among them. */
  candidates: string[];
}

/** How much worse the layer must fit. */
const WORSE = 1.1;
/** Height of a line in the mean residual, in its standard deviations. */
const SIGMAS = 7;
/** Lines closer than this are one. */
const APART_deg = 0.35;
const MATCH_deg = 0.2;

/** Returns null where the layer is explained as well as the electrolyte is. */
export function unexplainedLines(
  layer: Iterable<PatternFit>,
  electrolyte: Iterable<PatternFit>,
  models: ScanModels,
): UnexplainedLines | null {
  const gof: [number, number] = [medianGof(layer), medianGof(electrolyte)];
  if (!(gof[0] > WORSE * gof[1])) return null;
  const twoTheta_deg = peaksOf(layer);
  return twoTheta_deg.length === 0
    ? null
    : { gof, twoTheta_deg, candidates: candidatesFor(twoTheta_deg, models) };
}

/** NaN where there is no pattern. */
function medianGof(fits: Iterable<PatternFit>): number {
  const all: number[] = [];
  for (const { r } of fits) all.push(r.gof);
  return all.length > 0 ? median(all) : Number.NaN;
}

/** Places where the residuals of all patterns together, smoothed over half a line, stand out; strongest first. */
function peaksOf(fits: Iterable<PatternFit>): number[] {
  let grid: Float64Array = new Float64Array(0);
  let sum = grid;
  let count = 0;
  for (const { curves } of fits) {
    if (count === 0) {
      grid = curves.twoTheta_deg;
      sum = new Float64Array(grid.length);
    }
    if (curves.twoTheta_deg.length !== grid.length) continue;
    count++;
    for (let i = 0; i < grid.length; i++)
      if (curves.mask[i] === 1 && curves.sigma[i] > 0)
        sum[i] += (curves.observed[i] - curves.calculated[i]) / curves.sigma[i];
  }
  const half = Math.max(1, Math.round((0.06 * grid.length) / (grid[grid.length - 1] - grid[0])));
  const smooth = sum.map((_, i) => {
    const window = sum.subarray(Math.max(0, i - half), i + half + 1);
    return window.reduce((a, b) => a + b, 0) / Math.sqrt(window.length * count);
  });
  const found: number[] = [];
  for (const i of Array.from(smooth.keys()).sort((a, b) => smooth[b] - smooth[a])) {
    if (smooth[i] < SIGMAS || found.length === 5) break;
    if (found.every((angle) => Math.abs(angle - grid[i]) > APART_deg)) found.push(grid[i]);
  }
  return found;
}

function candidatesFor(peaks: number[], { phases, wavelength_A, integration }: ScanModels): string[] {
  const named = new Set(phases.map((p) => p.structure.name));
  return builtInPhaseNames().filter((name) => {
    const structure = builtInPhase(name);
    if (named.has(name) || isLi3YCl6(structure)) return false;
    const table = buildLineTable(structure, {
      wavelength_A,
      twoThetaMin_deg: Math.min(...peaks) - 3,
      twoThetaMax_deg: Math.max(...peaks) + 3,
    });
    if (table.count === 0) return false;
    const strength = table.twoTheta_deg.map(
      (angle, i) => table.i0[i] * lorentzPolarisation(angle, { integration }),
    );
    const strongest = Array.from(strength.keys()).sort((a, b) => strength[b] - strength[a])[0];
    return peaks.some((angle) => Math.abs(angle - table.twoTheta_deg[strongest]) < MATCH_deg);
  });
}

export function sayUnexplained({ gof, twoTheta_deg, candidates }: UnexplainedLines): string {
  const where = [...twoTheta_deg].sort((a, b) => a - b).map((angle) => angle.toFixed(2));
  const hint =
    candidates.length > 0 ? `; ${candidates.join(' or ')} would have its strongest line there` : '';
  return `the layer is fitted worse than the electrolyte (GOF ${gof[0].toFixed(2)} against ${gof[1].toFixed(2)}): lines near ${where.join(', ')} deg belong to no named phase${hint}. Add the phase to the experiment: until then its lines may lie under any of the electrolyte's, so that x and what made the layer are known less well`;
}
