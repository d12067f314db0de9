import type { MapEntry } from '../../experiment.js';
import type { ElementMap, EnergyStack, LargeSpectrumMap, SpectrumMap } from '../../measurement.js';
import type { H5DatasetReader } from '../common/hdf5.js';
import { withHdf5 } from '../common/hdf5.js';
import { unitFactor } from '../common/units.js';
import { axisPixels } from './map-axes.js';
import { deadTimeFactor } from './map-dead-time.js';
import { findMapLayout, type ImagesLayout, type SpectraLayout } from './map-hdf5.js';
import { askedImages, pixelOf, type RawImage, type Warn } from './map-notes.js';
import { readStack } from './map-stack.js';

export type MapRead =
  | { kind: 'element-map'; format: string; map: ElementMap }
  | { kind: 'spectrum-map'; format: string; map: SpectrumMap }
  | { kind: 'large-spectrum-map'; format: string; map: LargeSpectrumMap }
  | { kind: 'energy-stack'; format: string; map: EnergyStack };

/** Spectra beyond this many numbers stay in the file. */
const MAX_SPECTRA = 60 * 1024 * 1024;
const BLOCK_NUMBERS = 16 * 1024 * 1024;

type Source = { file: string; data: string | null };

/** What kind of map a file holds, without reading its data. */
export function hdf5MapKind(entry: MapEntry, source: Source): Promise<MapRead['kind']> {
  return withHdf5(source.file, (root) => {
    const layout = findMapLayout(root, { role: entry.role, data: source.data });
    if (layout.kind === 'images') return 'element-map';
    if (layout.kind === 'stack') return 'energy-stack';
    return spectraSize(layout) > MAX_SPECTRA ? 'large-spectrum-map' : 'spectrum-map';
  });
}

export function readHdf5Map(entry: MapEntry, source: Source, warn: Warn): Promise<MapRead> {
  return withHdf5(source.file, (root): MapRead => {
    const layout = findMapLayout(root, { role: entry.role, data: source.data });
    const { format } = layout;
    if (layout.kind === 'images')
      return { kind: 'element-map', format, map: readImages(entry, layout, source.file, warn) };
    if (layout.kind === 'stack')
      return { kind: 'energy-stack', format, map: readStack(entry, layout, source.file, warn) };
    const map = spectraHead(entry, layout, source.file, warn);
    if (spectraSize(layout) > MAX_SPECTRA) return { kind: 'large-spectrum-map', format, map };
    return { kind: 'spectrum-map', format, map: readSpectra(map, layout) };
  });
}

function readImages(entry: MapEntry, { images, axes }: ImagesLayout, path: string, warn: Warn): ElementMap {
  const shape = images[0]!.dataset.shape.slice(-2) as [number, number];
  const [ny, nx] = axes.transposed ? [shape[1], shape[0]] : shape;
  const wanted =
    entry.elements === null ? images : images.filter(({ element }) => entry.elements!.includes(element));
  const read = (dataset: H5DatasetReader, plane: number | null): Float64Array => {
    const values =
      plane === null
        ? dataset.numbers()
        : dataset.slab([
            [plane, plane + 1],
            [0, shape[0]],
            [0, shape[1]],
          ]);
    return axes.transposed ? transpose(values, shape[0], shape[1]) : values;
  };
  const raw = (wanted.length > 0 ? wanted : images).map(
    ({ element, dataset, plane, errors }): RawImage => ({
      element,
      values: read(dataset, plane),
      sigma: errors === null ? null : read(errors, null),
    }),
  );
  const pixel_um = pixelOf(entry, axisPixels(axes, ny, nx), path, warn);
  return {
    name: entry.name,
    grid: { ny, nx, pixel_um },
    incidentEnergy_eV: entry.incidentEnergy_eV,
    images: askedImages(entry, raw, path, warn),
  };
}

