/**
 * The end of a Le Bail fit: intensities are refined together with places and shapes, as Pawley does (J. Appl. Cryst. 14
 * (1981) 357). The partition of Le Bail leaves intensities where widths that were a little wrong have put them, and knows
 * nothing of what they leave open; here the esds hold it.
 */
import type { PhaseLines } from '../pattern/phase-lines.js';
import { releaseLines } from './measured-lines.js';
import { Refinement } from './refinement.js';

/** The strongest lines of a pattern are refined; more would take minutes, and the others weigh nothing. */
const MOST_LINES = 400;

export interface FreeIntensities {
  run: Refinement;
  /** Number of intensities that the data determine. */
  effectiveLines: number;
}

/** Goes on from a Le Bail fit; `phases` hold the intensities that it found. */
export function refineIntensities(before: Refinement, phases: readonly PhaseLines[]): FreeIntensities {
  const run = new Refinement(before.pattern, phases, {
    ...before.options,
    measureLines: strongestLines(before),
  });
  // deviations of lines come last: the parameters before them are those of the fit before
  const shared = before.p.length;
  run.p.set(before.p.subarray(0, shared));
  run.iterations = before.iterations;
  for (const { scale } of run.model.parameters.phases) run.requested.delete(scale);
  const lines = releaseLines(run).chosen.map(({ j }) => j);
  run.varyOnly([...run.requested, ...lines]);
  run.run(20, 0.1);
  run.reweight();
  run.run(20);
  return { run, effectiveLines: determined(run, lines) };
}

function strongestLines({ model, p }: Refinement): Record<string, number[]> {
  const chosen: Record<string, number[]> = {};
  const lines = model.lines(p).sort((a, b) => b.area - a.area);
  for (const { phase, line } of lines.slice(0, MOST_LINES)) {
    chosen[phase] ??= [];
    chosen[phase].push(line);
  }
  return chosen;
}

/** An intensity whose esd is that of its prior is not determined. */
function determined(run: Refinement, lines: number[]): number {
  run.assemble();
  const varied = run.variedNow();
  const inverse = run.normal.inverse(varied);
  return lines.reduce((sum, j) => {
    const at = varied.indexOf(j);
    const left = inverse[at * varied.length + at]! * run.problem.priorWeight[j]!;
    return sum + 1 - Math.min(1, left);
  }, 0);
}
