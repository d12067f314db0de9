/**
 * Integrated intensities of chosen lines, each fitted freely while positions, widths and the rest of the structure's
 * lines are held to the refined model: what ratios of lines and the model of a whole scan are made from.
 */
import type { MeasuredLine } from './pattern-fit.js';
import type { LineState } from './pattern-model.js';
import type { Refinement } from './refinement.js';

/**
 * Prior on a free line, in parts of what the model gives it, and at least in parts of the strongest line (a line that
 * the model all but extinguishes must be free as well): too wide to matter, tight enough to part lines that coincide.
 */
const FREE_SPREAD = 4;
const FREE_SPREAD_OF_STRONGEST = 0.2;
/** Spread of the lines that are not measured, where the refinement estimated none. */
const OTHER_SPREAD = 0.05;

export interface MeasuredLines {
  lines: MeasuredLine[];
  /** Covariance of the areas, row-major in the order of `lines`. */
  covariance: Float64Array;
}

/** Frees the chosen lines and the background, solves once (the problem is linear), and reads areas and covariance. */
export function measureLines(run: Refinement, lines: LineState[], scale: number): MeasuredLines {
  const { model, problem, options } = run;
  const { parameters } = model;
  const chosen: { j: number; state: LineState; modelled: number; spread: number }[] = [];
  const others: number[] = [];
  run.phases.forEach(({ name }, k) => {
    if (!run.present[k]) return;
    const wanted = new Set(options.measureLines?.[name] ?? []);
    const states = new Map(lines.filter(({ phase }) => phase === name).map((state) => [state.line, state]));
    const strongest = Math.max(0, ...[...states.values()].map(({ area }) => area));
    const spread = (modelled: number): number =>
      Math.max(FREE_SPREAD, (FREE_SPREAD_OF_STRONGEST * strongest) / modelled);
    parameters.phases[k]!.line.forEach((j, line) => {
      const state = states.get(line);
      if (j < 0 || !state) return;
      if (!wanted.has(line)) others.push(j);
      else if (state.area > 1e-5 * strongest) {
        const modelled = state.area / (1 + run.p[j]!);
        chosen.push({ j, state, modelled, spread: spread(modelled) });
      }
    });
  });
  if (chosen.length === 0) return { lines: [], covariance: new Float64Array(0) };
  for (const j of others) if (problem.priorWeight[j] === 0) problem.priorWeight[j] = 1 / OTHER_SPREAD ** 2;
  for (const { j, spread } of chosen) {
    problem.priorWeight[j] = 1 / spread ** 2;
    problem.priorMean[j] = 0;
  }
  const lower = parameters.lower.slice();
  const upper = parameters.upper.slice();
  for (const { j, spread } of chosen) {
    parameters.lower[j] = -10 * spread;
    parameters.upper[j] = 10 * spread;
  }
  const { background, backgroundTerms } = parameters;
  const free = [
    ...Array.from({ length: backgroundTerms }, (_, n) => background + n),
    ...others,
    ...chosen.map(({ j }) => j),
  ];
  run.varyOnly(free);
  run.run(4);
  run.assemble();
  const inverse = run.normal.inverse(free);
  parameters.lower.set(lower);
  parameters.upper.set(upper);
  const first = free.length - chosen.length;
  const covariance = new Float64Array(chosen.length ** 2);
  chosen.forEach((a, i) => {
    chosen.forEach((b, k) => {
      covariance[i * chosen.length + k] =
        inverse[(first + i) * free.length + first + k]! * a.modelled * b.modelled * scale;
    });
  });
  const measured = chosen.map(
    ({ j, state, modelled }, i): MeasuredLine => ({
      phase: state.phase,
      hkl: state.hkl,
      twoTheta_deg: state.twoTheta_deg,
      area: modelled * (1 + run.p[j]!),
      sigma: Math.sqrt(covariance[i * chosen.length + i]!),
      calculated: modelled,
    }),
  );
  return { lines: measured, covariance };
}
