import { messageOf } from '../../errors.js';
import { counted } from '../../words.js';
import { H5DatasetReader, type H5GroupReader, withHdf5 } from '../common/hdf5.js';
import {
  azimuthAxis,
  diffractionAxis,
  type NexusData,
  nexusDataGroups,
  readNexusData,
} from '../common/nexus-data.js';
import { rangeOf } from '../common/range.js';
import { findMapLayout } from '../maps/find-layout.js';
import type { MapLayout } from '../maps/layout.js';
import { placesOf, scanAxes } from '../patterns/nexus-places.js';
import { statedWavelength_A } from '../patterns/nexus-wavelength.js';
import { readHdf5Scans } from '../spectra/nexus-xas.js';
import { layoutFinding } from './inspect-map.js';
import { describeSpectra, isSpectrum } from './inspect-spectra.js';
import { brief, type Finding, finding } from './inspection.js';

const MAX_LISTED = 60;

/** What an HDF5 file holds: every NXdata as the readers see it, other known layouts, and the list of its datasets. */
export async function inspectHdf5(path: string): Promise<Finding> {
  const found = await withHdf5(path, (root) => {
    const parts = nexusDataGroups(root).flatMap((group) => describeNexus(root, group) ?? []);
    const whole = otherLayout(root);
    // What a known program wrote is told as such; else its groups speak for themselves.
    const program = /^(?:MAPS|PyMca|PyXRF)/u.test(whole?.format ?? '');
    const layout = program || parts.every(({ kind }) => kind === 'table') ? whole : null;
    return {
      parts: layout === null ? parts : [layout, ...parts],
      listing: listing(root),
      program: root.attributeText('creator') ?? root.attributeText('program'),
    };
  });
  const { parts, listing: datasets } = found;
  const first = parts.find(({ kind }) => kind !== 'table') ?? (await spectraIn(path)) ?? parts[0];
  const known = parts.map(({ summary }) => summary);
  if (first === undefined) {
    return {
      recognised: false,
      kind: 'hdf5',
      format: 'HDF5',
      summary: 'HDF5 in no layout that is known here',
      details: datasets.lines,
      content: { datasets: datasets.items },
      warnings: [],
    };
  }
  return {
    ...first,
    summary: known.length > 1 ? `${first.format}: ${counted(known.length, 'group')} of data` : first.summary,
    details: [
      ...(known.length > 1 ? known : []),
      ...first.details,
      'datasets:',
      ...datasets.lines.map((line) => `  ${line}`),
    ],
    content: {
      ...first.content,
      groups: parts.map(({ kind, format, content }) => ({ kind, format, ...content })),
      datasets: datasets.items,
    },
  };
}

function listing(root: H5GroupReader): {
  lines: string[];
  items: { path: string; shape: number[]; units: string | null }[];
} {
  const items: { path: string; shape: number[]; units: string | null }[] = [];
  let more = 0;
  for (const item of root.walk()) {
    if (!(item instanceof H5DatasetReader)) continue;
    if (items.length >= MAX_LISTED) more++;
    else items.push({ path: item.path, shape: item.shape, units: item.units });
  }
  const lines = items.map(
    ({ path, shape, units }) =>
      `${path}  ${shape.length === 0 ? 'one value' : shape.join(' x ')}${units ? `  ${units}` : ''}`,
  );
  return { lines: more > 0 ? [...lines, `and ${more} more`] : lines, items };
}

function describeNexus(root: H5GroupReader, group: H5GroupReader): Finding | null {
  try {
    const data = readNexusData(group);
    const { shape } = data.signal;
    const angle = diffractionAxis(data);
    if (angle >= 0) return lineScan(data, angle, statedWavelength_A(root, group.path));
    if (shape.length === 3 && isStack(data)) return stack(data);
    if (shape.length === 2 || shape.length === 3)
      return mapFinding(findMapLayout(group, { role: 'xrf', data: group.path }), group.path);
    return finding(
      'table',
      'NeXus data',
      `${group.path}: signal ${data.signal.path.split('/').at(-1)} of ${shape.join(' x ') || 'one value'}`,
      [],
      { group: group.path, shape },
    );
  } catch (error) {
    return {
      ...finding('table', 'NeXus data', `${group.path}: cannot be read`, [], { group: group.path }),
      warnings: [messageOf(error)],
    };
  }
}

