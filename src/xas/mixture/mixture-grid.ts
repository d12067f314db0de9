import { interpolateLinear, rangeWithin } from '../curve/grid.js';
import type { Curve, MixtureOptions } from './mixture-options.js';

/** Data and standards on common energies. */
export interface MixtureGrid {
  labels: string[];
  energy: Float64Array;
  y: Float64Array;
  ySigma: Float64Array | null;
  columns: Float64Array[];
  columnSigmas: (Float64Array | null)[];
}

/**
 * Standards on the energies of the data that lie in the range and that all of them reach.
 * @throws RangeError where no standard is given or too few points remain
 */
export function commonGrid(
  data: Curve,
  standards: readonly Curve[],
  { from_eV, to_eV }: MixtureOptions,
): MixtureGrid {
  if (standards.length === 0) throw new RangeError('no standards to combine');
  const low = standards.reduce((edge, s) => Math.max(edge, s.energy_eV[0]!), from_eV);
  const high = standards.reduce((edge, s) => Math.min(edge, s.energy_eV.at(-1)!), to_eV);
  const [within, to] = rangeWithin(data.energy_eV, low, high);
  // As in Larch, the range starts at the last point at or below its lower end, where the standards reach it.
  const before = within > 0 && standards.every((s) => s.energy_eV[0]! <= data.energy_eV[within - 1]!);
  const from = low === from_eV && before && data.energy_eV[within] !== low ? within - 1 : within;
  if (to - from < standards.length + 2)
    throw new RangeError(
      `only ${to - from} points of ${data.label} between ${low} and ${high} eV for ${standards.length} standards`,
    );
  const energy = data.energy_eV.slice(from, to);
  return {
    labels: standards.map(({ label }) => label),
    energy,
    y: data.values.slice(from, to),
    ySigma: data.sigma?.slice(from, to) ?? null,
    columns: standards.map((s) => interpolateLinear(s.energy_eV, s.values, energy)),
    columnSigmas: standards.map((s) => s.sigma && interpolateLinear(s.energy_eV, s.sigma, energy)),
  };
}

/** Uncertainty of each point: as stated, or of the data and the weighted standards; null where none is known. */
export function pointSigma(
  { y, ySigma, columnSigmas }: MixtureGrid,
  { sigma }: MixtureOptions,
  weights: Float64Array | null,
): Float64Array | null {
  if (sigma !== undefined) return new Float64Array(y.length).fill(sigma);
  if (!ySigma) return null;
  return ySigma.map((value, i) => {
    let variance = value * value;
    if (weights)
      columnSigmas.forEach((column, j) => {
        if (column) variance += (weights[j]! * column[i]!) ** 2;
      });
    return Math.sqrt(variance);
  });
}

/** The sum of the columns with weights. */
export function sumOf(columns: readonly Float64Array[], weights: Float64Array): Float64Array {
  const sum = new Float64Array(columns[0]!.length);
  for (const [j, column] of columns.entries())
    for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + weights[j]! * column[i]!;
  return sum;
}
