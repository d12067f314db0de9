import type { MapEntry } from '../../experiment.js';
import { elementSymbol } from '../../reference/elements.js';
import { H5DatasetReader, H5GroupReader } from '../common/hdf5.js';
import { suggestion } from '../common/nearest.js';
import { findNexusData, type NexusData, nexusDataGroups, readNexusData } from '../common/nexus-data.js';

/** What an HDF5 map file holds, found without reading the data. */
export type MapLayout = ImagesLayout | SpectraLayout | StackLayout;

export interface ImagesLayout {
  kind: 'images';
  format: string;
  /** A dataset of two axes, or one plane (first index) of a dataset of three. */
  images: {
    element: string;
    dataset: H5DatasetReader;
    plane: number | null;
    errors: H5DatasetReader | null;
  }[];
  axes: MapAxes;
}

export interface SpectraLayout {
  kind: 'spectra';
  format: string;
  detectors: { name: string; dataset: H5DatasetReader }[];
  order: 'channel,row,column' | 'row,column,channel';
  axes: MapAxes;
  /** Energies of the channels. */
  energy: H5DatasetReader | null;
  /** Group that holds live times and count rates, of the MAPS layout. */
  times: H5GroupReader | null;
}

export interface StackLayout {
  kind: 'stack';
  format: string;
  data: NexusData;
  /** Which axis of the signal is energy, row and column. */
  energyAxis: number;
  rowAxis: number;
  columnAxis: number;
  axes: MapAxes;
}

export interface MapAxes {
  x: H5DatasetReader | null;
  y: H5DatasetReader | null;
  /** The file's images are [column, row]. */
  transposed: boolean;
}

/** Fewer images than this along an axis are not the channels of a detector. */
const MIN_CHANNELS = 32;

const LINE_NAME =
  /^([A-Z][a-z]?)(?:[\s_.:-]*(?:K|L|M)(?:[ab]|alpha|beta|[1-5])*\d?)?(?:[\s_-]*(?:counts|map|fluo|cps|intensity))?$/u;

/** Element of a signal's name: 'Y', 'Fe_K', 'In L', 'Cl_Ka'; null for anything else ('s_i', 'Compton', 'I0'). */
export function elementOfSignal(name: string): string | null {
  const match = LINE_NAME.exec(name.trim());
  return match ? elementSymbol(match[1]!) : null;
}

/**
 * Finds how a file keeps its maps: NXdata (one signal per element, full spectra, or an energy stack), MAPS raw or fitted,
 * PyXRF, or plain groups of images named after elements.
 * @throws InputError where none of these is there.
 */
export function findMapLayout(
  root: H5GroupReader,
  entry: Pick<MapEntry, 'role'> & { data: string | null },
): MapLayout {
  const { data, role } = entry;
  if (role === 'energy-stack') return stackLayout(findNexusData(root, data, couldBeStack));
  const named = data === null ? null : namedItem(root, data);
  const layout =
    named === null
      ? (pyxrf(root) ?? maps(root) ?? anyNexus(root) ?? elementGroup(root))
      : atPath(root, named);
  if (layout !== null) return layout;
  throw root.fault(
    data === null ? 'holds no map of a known layout' : `'${data}' holds no map of a known layout`,
    'known are NXdata with one signal per element, MAPS, PyXRF, and groups of images named after elements',
  );
}

function namedItem(root: H5GroupReader, path: string): H5GroupReader | H5DatasetReader {
  const found = root.child(path);
  if (found !== null) return found;
  const groups = [...root.walk(4)].map((item) => item.path);
  throw root.fault(`there is no '${path}'`, suggestion(path, groups));
}

function atPath(root: H5GroupReader, item: H5GroupReader | H5DatasetReader): MapLayout | null {
  if (item instanceof H5DatasetReader) {
    if (item.shape.length !== 3)
      throw item.fault('is not a map of spectra (three axes)', 'name the group around it');
    return spectraOf(item, null);
  }
  if (item.attributeText('signal') !== null || item.nxClass === 'NXdata') return nexus(readNexusData(item));
  const inside = [...item.walk(3)].find(
    (found): found is H5GroupReader =>
      found instanceof H5GroupReader && found.attributeText('signal') !== null,
  );
  return (
    mapsRaw(item) ??
    mapsFits(item) ??
    elementGroup(item) ??
    (inside ? nexus(readNexusData(inside)) : null) ??
    pyxrfGroup(item, root)
  );
}

function anyNexus(root: H5GroupReader): MapLayout | null {
  const groups = nexusDataGroups(root);
  if (groups.length === 0) return null;
  return nexus(findNexusData(root, null, couldBeMap));
}

const X_AXIS = /^(?:x|sample_?x|sam_?x|column|col|pos_?x|x_?pos|stage_?x|.*_x)(?:_.*)?$/iu;
const Y_AXIS = /^(?:y|sample_?y|sam_?y|row|pos_?y|y_?pos|stage_?y|.*_y)(?:_.*)?$/iu;
const ENERGY_AXIS = /energy|channel|^e$|mca|photon/iu;

