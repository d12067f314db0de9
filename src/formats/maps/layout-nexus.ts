import type { AxisName } from '../../measurement.js';
import type { H5DatasetReader, H5GroupReader } from '../common/hdf5.js';
import {
  diffractionAxis,
  findNexusData,
  type NexusData,
  nexusDataGroups,
  readNexusData,
} from '../common/nexus-data.js';
import {
  type ImagesLayout,
  imagesOf,
  type MapAxes,
  type MapLayout,
  MIN_CHANNELS,
  nothingBeside,
  planesOf,
  type Scaler,
  type SpectraLayout,
  type StackLayout,
} from './layout.js';
import { elementOfSignal } from './signal-name.js';

const X_AXIS = /^(?:x|sample_?x|sam_?x|column|col|pos_?x|x_?pos|stage_?x|.*_x)(?:_.*)?$/iu;
const Y_AXIS = /^(?:y|sample_?y|sam_?y|row|pos_?y|y_?pos|stage_?y|.*_y)(?:_.*)?$/iu;
const ROTATION_AXIS = /^(?:theta|omega|phi|rot\w*|angles?|.*_angle)$/iu;
const ENERGY_AXIS = /energy|channel|^e$|mca|photon/iu;

/** The NXdata that is the file's map; null where it holds no NXdata at all. */
export function nexusLayout(root: H5GroupReader): MapLayout | null {
  const results = pymcaResults(root);
  if (results !== null) return results;
  return nexusDataGroups(root).length === 0 ? null : nexusData(findNexusData(root, null, couldBeMap));
}

/**
 * What PyMca's fits leave behind: NXdata groups 'parameters' (areas in counts) and 'uncertainties' side by side, beside
 * mass fractions, which are no counts.
 */
function pymcaResults(root: H5GroupReader): ImagesLayout | null {
  for (const group of nexusDataGroups(root)) {
    if (!group.path.endsWith('/parameters')) continue;
    const errors = root.groupAt(group.path.replace(/parameters$/u, 'uncertainties'));
    const data = errors === null ? null : readNexusData(group);
    if (data?.signal.shape.length !== 2) continue;
    const layout = nexusImages(data, (name) => errors!.dataset(name));
    const images = layout.images.filter(({ element }) => elementOfSignal(element) !== null);
    if (images.length > 0) return { ...layout, images, format: 'PyMca fit' };
  }
  return null;
}

/** Axes of an image whose row and column are the given axes of the signal, unless their names say the reverse. */
function planeAxes(data: NexusData, row: number, column: number): MapAxes {
  const transposed = X_AXIS.test(data.axisNames[row] ?? '') && Y_AXIS.test(data.axisNames[column] ?? '');
  const [first, second] = [data.axes[row] ?? null, data.axes[column] ?? null];
  return transposed ? { x: first, y: second, transposed } : { x: second, y: first, transposed };
}

/** What one NXdata holds: an image an element, planes of elements, or spectra. */
export function nexusData(data: NexusData): MapLayout {
  const { shape } = data.signal;
  const turned = rotationOf(data);
  if (turned !== null)
    throw data.signal.fault(
      `turns the sample along its axis '${turned}': a sinogram or tomogram is no map`,
      'give the data of one angle',
    );
  if (shape.length === 2) return nexusImages(data, (name) => data.group.dataset(`${name}_errors`));
  if (shape.length !== 3)
    throw data.signal.fault(`has ${shape.length} axes; a map has y and x, a map of spectra a third`);
  const elementAxis = data.axisNames.findIndex((name) => /element|line|species/iu.test(name));
  const labels = elementAxis >= 0 ? data.group.dataset(data.axisNames[elementAxis]!)?.texts() : undefined;
  if (elementAxis === 0 && labels?.length === shape[0])
    return {
      ...nothingBeside,
      kind: 'images',
      format: 'NeXus',
      images: planesOf(data.signal, labels),
      axes: planeAxes(data, 1, 2),
    };
  return spectraOf(data.signal, data);
}

function nexusImages(data: NexusData, errorsOf: (name: string) => H5DatasetReader | null): ImagesLayout {
  const shape = data.signal.shape.join();
  const declared = [{ name: data.signal.path.split('/').at(-1)!, dataset: data.signal }, ...data.auxiliary];
  const held = new Set(declared.map(({ name }) => name));
  const others = data.group.names().flatMap((name) => {
    const dataset = held.has(name) || name.endsWith('_errors') ? null : data.group.dataset(name);
    return dataset?.isNumeric && dataset.shape.join() === shape ? [{ name, dataset }] : [];
  });
  const isElement = ({ name }: { name: string }): boolean => elementOfSignal(name) !== null;
  return {
    ...nothingBeside,
    kind: 'images',
    format: 'NeXus element maps',
    images: imagesOf(
      [...declared, ...others.filter(isElement)].filter(({ dataset }) => dataset.shape.join() === shape),
      errorsOf,
    ),
    axes: planeAxes(data, 0, 1),
    scalers: others.filter((other) => !isElement(other)).map(scalerOf),
  };
}