/** [column, row] to [row, column]. */
export function transpose(values: Float64Array, rows: number, columns: number): Float64Array {
  const turned = new Float64Array(values.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) turned[c * rows + r] = values[r * columns + c]!;
  return turned;
}

/** One row of spectra must fit into a read. */
function checkRow(dataset: H5DatasetReader, nx: number, channels: number): void {
  if (nx * channels > 4 * BLOCK_NUMBERS)
    throw dataset.fault(`has rows of ${nx} x ${channels} numbers, too large to be read`);
}

const spectraSize = ({ detectors }: SpectraLayout): number => detectors[0]!.dataset.size;

function spectraHead(
  entry: MapEntry,
  { detectors, order, axes, energy }: SpectraLayout,
  path: string,
  warn: Warn,
): LargeSpectrumMap {
  const { shape } = detectors[0]!.dataset;
  const odd = detectors.find(({ dataset }) => dataset.shape.join() !== shape.join());
  if (odd !== undefined)
    throw odd.dataset.fault(
      `has the shape ${odd.dataset.shape.join(' x ')}, the other detectors ${shape.join(' x ')}`,
    );
  const [channels, ny, nx] =
    order === 'channel,row,column' ? (shape as [number, number, number]) : [shape[2]!, shape[0]!, shape[1]!];
  checkRow(detectors[0]!.dataset, nx, channels);
  return {
    name: entry.name,
    grid: { ny, nx, pixel_um: pixelOf(entry, axisPixels(axes, ny, nx), path, warn) },
    channels,
    calibration: energy === null ? null : calibrationOf(energy, channels),
    detectors: detectors.map(({ name }) => ({ name, totalCounts: Number.NaN })),
    file: path,
    datasets: detectors.map(({ dataset }) => dataset.path),
    order,
    rowsPerBlock: Math.max(1, Math.floor(BLOCK_NUMBERS / (nx * channels))),
  };
}

/** Offset and gain of a linear energy axis; MAPS keeps it in keV without a unit. */
function calibrationOf(energy: H5DatasetReader, channels: number): SpectrumMap['calibration'] {
  if (energy.size !== channels || channels < 2) return null;
  const values = energy.numbers();
  const last = values.at(-1)!;
  const factor = energy.units === null ? (last < 200 ? 1000 : 1) : unitFactor(energy.units, 'energy');
  if (factor === null) return null;
  const gain_eV = ((last - values[0]!) / (channels - 1)) * factor;
  return gain_eV > 0.1 ? { offset_eV: values[0]! * factor, gain_eV } : null;
}

function readSpectra(head: LargeSpectrumMap, { detectors, order, times }: SpectraLayout): SpectrumMap {
  const { grid, channels } = head;
  const pixels = grid.ny * grid.nx;
  const counts = new Float32Array(pixels * channels);
  const totals = detectors.map(({ name, dataset }) => {
    const values = dataset.values();
    let totalCounts = 0;
    for (let i = 0; i < values.length; i++) totalCounts += values[i]!;
    addSpectra(counts, values, pixels, channels, order);
    return { name, totalCounts };
  });
  const factor = times === null ? null : deadTimeFactor(times, detectors.length, pixels);
  const { name, calibration } = head;
  return {
    name,
    grid,
    channels,
    counts,
    calibration,
    detectors: totals,
    ...(factor === null ? {} : { deadTimeFactor: factor }),
  };
}

/** Adds one detector's values to `counts` [pixel, channel]. */
export function addSpectra(
  counts: Float32Array,
  values: ArrayLike<number>,
  pixels: number,
  channels: number,
  order: LargeSpectrumMap['order'],
): void {
  if (order === 'row,column,channel') {
    for (let i = 0; i < counts.length; i++) counts[i]! += values[i]!;
    return;
  }
  for (let channel = 0; channel < channels; channel++) {
    const from = channel * pixels;
    for (let pixel = 0; pixel < pixels; pixel++) counts[pixel * channels + channel]! += values[from + pixel]!;
  }
}
