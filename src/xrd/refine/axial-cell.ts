/** What the refinement of axial divergence does to the cell, told beside the result. */
import type { Pattern } from '../../measurement.js';
import type { PhaseLines } from '../pattern/phase-lines.js';
import type { PatternFit, PhaseFit } from './pattern-fit.js';
import type { RefineOptions } from './refine-options.js';
import { refinePattern } from './refine-pattern.js';

/** Changes below so many standard deviations of the cell are not told. */
const TOLD_SIGMAS = 3;

/**
 * SH/L, zero (or displacement) and cell move lines of low angle together, and how far is decided by the shape of their
 * feet more than by where they stand. Finger, Cox and Jephcoat have a beam that is parallel across the plane of
 * diffraction: at a tube it is not, and the shift that belongs to the shape is another one (R. W. Cheary, A. A. Coelho,
 * J. Appl. Cryst. 31 (1998) 851). The standard deviation of the cell knows nothing of it. So the pattern is refined
 * once more without SH/L, and each cell that differs is named. Nothing where SH/L was not refined.
 */
export function axialCellNotes(
  pattern: Pattern,
  phases: readonly PhaseLines[],
  options: RefineOptions,
  fit: PatternFit,
): string[] {
  if (!options.refine?.includes('SH/L')) return [];
  const refine = options.refine.filter((name) => name !== 'SH/L');
  const values = { ...options.values, 'SH/L': 0 };
  const plain = refinePattern(pattern, phases, { ...options, refine, values });
  return fit.phases.flatMap((phase, k) => {
    const other = plain.phases[k]!;
    if (!phase.present || !other.present || !differ(phase, other)) return [];
    return [
      `${phase.name}: without SH/L the cell is ${lengths(other)} (Rwp ${plain.r.rwp_percent.toFixed(2)} %), with it ${lengths(phase)}; the errors do not hold this difference. Where the cell matters, take SH/L from a standard, or the cell from lines above 60 degrees`,
    ];
  });
}

const differ = (one: PhaseFit, other: PhaseFit): boolean =>
  one.cell.some((value, i) => Math.abs(value - other.cell[i]!) > TOLD_SIGMAS * one.cellSigma[i]!);

const lengths = ({ cell }: PhaseFit): string =>
  cell
    .slice(0, 3)
    .map((value) => value.toFixed(4))
    .join(' ');
