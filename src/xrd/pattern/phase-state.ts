/** What the pattern model keeps of a phase: its lattice and line intensities at the parameters that were set last. */
import { CellMetric } from '../crystal/cell-metric.js';
import type { PhaseSlots } from './pattern-parameters.js';
import type { PhaseLines } from './phase-lines.js';
import { textureCosines } from './texture.js';

export interface PhaseState {
  phase: PhaseLines;
  slots: PhaseSlots;
  metric: CellMetric;
  cosines2: Float64Array[] | null;
  intensity: Float64Array;
  byComposition: Float64Array[];
  cell: Float64Array;
  /** Unit (as m |F|^2) of each line's deviation; NaN: the line's own intensity. */
  reference: Float64Array;
}

/** `axis`: preferred axis of the phase; without one it has no texture. */
export function phaseState(
  phase: PhaseLines,
  slots: PhaseSlots,
  axis: readonly [number, number, number] | undefined,
): PhaseState {
  const lines = phase.hkl.length;
  return {
    phase,
    slots,
    metric: new CellMetric(slots.free),
    cosines2: axis ? textureCosines(phase.cell, phase.equivalents(), axis) : null,
    intensity: new Float64Array(lines),
    byComposition: phase.intensities.parameters.map(() => new Float64Array(lines)),
    cell: Float64Array.from(phase.cell),
    reference: new Float64Array(lines).fill(Number.NaN),
  };
}

/** Sets the cell and the intensities to the parameters `p`. */
export function updatePhase(
  { phase, slots, metric, intensity, byComposition, cell }: PhaseState,
  p: Float64Array,
): void {
  slots.free.forEach(({ drives }, j) => {
    for (const index of drives) cell[index] = p[slots.cell + j]!;
  });
  metric.set(cell);
  const values = p.subarray(slots.composition, slots.composition + slots.compositionCount);
  phase.intensities.evaluate(values, intensity, byComposition);
}
