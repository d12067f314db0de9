/** From the state of a refinement to its result: uncertainties, weight fractions, R factors, measured lines, notes. */
import type { FittedParameter } from '../../fit/types.js';
import type { Measured } from '../../measurement.js';
import { CellMetric } from '../crystal/cell-metric.js';
import type { LineState } from '../pattern/line-states.js';
import type { LineScatter } from './grain-statistics.js';
import { measureLines } from './measured-lines.js';
import type { PatternFit, PhaseFit } from './pattern-fit.js';
import { rFactors } from './r-factors.js';
import type { Refinement } from './refinement.js';

interface Uncertainty {
  /** Parameters (without line deviations) that varied and are not at a bound, and their scaled covariance. */
  names: number[];
  covariance: Float64Array;
  sigma: Float64Array;
}

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
  const notes = [...run.notes, ...boundNotes(run, parameters, state.undetermined)];
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

const isDeviation = (run: Refinement, j: number): boolean =>
  run.model.parameters.names[j]!.includes('.line.');

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

function boundNotes(run: Refinement, parameters: FittedParameter[], undetermined: Set<number>): string[] {
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

function phaseFits(
  run: Refinement,
  uncertainty: Uncertainty,
  parameters: FittedParameter[],
  scatter: LineScatter | null,
  lines: LineState[],
  ratio: Float64Array,
): PhaseFit[] {
  const { model } = run;
  const fractions = weightFractions(run, uncertainty);
  const at = (j: number): FittedParameter =>
    parameters.find(({ name }) => name === model.parameters.names[j])!;
  return run.phases.map((phase, k) => {
    const slots = model.parameters.phases[k]!;
    const cell = [...phase.cell] as PhaseFit['cell'];
    const cellSigma: PhaseFit['cellSigma'] = [0, 0, 0, 0, 0, 0];
    slots.free.forEach(({ drives }, j) => {
      for (const index of drives) {
        cell[index] = run.p[slots.cell + j]!;
        cellSigma[index] = uncertainty.sigma[slots.cell + j]!;
      }
    });
    const metric = new CellMetric([]);
    metric.set(cell);
    const composition: PhaseFit['composition'] = {};
    phase.intensities.parameters.forEach(({ name }, j) => {
      const { value, sigma, atBound, varied } = at(slots.composition + j);
      const refined = varied || !run.requested.has(slots.composition + j);
      composition[name] = run.present[k] && refined ? { value, sigma, atBound } : null;
    });
    return {
      name: phase.name,
      present: run.present[k]!,
      scale: { value: run.p[slots.scale]!, sigma: uncertainty.sigma[slots.scale]! },
      weightFraction: fractions[k]!,
      cell,
      cellSigma,
      volume_A3: metric.volume_A3,
      composition,
      rBragg_percent: run.present[k] ? braggFactor(run, k, lines, ratio) : null,
      lineScatter: scatter?.tau[k] ?? null,
    };
  });
}

/** W_p = S_p (ZMV)_p / sum S (ZMV): R. J. Hill & C. J. Howard, J. Appl. Cryst. 20 (1987) 467. */
function weightFractions(run: Refinement, uncertainty: Uncertainty): (Measured | null)[] {
  const { phases } = run.model.parameters;
  const factors = phases.map((slots, k) => {
    const cell = [...run.phases[k]!.cell];
    slots.free.forEach(({ drives }, j) => {
      for (const index of drives) cell[index] = run.p[slots.cell + j]!;
    });
    const metric = new CellMetric([]);
    metric.set(cell);
    const values = run.p.subarray(slots.composition, slots.composition + slots.compositionCount);
    return run.phases[k]!.cellMass(values) * metric.volume_A3;
  });
  const masses = phases.map(({ scale }, k) => run.p[scale]! * factors[k]!);
  const total = masses.reduce((a, b) => a + b, 0);
  if (!(total > 0)) return phases.map(() => null);
  return phases.map((_, k) => {
    const w = masses[k]! / total;
    let variance = 0;
    phases.forEach(({ scale: a }, i) => {
      phases.forEach(({ scale: b }, j) => {
        const ga = ((i === k ? 1 : 0) - w) * (factors[i]! / total);
        const gb = ((j === k ? 1 : 0) - w) * (factors[j]! / total);
        variance += ga * gb * covarianceOf(uncertainty, a, b);
      });
    });
    return { value: w, sigma: Math.sqrt(Math.max(0, variance)) };
  });
}

function covarianceOf({ names, covariance, sigma }: Uncertainty, a: number, b: number): number {
  const i = names.indexOf(a);
  const k = names.indexOf(b);
  if (i >= 0 && k >= 0) return covariance[i * names.length + k]!;
  return a === b ? sigma[a]! ** 2 : 0;
}

/** R Bragg of one phase, with observed line intensities by Rietveld's partition of the net pattern. */
function braggFactor(
  run: Refinement,
  phaseIndex: number,
  lines: LineState[],
  ratio: Float64Array,
): number | null {
  const { name } = run.phases[phaseIndex]!;
  const ratios = run.model.lineRatios(run.p, phaseIndex, ratio);
  let difference = 0;
  let total = 0;
  for (const { phase, line, area } of lines) {
    if (phase !== name || !(area > 0) || !Number.isFinite(ratios[line]!)) continue;
    difference += Math.abs(ratios[line]! - 1) * area;
    total += Math.abs(ratios[line]!) * area;
  }
  return total > 0 ? (100 * difference) / total : null;
}

function correlationOf(covariance: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++)
      out[i * n + k] = covariance[i * n + k]! / Math.sqrt(covariance[i * n + i]! * covariance[k * n + k]!);
  return out;
}
