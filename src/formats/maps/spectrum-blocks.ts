import { InputError } from '../../errors.js';
import type { AxisName, SpectrumMap, SpectrumSource } from '../../measurement.js';
import { type H5GroupReader, isHdf5, withHdf5 } from '../common/hdf5.js';
import { openInput, readHead } from '../common/input.js';
import { readEdf } from './edf.js';

/** Rows [firstRow, lastRow) of a map: counts[((row - firstRow) * nx + column) * channels + channel], detectors summed. */
export interface SpectrumBlock {
  firstRow: number;
  lastRow: number;
  /** Corrected for dead time where the file allows it. */
  counts: Float32Array;
  /** Variance of the corrected counts of each pixel of the block over their number; null without dead time. */
  variance: Float64Array | null;
  /** Counts as recorded: by channel over all detectors and pixels of the block, and in total for each detector. */
  recorded: Float64Array;
  totals: Float64Array;
}

/** Spectra of some points, beginning with point `first`; strides say where each of them lies in `values`. */
interface Slab {
  values: ArrayLike<number>;
  first: number;
  points: number;
  stride: { point: number; channel: number } | { row: number; column: number; channel: number; nx: number };
}

type SlabReader = (detector: number, firstRow: number, lastRow: number) => Slab[];

/**
 * Hands the spectra of rows [from, to) to `use`, block by block; memory stays near the size of one block whatever the
 * number of pixels. The array is used again for the next block: keep a copy of what is needed later.
 */
export function eachSpectrumBlock(
  map: SpectrumMap,
  [from, to]: RowRange,
  use: (block: SpectrumBlock) => void,
): Promise<void> {
  return withSource(map, (read) => {
    const row = map.grid.nx * map.channels;
    const whole = new Float32Array(Math.min(to - from, map.rowsPerBlock) * row);
    for (let firstRow = from; firstRow < to; firstRow += map.rowsPerBlock) {
      const lastRow = Math.min(to, firstRow + map.rowsPerBlock);
      use(blockOf(map, read, firstRow, lastRow, whole.subarray(0, (lastRow - firstRow) * row)));
    }
  });
}

/** Rows [from, to). */
export type RowRange = [from: number, to: number];

/** Stretches into which a map is divided at most: enough that threads end together. */
const STRETCHES = 32;

/**
 * Stretches of whole blocks that may be read side by side. They do not depend on who reads them, so that sums over them
 * come out the same for any number of threads. A gzipped file is unpacked whole each time that it is opened: one stretch.
 */
export function rowStretches({ grid: { ny }, rowsPerBlock, source }: SpectrumMap): RowRange[] {
  const packed = source.kind === 'hdf5' && !isHdf5(readHead(source.file));
  const blocks = Math.ceil(ny / rowsPerBlock);
  const rows = packed ? ny : rowsPerBlock * Math.ceil(blocks / STRETCHES);
  return Array.from({ length: Math.ceil(ny / rows) }, (_, i) => [i * rows, Math.min(ny, (i + 1) * rows)]);
}

function blockOf(
  map: SpectrumMap,
  read: SlabReader,
  firstRow: number,
  lastRow: number,
  counts: Float32Array,
): SpectrumBlock {
  const { channels, place, deadTimeFactors, grid } = map;
  const [first, end] = [firstRow * grid.nx, lastRow * grid.nx];
  const recorded = new Float64Array(channels);
  const totals = new Float64Array(map.detectors.length);
  const once = new Float64Array(end - first);
  const twice = new Float64Array(end - first);
  counts.fill(0);
  for (let detector = 0; detector < totals.length; detector++) {
    const factors = deadTimeFactors?.[detector] ?? null;
    for (const slab of read(detector, firstRow, lastRow)) {
      const targets = Int32Array.from({ length: slab.points }, (_, i) => {
        const pixel = place === null ? slab.first + i : place[slab.first + i]!;
        return pixel >= first && pixel < end ? pixel - first : -1;
      });
      const sums = addSlab(counts, channels, slab, targets, factors, recorded);
      for (let i = 0; i < targets.length; i++) {
        totals[detector]! += sums[i]!;
        const factor = factors === null ? 1 : factors[slab.first + i]!;
        if (targets[i]! < 0) continue;
        once[targets[i]!]! += factor * sums[i]!;
        twice[targets[i]!]! += factor * factor * sums[i]!;
      }
    }
  }
  const variance = deadTimeFactors && once.map((sum, i) => (sum > 0 ? twice[i]! / sum : 1));
  return { firstRow, lastRow, counts, variance, recorded, totals };
}

