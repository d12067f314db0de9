/** What a refinement says of each phase: cell, composition, weight fraction, R Bragg. */
import type { FittedParameter } from '../../fit/types.js';
import type { Measured } from '../../measurement.js';
import { CellMetric } from '../crystal/cell-metric.js';
import type { LineState } from '../pattern/line-states.js';
import type { LineScatter } from './grain-statistics.js';
import type { PhaseFit } from './pattern-fit.js';
import type { Refinement } from './refinement.js';

export interface Uncertainty {
  /** Parameters (without line deviations) that varied and are not at a bound, and their scaled covariance. */
  names: number[];
  covariance: Float64Array;
  sigma: Float64Array;
}

export function phaseFits(
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
