import type { AxisName } from '../../measurement.js';
import { type H5DatasetReader, H5GroupReader } from '../common/hdf5.js';
import { tryNexusData } from '../common/nexus-data.js';
import { unitFactor } from '../common/units.js';
import { deadTimeFactor } from './dead-time.js';
import {
  type DetectorLayout,
  MIN_CHANNELS,
  nothingBeside,
  type Positions,
  type SpectraLayout,
} from './layout.js';
import { rotationOf } from './layout-nexus.js';

/**
 * Spectra in the detector groups of a NeXus file without an NXdata that shows them: NXfluo (entry/instrument/fluorescence),
 * and NXdetector groups as PyMca and beamlines write them, one a detector, with live times in them or in a group of
 * the same name. Or a scan as a list of points with one spectrum each (ESRF BLISS and the like), placed by its motors.
 */
export function detectorLayout(root: H5GroupReader): SpectraLayout | null {
  const groups = [...root.walk(6)].filter((item): item is H5GroupReader => item instanceof H5GroupReader);
  return gridded(groups, turnedShapes(groups)) ?? listed(groups);
}

const isSpectra = (dataset: H5DatasetReader | null, axes: number): dataset is H5DatasetReader =>
  dataset?.isNumeric === true &&
  dataset.shape.length === axes &&
  dataset.shape.at(-1)! >= MIN_CHANNELS &&
  dataset.shape.at(-1)! >= Math.max(...dataset.shape) / 16;

/** Shapes of what NXdata groups show as images of a sample that was turned: their detectors hold no map either. */
function turnedShapes(groups: H5GroupReader[]): Set<string> {
  const shown = groups.flatMap((group) => tryNexusData(group) ?? []);
  return new Set(shown.filter((data) => rotationOf(data) !== null).map(({ signal }) => signal.shape.join()));
}

const leaf = (path: string): string => path.split('/').at(-1)!;

function gridded(groups: H5GroupReader[], turned: ReadonlySet<string>): SpectraLayout | null {
  const detectors = groups.flatMap((group) => {
    if (group.nxClass !== 'NXdetector' && leaf(group.path) !== 'fluorescence') return [];
    const dataset = group.dataset('data') ?? group.dataset('counts');
    return isSpectra(dataset, 3) && !turned.has(dataset.shape.join()) ? [{ group, dataset }] : [];
  });
  const first = detectors[0];
  if (first === undefined) return null;
  const entry = `/${first.group.path.split('/')[1]}/`;
  const inEntry = detectors.filter(({ group }) => group.path.startsWith(entry));
  const same = inEntry.filter(({ dataset }) => dataset.shape.join() === first.dataset.shape.join());
  const monitors = groups.flatMap((group) => {
    const dataset =
      group.nxClass === 'NXmonitor' || leaf(group.path) === 'monitor' ? group.dataset('data') : null;
    return dataset?.isNumeric ? [{ name: leaf(group.path), read: () => dataset.numbers() }] : [];
  });
  return {
    ...nothingBeside,
    kind: 'spectra',
    format: 'NeXus detectors',
    detectors: same.map(({ group, dataset }): DetectorLayout => {
      const twins = groups.filter((other) => leaf(other.path) === leaf(group.path));
      return { name: leaf(group.path), dataset, deadTime: timesOf(twins, dataset) };
    }),
    order: ['row', 'column', 'channel'],
    energy: first.group.dataset('energy'),
    scalers: monitors,
    incidentEnergy_eV: incidentOf(groups),
  };
}

/** Live and real times beside the spectra, one a pixel (a single preset time serves all of them). */
function timesOf(groups: H5GroupReader[], spectra: H5DatasetReader): (() => Float64Array | null) | null {
  const pixels = spectra.size / spectra.shape.at(-1)!;
  const read = (...names: string[]): Float64Array | null => {
    for (const name of names) {
      for (const group of groups) {
        const dataset = group.dataset(name);
        if (!dataset?.isNumeric) continue;
        if (dataset.size === pixels) return dataset.numbers();
        if (dataset.size === 1) return new Float64Array(pixels).fill(dataset.numbers()[0]!);
      }
    }
    return null;
  };
  const holds = groups.some((group) =>
    group.names().some((name) => /^(?:live_time|icr|input_count_rate)$/u.test(name)),
  );
  if (!holds) return null;
  return () => {
    const [input, output] = [
      read('icr', 'input_count_rate'),
      read('ocr', 'output_count_rate', 'event_count_rate'),
    ];
    if (input !== null && output !== null) return deadTimeFactor({ input, output, live: null, real: null });
    const real = read('elapsed_time', 'real_time', 'preset_time', 'count_time');
    return deadTimeFactor({ input: null, output: null, live: read('live_time'), real });
  };
}

