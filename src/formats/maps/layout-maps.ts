import type { H5DatasetReader, H5GroupReader } from '../common/hdf5.js';
import { deadTimeFactor } from './dead-time.js';
import {
  type ImagesLayout,
  type MapAxes,
  type MapLayout,
  planesOf,
  type Scaler,
  type SpectraLayout,
} from './layout.js';

/**
 * The files of MAPS and XRF-Maps (Advanced Photon Source): raw spectra under MAPS_RAW, and since version 10 everything
 * under MAPS in the groups Spectra, Scan, Scalers and XRF_Analyzed, before that directly under MAPS. Axes are in mm.
 */
export function mapsLayout(root: H5GroupReader): MapLayout | null {
  const group = root.groupAt('MAPS');
  const raw = root.groupAt('MAPS_RAW');
  return (
    (group && (fitted(group) ?? spectra(group.groupAt('Spectra'), group))) ??
    (raw && spectra(raw, raw)) ??
    (group && spectra(group, group))
  );
}

/** The layout of one group that a user names: MAPS, MAPS_RAW, MAPS/Spectra, MAPS/XRF_Analyzed or one of its methods. */
export function mapsGroup(item: H5GroupReader, root: H5GroupReader): MapLayout | null {
  if (!/^\/MAPS(?:_RAW)?(?:\/|$)/u.test(item.path)) return null;
  const whole = root.groupAt('MAPS') ?? item;
  const chosen =
    analysed(item, whole) ?? methods.flatMap((kind) => analysed(item.groupAt(kind), whole) ?? [])[0];
  return chosen ?? fitted(item) ?? spectra(item.groupAt('Spectra'), item) ?? spectra(item, whole);
}

function axesOf(group: H5GroupReader): MapAxes {
  const at = group.groupAt('Scan') ?? group;
  return { x: at.dataset('x_axis'), y: at.dataset('y_axis'), transposed: false, usualUnit: 'mm' };
}

/** Monitors, and the time that each pixel took. */
function scalersOf(group: H5GroupReader): Scaler[] {
  const time = group.groupAt('Spectra')?.dataset('Elapsed_Realtime') ?? group.dataset('realtime');
  const dwell = time && {
    name: 'realtime',
    read: time.shape.length === 3 ? plane(time, 0) : () => time.numbers(),
  };
  return [...monitorsOf(group), ...(dwell ? [dwell] : [])];
}

function monitorsOf(group: H5GroupReader): Scaler[] {
  const values = group.groupAt('Scalers')?.dataset('Values') ?? group.dataset('scalers');
  const names = (group.groupAt('Scalers')?.dataset('Names') ?? group.dataset('scaler_names'))?.texts() ?? [];
  if (values?.shape.length !== 3) return [];
  return names
    .slice(0, values.shape[0])
    .flatMap((name, i) => (name === '' ? [] : [{ name, read: plane(values, i) }]));
}

const plane =
  (dataset: H5DatasetReader, i: number): (() => Float64Array) =>
  () =>
    dataset.slab([[i, i + 1], ...dataset.shape.slice(1).map((side): [number, number] => [0, side])]);

/** Spectra of every detector (data_a …) or of their sum (mca_arr), as channel, row, column. */
function spectra(group: H5GroupReader | null, whole: H5GroupReader): SpectraLayout | null {
  if (group === null) return null;
  const found = group
    .names()
    .filter((name) => /^(?:data_[a-z0-9]+|mca_arr)$/u.test(name))
    .flatMap((name) => {
      const dataset = group.dataset(name);
      return dataset?.shape.length === 3 ? [{ name, dataset }] : [];
    });
  if (found.length === 0) return null;
  return {
    kind: 'spectra',
    format: 'MAPS raw spectra',
    detectors: found.map(({ name, dataset }, i) => ({
      name,
      dataset,
      deadTime: deadTimeOf(group, i, found.length),
    })),
    order: ['channel', 'row', 'column'],
    positions: null,
    axes: axesOf(whole),
    energy: group.dataset('Energy') ?? group.dataset('energy'),
    scalers: scalersOf(whole),
    incidentEnergy_eV: null,
  };
}

/** MAPS_RAW keeps triggers, events and times of each detector; later files live and real times of the sum. */
function deadTimeOf(
  group: H5GroupReader,
  detector: number,
  detectors: number,
): (() => Float64Array | null) | null {
  const read = (...names: string[]): Float64Array | null => {
    const dataset = names.map((name) => group.dataset(name)).find((found) => found !== null);
    if (!dataset?.isNumeric) return null;
    if (dataset.shape.length === 3 && dataset.shape[0]! >= detectors) return plane(dataset, detector)();
    return dataset.shape.length === 2 && detectors === 1 ? dataset.numbers() : null;
  };
  // XRF-Maps has put the output over input counts into the live time already; MAPS spells its dataset 'ouputcounts'.
  const summed = group.dataset('Elapsed_Livetime') !== null;
  return () =>
    deadTimeFactor({
      input: summed ? null : read('inputcounts'),
      output: summed ? null : read('ouputcounts', 'outputcounts'),
      live: read('livetime', 'Elapsed_Livetime'),
      real: read('realtime', 'Elapsed_Realtime'),
    });
}

const methods = ['NNLS', 'Hybrid_NNLS', 'Fitted', 'SVD', 'ROI'] as const;

/** Fitted maps: XRF_Analyzed/…/Counts_Per_Sec, or XRF_fits with channel_names; an array of zeros was never filled. */
function fitted(group: H5GroupReader): ImagesLayout | null {
  for (const kind of ['Fitted', ...methods.filter((method) => method !== 'Fitted')]) {
    const layout = analysed(group.groupAt(`XRF_Analyzed/${kind}`), group);
    if (layout !== null && isFilled(layout.images[0]!.dataset)) return layout;
  }
  const names = group.dataset('channel_names');
  for (const kind of ['XRF_fits', 'XRF_roi_plus', 'XRF_roi']) {
    const values = group.dataset(kind);
    if (values?.shape.length === 3 && names && isFilled(values))
      return images(kind, values, names.texts(), group);
  }
  return null;
}

function analysed(method: H5GroupReader | null, whole: H5GroupReader): ImagesLayout | null {
  const [values, names] = [method?.dataset('Counts_Per_Sec'), method?.dataset('Channel_Names')];
  if (!method || !values || !names) return null;
  return images(method.path.split('/').at(-1)!, values, names.texts(), whole);
}

const images = (
  kind: string,
  values: H5DatasetReader,
  names: string[],
  whole: H5GroupReader,
): ImagesLayout => ({
  kind: 'images',
  format: `MAPS ${kind}`,
  images: planesOf(values, names),
  axes: axesOf(whole),
  scalers: scalersOf(whole),
  positions: null,
  incidentEnergy_eV: null,
});

/** Whether any of the first planes holds anything but zeros. */
function isFilled(dataset: H5DatasetReader): boolean {
  for (let i = 0; i < Math.min(dataset.shape[0]!, 40); i++)
    if (plane(dataset, i)().some((value) => value !== 0)) return true;
  return false;
}
