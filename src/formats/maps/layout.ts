import type { AxisName } from '../../measurement.js';
import type { H5DatasetReader, H5GroupReader } from '../common/hdf5.js';
import type { NexusData } from '../common/nexus-data.js';
import { bestOfElement } from './signal-name.js';

/** What an HDF5 map file holds, found without reading the data. */
export type MapLayout = ImagesLayout | SpectraLayout | StackLayout;

/** What stands beside every kind of map. */
interface Beside {
  format: string;
  axes: MapAxes;
  /** Monitors and other numbers of one value a pixel, by which a map may be divided. */
  scalers: Scaler[];
  /** Coordinates of every point in the order of the file, where it holds them so. */
  positions: Positions | null;
  incidentEnergy_eV: number | null;
}

export interface ImagesLayout extends Beside {
  kind: 'images';
  /** A dataset of two axes, or one plane (first index) of a dataset of three. */
  images: {
    element: string;
    dataset: H5DatasetReader;
    plane: number | null;
    errors: H5DatasetReader | null;
  }[];
}

export interface SpectraLayout extends Beside {
  kind: 'spectra';
  detectors: DetectorLayout[];
  /** Meaning of the axes of every detector's dataset. */
  order: readonly AxisName[];
  /** Energies of the channels. */
  energy: H5DatasetReader | null;
}

export interface DetectorLayout {
  name: string;
  dataset: H5DatasetReader;
  /** What the counts of each pixel are to be multiplied by for dead time; null where the file does not say. */
  deadTime: (() => Float64Array | null) | null;
}

export interface StackLayout extends Beside {
  kind: 'stack';
  data: NexusData;
  /** Which axis of the signal is energy, row and column. */
  energyAxis: number;
  rowAxis: number;
  columnAxis: number;
}

export interface MapAxes {
  x: H5DatasetReader | null;
  y: H5DatasetReader | null;
  /** The file's images are [column, row]. */
  transposed: boolean;
  /** What axes without a unit are in, where the program that wrote them is known. */
  usualUnit?: string;
}

export interface Positions {
  unit: string | null;
  read: () => { x: Float64Array; y: Float64Array };
}

export interface Scaler {
  name: string;
  read: () => Float64Array;
}

/** Fewer images than this along an axis are not the channels of a detector. */
export const MIN_CHANNELS = 32;

export const noAxes: MapAxes = { x: null, y: null, transposed: false };
export const nothingBeside = { axes: noAxes, scalers: [], positions: null, incidentEnergy_eV: null };

/** Images side by side, each a dataset named after its element. */
export function imagesOf(
  signals: { name: string; dataset: H5DatasetReader }[],
  errorsOf: (name: string) => H5DatasetReader | null,
): ImagesLayout['images'] {
  return bestOfElement(signals, ({ name }) => name, true).map(({ element, signal: { name, dataset } }) => {
    const errors = errorsOf(name);
    const fits = errors?.shape.join() === dataset.shape.join() && errors.isNumeric;
    return { element, dataset, plane: null, errors: fits ? errors : null };
  });
}

/** Images as the planes of one dataset, with their names in a list. @throws InputError where none is of an element. */
export function planesOf(dataset: H5DatasetReader, labels: string[]): ImagesLayout['images'] {
  const named = labels.slice(0, dataset.shape[0]).map((label, plane) => ({ label, plane }));
  const images = bestOfElement(named, ({ label }) => label, false).map(({ element, signal }) => ({
    element,
    dataset,
    plane: signal.plane,
    errors: null,
  }));
  if (images.length === 0)
    throw dataset.fault('holds no image of an element', `its names are ${labels.slice(0, 12).join(', ')}`);
  return images;
}

/** A plain group with images named after elements. */
export function elementGroup(group: H5GroupReader): ImagesLayout | null {
  const signals = group.names().flatMap((name) => {
    const dataset = group.dataset(name);
    return dataset?.shape.length === 2 && dataset.isNumeric ? [{ name, dataset }] : [];
  });
  const elements = signals.filter(({ name }) => bestOfElement([name], (n) => n, false).length > 0);
  const first = elements[0];
  if (first === undefined) return null;
  const shape = first.dataset.shape.join();
  const same = (signal: { dataset: H5DatasetReader }): boolean => signal.dataset.shape.join() === shape;
  return {
    kind: 'images',
    format: 'HDF5 element images',
    images: imagesOf(elements.filter(same), (name) => group.dataset(`${name}_errors`)),
    axes: { x: group.dataset('x'), y: group.dataset('y'), transposed: false },
    scalers: signals
      .filter((signal) => same(signal) && !elements.includes(signal))
      .map(({ name, dataset }) => ({ name, read: () => dataset.numbers() })),
    positions: null,
    incidentEnergy_eV: null,
  };
}
