import type { H5GroupReader } from '../common/hdf5.js';
import { type MapLayout, noAxes, type Positions, planesOf, type Scaler } from './layout.js';

/**
 * The files of PyXRF (NSLS-II): /xrfmap with detsum or det1 … (counts as row, column, channel; xrf_fit with its names),
 * positions and scalers. Positions carry no unit.
 */
export function pyxrfLayout(root: H5GroupReader): MapLayout | null {
  const map = root.groupAt('xrfmap');
  if (map === null) return null;
  return pyxrfGroup(map.groupAt('detsum') ?? map, root) ?? separate(map);
}

/** One group of it: the sum or a single detector. */
export function pyxrfGroup(group: H5GroupReader, root: H5GroupReader): MapLayout | null {
  const map = root.groupAt('xrfmap');
  if (map === null) return null;
  const [fit, names] = [group.dataset('xrf_fit'), group.dataset('xrf_fit_name')];
  if (fit?.shape.length === 3 && names)
    return {
      kind: 'images',
      format: 'PyXRF fit',
      images: planesOf(fit, names.texts()),
      axes: noAxes,
      ...beside(map),
    };
  const counts = group.dataset('counts');
  return counts?.shape.length === 3
    ? spectra(map, [{ name: group.path.split('/').at(-1)!, dataset: counts }])
    : null;
}

function separate(map: H5GroupReader): MapLayout | null {
  const detectors = map
    .names()
    .filter((name) => /^det\d+$/u.test(name))
    .flatMap((name) => {
      const dataset = map.groupAt(name)?.dataset('counts');
      return dataset?.shape.length === 3 ? [{ name, dataset }] : [];
    });
  return detectors.length === 0 ? null : spectra(map, detectors);
}

const spectra = (
  map: H5GroupReader,
  detectors: { name: string; dataset: NonNullable<ReturnType<H5GroupReader['dataset']>> }[],
): MapLayout => ({
  kind: 'spectra',
  format: 'PyXRF spectra',
  detectors: detectors.map((detector) => ({ ...detector, deadTime: null })),
  order: ['row', 'column', 'channel'],
  axes: noAxes,
  energy: null,
  ...beside(map),
});

const beside = (
  map: H5GroupReader,
): { scalers: Scaler[]; incidentEnergy_eV: number | null; positions: Positions | null } => ({
  scalers: scalersOf(map),
  incidentEnergy_eV: incidentOf(map),
  positions: positionsOf(map),
});

/** Values as row, column, scaler. */
function scalersOf(map: H5GroupReader): Scaler[] {
  const values = map.groupAt('scalers')?.dataset('val');
  const names = map.groupAt('scalers')?.dataset('name')?.texts() ?? [];
  if (values?.shape.length !== 3) return [];
  const [ny, nx, count] = values.shape as [number, number, number];
  return names.slice(0, count).map((name, i) => ({
    name,
    read: () =>
      values.slab([
        [0, ny],
        [0, nx],
        [i, i + 1],
      ]),
  }));
}

/** Positions as axis, row, column. */
function positionsOf(map: H5GroupReader): Positions | null {
  const values = map.groupAt('positions')?.dataset('pos');
  if (values?.shape.length !== 3 || values.shape[0] !== 2) return null;
  const names = map.groupAt('positions')?.dataset('name')?.texts() ?? [];
  const [, ny, nx] = values.shape as [number, number, number];
  const first = /y/iu.test(names[0] ?? '') ? 'y' : 'x';
  const axis = (i: number): Float64Array =>
    values.slab([
      [i, i + 1],
      [0, ny],
      [0, nx],
    ]);
  return {
    unit: values.units,
    read: () => (first === 'x' ? { x: axis(0), y: axis(1) } : { x: axis(1), y: axis(0) }),
  };
}

function incidentOf(map: H5GroupReader): number | null {
  const text = map.groupAt('scan_metadata')?.attributeText('instrument_mono_incident_energy') ?? '';
  const keV = text === '' ? Number.NaN : Number(text);
  return keV > 0.5 && keV < 200 ? keV * 1000 : null;
}
