import type { Column } from '../measurement.js';
import type { Random } from '../numeric/random.js';

/** Raw columns of one scan, as the beamline's detectors counted. */
export interface SimulatedSpectrum {
  file: string;
  label: string;
  element: string;
  edge: string;
  role: 'calibrant' | 'reference' | 'sample';
  columns: Column[];
  header: Record<string, string>;
  /** Further keys of the entry in experiment.yaml. */
  entry: Record<string, string>;
  truth: Record<string, unknown>;
}

const column = (name: string, unit: string | null, role: Column['role'], values: Float64Array): Column => ({
  name,
  unit,
  role,
  values,
});

/** Energy grid in segments: [from, to, step] each, the last point of the last included. */
export function energyGrid(segments: readonly (readonly [number, number, number])[]): Float64Array {
  const points = segments.flatMap(([from, to, step]) =>
    Array.from({ length: Math.round((to - from) / step) }, (_, i) => from + i * step),
  );
  points.push(segments.at(-1)![1]);
  return Float64Array.from(points, (value) => Number(value.toFixed(4)));
}

/** Slow decay of the ring current and a little beam motion, as a factor about 1. */
function beamIntensity(n: number, random: Random | null): Float64Array {
  const slow = random ? random.normal(0, 0.01) : 0;
  return Float64Array.from({ length: n }, (_, i) => 1 - (0.03 * i) / n + slow * Math.sin((6 * i) / n));
}

const counted = (mean: Float64Array, random: Random | null): Float64Array =>
  random ? mean.map((value) => random.poisson(value)) : mean;

/**
 * A fluorescence scan: energy, i0, ifluor. `mu` is the normalised absorption on the measured grid; `counts` the
 * fluorescence of an edge step of one; over-absorption turns mu into mu (alpha + 1) / (alpha + mu), which keeps 0 and 1
 * (the FLUO formula solved for what is measured).
 */
export function fluorescenceColumns(
  energy_eV: Float64Array,
  mu: Float64Array,
  counts: number,
  alpha: number,
  random: Random | null,
): Column[] {
  const beam = beamIntensity(energy_eV.length, random);
  const i0 = beam.map((value) => 2e6 * value);
  const e0 = energy_eV[0]!;
  const fluorescence = mu.map((value, i) => {
    const seen = alpha > 0 ? (value * (alpha + 1)) / (alpha + Math.max(value, 0)) : value;
    const background = 0.06 + 0.0002 * (energy_eV[i]! - e0);
    return counts * beam[i]! * Math.max(0, background + seen);
  });
  return [
    column('energy', 'eV', 'energy', energy_eV),
    column('i0', 'counts', 'i0', counted(i0, random)),
    column('ifluor', 'counts', 'fluorescence', counted(fluorescence, random)),
  ];
}

/**
 * A transmission scan with a reference foil behind the sample: energy, i0, itrans, irefer.
 * i0 exp(-sample) reaches the second chamber, exp(-reference) of it the third.
 */
export function transmissionColumns(
  energy_eV: Float64Array,
  sample: { mu: Float64Array; step: number },
  reference: { mu: Float64Array; step: number } | null,
  counts: number,
  random: Random | null,
): Column[] {
  const beam = beamIntensity(energy_eV.length, random);
  const base = (i: number) => (energy_eV[0]! / energy_eV[i]!) ** 2.7;
  const i0 = beam.map((value) => counts * Math.exp(1.2) * value);
  const itrans = i0.map((value, i) => value * Math.exp(-(0.7 * base(i) + sample.step * sample.mu[i]!)));
  const columns = [
    column('energy', 'eV', 'energy', energy_eV),
    column('i0', 'counts', 'i0', counted(i0, random)),
    column('itrans', 'counts', 'itrans', counted(itrans, random)),
  ];
  if (reference) {
    const irefer = itrans.map(
      (value, i) => value * Math.exp(-(0.4 * base(i) + reference.step * reference.mu[i]!)),
    );
    columns.push(column('irefer', 'counts', 'irefer', counted(irefer, random)));
  }
  return columns;
}
