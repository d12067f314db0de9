import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Attribute, Dataset, Group } from 'h5wasm/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openHdf5 } from '../../src/formats/common/nexus-tree.js';
import { readResultNexus, writeResultNexus } from '../../src/formats/results/result-nexus.js';
import type { ResultBundle } from '../../src/result.js';
import { emptyBundle, fullBundle, partial, smallBundle } from '../support/bundle.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interphase-nexus-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const attribute = (of: Group | Dataset, name: string): unknown =>
  (of.attrs as Record<string, Attribute | undefined>)[name]?.value;

/** Follows `default` from the root as viewers do, and returns the path of the signal. */
async function defaultPlot(path: string): Promise<string> {
  const file = await openHdf5(path, 'r');
  try {
    let group = file as unknown as Group;
    let at = '';
    for (let next = attribute(group, 'default'); next !== undefined; next = attribute(group, 'default')) {
      at += `/${String(next)}`;
      group = group.get(String(next)) as Group;
    }
    expect(attribute(group, 'NX_class')).toBe('NXdata');
    return `${at}/${String(attribute(group, 'signal'))}`;
  } finally {
    file.close();
  }
}

async function written(name: string, bundle: ResultBundle): Promise<string> {
  const path = join(folder, `${name}.nxs`);
  await writeResultNexus(path, bundle);
  return path;
}

describe('result.nxs', () => {
  it('gives back every curve and map bit by bit', async () => {
    const bundle = fullBundle({ patterns: 7, pointsPerPattern: 700 });
    const { result: _, ...arrays } = bundle;
    expect(await readResultNexus(await written('full', bundle))).toEqual(arrays);
  });

  it('opens with the contour of the line scan, else a spectrum, else a map', async () => {
    expect(await defaultPlot(await written('scan', smallBundle()))).toBe(
      '/entry/line_scans/scan_0001_cross_section/patterns_0001/intensity',
    );
    expect(await defaultPlot(await written('spectra', partial('spectra')))).toBe(
      '/entry/spectra/spectrum_0001_KCl_Cl_K/normalized/norm',
    );
    expect(await defaultPlot(await written('maps', partial('maps')))).toBe(
      '/entry/maps/map_0001_xrf/layer_0001_Y/value',
    );
  });

  it('has an NX_class on every group and signal, axes and matching shapes on every NXdata', async () => {
    const file = await openHdf5(await written('structure', smallBundle()), 'r');
    let plots = 0;
    const walk = (group: Group, path: string): void => {
      expect(attribute(group, 'NX_class'), path).toMatch(/^NX/);
      if (attribute(group, 'NX_class') === 'NXdata') {
        plots++;
        const signal = group.get(String(attribute(group, 'signal'))) as Dataset;
        const axes = [attribute(group, 'axes')].flat() as string[];
        expect(signal.shape?.length, path).toBe(axes.length);
        axes.forEach((axis, i) => {
          if (axis === '.') return;
          expect((group.get(axis) as Dataset).shape, path).toEqual([signal.shape![i]]);
          expect(attribute(group, `${axis}_indices`), path).toBe(i);
          expect(attribute(group.get(axis) as Dataset, 'units'), `${path}/${axis}`).toMatch(
            /^(um|eV|degree)$/,
          );
        });
        const errors = group.get(`${String(attribute(group, 'signal'))}_errors`) as Dataset | null;
        if (errors !== null) expect(errors.shape, path).toEqual(signal.shape);
        expect(signal.dtype, path).toMatch(/^<[dB]$/);
      }
      for (const key of group.keys()) {
        const child = group.get(key)!;
        if ((child as Group).type === 'Group') walk(child as Group, `${path}/${key}`);
      }
    };
    walk(file as unknown as Group, '');
    file.close();
    expect(plots).toBeGreaterThan(15);
  });

  it('keeps patterns of different grids and unordered positions', async () => {
    const bundle = smallBundle();
    const scan = bundle.lineScans[0]!;
    scan.positions_um = Float64Array.of(6, 0, 4, 2);
    const patterns = [...scan.patterns];
    const other = patterns[2]!;
    scan.patterns = patterns;
    patterns[2] = {
      ...other,
      twoTheta_deg: other.twoTheta_deg.slice(1),
      observed: other.observed.slice(1),
      sigma: other.sigma.slice(1),
      calculated: new Float64Array(0),
      background: new Float64Array(0),
    };
    const path = await written('grids', bundle);
    expect((await readResultNexus(path)).lineScans).toEqual(bundle.lineScans);
    const file = await openHdf5(path, 'r');
    const position = file.get('entry/line_scans/scan_0001_cross_section/patterns_0001/position') as Dataset;
    expect([...(position.value as Float64Array)]).toEqual([0, 2, 6]);
    file.close();
  });

  it('shows a fit with all its parts', async () => {
    const file = await openHdf5(await written('parts', smallBundle()), 'r');
    const spectra = file.get('entry/spectra') as Group;
    const found = spectra.keys().map((name) => (spectra.get(name) as Group).get('peaks'));
    const peaks = found.find((one) => one !== null) as Group;
    const also = peaks.attrs.auxiliary_signals!.value as string[];
    expect(also.slice(0, 2)).toEqual(['fit', 'baseline']);
    expect(also.length).toBeGreaterThan(2);
    for (const name of also)
      expect((peaks.get(name) as Dataset).shape).toEqual((peaks.get('data') as Dataset).shape);
    file.close();
  });

  it('can be empty', async () => {
    expect(await readResultNexus(await written('empty', emptyBundle()))).toEqual({
      lineScans: [],
      spectra: [],
      maps: [],
    });
  });

  it('leaves nothing behind when writing fails, and the old file in place', async () => {
    const path = await written('kept', emptyBundle());
    const broken = smallBundle();
    Object.defineProperty(broken.spectra[0]!, 'flat', {
      get() {
        throw new Error('no space left');
      },
    });
    await expect(writeResultNexus(path, broken)).rejects.toThrow('no space left');
    expect((await readResultNexus(path)).spectra).toEqual([]);
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('is refused in plain words when it is missing, is no HDF5 or comes from elsewhere', async () => {
    await expect(readResultNexus(join(folder, 'nothing.nxs'))).rejects.toThrow(
      'cannot be read as an HDF5 file',
    );
    const text = join(folder, 'text.nxs');
    await writeFile(text, 'not HDF5 at all');
    await expect(readResultNexus(text)).rejects.toThrow('text.nxs: cannot be read as an HDF5 file');
    const foreign = join(folder, 'foreign.nxs');
    const file = await openHdf5(foreign, 'w');
    file.create_group('entry');
    file.close();
    await expect(readResultNexus(foreign)).rejects.toThrow('is not a result file');
  });
});
