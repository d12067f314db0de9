/** Refinements of loose patterns as files: curves as .csv, the Rietveld plot as .svg, .png or .pdf. */
import { dirname, extname, join } from 'node:path';
import { distinct } from '../../formats/common/distinct.js';
import { stemOf } from '../../formats/common/input.js';
import type { RefinedPattern } from '../../report/figures/refined-pattern.js';
import { braggTwoTheta_deg, dSpacing_A } from '../../xrd/crystal/cell.js';
import type { PhaseLines } from '../../xrd/pattern/phase-lines.js';
import { type PatternFit, type PhaseFit, parameterOf } from '../../xrd/refine/pattern-fit.js';
import { type FigureEnding, figureAs, figureEnding } from '../loose-figures.js';
import { writeTold } from '../write-file.js';

/** A pattern's fit and what it was fitted with. */
export interface Refined {
  fit: PatternFit;
  phases: PhaseLines[];
}

type Ending = '.csv' | FigureEnding;
const endingOf = (path: string): Ending =>
  extname(path).toLowerCase() === '.csv'
    ? '.csv'
    : figureEnding(path, 'use .csv for the curves, .svg, .png or .pdf for the figure');

/** Before an hour of refining. Throws InputError for a file that cannot be written. */
export function checkEndings(paths: string[]): void {
  for (const path of paths) endingOf(path);
}

/** Writes each file; of several patterns one each, with the pattern's label in its name. */
export async function writeOutputs(paths: string[], refined: Refined[], lambda_A: number): Promise<void> {
  const labels = distinct(
    refined.map(({ fit }) => fit.label.replace(/[^\p{L}\p{N}._+()-]+/gu, '-')),
    (label, n) => `${label}-${n}`,
  );
  for (const path of paths)
    for (const [i, one] of refined.entries()) {
      const own =
        refined.length === 1 ? path : join(dirname(path), `${stemOf(path)}-${labels[i]}${extname(path)}`);
      await writeTold(own, await contentOf(one, endingOf(path), lambda_A));
    }
}

async function contentOf(one: Refined, ending: Ending, lambda_A: number): Promise<string | Uint8Array> {
  if (ending === '.csv') return csvOf(one.fit);
  const { refinedPattern } = await import('../../report/figures/refined-pattern.js');
  return figureAs(refinedPattern(drawable(one, lambda_A)), ending);
}

function csvOf({ curves }: PatternFit): string {
  const { twoTheta_deg, observed, sigma, calculated, background, mask } = curves;
  const lines = [...twoTheta_deg].map((angle, i) =>
    [
      angle.toFixed(5),
      observed[i],
      sigma[i],
      calculated[i]!.toPrecision(8),
      background[i]!.toPrecision(8),
      mask[i],
    ].join(','),
  );
  return `two_theta_deg,observed,sigma,calculated,background,used\n${lines.join('\n')}\n`;
}

function drawable({ fit, phases }: Refined, lambda_A: number): RefinedPattern {
  return {
    label: fit.label,
    summary: `Rwp ${fit.r.rwp_percent.toFixed(1)} %, GOF ${fit.r.gof.toFixed(2)}`,
    ...fit.curves,
    phases: fit.phases.map((phase, i) => ({
      name: phase.name,
      label: legendOf(phase, fit.phases.length > 1),
      twoTheta_deg: positionsOf(phases[i]!, phase, fit, lambda_A),
    })),
  };
}

const legendOf = ({ name, present, weightFraction }: PhaseFit, several: boolean): string => {
  if (!present) return `${name}, not found`;
  return several && weightFraction ? `${name}, ${(100 * weightFraction.value).toFixed(1)} wt%` : name;
};

/** Where the lines stand in the refined cell, zero and displacement included (of a doublet: the first wavelength). */
function positionsOf(
  { hkl }: PhaseLines,
  { cell }: PhaseFit,
  fit: PatternFit,
  lambda_A: number,
): Float64Array {
  const [a_A, b_A, c_A, alpha_deg, beta_deg, gamma_deg] = cell;
  const lattice = { a_A, b_A, c_A, alpha_deg, beta_deg, gamma_deg };
  const zero = parameterOf(fit, 'zero')?.value ?? 0;
  const displacement = parameterOf(fit, 'displacement')?.value ?? 0;
  return Float64Array.from(hkl, ([h, k, l]) => {
    const bragg = braggTwoTheta_deg(dSpacing_A(lattice, h, k, l), lambda_A);
    return bragg + zero + displacement * Math.cos((bragg * Math.PI) / 360);
  });
}
