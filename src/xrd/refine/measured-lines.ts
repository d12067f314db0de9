/**
 * Integrated intensities of chosen lines, each fitted freely while positions, widths and the rest of the structure's
 * lines are held to the refined model: what ratios of lines and the model of a whole scan are made from.
 */

import type { LineState } from '../pattern/line-states.js';
import type { MeasuredLine } from './pattern-fit.js';
import type { Refinement } from './refinement.js';

/** Spread of a free line in its units: too wide to matter, tight enough to part lines that coincide. */
const FREE_SPREAD = 4;
/** The unit of a free line is its modelled area, and at least this part of the strongest line's. */
const SMALLEST_UNIT = 0.05;
/** Spread of the lines that are not measured, where the refinement estimated none. */
const OTHER_SPREAD = 0.05;

export interface MeasuredLines {
  lines: MeasuredLine[];
  /** Covariance of the areas, row-major in the order of `lines`. */
  covariance: Float64Array;
}

/** Frees the chosen lines and the background, solves once (the problem is linear), and reads areas and covariance. */
export function measureLines(run: Refinement, scale: number): MeasuredLines {
  const { problem } = run;
  const { chosen, others } = releaseLines(run);
  if (chosen.length === 0) return { lines: [], covariance: new Float64Array(0) };
  for (const j of others) if (problem.priorWeight[j] === 0) problem.priorWeight[j] = 1 / OTHER_SPREAD ** 2;
  const { background, backgroundTerms } = run.model.parameters;
  const terms = Array.from({ length: backgroundTerms }, (_, n) => background + n);
  const free = [...terms, ...others, ...chosen.map(({ j }) => j)];
  run.varyOnly(free);
  run.run(4);
  run.assemble();
  const inverse = run.normal.inverse(free);
  const first = free.length - chosen.length;
  const covariance = new Float64Array(chosen.length ** 2);
  chosen.forEach((a, i) => {
    chosen.forEach((b, k) => {
      covariance[i * chosen.length + k] =
        inverse[(first + i) * free.length + first + k]! * a.unit * b.unit * scale;
    });
  });
  const lines = chosen.map(
    ({ j, state, modelled, unit }, i): MeasuredLine => ({
      phase: state.phase,
      hkl: state.hkl,
      twoTheta_deg: state.twoTheta_deg,
      area: modelled + unit * run.p[j]!,
      sigma: Math.sqrt(covariance[i * chosen.length + i]!),
      calculated: modelled,
    }),
  );
  return { lines, covariance };
}

export interface FreeLine {
  j: number;
  state: LineState;
  /** Area that the structure gives it, without its deviation. */
  modelled: number;
  unit: number;
}

/** Frees the lines to measure: their deviations become additive, from zero; `others` are those that may deviate as well. */
export function releaseLines(run: Refinement): { chosen: FreeLine[]; others: number[] } {
  const { model, options } = run;
  const plain = run.p.slice();
  for (const { line } of model.parameters.phases) for (const j of line) if (j >= 0) plain[j] = 0;
  const lines = model.lines(plain);
  const chosen: FreeLine[] = [];
  const others: number[] = [];
  run.phases.forEach(({ name }, k) => {
    if (!run.present[k]) return;
    const wanted = new Set(options.measureLines?.[name] ?? []);
    const mine = lines.filter(({ phase }) => phase === name);
    const strongest = Math.max(0, ...mine.map(({ area }) => area));
    for (const state of mine) {
      const j = model.parameters.phases[k]!.line[state.line]!;
      if (j < 0) continue;
      if (!wanted.has(state.line)) others.push(j);
      else if (state.areaPerF2 > 0) {
        const unit = Math.max(state.area, SMALLEST_UNIT * strongest);
        model.setReference(k, state.line, unit / state.areaPerF2);
        run.problem.priorWeight[j] = 1 / FREE_SPREAD ** 2;
        run.p[j] = 0;
        chosen.push({ j, state, modelled: state.area, unit });
      }
    }
  });
  return { chosen, others };
}