/** Axes of an image whose row and column are the given axes of the signal, unless their names say the reverse. */
function planeAxes(data: NexusData, row: number, column: number): MapAxes {
  const transposed = X_AXIS.test(data.axisNames[row] ?? '') && Y_AXIS.test(data.axisNames[column] ?? '');
  const [first, second] = [data.axes[row] ?? null, data.axes[column] ?? null];
  return transposed ? { x: first, y: second, transposed } : { x: second, y: first, transposed };
}

function nexus(data: NexusData): MapLayout {
  const { shape } = data.signal;
  if (shape.length === 2) return nexusImages(data);
  if (shape.length !== 3)
    throw data.signal.fault(`has ${shape.length} axes; a map has y and x, a map of spectra a third`);
  const elementAxis = data.axisNames.findIndex((name) => /element|line|species/iu.test(name));
  const labels = elementAxis >= 0 ? data.group.dataset(data.axisNames[elementAxis]!)?.texts() : undefined;
  if (elementAxis === 0 && labels?.length === shape[0])
    return planes('NeXus', data.signal, labels, planeAxes(data, 1, 2));
  return spectraOf(data.signal, data);
}

function nexusImages(data: NexusData): ImagesLayout {
  const shape = data.signal.shape.join();
  const declared = [{ name: data.signal.path.split('/').at(-1)!, dataset: data.signal }, ...data.auxiliary];
  const held = new Set(declared.map(({ name }) => name));
  const beside = data.group.names().flatMap((name) => {
    if (held.has(name) || elementOfSignal(name) === null) return [];
    const dataset = data.group.dataset(name);
    return dataset !== null && dataset.shape.join() === shape ? [{ name, dataset }] : [];
  });
  const images = uniqueElements(
    [...declared, ...beside].filter(({ dataset }) => dataset.shape.join() === shape),
    data.group,
  );
  return { kind: 'images', format: 'NeXus element maps', images, axes: planeAxes(data, 0, 1) };
}

/** The first signal of each element; a signal without an element in its name keeps its name. */
function uniqueElements(
  signals: { name: string; dataset: H5DatasetReader }[],
  group: H5GroupReader,
): ImagesLayout['images'] {
  const seen = new Set<string>();
  return signals.flatMap(({ name, dataset }) => {
    const element = elementOfSignal(name) ?? name;
    if (seen.has(element)) return [];
    seen.add(element);
    const errors = group.dataset(`${name}_errors`);
    return [
      {
        element,
        dataset,
        plane: null,
        errors: errors?.shape.join() === dataset.shape.join() ? errors : null,
      },
    ];
  });
}

function planes(format: string, dataset: H5DatasetReader, labels: string[], axes: MapAxes): ImagesLayout {
  const seen = new Set<string>();
  const images = labels.slice(0, dataset.shape[0]).flatMap((label, plane) => {
    const element = elementOfSignal(label);
    if (element === null || seen.has(element)) return [];
    seen.add(element);
    return [{ element, dataset, plane, errors: null }];
  });
  if (images.length === 0)
    throw dataset.fault('holds no image of an element', `its names are ${labels.slice(0, 12).join(', ')}`);
  return { kind: 'images', format, images, axes };
}

function spectraOf(dataset: H5DatasetReader, data: NexusData | null): SpectraLayout {
  const { shape } = dataset;
  const named = data?.axisNames.findIndex((name) => ENERGY_AXIS.test(name)) ?? -1;
  const channelAxis = named >= 0 ? named : shape.indexOf(Math.max(...shape));
  if (shape[channelAxis]! < MIN_CHANNELS) {
    throw dataset.fault(
      `has only ${shape[channelAxis]} channels`,
      'images at several energies are read with role: energy-stack',
    );
  }
  if (channelAxis === 1) throw dataset.fault('has its channels between rows and columns, which is not read');
  const [row, column] = channelAxis === 0 ? [1, 2] : [0, 1];
  const axes = data === null ? { x: null, y: null, transposed: false } : planeAxes(data, row!, column!);
  if (axes.transposed) throw dataset.fault('has its axes as x, y; a map of spectra needs y before x');
  return {
    kind: 'spectra',
    format: data === null ? 'HDF5 spectra' : 'NeXus map of spectra',
    detectors: [{ name: dataset.path.split('/').at(-1)!, dataset }],
    order: channelAxis === 0 ? 'channel,row,column' : 'row,column,channel',
    axes,
    energy: data?.axes[channelAxis] ?? null,
    times: null,
  };
}

const couldBeStack = ({ signal, axisNames }: NexusData): boolean =>
  signal.shape.length === 3 && axisNames.some((name) => ENERGY_AXIS.test(name));

