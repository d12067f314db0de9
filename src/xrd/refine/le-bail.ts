/**
 * Le Bail decomposition: cell, zero and widths without a structure. Line intensities are taken from the pattern itself
 * by Rietveld's partition, in turns with a least-squares step of everything else; in the end all are refined together
 * (pawley.ts).
 * A. Le Bail, H. Duroy, J. L. Fourquet, Mater. Res. Bull. 23 (1988) 447.
 */
import type { Pattern } from '../../measurement.js';
import { GLOBAL } from '../pattern/pattern-parameters.js';
import type { PhaseLines } from '../pattern/phase-lines.js';
import type { PatternFit } from './pattern-fit.js';
import { refineIntensities } from './pawley.js';
import type { RefineOptions } from './refine-options.js';
import { collectFit, netRatio } from './refine-result.js';
import { Refinement } from './refinement.js';

const CYCLES = 120;
const FIRST_PARTITIONS = 8;
const PARTITIONS = 3;
/** One partition changes an intensity by at most this factor. */
const LARGEST_CHANGE = 5;

/** Intensities that the decomposition writes to. */
interface OpenIntensities {
  values: Float64Array;
  phase: PhaseLines;
}

/** The phase with intensities of its own, which start at the structure's: places are found with those. */
function openPhase(phase: PhaseLines): OpenIntensities {
  const values = new Float64Array(phase.hkl.length);
  phase.intensities.evaluate(
    phase.intensities.parameters.map(({ value }) => value),
    values,
    null,
  );
  // An extinct-looking line may turn out to be there.
  const mean = values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
  for (let i = 0; i < values.length; i++) values[i] = Math.max(values[i]!, 1e-3 * mean);
  const intensities = {
    parameters: [],
    evaluate: (_values: ArrayLike<number>, out: Float64Array): void => out.set(values),
  };
  return { values, phase: { ...phase, intensities, cellMass: () => 1 } };
}

/**
 * Le Bail fit of a pattern. Options are those of `refinePattern`; scales, textures, B and compositions have no meaning
 * here and are held. Weight fractions are null.
 */
export function leBailFit(
  pattern: Pattern,
  phases: readonly PhaseLines[],
  options: RefineOptions,
): PatternFit {
  const perPhase = phases.map(openPhase);
  const refine = (options.refine ?? ['zero', 'W', 'X', '*.cell']).filter(
    (name) => !/\.(composition|B|texture|x)$/.test(name),
  );
  const run = new Refinement(
    pattern,
    perPhase.map(({ phase }) => phase),
    { ...options, refine, lineScatter: 'off', measureLines: {}, freeLines: {}, textureAxes: {} },
  );
  run.fitLinear();
  if (options.search !== false) {
    run.search();
    run.fitLinear();
  }
  for (const { scale } of run.model.parameters.phases) if (!(run.p[scale]! > 0)) run.p[scale] = 1;
  for (const { scale } of run.model.parameters.phases) run.requested.delete(scale);
  let last = Number.POSITIVE_INFINITY;
  let settled = false;
  for (let k = 0; k < FIRST_PARTITIONS; k++) partition(run, perPhase);
  for (let cycle = 0; cycle < CYCLES && !settled; cycle++) {
    for (let k = 0; k < PARTITIONS; k++) partition(run, perPhase);
    run.present = run.present.map(() => true);
    // Shapes wait until intensities, places and the main width have settled.
    run.varyOnly([...run.requested].filter((j) => cycle > 4 || early(run, j)));
    const { chi2 } = run.run(cycle < 3 ? 2 : 5);
    settled = cycle > 6 && Math.abs(last - chi2) < 5e-4 * chi2;
    last = chi2;
  }
  const { run: end, effectiveLines } = refineIntensities(
    run,
    perPhase.map(({ phase }) => phase),
  );
  if (!settled) {
    end.state!.converged = false;
    end.state!.reason = `stopped after ${CYCLES} Le Bail cycles`;
  }
  const fit = collectFit(end, { tau: phases.map(() => null), effectiveLines });
  return {
    ...fit,
    phases: fit.phases.map((phase) => ({ ...phase, weightFraction: null, rBragg_percent: null })),
    notes: [...fit.notes, 'Le Bail: intensities are free, so that no structure is tested'],
  };
}

function early({ model }: Refinement, j: number): boolean {
  const { background, backgroundTerms, phases } = model.parameters;
  return (
    j === GLOBAL.zero ||
    j === GLOBAL.W ||
    (j >= background && j < background + backgroundTerms) ||
    phases.some(({ cell, free }) => j >= cell && j < cell + free.length)
  );
}

/** One partition of the net pattern among the lines of all phases. */
function partition(run: Refinement, phases: OpenIntensities[]): void {
  const { model, problem } = run;
  const curve = new Float64Array(problem.points);
  const background = new Float64Array(problem.points);
  model.evaluate(run.p, curve, null);
  model.backgroundCurve(run.p, background);
  const ratio = netRatio(run, background, curve);
  phases.forEach(({ values }, k) => {
    const factors = model.lineRatios(run.p, k, ratio);
    factors.forEach((factor, line) => {
      if (Number.isFinite(factor))
        values[line] = values[line]! * Math.min(LARGEST_CHANGE, Math.max(1e-3, factor));
    });
  });
}