/** Adds the spectra of a slab to their pixels; what they hold as recorded goes to `recorded` by channel and is given by point. */
function addSlab(
  counts: Float32Array,
  channels: number,
  { values, stride, points, first }: Slab,
  targets: Int32Array,
  factors: Float64Array | null,
  recorded: Float64Array,
): Float64Array {
  const sums = new Float64Array(points);
  const at = (i: number): number =>
    'point' in stride
      ? i * stride.point
      : Math.floor(i / stride.nx) * stride.row + (i % stride.nx) * stride.column;
  // In the order in which the numbers lie in memory; nothing but plain loops, for these are billions of numbers.
  const step = stride.channel;
  if (step === 1) {
    for (let i = 0; i < points; i++) {
      if (targets[i]! < 0) continue;
      const [from, to, factor] = [at(i), targets[i]! * channels, factors === null ? 1 : factors[first + i]!];
      let sum = 0;
      for (let k = 0; k < channels; k++) {
        const value = values[from + k]!;
        recorded[k]! += value;
        sum += value;
        counts[to + k]! += factor * value;
      }
      sums[i] = sum;
    }
    return sums;
  }
  const starts = Int32Array.from({ length: points }, (_, i) => at(i));
  const scale = Float64Array.from({ length: points }, (_, i) => (factors === null ? 1 : factors[first + i]!));
  for (let k = 0; k < channels; k++) {
    let sum = 0;
    for (let i = 0; i < points; i++) {
      if (targets[i]! < 0) continue;
      const value = values[starts[i]! + k * step]!;
      sum += value;
      sums[i]! += value;
      counts[targets[i]! * channels + k]! += scale[i]! * value;
    }
    recorded[k]! += sum;
  }
  return sums;
}

function withSource<T>(map: SpectrumMap, use: (read: SlabReader) => T | Promise<T>): Promise<T> {
  const { source } = map;
  return source.kind === 'hdf5'
    ? withHdf5(source.file, (root) => use(hdf5Reader(map, source, root)))
    : Promise.resolve(use(edfReader(map, source)));
}

/** 64-bit integers come as BigInt. */
const plain = (values: ArrayLike<number | bigint>): ArrayLike<number> =>
  values instanceof BigInt64Array || values instanceof BigUint64Array
    ? Float64Array.from(values, Number)
    : (values as ArrayLike<number>);

/** Position of each axis in a dataset's shape. */
const axisOf = (order: readonly AxisName[], name: AxisName): number => order.indexOf(name);

function hdf5Reader(
  { grid: { nx, ny }, channels, place }: SpectrumMap,
  { datasets: paths, order }: Extract<SpectrumSource, { kind: 'hdf5' }>,
  root: H5GroupReader,
): SlabReader {
  const datasets = paths.map((path) => {
    const dataset = root.dataset(path);
    if (dataset === null) throw root.fault(`there is no dataset '${path}'`);
    return dataset;
  });
  if (axisOf(order, 'point') >= 0) {
    return (detector, firstRow, lastRow) => {
      const [from, to] = pointsOfRows(place!, firstRow * nx, lastRow * nx);
      if (to <= from) return [];
      const values = plain(
        datasets[detector]!.rawSlab([
          [from, to],
          [0, channels],
        ]),
      );
      return [{ values, first: from, points: to - from, stride: { point: channels, channel: 1 } }];
    };
  }
  return (detector, firstRow, lastRow) => {
    const extent = {
      channel: [0, channels],
      row: [firstRow, lastRow],
      column: [0, nx],
      point: [0, ny * nx],
    } as const;
    const ranges = order.map((axis): [number, number] => [...extent[axis]]);
    const sides = ranges.map(([from, to]) => to - from);
    const strideOf = (axis: AxisName): number =>
      sides.slice(axisOf(order, axis) + 1).reduce((product, side) => product * side, 1);
    const stride = { row: strideOf('row'), column: strideOf('column'), channel: strideOf('channel'), nx };
    const values = plain(datasets[detector]!.rawSlab(ranges));
    return [{ values, first: firstRow * nx, points: (lastRow - firstRow) * nx, stride }];
  };
}

/** The stretch of points that holds all of the pixels [first, end). */
function pointsOfRows(place: Int32Array, first: number, end: number): [number, number] {
  let [from, to] = [place.length, 0];
  for (let i = 0; i < place.length; i++) {
    if (place[i]! < first || place[i]! >= end) continue;
    from = Math.min(from, i);
    to = i + 1;
  }
  return [from, to];
}

function edfReader(
  { grid: { nx }, channels }: SpectrumMap,
  { rows }: Extract<SpectrumSource, { kind: 'edf' }>,
): SlabReader {
  return (detector, firstRow, lastRow) =>
    rows[detector]!.slice(firstRow, lastRow).map((path, i): Slab => {
      const [frame] = readEdf(openInput(path));
      const [points, width] = frame!.shape as [number, number];
      if (frame!.shape.length !== 2 || width !== channels || points > nx)
        throw new InputError(
          `holds ${frame!.shape.join(' x ')} numbers where a row of ${nx} spectra of ${channels} channels is meant`,
          { path },
        );
      const first = (firstRow + i) * nx;
      return { values: frame!.values, first, points, stride: { point: channels, channel: 1 } };
    });
}