/** Two axes, or three with many channels; no pattern against two_theta. */
const couldBeMap = ({ signal, axisNames }: NexusData): boolean =>
  !axisNames.some((name) => /two.?theta|2th|tth/iu.test(name)) &&
  (signal.shape.length === 2 || (signal.shape.length === 3 && Math.max(...signal.shape) >= MIN_CHANNELS));

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
  return { kind: 'stack', format: 'NeXus energy stack', data, energyAxis, rowAxis, columnAxis, axes };
}

// ---------------------------------------------------------------- layouts of other programs

const maps = (root: H5GroupReader): MapLayout | null => {
  const group = root.groupAt('MAPS');
  return (group === null ? null : mapsFits(group)) ?? mapsRaw(root.groupAt('MAPS_RAW')) ?? mapsRaw(group);
};

/** Raw spectra of MAPS: data_a … data_d (one a detector) or mca_arr, as channel, row, column. */
function mapsRaw(group: H5GroupReader | null): SpectraLayout | null {
  if (group === null) return null;
  const detectors = group
    .names()
    .filter((name) => /^(?:data_[a-z0-9]+|mca_arr)$/u.test(name))
    .flatMap((name) => {
      const dataset = group.dataset(name);
      return dataset?.shape.length === 3 ? [{ name, dataset }] : [];
    });
  if (detectors.length === 0) return null;
  const axes = { x: group.dataset('x_axis'), y: group.dataset('y_axis'), transposed: false };
  return {
    kind: 'spectra',
    format: 'MAPS raw spectra',
    detectors,
    order: 'channel,row,column',
    axes,
    energy: group.dataset('energy'),
    times: group,
  };
}

/** Fitted maps of MAPS: XRF_fits with channel_names, or XRF_Analyzed/…/Counts_Per_Sec with Channel_Names. */
function mapsFits(group: H5GroupReader): ImagesLayout | null {
  const axes = { x: group.dataset('x_axis'), y: group.dataset('y_axis'), transposed: false };
  for (const kind of ['Fitted', 'NNLS', 'SVD', 'ROI']) {
    const analysed = group.groupAt(`XRF_Analyzed/${kind}`);
    const [values, names] = [analysed?.dataset('Counts_Per_Sec'), analysed?.dataset('Channel_Names')];
    if (values && names) return planes(`MAPS ${kind}`, values, names.texts(), axes);
  }
  const names = group.dataset('channel_names');
  for (const kind of ['XRF_fits', 'XRF_roi', 'XRF_roi_plus']) {
    const values = group.dataset(kind);
    if (values && names && values.shape.length === 3)
      return planes(`MAPS ${kind}`, values, names.texts(), axes);
  }
  return null;
}

const pyxrf = (root: H5GroupReader): MapLayout | null => {
  const group = root.groupAt('xrfmap');
  return group === null
    ? null
    : (pyxrfGroup(group.groupAt('detsum') ?? group, root) ?? pyxrfDetectors(group));
};

/** PyXRF: xrf_fit with its names, or counts as row, column, channel. */
function pyxrfGroup(group: H5GroupReader, root: H5GroupReader): MapLayout | null {
  const [fit, names] = [group.dataset('xrf_fit'), group.dataset('xrf_fit_name')];
  const axes = { x: null, y: null, transposed: false };
  if (fit && names) return planes('PyXRF fit', fit, names.texts(), axes);
  const counts = group.dataset('counts');
  if (counts?.shape.length !== 3 || root.groupAt('xrfmap') === null) return null;
  return {
    kind: 'spectra',
    format: 'PyXRF spectra',
    detectors: [{ name: 'detsum', dataset: counts }],
    order: 'row,column,channel',
    axes,
    energy: null,
    times: null,
  };
}

function pyxrfDetectors(group: H5GroupReader): SpectraLayout | null {
  const detectors = group
    .names()
    .filter((name) => /^det\d+$/u.test(name))
    .flatMap((name) => {
      const dataset = group.groupAt(name)?.dataset('counts');
      return dataset?.shape.length === 3 ? [{ name, dataset }] : [];
    });
  if (detectors.length === 0) return null;
  return {
    kind: 'spectra',
    format: 'PyXRF spectra',
    detectors,
    order: 'row,column,channel',
    axes: { x: null, y: null, transposed: false },
    energy: null,
    times: null,
  };
}

/** A plain group with images named after elements. */
function elementGroup(group: H5GroupReader): ImagesLayout | null {
  const signals = group.names().flatMap((name) => {
    const dataset = elementOfSignal(name) === null ? null : group.dataset(name);
    return dataset?.shape.length === 2 && dataset.isNumeric ? [{ name, dataset }] : [];
  });
  const first = signals[0];
  if (first === undefined) return null;
  const same = signals.filter(({ dataset }) => dataset.shape.join() === first.dataset.shape.join());
  return {
    kind: 'images',
    format: 'HDF5 element images',
    images: uniqueElements(same, group),
    axes: { x: group.dataset('x'), y: group.dataset('y'), transposed: false },
  };
}
