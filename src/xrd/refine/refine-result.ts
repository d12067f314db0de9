/** From the state of a refinement to its result: uncertainties, weight fractions, R factors, measured lines, notes. */
import type { FittedParameter } from '../../fit/types.js';
import { fitNotes, isDeviation } from './fit-notes.js';
import type { LineScatter } from './grain-statistics.js';
import { measureLines } from './measured-lines.js';
import type { PatternFit } from './pattern-fit.js';
import { phaseFits, type Uncertainty } from './phase-fits.js';
import { rFactors } from './r-factors.js';
import type { Refinement } from './refinement.js';

/** Builds the result. The refinement's own state is used up: measuring lines changes what varies. */
export function collectFit(run: Refinement, scatter: LineScatter | null): PatternFit {
  const { model, problem } = run;
  const state = run.state!;
  const calculated = state.curve.slice();
  const background = new Float64Array(problem.points);
  model.backgroundCurve(run.p, background);
  const deviations = run.variedNow().filter((j) => isDeviation(run, j)).length;
  const parametersUsed = run.variedNow().length - deviations + (scatter?.effectiveLines ?? 0);
  const usedChi2 = state.chi2;
  const points = run.reportedWeight.reduce((sum, w) => sum + (w > 0 ? 1 : 0), 0);
  const gof2 = usedChi2 / Math.max(1, points - parametersUsed);
  const r = rFactors(problem.y, calculated, background, run.reportedWeight, Math.round(parametersUsed));
  const uncertainty = uncertainties(run, Math.max(1, gof2));
  const parameters = fittedParameters(run, uncertainty);
  const lines = model.lines(run.p);
  const ratio = netRatio(run, background, calculated);
  const phases = phaseFits(run, uncertainty, parameters, scatter, lines, ratio);
  const notes = [...run.notes, ...fitNotes(run, parameters, state.undetermined)];
  const measured = measureLines(run, Math.max(1, gof2));
  return {
    label: run.pattern.label,
    converged: state.converged,
    reason: state.reason,
    iterations: run.iterations,
    parameters,
    phases,
    r,
    correlated: uncertainty.names.map((j) => model.parameters.names[j]!),
    correlation: correlationOf(uncertainty.covariance, uncertainty.names.length),
    covariance: uncertainty.covariance,
    measuredLines: measured.lines,
    measuredCovariance: measured.covariance,
    curves: {
      twoTheta_deg: run.pattern.twoTheta_deg,
      observed: run.pattern.intensity,
      sigma: run.noise.sigma,
      calculated,
      background,
      mask: run.mask,
    },
    noise: run.noise.note,
    notes,
  };
}

/** Observed over calculated net intensity; NaN where a channel is masked or nothing but background is there. */
export const netRatio = (run: Refinement, background: Float64Array, calculated: Float64Array): Float64Array =>
  calculated.map((value, i) => {
    const net = value - background[i]!;
    return run.mask[i] === 1 && net > 1e-9 * Math.abs(value)
      ? (run.problem.y[i]! - background[i]!) / net
      : Number.NaN;
  });

function uncertainties(run: Refinement, scale: number): Uncertainty {
  const { model, problem } = run;
  const { lower, upper } = model.parameters;
  run.assemble();
  const varied = run.variedNow();
  const atBound = (j: number): boolean => run.p[j]! <= lower[j]! || run.p[j]! >= upper[j]!;
  const free = varied.filter((j) => !atBound(j));
  const names = free.filter((j) => !isDeviation(run, j));
  const inverse = run.normal.inverse(free);
  const covariance = new Float64Array(names.length ** 2);
  const place = names.map((j) => free.indexOf(j));
  place.forEach((a, i) => {
    place.forEach((b, k) => {
      covariance[i * names.length + k] = inverse[a * free.length + b]! * scale;
    });
  });
  const sigma = new Float64Array(problem.start.length);
  names.forEach((j, i) => {
    sigma[j] = Math.sqrt(covariance[i * names.length + i]!);
  });
  // A parameter at its bound still has a curvature: its sigma is that of the fit in which it is free.
  const bound = varied.filter((j) => atBound(j) && !isDeviation(run, j));
  if (bound.length > 0) {
    const all = run.normal.inverse(varied);
    for (const j of bound) {
      const at = varied.indexOf(j);
      sigma[j] = Math.sqrt(all[at * varied.length + at]! * scale);
    }
  }
  return { names, covariance, sigma };
}

function fittedParameters(run: Refinement, { sigma }: Uncertainty): FittedParameter[] {
  const { names, lower, upper } = run.model.parameters;
  const found: FittedParameter[] = [];
  names.forEach((name, j) => {
    if (isDeviation(run, j)) return;
    const varied = run.model.vary[j] === 1;
    const value = run.p[j]!;
    found.push({
      name,
      value,
      sigma: sigma[j]!,
      varied,
      atBound: varied && (value <= lower[j]! || value >= upper[j]!),
    });
  });
  return found;
}

function correlationOf(covariance: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++)
      out[i * n + k] = covariance[i * n + k]! / Math.sqrt(covariance[i * n + i]! * covariance[k * n + k]!);
  return out;
}
