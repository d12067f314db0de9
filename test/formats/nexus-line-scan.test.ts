import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DiffractionEntry } from '../../src/experiment.js';
import { draftExperiment } from '../../src/formats/draft-experiment.js';
import { inspectFile } from '../../src/formats/inspect/inspect.js';
import { readLineScan } from '../../src/formats/patterns/line-scan.js';
import { folderWith } from '../support/folder.js';
import { type Tree, writeHdf5 } from '../support/hdf5.js';
import { readNexusLineScan, type WholeScan } from '../support/nexus-line-scan.js';

const axis = (values: number[], units: string) => ({
  data: Float64Array.from(values),
  attributes: { units },
});
const signal = (
  shape: number[],
  value: (index: number[]) => number,
): { data: Float64Array; shape: number[] } => {
  const size = shape.reduce((a, b) => a * b, 1);
  const data = Float64Array.from({ length: size }, (_, flat) => {
    let rest = flat;
    const index = [...shape].reverse().map((side) => {
      const at = rest % side;
      rest = (rest - at) / side;
      return at;
    });
    return value(index.reverse());
  });
  return { data, shape };
};
const write = async (group: Tree): Promise<string> =>
  writeHdf5(join(folderWith({}), 'scan.h5'), {
    entry: { uxrd: { '@NX_class': 'NXdata', '@signal': 'i', ...group } },
  });
const read = async (group: Tree, wavelength: number | null = null): Promise<WholeScan> =>
  readNexusLineScan(await write(group), '/entry/uxrd', wavelength);

const positions = axis([0, 0.002], 'mm');
const angle = axis([10, 11, 12], 'deg');
const plain = {
  '@axes': ['position', 'two_theta'],
  position: positions,
  two_theta: angle,
  i: signal([2, 3], ([p, a]) => 10 * p! + a!),
};

