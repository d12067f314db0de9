import { InputError } from '../../errors.js';
import type { Column, MuSource, SpectrumScan } from '../../measurement.js';
import { median } from '../../numeric/robust.js';
import { type Edge, nearestEdge } from '../../reference/edges.js';
import { rangeOf } from '../common/range.js';
import { elementsOfChannels, withElementChannels } from './element-channels.js';
import { COVERED_WITHIN_EV, LEAST_EV, scanEnergies } from './scan-energies.js';
import { formMu, possibleSources } from './scan-mu.js';

/** An edge that a scan does not name, read from the rise of its own signal. */
export interface GuessedEdge {
  edge: Edge;
  /** Energy of the rise (eV), to some eV. */
  rise_eV: number;
  /** The signal that rises most clearly. */
  source: MuSource;
}

/**
 * The edge of a scan that does not say its own: the largest rise of any of its signals, over the scatter, and the edge
 * that lies there most likely. An edge energy in the header decides where several elements are in range.
 * Null where nothing rises.
 */
export function guessEdge(scan: SpectrumScan, asked: MuSource | null = null): GuessedEdge | null {
  try {
    const place = { path: scan.title };
    const { energies } = scanEnergies(scan.columns, scan.metadata, place);
    if (energies.some((value) => value <= 0)) return null;
    const stated_eV = statedEnergy_eV(scan.metadata);
    const given = asked ?? scan.muHint;
    const rises = variants(scan).flatMap(({ columns, of }) =>
      (given === null ? allSources(columns) : [given]).flatMap((source) => {
        const rise = largestRise(energies, formMu(columns, source, place).mu, stated_eV);
        const isOf = rise !== null && (of === null || nearestEdge(rise.energy_eV, [of]) !== null);
        return isOf ? [{ ...rise, source, of }] : [];
      }),
    );
    // Channels that are named after an element say what is measured, however clear a reference beside them is.
    const best = clearest(rises.filter(({ of }) => of !== null)) ?? clearest(rises);
    if (best === null) return null;
    const agrees = stated_eV !== null && Math.abs(best.energy_eV - stated_eV) < STATED_WITHIN;
    const edge = edgeAt(agrees ? stated_eV : best.energy_eV, scan.element);
    if (edge === null || !isScanned(edge, energies)) return null;
    return { edge, rise_eV: best.energy_eV, source: best.source };
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}

/** The likely edge of the element that the scan states, where it has one near; else of any. */
function edgeAt(energy_eV: number, element: string | null): Edge | null {
  const own = element === null ? null : nearestEdge(energy_eV, [element]);
  return own !== null && Math.abs(own.energy_eV - energy_eV) < STATED_WITHIN ? own : nearestEdge(energy_eV);
}

/** An edge that a scan does not reach is none of it, even if nothing else is near. */
function isScanned({ energy_eV }: Edge, energies: Float64Array): boolean {
  const [low, high] = rangeOf(energies) ?? [Number.NaN, Number.NaN];
  return (
    energy_eV > LEAST_EV && low - COVERED_WITHIN_EV <= energy_eV && high + COVERED_WITHIN_EV >= energy_eV
  );
}

interface Rise {
  energy_eV: number;
  clarity: number;
  source: MuSource;
}

/** The reference counts only where it is by far the clearest: it need not be of the sample's element. */
const weight = ({ clarity, source }: Rise): number => (source === 'reference' ? 0.1 : 1) * clarity;

const clearest = (rises: Rise[]): Rise | null =>
  rises.reduce<Rise | null>((top, one) => (top === null || weight(one) > weight(top) ? one : top), null);

function allSources(columns: Column[]): MuSource[] {
  const has = (role: Column['role']): boolean => columns.some((column) => column.role === role);
  const sources = possibleSources(columns);
  return has('itrans') && has('irefer') && !sources.includes('reference')
    ? [...sources, 'reference']
    : sources;
}

/** The columns as they are, and with the channels of each element that some are named after. */
function variants({ columns, element }: SpectrumScan): { columns: Column[]; of: string | null }[] {
  const elements = elementsOfChannels(columns).filter((one) => element === null || one === element);
  return [
    { columns, of: null },
    ...elements.map((of) => ({ columns: withElementChannels(columns, of), of })),
  ];
}

/** The edge energy (eV) that scan programs write into their headers: 'E0= 7112.00', 'E0 (eV) = 8979', 'edge_energy 6.539'. */
function statedEnergy_eV(metadata: Record<string, string>): number | null {
  for (const [key, text] of Object.entries(metadata)) {
    if (!/^(?:E0|E0 \(eV\)|(?:scan\.|exafs_)?edge[ _]?energy(?: \(eV\))?)$/iu.test(key)) continue;
    const value = Number.parseFloat(text);
    if (value > 50) return value;
    if (value > 1) return value * 1000;
  }
  return null;
}

/** How far (eV) a rise may lie from the edge energy that the header states. */
const STATED_WITHIN = 60;

/** A rise is the difference of means from `NEAR` to `FAR` (eV) on either side; less on a short scan. */
const [NEAR, FAR] = [2, 14];

/**
 * Where the mean of the signal behind an energy exceeds the mean before it by most, after the slow slope is taken off, in
 * units of the scatter from point to point.
 */
function largestRise(
  energies: Float64Array,
  mu: Float64Array,
  stated_eV: number | null,
): Omit<Rise, 'source'> | null {
  const order = [...energies.keys()]
    .filter((i) => Number.isFinite(energies[i]!) && Number.isFinite(mu[i]!))
    .sort((a, b) => energies[a]! - energies[b]!);
  if (order.length < 8) return null;
  const x = order.map((i) => energies[i]!);
  const y = order.map((i) => mu[i]!);
  const mean = runningMean(x, y);
  const [first, last] = [x[0]!, x.at(-1)!];
  const far = Math.min(FAR, (last - first) / 6);
  const near = Math.min(NEAR, far / 5);
  const rises = x.flatMap((e) =>
    e - far < first || e + far > last ? [] : [{ e, by: mean(e + near, e + far) - mean(e - far, e - near) }],
  );
  if (rises.length === 0) return null;
  const slow = median(rises.map(({ by }) => by));
  const top = (list: typeof rises): (typeof rises)[number] =>
    list.reduce((best, one) => (one.by > best.by ? one : best));
  const most = top(rises);
  const around = stated_eV === null ? [] : rises.filter(({ e }) => Math.abs(e - stated_eV) < STATED_WITHIN);
  const here = around.length > 0 ? top(around) : most;
  const chosen = here.by - slow > 0.2 * (most.by - slow) ? here : most;
  const scatter = median(y.slice(2).map((value, i) => Math.abs(value - 2 * y[i + 1]! + y[i]!)));
  const clarity = (chosen.by - slow) / Math.max(scatter, 1e-9 * Math.abs(chosen.by));
  if (!(clarity > 3)) return null;
  return { energy_eV: steepest(x, y, chosen.e, far), clarity };
}

/** The mean of a piecewise straight line between two energies. */
function runningMean(x: number[], y: number[]): (from: number, to: number) => number {
  const area = new Float64Array(x.length);
  for (let i = 1; i < x.length; i++) area[i] = area[i - 1]! + ((y[i]! + y[i - 1]!) / 2) * (x[i]! - x[i - 1]!);
  const upTo = (e: number): number => {
    let [low, high] = [0, x.length - 1];
    while (high - low > 1) {
      const half = (low + high) >> 1;
      if (x[half]! <= e) low = half;
      else high = half;
    }
    const step = x[high]! - x[low]!;
    const share = step > 0 ? (e - x[low]!) / step : 0;
    return area[low]! + (e - x[low]!) * (y[low]! + (share * (y[high]! - y[low]!)) / 2);
  };
  return (from, to) => (upTo(to) - upTo(from)) / (to - from);
}

/** The steepest step of at least 1 eV within the rise. */
function steepest(x: number[], y: number[], at: number, far: number): number {
  let best = { slope: Number.NEGATIVE_INFINITY, e: at };
  for (let i = 0, j = 0; i < x.length; i++) {
    if (Math.abs(x[i]! - at) > far) continue;
    j = Math.max(j, i + 1);
    while (j < x.length && x[j]! - x[i]! < 1) j++;
    if (j >= x.length) break;
    const slope = (y[j]! - y[i]!) / (x[j]! - x[i]!);
    if (slope > best.slope) best = { slope, e: (x[i]! + x[j]!) / 2 };
  }
  return best.e;
}