const scalerOf = ({ name, dataset }: { name: string; dataset: H5DatasetReader }): Scaler => ({
  name,
  read: () => dataset.numbers(),
});

/** Spectra in a dataset of three axes; which of them is the channels comes from its name, or else from its length. */
export function spectraOf(dataset: H5DatasetReader, data: NexusData | null): SpectraLayout {
  const { shape } = dataset;
  const named = data?.axisNames.findIndex((name) => ENERGY_AXIS.test(name)) ?? -1;
  const channelAxis = named >= 0 ? named : channelAxisOf(shape, data?.axisNames ?? []);
  if (shape[channelAxis]! < MIN_CHANNELS) {
    throw dataset.fault(
      `has only ${shape[channelAxis]} channels`,
      'images at several energies are read with role: energy-stack',
    );
  }
  const [first, second] = [0, 1, 2].filter((axis) => axis !== channelAxis) as [number, number];
  const found = data === null ? nothingBeside.axes : planeAxes(data, first, second);
  const order: AxisName[] = ['channel', 'channel', 'channel'];
  order[first] = found.transposed ? 'column' : 'row';
  order[second] = found.transposed ? 'row' : 'column';
  const pixels = shape[first]! * shape[second]!;
  return {
    ...nothingBeside,
    kind: 'spectra',
    format: data === null ? 'HDF5 spectra' : 'NeXus map of spectra',
    detectors: [{ name: dataset.path.split('/').at(-1)!, dataset, deadTime: null }],
    order,
    // The order of the axes stands in `order`; nothing is left to be turned.
    axes: { ...found, transposed: false },
    energy: data?.axes[channelAxis] ?? null,
    scalers: data === null ? [] : besideSpectra(data, pixels).map(scalerOf),
  };
}

/** The last axis where it is long enough (programs write it so), unless the first is a named one or much longer. */
function channelAxisOf(shape: number[], names: string[]): number {
  const places = names.map((name) => X_AXIS.test(name) || Y_AXIS.test(name));
  const free = [2, 0, 1].filter((axis) => !places[axis]);
  return free.length === 1 ? free[0]! : shape.indexOf(Math.max(...shape));
}

const besideSpectra = (data: NexusData, pixels: number): { name: string; dataset: H5DatasetReader }[] =>
  data.group.names().flatMap((name) => {
    const dataset = data.group.dataset(name);
    return dataset?.isNumeric && dataset.shape.length === 2 && dataset.size === pixels
      ? [{ name, dataset }]
      : [];
  });

export const couldBeStack = ({ signal, axisNames }: NexusData): boolean =>
  signal.shape.length === 3 && axisNames.some((name) => ENERGY_AXIS.test(name));

/** Name of the axis along which the sample is turned between images; null where there is none. */
export const rotationOf = ({ axisNames, signal }: NexusData): string | null =>
  axisNames.find((name, axis) => ROTATION_AXIS.test(name) && (signal.shape[axis] ?? 1) > 1) ?? null;

/** Two axes, or three with many channels; no pattern against two_theta, no tomogram. */
const couldBeMap = (data: NexusData): boolean => {
  const { shape } = data.signal;
  return (
    diffractionAxis(data) < 0 &&
    rotationOf(data) === null &&
    (shape.length === 2 || (shape.length === 3 && Math.max(...shape) >= MIN_CHANNELS))
  );
};

export function stackLayout(data: NexusData): StackLayout {
  const { shape } = data.signal;
  if (shape.length !== 3)
    throw data.signal.fault(`has ${shape.length} axes; an energy stack has energy, y and x`);
  const energyAxis = data.axisNames.findIndex((name) => ENERGY_AXIS.test(name));
  if (energyAxis < 0 || energyAxis > 2)
    throw data.group.fault('has no axis energy', "list it in the attribute 'axes': [energy, y, x]");
  const [first, second] = [0, 1, 2].filter((axis) => axis !== energyAxis) as [number, number];
  const axes = planeAxes(data, first, second);
  const [rowAxis, columnAxis] = axes.transposed ? [second, first] : [first, second];
  const format = 'NeXus energy stack';
  return { ...nothingBeside, kind: 'stack', format, data, energyAxis, rowAxis, columnAxis, axes };
}
