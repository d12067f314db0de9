/** What the user should know of a fit: bounds, undetermined and held parameters, phases that are not there. */
import type { FittedParameter } from '../../fit/types.js';
import type { Refinement } from './refinement.js';

/** Of a single line's intensity; see pattern-parameters.ts. */
export const isDeviation = (run: Refinement, j: number): boolean =>
  run.model.parameters.names[j]!.includes('.line.');

export function fitNotes(
  run: Refinement,
  parameters: FittedParameter[],
  undetermined: Set<number>,
): string[] {
  const notes: string[] = [];
  const quiet = /\.scale$/;
  const bound = parameters.filter(({ atBound, name }) => atBound && !quiet.test(name));
  if (bound.length > 0)
    notes.push(
      `at a bound: ${bound.map(({ name, value }) => `${name} = ${Number(value.toPrecision(5))}`).join(', ')}`,
    );
  notes.push(...negativeB(run));
  const open = [...undetermined]
    .filter((j) => !isDeviation(run, j))
    .map((j) => run.model.parameters.names[j]!);
  if (open.length > 0) notes.push(`not determined by the data, held at the start: ${open.join(', ')}`);
  const absent = run.phases.filter((_, k) => !run.present[k]).map(({ name }) => name);
  if (absent.length > 0) notes.push(`not found: ${absent.join(', ')}`);
  const left = [...run.requested]
    .filter((j) => run.model.vary[j] === 0 && run.present[phaseOf(run, j)] === true)
    .map((j) => run.model.parameters.names[j]!);
  if (left.length > 0)
    notes.push(
      `too weak to refine, held at the start: ${left.join(', ')}; the amount of the phase and its error presume these values`,
    );
  return notes;
}

/** Refined B that takes an atom below zero, which no vibration does. */
function negativeB(run: Refinement): string[] {
  return run.phases.flatMap(({ name, stiffest }, k) => {
    const j = run.model.parameters.phases[k]!.B;
    if (!stiffest || !run.model.vary[j] || !(stiffest.B_A2 + run.p[j]! < 0)) return [];
    return [
      `${name}.B takes B of ${stiffest.label} to ${(stiffest.B_A2 + run.p[j]!).toFixed(2)}, below zero: lines at high angles are stronger than the model's, as a monochromator that was not named, absorption, a rough surface or too few background terms make them`,
    ];
  });
}

/** Index of the phase that a parameter belongs to, or -1. */
function phaseOf(run: Refinement, j: number): number {
  return run.model.parameters.phases.findIndex(
    ({ scale, composition, compositionCount }) => j >= scale && j < composition + compositionCount,
  );
}
