import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { InputError, systemFault } from '../errors.js';
import { produceFolderAtomic } from '../formats/common/atomic.js';
import { NexusGroup, openHdf5 } from '../formats/common/nexus-tree.js';
import { formatPattern } from '../formats/patterns/pattern.js';
import { formatXdi } from '../formats/spectra/xdi-write.js';
import type { SimulatedMap } from './element-map.js';
import type { SimulatedStack } from './energy-stack.js';
import { experimentText } from './experiment-text.js';
import type { SimulatedExperiment } from './kim2024.js';
import type { SimulatedScan } from './line-scan.js';
import type { SimulatedSpectrum } from './spectrum-scan.js';
import { truthOf } from './truth.js';

/** What a simulated folder may hold; one that holds nothing else may be replaced. */
const OWN = new Set(['experiment.yaml', 'truth.json', 'uxrd', 'scan.h5', 'xas', 'xrf.h5', 'yk-stack.h5']);

/**
 * Writes the raw files, experiment.yaml and truth.json as one folder, which appears only when it is complete.
 * @returns the names of all files, relative to the folder
 * @throws InputError when the folder holds anything that was not simulated
 */
export async function writeExperiment(experiment: SimulatedExperiment, folder: string): Promise<string[]> {
  await refuseForeign(folder);
  const { settings, scan, spectra, map, stack } = experiment;
  return produceFolderAtomic(folder, async (root) => {
    const written: string[] = [];
    const text = async (name: string, content: string, mayCompress = true): Promise<void> => {
      const compress = settings.gzip && mayCompress;
      const path = compress ? `${name}.gz` : name;
      await writeFile(join(root, path), compress ? gzipSync(content, { level: 9 }) : content);
      written.push(path);
    };
    if (scan && settings['scan-file'] === 'h5') {
      await writeScan(join(root, 'scan.h5'), scan);
      written.push('scan.h5');
    } else if (scan) {
      await mkdir(join(root, 'uxrd'));
      for (const pattern of scan.patterns) await text(`uxrd/${pattern.label}.xye`, formatPattern(pattern));
      if (settings.positions === 'uneven')
        await text('uxrd/positions.csv', positionsCsv(scan, settings.gzip), false);
    }
    if (spectra.length > 0) await mkdir(join(root, 'xas'));
    for (const spectrum of spectra) await text(spectrum.file, xdiText(spectrum));
    if (map) {
      await writeMap(join(root, 'xrf.h5'), map, settings['map.pixel']);
      written.push('xrf.h5');
    }
    if (stack) {
      await writeStack(join(root, 'yk-stack.h5'), stack);
      written.push('yk-stack.h5');
    }
    await text('experiment.yaml', experimentText(experiment), false);
    await text('truth.json', `${JSON.stringify(truthOf(experiment), rounded, 2)}\n`, false);
    return written;
  });
}

/** Nine digits: more than anything is known to, and no binary dust. */
const rounded = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(9)) : value;

async function refuseForeign(folder: string): Promise<void> {
  const names = await readdir(folder).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return [];
    throw systemFault(thrown, folder) ?? thrown;
  });
  if (names.length === 0) return;
  const foreign = names.find((name) => !OWN.has(name));
  const truth = await readFile(join(folder, 'truth.json'), 'utf8').catch(() => '');
  if (foreign === undefined && truth.includes('interphase-truth/')) return;
  throw new InputError(
    foreign === undefined
      ? 'the folder was not made by a simulation'
      : `the folder holds '${foreign}', which a simulation would remove`,
    { path: folder },
    'give a new or empty folder with --out',
  );
}

function xdiText({ label, element, edge, columns, header }: SimulatedSpectrum): string {
  return formatXdi({
    title: `${element} ${edge} edge of ${label}, simulated`,
    format: 'XDI',
    element,
    edge,
    columns,
    metadata: { 'Facility.name': 'simulation', 'Beamline.name': 'interphase', ...header },
    muHint: null,
    warnings: [],
    stored: {},
  }).text;
}

