/**
 * Scatter of line intensities beyond counting noise. Few grains lie in a small beam, so that each powder line is too
 * strong or too weak by some percent, all its channels together; misfit of the structure acts in the same way. Left
 * out, it makes error bars several times too small and lets single lines pull on x.
 *
 * Model: the area of line l of phase p is multiplied by 1 + e_l with e_l ~ N(0, tau_p^2), independent from line to
 * line. Equivalently the covariance of the data is diag(sigma^2) + sum_l tau_p^2 c_l c_l^T with c_l the contribution of
 * the line. The e_l are refined together with everything else under that prior, and tau_p^2 is set to what the
 * pattern itself shows (empirical Bayes; the fixed point of D. J. C. MacKay, Neural Computation 4 (1992) 415):
 *   tau^2 = (n0 s0^2 + sum e_l^2) / (n0 + sum (1 - var(e_l) / tau^2)),
 * the last sum being the number of line intensities that the data determine. n0 = 2 pseudo-lines with s0 = 3 % keep
 * phases of a few lines sane. The normal distribution is widened to a t distribution of 4 degrees of freedom (as weights
 * u = 5 / (4 + e^2 / tau^2) of each line's prior, K. L. Lange et al., J. Am. Stat. Assoc. 84 (1989) 881), so that one
 * misfitting line neither inflates tau nor pulls on the rest.
 */
import type { Refinement } from './refinement.js';

const PSEUDO_LINES = 2;
const PSEUDO_SCATTER = 0.03;
const ROUNDS = 10;
const PASSES = 3;
/** Degrees of freedom of the t distribution: its tails let a single misfitting line go. */
const TAILS = 4;
/**
 * Lines weaker than this part of the phase's strongest are not bound to the structure: a small error of it changes them
 * by any factor. They are additive, with a spread of this part of the strongest line.
 */
const WEAK_PART = 0.02;
const WEAK_SPREAD = 0.05;
/** Prior of lines that the structure shall not bind. */
const FREE_SCATTER = 2;

export interface LineScatter {
  /** tau of each phase; null where no line was given a deviation. */
  tau: (number | null)[];
  /** Number of line intensities that the data determine: parameters used up by the deviations. */
  effectiveLines: number;
}

/** Adds line deviations to the refinement and estimates their scatter (or takes the fixed one). */
export function refineLineScatter(run: Refinement, fixed: number | null): LineScatter {
  const { model, problem } = run;
  const { phases } = model.parameters;
  const free = phases.map(({ line }, k) => {
    const chosen = run.present[k] ? (run.options.freeLines?.[run.phases[k]!.name] ?? []) : [];
    return new Set(chosen.map((index) => line[index]!).filter((j) => j >= 0));
  });
  const weak = new Set(releaseWeakLines(run));
  const groups = phases.map(({ line }, k) =>
    run.present[k] ? [...line].filter((j) => j >= 0 && !free[k]!.has(j) && !weak.has(j)) : [],
  );
  const unbound = [...new Set([...free.flatMap((group) => [...group]), ...weak])];
  for (const j of unbound) problem.priorWeight[j] = weak.has(j) ? 1 : 1 / FREE_SCATTER ** 2;
  const tau = groups.map((group) => (group.length > 0 ? (fixed ?? 0.06) : null));
  const main = run.variedNow();
  const all = [...main, ...groups.flat(), ...unbound];
  run.varyOnly(all);
  let effectiveLines = 0;
  const tailWeight = new Float64Array(run.p.length).fill(1);
  // Profile misfit is noise to the lines as well.
  const misfit = Math.max(1, run.gof()) ** 2;
  for (let i = 0; i < problem.weight.length; i++) problem.weight[i] = problem.weight[i]! / misfit;
  const setPriors = (): void =>
    groups.forEach((group, k) => {
      for (const j of group) problem.priorWeight[j] = tailWeight[j]! / tau[k]! ** 2;
    });
  for (let pass = 0; pass < PASSES; pass++) {
    setPriors();
    run.run(15);
    run.assemble();
    const before = [...tau];
    effectiveLines = updateScatter(run, groups, tau, tailWeight, all, fixed);
    const change = Math.max(0, ...tau.map((t, k) => (t === null ? 0 : Math.abs(Math.log(t / before[k]!)))));
    if (change < 0.05) break;
  }
  if (fixed === null) widenForFewLines(run, groups, tau);
  return { tau, effectiveLines };
}

/**
 * tau is itself known from a few lines only: for the error bars, and for them alone, its square is taken n / (n - 2)
 * times larger, as the variance of a t distribution of n degrees of freedom is.
 */
function widenForFewLines(run: Refinement, groups: number[][], tau: (number | null)[]): void {
  const { problem } = run;
  groups.forEach((group, k) => {
    if (tau[k] === null) return;
    const n = Math.max(4, group.length + PSEUDO_LINES);
    for (const j of group) problem.priorWeight[j] = (problem.priorWeight[j]! * (n - 2)) / n;
  });
}

/** Makes the deviations of weak lines of present phases additive; returns their parameters. */
function releaseWeakLines(run: Refinement): number[] {
  const { model } = run;
  const lines = model.lines(run.p);
  const released: number[] = [];
  run.phases.forEach(({ name }, k) => {
    if (!run.present[k]) return;
    const mine = lines.filter(({ phase }) => phase === name);
    const strongest = Math.max(0, ...mine.map(({ area }) => area));
    for (const { line, area, areaPerF2 } of mine) {
      const j = model.parameters.phases[k]!.line[line]!;
      if (j < 0 || area >= WEAK_PART * strongest || !(areaPerF2 > 0)) continue;
      model.setReference(k, line, (WEAK_SPREAD * strongest) / areaPerF2);
      released.push(j);
    }
  });
  return released;
}

/**
 * Iterates tau on the normal equations of the last step: the model is all but linear in the deviations, so that only
 * their prior changes. Returns the number of line intensities that the data determine.
 */
function updateScatter(
  run: Refinement,
  groups: number[][],
  tau: (number | null)[],
  tailWeight: Float64Array,
  all: number[],
  fixed: number | null,
): number {
  const { normal, problem } = run;
  const place = new Map(all.map((j, i) => [j, i]));
  let effective = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const { inverse, step } = normal.linearised(all);
    let change = 0;
    effective = 0;
    groups.forEach((group, k) => {
      if (group.length === 0) return;
      const scatter = tau[k]!;
      let squares = PSEUDO_LINES * PSEUDO_SCATTER ** 2;
      let determined = PSEUDO_LINES;
      for (const j of group) {
        const i = place.get(j)!;
        const variance = inverse[i * all.length + i]!;
        const well = 1 - Math.min(1, variance * problem.priorWeight[j]!);
        const e2 = (run.p[j]! + step[i]!) ** 2;
        tailWeight[j] = fixed === null ? (TAILS + 1) / (TAILS + (e2 + variance) / scatter ** 2) : 1;
        squares += tailWeight[j]! * e2;
        determined += well;
        effective += well;
      }
      if (fixed !== null) return;
      const next = Math.min(1, Math.sqrt(squares / determined));
      change = Math.max(change, Math.abs(Math.log(next / tau[k]!)));
      tau[k] = next;
      for (const j of group) normal.replacePrior(problem, run.p, j, tailWeight[j]! / (next * next));
    });
    if (change < 0.02) break;
  }
  return effective;
}