function lineScan(data: NexusData, angle: number, wavelength_A: number | null): Finding {
  const { group, signal, axes, axisNames } = data;
  const { shape } = signal;
  const around = azimuthAxis(data);
  const patterns = shape
    .filter((_, axis) => axis !== angle && axis !== around)
    .reduce((product, side) => product * side, 1);
  const words = axes.flatMap((axis, i) => {
    if (axisNames[i] === '.') return [];
    const range = axis === null ? null : rangeOf(axis.numbers());
    const sectors = i === around ? `${shape[i]} sectors, ` : '';
    return `${axisNames[i]} ${sectors}${range === null ? 'without values' : `${brief(range[0])} to ${brief(range[1])} ${axis!.units ?? '(no unit)'}`}`;
  });
  const positions = positionsOf(data, scanAxes(data, angle));
  const summary = `${group.path}: line scan of ${counted(patterns, 'pattern')} of ${counted(shape[angle]!, 'point')}`;
  return finding(
    'line-scan',
    'NeXus line scan',
    summary,
    [
      `axes: ${words.join(', ')}`,
      ...(positions.told ? [] : ['no positions: give them as positions: { start: 0 um, step: … }']),
      ...(wavelength_A === null ? [] : [`states ${brief(wavelength_A)} angstrom`]),
      `read it with file: … and data: ${group.path}`,
    ],
    {
      group: group.path,
      patterns,
      points: shape[angle],
      axes: axisNames,
      positions: positions.told,
      wavelength_A,
    },
    positions.warnings,
  );
}

/** Whether the frames of a scan have positions; a single pattern needs none. */
function positionsOf(data: NexusData, axes: number[]): { told: boolean; warnings: string[] } {
  try {
    const count = axes.reduce((product, axis) => product * data.signal.shape[axis]!, 1);
    return { told: count === 1 || placesOf(data, axes) !== null, warnings: [] };
  } catch (error) {
    return { told: false, warnings: [messageOf(error)] };
  }
}

/** An energy axis with few points is a stack of images; with many channels it is spectra. */
function isStack({ signal, axisNames }: NexusData): boolean {
  const energy = axisNames.findIndex((name) => /energy/iu.test(name));
  return energy >= 0 && signal.shape[energy]! <= 200 && !axisNames.some((name) => /channel/iu.test(name));
}

function stack({ group, signal, axes, axisNames }: NexusData): Finding {
  const at = axisNames.findIndex((name) => /energy/iu.test(name));
  const energies = axes[at]?.numbers() ?? new Float64Array();
  const images = signal.shape.filter((_, axis) => axis !== at);
  const unit = axes[at]?.units ?? '(no unit)';
  return finding(
    'energy-stack',
    'NeXus energy stack',
    `${group.path}: energy stack of ${counted(signal.shape[at]!, 'image')} of ${images.join(' x ')} pixels`,
    [`energies: ${Array.from(energies.subarray(0, 20), brief).join(', ')} ${unit}`],
    { group: group.path, energies: [...energies], unit, image: images },
  );
}

const mapFinding = (layout: MapLayout, path: string): Finding =>
  layout.kind === 'stack' ? stack(layout.data) : layoutFinding(layout, path);

function otherLayout(root: H5GroupReader): Finding | null {
  try {
    return mapFinding(findMapLayout(root, { role: 'xrf', data: null }), root.path);
  } catch {
    return null;
  }
}

async function spectraIn(path: string): Promise<Finding | null> {
  try {
    const scans = (await readHdf5Scans(path, null)).filter(isSpectrum);
    return scans.length > 0 ? describeSpectra(scans) : null;
  } catch {
    return null;
  }
}