async function writeNexus(path: string, title: string, fill: (entry: NexusGroup) => void): Promise<void> {
  const file = await openHdf5(path, 'w');
  try {
    const root = new NexusGroup(file as never).attribute('NX_class', 'NXroot').attribute('default', 'entry');
    const entry = root.child('entry', 'NXentry').text('title', title);
    fill(entry);
  } finally {
    file.close();
  }
}

const ramp = (n: number, step: number): Float64Array => Float64Array.from({ length: n }, (_, i) => i * step);

const positionsCsv = ({ patterns, positions_um }: SimulatedScan, gzip: boolean): string =>
  `${[
    'file,position_um',
    ...patterns.map(({ label }, i) => `${label}.xye${gzip ? '.gz' : ''},${positions_um[i]}`),
  ].join('\n')}\n`;

async function writeScan(path: string, { patterns, positions_um }: SimulatedScan): Promise<void> {
  const { twoTheta_deg } = patterns[0]!;
  const points = twoTheta_deg.length;
  const gather = (of: (index: number) => Float64Array): Float64Array => {
    const all = new Float64Array(patterns.length * points);
    patterns.forEach((_, i) => {
      all.set(of(i), i * points);
    });
    return all;
  };
  const shape = [patterns.length, points];
  await writeNexus(path, 'Diffraction line scan, simulated', (entry) => {
    entry.attribute('default', 'uxrd');
    entry
      .data('uxrd', 'intensity', ['position', 'two_theta'], 'Powder patterns')
      .numbers(
        'intensity',
        gather((i) => patterns[i]!.intensity),
        { shape, units: 'counts', longName: 'intensity (counts)' },
      )
      .numbers(
        'intensity_errors',
        gather((i) => patterns[i]!.sigma!),
        { shape, units: 'counts' },
      )
      .numbers('position', positions_um, { units: 'um', longName: 'position (um)' })
      .numbers('two_theta', twoTheta_deg, { units: 'deg', longName: '2theta (deg)' });
  });
}

async function writeMap(path: string, { map }: SimulatedMap, pixel_um: number): Promise<void> {
  const { nx, ny } = map.grid;
  await writeNexus(path, 'XRF map, simulated', (entry) => {
    entry.attribute('default', 'xrf');
    const [first, ...others] = map.images.map(({ element }) => element);
    const data = entry.data('xrf', first!, ['y', 'x'], 'XRF counts').attribute('auxiliary_signals', others);
    for (const { element, values } of map.images)
      data.numbers(element, values, {
        shape: [ny, nx],
        units: 'counts',
        longName: `${element} counts`,
        interpretation: 'image',
      });
    data.numbers('y', ramp(ny, pixel_um), { units: 'um', longName: 'y (um)' });
    data.numbers('x', ramp(nx, pixel_um), { units: 'um', longName: 'x (um)' });
    entry.numbers('incident_energy', map.incidentEnergy_eV!, { units: 'eV' });
  });
}

async function writeStack(path: string, stack: SimulatedStack): Promise<void> {
  const { counts, energies_eV, nx, ny, pixel_um } = stack;
  const whole = counts.every(Number.isInteger);
  await writeNexus(path, 'Y K energy stack, simulated', (entry) => {
    entry.attribute('default', 'stack');
    const data = entry.data('stack', 'counts', ['energy', 'y', 'x'], 'Y K fluorescence');
    data.numbers('counts', whole ? Int32Array.from(counts) : counts, {
      shape: [energies_eV.length, ny, nx],
      units: 'counts',
      longName: 'Y K fluorescence (counts)',
      interpretation: 'image',
    });
    data.numbers('energy', energies_eV, { units: 'eV', longName: 'energy (eV)' });
    data.numbers('y', ramp(ny, pixel_um), { units: 'um', longName: 'y (um)' });
    data.numbers('x', ramp(nx, pixel_um), { units: 'um', longName: 'x (um)' });
  });
}
