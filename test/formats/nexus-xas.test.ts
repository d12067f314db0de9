import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { inspectFile } from '../../src/formats/inspect/inspect.js';
import { guessEdge } from '../../src/formats/spectra/guess-edge.js';
import { readSpectrumScans } from '../../src/formats/spectra/spectrum-file.js';
import { spectrumFromScan } from '../../src/formats/spectra/spectrum-from-scan.js';
import { folderWith } from '../support/folder.js';
import { type Tree, writeHdf5 } from '../support/hdf5.js';

const energies = Float64Array.from({ length: 200 }, (_, i) => 8800 + 2.5 * i);
const mu = energies.map((e) => 0.3 + 0.5 + Math.atan((e - 8984) / 2) / Math.PI);
const before = energies.map(() => 1e5);
const behind = mu.map((value) => 1e5 * Math.exp(-value));
const reference = mu.map((value, i) => behind[i]! * Math.exp(-0.7 * value));
const yields = mu.map((value) => 2e4 * value);
const eV = { data: energies, attributes: { units: 'eV' } };

/** The file of NXxas: entry with instrument, and an NXdata that repeats energy and signal. */
const nxxas = (signal: Float64Array, mode: string): Tree => ({
  entry: {
    '@NX_class': 'NXentry',
    definition: { data: 'NXxas' },
    title: { data: 'a scan' },
    instrument: {
      '@NX_class': 'NXinstrument',
      monochromator: { '@NX_class': 'NXmonochromator', energy: eV },
      incoming_beam: { '@NX_class': 'NXdetector', data: { data: before } },
      absorbed_beam: { '@NX_class': 'NXdetector', data: { data: signal } },
    },
    data: {
      '@NX_class': 'NXdata',
      '@signal': 'absorbed_beam',
      energy: eV,
      absorbed_beam: { data: signal },
      mode: { data: mode },
    },
  },
});

async function read(tree: Tree): Promise<{ scans: number; format: string; mu: number; source: unknown }> {
  const path = await writeHdf5(join(folderWith({}), 'a.nxs'), tree);
  const scans = await readSpectrumScans(path);
  expect((await inspectFile(path)).kind).toBe('spectra');
  const scan = scans[0]!;
  expect(guessEdge(scan)!.edge).toMatchObject({ element: 'Cu', edge: 'K' });
  const spectrum = spectrumFromScan(scan, { element: 'Cu', edge: 'K', label: 'a' });
  return { scans: scans.length, format: scan.format, mu: spectrum.mu.at(-1)!, source: spectrum.source };
}

describe('spectra in HDF5', () => {
  it('NXxas: the beam before the sample stands in the instrument', async () => {
    const transmitted = await read(nxxas(behind, 'Transmission'));
    expect(transmitted).toMatchObject({ scans: 1, format: 'NeXus NXxas', source: 'transmission' });
    expect(transmitted.mu).toBeCloseTo(mu.at(-1)!, 9);
    const emitted = await read(nxxas(yields, 'Fluorescence Yield'));
    expect(emitted.source).toBe('fluorescence');
    expect(emitted.mu).toBeCloseTo(0.2 * mu.at(-1)!, 9);
  });

  it('NXxas in its newer form names element and edge', async () => {
    const path = await writeHdf5(join(folderWith({}), 'a.nxs'), {
      entry: {
        '@NX_class': 'NXentry',
        definition: { data: 'NXxas' },
        element: { symbol: { data: 'Cu' } },
        edge: { name: { data: 'K' } },
        data: { '@NX_class': 'NXdata', '@signal': 'intensity', energy: eV, intensity: { data: mu } },
      },
    });
    const [scan] = await readSpectrumScans(path);
    expect([scan!.element, scan!.edge]).toEqual(['Cu', 'K']);
    const said: string[] = [];
    spectrumFromScan(scan!, { element: 'Cu', edge: 'K', label: 'a', warn: (message) => said.push(message) });
    expect(said.join()).toMatch(/'intensity' is its only other column/u);
  });

  it.each<[string, Tree]>([
    [
      'Diamond GDA',
      {
        entry1: {
          qexafs_counterTimer01: {
            qexafs_energy: eV,
            I0: { data: before },
            It: { data: behind },
            Iref: { data: reference },
            lnI0It: { data: mu },
          },
        },
      },
    ],
    [
      'SOLEIL, by the long names',
      {
        scan_1: {
          scan_data: {
            '@NX_class': 'NXdata',
            actuator_1_1: { data: energies, attributes: { long_name: 'd09-1-c00/ex/energy.1/energy' } },
            data_01: { data: before, attributes: { long_name: 'd09-1-cx1/dt/ic.1/I0' } },
            data_02: { data: behind, attributes: { long_name: 'd09-1-cx1/dt/ic.1/I1' } },
          },
        },
      },
    ],
    [
      'BLISS, in keV and beside a circle called mu',
      {
        '1.1': {
          measurement: {
            energy_enc: { data: energies.map((e) => e / 1000) },
            mon: { data: before },
            I1: { data: behind },
            mu: { data: energies.map(() => 3), attributes: { units: 'deg' } },
          },
        },
      },
    ],
  ])('%s', async (_name, tree) => {
    const found = await read(tree);
    expect(found.source).toBe('transmission');
    expect(found.mu).toBeCloseTo(mu.at(-1)!, 9);
  });
});

describe('a table of records', () => {
  const path = fileURLToPath(new URL('../support/record-table.h5', import.meta.url));

  it('is a spectrum where its members are columns with an energy', async () => {
    for (const group of [null, '/scans/first']) {
      const [scan, ...others] = await readSpectrumScans(path, group);
      expect(others).toEqual([]);
      expect(scan).toMatchObject({ format: 'HDF5 table', element: 'Cu', edge: 'K', title: '/scans/first' });
      expect(scan!.columns.map(({ name, role }) => [name, role])).toEqual([
        ['energy', 'energy'],
        ['i0', 'i0'],
        ['it', 'itrans'],
      ]);
      const spectrum = spectrumFromScan(scan!, { element: 'Cu', edge: 'K', label: 'a' });
      expect(spectrum.mu.at(-1)).toBeCloseTo(0.5 + Math.atan(60) / Math.PI, 4);
    }
    expect((await inspectFile(path)).summary).toBe('one spectrum, HDF5 table');
  });
});