/** Incident energy from the wavelength or energy of the monochromator (NXfluo has the wavelength). */
function incidentOf(groups: H5GroupReader[]): number | null {
  const at = groups.find(
    ({ nxClass, path }) => nxClass === 'NXmonochromator' || leaf(path) === 'monochromator',
  );
  const one = (name: string): { value: number; unit: string } | null => {
    const dataset = at?.dataset(name);
    return dataset?.isNumeric && dataset.size === 1
      ? { value: dataset.numbers()[0]!, unit: dataset.units ?? '' }
      : null;
  };
  const [energy, wavelength] = [one('energy'), one('wavelength')];
  const eV =
    energy === null
      ? wavelength === null
        ? Number.NaN
        : hc_eV_um / (wavelength.value * (unitFactor(wavelength.unit, 'length') ?? Number.NaN))
      : energy.value * (unitFactor(energy.unit, 'energy') ?? Number.NaN);
  return eV > 100 && eV < 200_000 ? eV : null;
}

const hc_eV_um = 1.2398419843;

/**
 * A list of points: datasets [point, channel] beside two motors of one value a point in the same group. The title of the scan
 * ('amesh samy … samz …') says which motor is which, else the names of the motors do.
 */
function listed(groups: H5GroupReader[]): SpectraLayout | null {
  for (const group of groups) {
    const members = group.names().flatMap((name) => {
      const dataset = group.dataset(name);
      return dataset === null || !dataset.isNumeric ? [] : [{ name, dataset }];
    });
    const spectra = members.filter(({ dataset }) => isSpectra(dataset, 2));
    const points = spectra[0]?.dataset.shape[0];
    if (points === undefined || points < 4) continue;
    const same = spectra.filter(({ dataset }) => dataset.shape.join() === spectra[0]!.dataset.shape.join());
    const columns = members.filter(({ dataset }) => dataset.shape.length === 1 && dataset.size === points);
    const positions = motors(group, groups, columns);
    if (positions === null) continue;
    const taken = (name: string): boolean => positions.names.includes(name);
    return {
      ...nothingBeside,
      kind: 'spectra',
      format: 'HDF5 list of spectra',
      detectors: same.map(({ name, dataset }) => ({ name, dataset, deadTime: null })),
      order: ['point', 'channel'] satisfies AxisName[],
      positions,
      energy: null,
      scalers: columns
        .filter(({ name }) => !taken(name))
        .map(({ name, dataset }) => ({ name, read: () => dataset.numbers() })),
    };
  }
  return null;
}

function motors(
  group: H5GroupReader,
  groups: H5GroupReader[],
  columns: { name: string; dataset: H5DatasetReader }[],
): (Positions & { names: string[] }) | null {
  const parent = groups.find(({ path }) => path === group.path.replace(/\/[^/]*$/u, ''));
  const title = (group.dataset('title') ?? parent?.dataset('title'))?.text() ?? '';
  const words = /(?:mesh|map)\w*\s+(\S+)\s+\S+\s+\S+\s+\S+\s+(\S+)/u.exec(title);
  const named = (name: string | undefined, like: RegExp) =>
    columns.find((column) => column.name === name) ?? columns.find((column) => like.test(column.name));
  const x = named(words?.[1], /^(?:x|.*_x|pos_?x|sam_?x|sx)$/iu);
  const y = named(words?.[2], /^(?:y|.*_y|pos_?y|sam_?y|sy)$/iu);
  if (x === undefined || y === undefined || x === y) return null;
  return {
    names: [x.name, y.name],
    unit: x.dataset.units ?? y.dataset.units,
    read: () => ({ x: x.dataset.numbers(), y: y.dataset.numbers() }),
  };
}
