import type { MapEntry } from '../../experiment.js';
import type { ElementMap, EnergyStack, SpectrumMap } from '../../measurement.js';
import { type H5DatasetReader, withHdf5 } from '../common/hdf5.js';
import { findMapLayout } from './find-layout.js';
import type { ImagesLayout } from './layout.js';
import { axisPixels, positionPixels } from './map-axes.js';
import { askedImages, pixelOf, type RawImage, type Warn } from './map-notes.js';
import { spectraHead } from './map-spectra.js';
import { readStack } from './map-stack.js';
import { dividedByMonitor, monitorOf } from './monitor.js';
import { backwardRows, placeOfRows } from './place-points.js';

export type MapRead =
  | { kind: 'element-map'; format: string; map: ElementMap }
  | { kind: 'spectrum-map'; format: string; map: SpectrumMap }
  | { kind: 'energy-stack'; format: string; map: EnergyStack };

type Source = { file: string; data: string | null };

/** What kind of map a file holds, without reading its data. */
export function hdf5MapKind(entry: MapEntry, source: Source): Promise<MapRead['kind']> {
  return withHdf5(source.file, (root) => {
    const layout = findMapLayout(root, { role: entry.role, data: source.data });
    if (layout.kind === 'images') return 'element-map';
    return layout.kind === 'stack' ? 'energy-stack' : 'spectrum-map';
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
    return { kind: 'spectrum-map', format, map: spectraHead(entry, layout, source.file, warn) };
  });
}

function readImages(entry: MapEntry, layout: ImagesLayout, path: string, warn: Warn): ElementMap {
  const { images, axes, positions, scalers } = layout;
  const shape = images[0]!.dataset.shape.slice(-2) as [number, number];
  const [ny, nx] = axes.transposed ? [shape[1], shape[0]] : shape;
  const points = positions?.read() ?? null;
  const backward = points?.x.length === ny * nx ? backwardRows(points.x, ny, nx) : null;
  const place = backward && placeOfRows(backward, nx);
  if (place !== null)
    warn('its rows ran back and forth and are turned into one direction by their positions');
  const upright = (values: Float64Array): Float64Array => {
    const turned = axes.transposed ? transpose(values, shape[0], shape[1]) : values;
    return place === null ? turned : turned.map((_, i) => turned[place[i]!]!);
  };
  const read = (dataset: H5DatasetReader, plane: number | null): Float64Array => {
    const ranges = shape.map((side): [number, number] => [0, side]);
    return upright(plane === null ? dataset.numbers() : dataset.slab([[plane, plane + 1], ...ranges]));
  };
  const wanted =
    entry.elements === null ? images : images.filter(({ element }) => entry.elements!.includes(element));
  const raw = (wanted.length > 0 ? wanted : images).map(
    ({ element, dataset, plane, errors }): RawImage => ({
      element,
      values: read(dataset, plane),
      sigma: errors === null ? null : read(errors, null),
    }),
  );
  const fromFile = axisPixels(axes, ny, nx) ?? positionPixels(positions?.unit ?? null, points, ny, nx);
  const map = {
    name: entry.name,
    grid: { ny, nx, pixel_um: pixelOf(entry, fromFile, path, warn) },
    incidentEnergy_eV: entry.incidentEnergy_eV ?? layout.incidentEnergy_eV,
    images: askedImages(entry, raw, path, warn),
  };
  const monitor = monitorOf(entry.i0, scalers, ny * nx, { path }, warn);
  return monitor === null ? map : dividedByMonitor(map, upright(monitor));
}

/** [column, row] to [row, column]. */
export function transpose(values: Float64Array, rows: number, columns: number): Float64Array {
  const turned = new Float64Array(values.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) turned[c * rows + r] = values[r * columns + c]!;
  return turned;
}