describe('a line scan in HDF5', () => {
  it('comes with positions in um, whichever axis is first', async () => {
    const turned = {
      ...plain,
      '@axes': ['two_theta', 'position'],
      i: signal([3, 2], ([a, p]) => 10 * p! + a!),
    };
    for (const scan of [await read(plain), await read(turned)]) {
      expect([...scan.positions_um!]).toEqual([0, 2]);
      expect(scan.patterns.map(({ intensity }) => [...intensity])).toEqual([
        [0, 1, 2],
        [10, 11, 12],
      ]);
      expect(scan.patterns[0]!.sigma).toBeNull();
    }
    expect((await read({ ...plain, i_errors: signal([2, 3], () => 2) })).patterns[1]!.sigma![0]).toBe(2);
    expect(
      (await read({ ...plain, two_theta: axis([0.1, 0.2, 0.3], 'rad') })).patterns[0]!.twoTheta_deg[0],
    ).toBeCloseTo(5.7296, 4);
  });

  /** As pyFAI-diffmap 2026.9 writes it: angles first, frames counted without a unit, the geometry as a note beside. */
  it("is read as pyFAI's diff_map lays it out, in one line or in rows", async () => {
    const map = (slow: number, fast: number, counted: (i: number) => number) =>
      writeHdf5(join(folderWith({}), 'diffmap.h5'), {
        '@default': 'entry_0000',
        entry_0000: {
          '@NX_class': 'NXentry',
          '@default': 'pyFAI/result',
          pyFAI: {
            '@NX_class': 'NXprocess',
            configuration: {
              '@NX_class': 'NXnote',
              data: { data: '{"poni": {"dist": 0.1, "wavelength": 1.2398e-10}}' },
            },
            result: {
              '@NX_class': 'NXdata',
              '@signal': 'map',
              '@axes': ['2th', 'slow', 'fast'],
              '2th': { data: Float64Array.of(10, 11, 12), attributes: { unit: 'deg' } },
              slow: { data: Float64Array.from({ length: slow }, (_, i) => i) },
              fast: { data: Float64Array.from({ length: fast }, (_, i) => counted(i)) },
              map: signal([3, slow, fast], ([a, s, f]) => 100 * s! + 10 * f! + a!),
            },
          },
        },
      });
    const line = await readNexusLineScan(await map(1, 4, (i) => i), null);
    expect([...line.patterns[3]!.intensity]).toEqual([30, 31, 32]);
    expect(line.positions_um).toBeNull();
    expect(line.wavelength_A).toBeCloseTo(1.2398, 9);
    const rows = await readNexusLineScan(await map(2, 3, (i) => i), null);
    expect([...rows.rows]).toEqual([0, 0, 0, 1, 1, 1]);
    expect([...rows.patterns[4]!.intensity]).toEqual([110, 111, 112]);
    // a motor without a unit is a fault, unless the positions are told otherwise
    const motor = await map(1, 4, (i) => 5 + 2 * i);
    await expect(readNexusLineScan(motor, null)).rejects.toThrow(/fast: has no attribute 'units'/);
    expect((await readNexusLineScan(motor, null, null, false)).positions_um).toBeNull();
    const found = await inspectFile(await map(1, 4, (i) => i));
    expect(found.content).toMatchObject({ patterns: 4, positions: false });
    const { text } = await draftExperiment(dirname(found.file));
    expect(text).toMatch(
      /data: \/entry_0000\/pyFAI\/result {3}# 4 patterns\n {4}wavelength: 1\.2398 angstrom/,
    );
    expect(text).toMatch(/positions: \{ start: 0 um, step: \} {3}# CHOOSE/);
  });

  it('leaves out sectors where the detector ends, which programs fill with zeros', async () => {
    // the second of three sectors sees the outer half of the rings only; a single zero of the third is a measured one
    const value = ([frame, sector, angle]: number[]): number =>
      (sector === 1 && angle! < 10) || (sector === 2 && angle === 4 && frame === 0)
        ? 0
        : 10 + frame! + sector!;
    const angles = Array.from({ length: 20 }, (_, i) => 10 + i);
    const file = await write({
      '@axes': ['position', 'azimuthal', 'two_theta'],
      position: axis([0, 2], 'um'),
      azimuthal: axis([0, 60, 120], 'deg'),
      two_theta: axis(angles, 'deg'),
      i: signal([2, 3, 20], value),
    });
    const [first, second] = (await readNexusLineScan(file, null)).patterns;
    expect(second!.intensity[0]).toBe(12); // of 11 and 13
    expect(second!.sigma![0]).toBe(1);
    expect(second!.intensity[19]).toBe(12); // of 11, 12 and 13
    expect(first!.intensity[4]).toBe(5); // of 10 and 0
  });

  it('tells a wavelength that the file states otherwise', async () => {
    const file = await writeHdf5(join(folderWith({}), 'scan.h5'), {
      entry: {
        '@NX_class': 'NXentry',
        instrument: {
          monochromator: { wavelength: { data: Float64Array.of(0.1), attributes: { units: 'nm' } } },
        },
        scan: {
          '@NX_class': 'NXdata',
          '@signal': 'i',
          '@axes': ['position', 'two_theta'],
          position: axis([0, 2], 'um'),
          two_theta: axis([10, 11, 12], 'deg'),
          i: signal([2, 3], () => 1),
        },
      },
    });
    expect((await readNexusLineScan(file, null)).wavelength_A).toBeCloseTo(1, 9);
    const told: string[] = [];
    const entry = {
      name: 'scan',
      source: { file, data: null },
      wavelength_A: 1.2398,
      positions: null,
      phases: [],
    } as unknown as DiffractionEntry;
    await readLineScan(entry, { warn: (message) => told.push(message), error: () => {} });
    expect(told).toContain("it states 1 angstrom, the experiment 1.2398: the experiment's is used");
  });

  /** The layouts, names and attributes of pyFAI 2026.9: HDF5Writer, save_NXmonpd and save_NXcansas. */
  it("is read as pyFAI's writers lay it out, with sectors and without a motor", async () => {
    const radial = {
      data: Float64Array.of(10, 11, 12),
      attributes: { name: '2th', unit: 'deg', long_name: 'Diffraction radial direction 2th (deg)' },
    };
    const chi = {
      data: Float64Array.of(-90, 90),
      attributes: { unit: 'deg', long_name: 'Azimuthal angle χ (degree)' },
    };
    const results = { '@NX_class': 'NXdata', '@signal': 'data', radial };
    const file = (group: Tree): Promise<string> =>
      writeHdf5(join(folderWith({}), 'pyfai.h5'), {
        entry_0000: { fast: { data: new Float64Array(2) }, integrate: { results: { ...results, ...group } } },
      });
    const flat = await readNexusLineScan(
      await file({ '@axes': ['.', 'fast', 'radial'], data: signal([1, 2, 3], ([, p, a]) => 10 * p! + a!) }),
      null,
    );
    expect(flat.patterns.map(({ intensity }) => [...intensity])).toEqual([
      [0, 1, 2],
      [10, 11, 12],
    ]);
    expect([...flat.patterns[1]!.twoTheta_deg]).toEqual([10, 11, 12]);
    expect(flat.positions_um).toBeNull();
    const around = await readNexusLineScan(
      await file({
        '@axes': ['.', 'fast', 'chi', 'radial'],
        chi,
        fast: { data: new Float64Array(2) }, // no motor was told
        data: signal([1, 2, 2, 3], ([, p, c, a]) => 10 * p! + a! + (c === 0 ? -0.5 : 0.5)),
      }),
      null,
    );
    expect([...around.patterns[1]!.intensity]).toEqual([10, 11, 12]);
    expect([...around.patterns[1]!.sigma!]).toEqual([0.5, 0.5, 0.5]);
    expect(around.positions_um).toBeNull();
    const inUnits = axis([10, 11, 12], '2th_deg');
    const layouts: Tree[] = [
      {
        '@signal': 'data',
        '@axes': ['polar_angle'],
        polar_angle: inUnits,
        errors: { data: Float64Array.of(1, 2, 3) },
      },
      {
        '@signal': 'I',
        '@axes': ['Q'],
        Q: inUnits,
        I: { data: Float64Array.of(5, 6, 7), attributes: { uncertainties: 'Idev' } },
        Idev: { data: Float64Array.of(1, 2, 3) },
      },
    ];
    for (const one of layouts) {
      const data = { data: Float64Array.of(5, 6, 7) };
      const path = await writeHdf5(join(folderWith({}), 'one.h5'), {
        entry: { results: { '@NX_class': 'NXdata', data, ...one } },
      });
      const { patterns } = await readNexusLineScan(path, null);
      expect([...patterns[0]!.twoTheta_deg]).toEqual([10, 11, 12]);
      expect([...patterns[0]!.intensity]).toEqual([5, 6, 7]);
      expect([...patterns[0]!.sigma!]).toEqual([1, 2, 3]);
    }
  });

  it('comes in rows, whichever of row and position is outer', async () => {
    const rows = {
      '@axes': ['y', 'position', 'two_theta'],
      y: axis([0, 5, 10], 'um'),
      position: positions,
      two_theta: angle,
      i: signal([3, 2, 3], ([r, p]) => 10 * r! + p!),
    };
    const scan = await read(rows);
    expect([...scan.rows]).toEqual([0, 0, 1, 1, 2, 2]);
    expect([...scan.positions_um!]).toEqual([0, 2, 0, 2, 0, 2]);
    expect(scan.patterns.map(({ intensity }) => intensity[0])).toEqual([0, 1, 10, 11, 20, 21]);
    const other = await read({
      ...rows,
      '@axes': ['position', 'y', 'two_theta'],
      i: signal([2, 3, 3], ([p, r]) => 10 * r! + p!),
    });
    expect([...other.rows]).toEqual([0, 1, 2, 0, 1, 2]);
    expect(
      other.patterns.map(
        ({ intensity }, i) => intensity[0] === 10 * other.rows[i]! + other.positions_um![i]! / 2,
      ),
    ).not.toContain(false);
  });

  it('averages azimuthal sectors and takes their scatter as uncertainty', async () => {
    const values = [1, 3, 8, Number.NaN];
    const scan = await read({
      '@axes': ['position', 'chi', '2th'],
      position: positions,
      chi: axis([0, 90, 180, 270], 'deg'),
      '2th': angle,
      i: signal([2, 4, 3], ([, k]) => values[k!]!),
    });
    expect(scan.patterns).toHaveLength(2);
    expect(scan.patterns[0]!.intensity[0]).toBe(4);
    expect(scan.patterns[0]!.sigma![0]).toBeCloseTo(Math.sqrt((9 + 1 + 16) / 6), 12);
    expect(scan.warnings.join()).toMatch(/4 azimuthal sectors/u);
  });

  it('turns q into 2theta with the wavelength', async () => {
    const q = { '@axes': ['position', 'q'], position: positions, q: axis([10, 20, 30], 'nm^-1'), i: plain.i };
    expect((await read(q, 1)).patterns[0]!.twoTheta_deg[1]).toBeCloseTo(
      (360 / Math.PI) * Math.asin(2 / (4 * Math.PI)),
      10,
    );
    await expect(read(q)).rejects.toThrow(/needs the wavelength/u);
  });

  it('may take its positions from the experiment file', async () => {
    const file = await write({ '@axes': ['.', 'two_theta'], two_theta: angle, i: plain.i });
    const entry: DiffractionEntry = {
      name: 's',
      source: { file, data: null },
      wavelength_A: 1,
      integration: 'lab',
      beam_um: null,
      positions: null,
      phases: [],
      dopant: null,
      line: 1,
    };
    const said: string[] = [];
    const notes = {
      warn: (message: string) => said.push(message),
      error: (message: string) => said.push(message),
    };
    await expect(readLineScan(entry, notes)).rejects.toThrow(/no position axis/u);
    const scan = await readLineScan({ ...entry, positions: { start_um: 8, step_um: -4 } }, notes);
    expect([...scan.positions_um]).toEqual([8, 4]);
    expect([scan.beam_um, said.join()]).toEqual([4, expect.stringMatching(/no 'beam'/u)]);
  });
});
