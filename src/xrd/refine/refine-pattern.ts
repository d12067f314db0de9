/**
 * Rietveld refinement of one powder pattern against one or several phases.
 *
 * Order of the work: noise and mask; background (SNIP, then Chebyshev); zero and cells by a wide search; scales (linear);
 * lines' places and widths; all that was asked for; the same again with counting variances from the model; scatter of
 * line intensities (grain-statistics.ts); free intensities of chosen lines. Every call starts from the same place, so a
 * scan gives the same answer in any order and on any number of workers.
 */
import type { Pattern } from '../../measurement.js';
import { GLOBAL } from '../pattern/pattern-parameters.js';
import type { PhaseLines } from '../pattern/phase-lines.js';
import { type LineScatter, refineLineScatter } from './grain-statistics.js';
import type { PatternFit } from './pattern-fit.js';
import type { RefineOptions } from './refine-options.js';
import { collectFit } from './refine-result.js';
import { Refinement } from './refinement.js';

/** Room for the first, coarse step: lines are taken wider than they look, so that they find their places. */
const BROADENING = 1.6;

/**
 * Refines `pattern` against `phases`. Throws InputError for requests that cannot be met (unknown parameter names, no
 * usable channels); numerical trouble is told in `reason` and `notes` instead.
 */
export function refinePattern(
  pattern: Pattern,
  phases: readonly PhaseLines[],
  options: RefineOptions,
): PatternFit {
  const run = new Refinement(pattern, phases, options);
  const widthsGiven = options.values !== undefined && ('W' in options.values || 'U' in options.values);
  run.fitLinear();
  if (options.search !== false) {
    run.search();
    run.fitLinear();
  }
  if (!widthsGiven && run.requested.has(GLOBAL.W)) {
    run.p[GLOBAL.W] = run.p[GLOBAL.W]! * BROADENING ** 2;
    run.fitLinear();
  }
  if (options.search !== false) {
    settlePlaces(run);
    run.varyOnly(run.gated());
    run.run(options.maxIterations ?? 40, 0.1);
  }
  const scattered = options.lineScatter ?? 'off';
  run.reweight();
  run.varyOnly(run.gated());
  run.run(options.maxIterations ?? 40, scattered === 'off' ? 0.02 : 0.2);
  const scatter = scatterOf(run, scattered);
  return collectFit(run, scatter);
}

/** Scales, zero, cells and the main width first; shapes that could run away follow once the lines are in place. */
function settlePlaces(run: Refinement): void {
  const { phases, background, backgroundTerms } = run.model.parameters;
  const cells = new Set(phases.flatMap(({ cell, free }) => free.map((_, j) => cell + j)));
  const scales = new Set(phases.map(({ scale }) => scale));
  const early = (j: number): boolean =>
    cells.has(j) ||
    scales.has(j) ||
    j === GLOBAL.zero ||
    j === GLOBAL.W ||
    (j >= background && j < background + backgroundTerms);
  run.varyOnly(run.gated(early));
  run.run(8);
}

function scatterOf(run: Refinement, wanted: 'estimate' | 'off' | number): LineScatter | null {
  if (wanted === 'off' || !run.present.some(Boolean)) return null;
  return refineLineScatter(run, wanted === 'estimate' ? null : wanted);
}
