import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { withHdf5 } from '../../src/formats/common/hdf5.js';
import { openInput, textOf } from '../../src/formats/common/input.js';
import { inspectFile } from '../../src/formats/inspect/inspect.js';
import { readMap } from '../../src/formats/maps/map-file.js';
import { parseTextMap } from '../../src/formats/maps/map-text.js';
import { parsePattern } from '../../src/formats/patterns/pattern.js';
import { readSpectrumScans } from '../../src/formats/spectra/spectrum-file.js';
import { folderWith } from '../support/folder.js';
import { writeHdf5 } from '../support/hdf5.js';
import { mapEntry } from '../support/map-entry.js';
import { readNexusLineScan } from '../support/nexus-line-scan.js';
import { randomStream } from '../support/random-bytes.js';
import { describeReal, sharedData } from '../support/shared-data.js';

/** Whatever comes out must be a result or an InputError of one line, never another kind of error. */
async function survives(read: () => unknown): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.message.length).toBeLessThan(2000);
  }
}

const readers = (path: string): (() => unknown)[] => {
  const entry = mapEntry({ file: path, data: null }, { pixel_um: { x: 1, y: 1 } });
  return [
    () => inspectFile(path),
    () => readSpectrumScans(path),
    () => parsePattern(textOf(openInput(path)), path),
    () => parseTextMap(textOf(openInput(path)), path, null, null, () => undefined),
    () => readMap(entry, () => undefined),
    () => readMap({ ...entry, role: 'energy-stack', element: 'Y', edge: 'K' }, () => undefined),
    () => readNexusLineScan(path, null),
  ];
};

describe('files that are not what they seem', () => {
  it.each([
    ['nothing', ''],
    ['a byte', '\0'],
    ['white space', ' \n\t\n'],
    ['only a comment', '# XDI/1.0\n'],
    ['a header without data', '# XDI/1.0\n# Column.1: energy eV\n# ---\n# energy\n'],
    ['an Athena project that is cut', "# Athena project file\n$old_group = 'a';\n@args = ('label','a'\n"],
    [
      'an Athena project with lists of unequal length',
      "# Athena project file\n$old_group = 'a';\n@args = ('label','a');\n@x = ('1','2');\n@y = ('1');\n",
    ],
    [
      'an Athena project of words',
      "# Athena project file\n$old_group = 'a';\n@args = ('label','a');\n@x = ('one');\n@y = ('1');\n",
    ],
    [
      'deep Perl lists',
      `# Athena project file\n$old_group = 'a';\n@args = ${'('.repeat(3)}${'['.repeat(100_000)}\n`,
    ],
    [
      'SSRL binary without data',
      `SSRL - EXAFS Data Collector 2.0       \n\0PTS: 999999999 COLS: 79\n\0${' '.repeat(900)}`,
    ],
    [
      'SSRL binary with many columns',
      `SSRL - EXAFS Data Collector 2.0       \n\0PTS: 10 COLS: 999999999\n\0${' '.repeat(900)}`,
    ],
    ['SSRL text without rows', 'SSRL   EXAFS Data Collector 1.3\nPTS: 5 COLS: 2\nData:\na\nb\n'],
    ['a SPEC file without rows', '#S 1 a\n#L energy  i0\n'],
    ['a SMAK file without rows', '* Abscissa points : 3\n* Data Labels : a b\n* DATA\n'],
    ['GSAS data without rows', 'title\nBANK 1 3 3 CONST 1000 50 0 0 FXYE\n'],
    ['KEK-PF without d-spacing', '  9809     KEK-PF  BL12C\n Offset\n 1 2 3 4\n'],
    ['Lytle without mono', ' NPTS NS CUEDGE CUHITE\n\n1 2 3\n'],
    ['very long lines', `${'1 '.repeat(200_000)}\n`],
    ['very many short lines', '1\n'.repeat(200_000)],
    ['numbers beyond all bounds', '1e999 1\n-1e999 2\n1e-999 3\n'],
    [
      'a TIFF of huge size',
      `II*\0\x08\0\0\0\x02\0${'\0\x01\x04\0\x01\0\0\0\xff\xff\xff\x7f'}${'\x01\x01\x04\0\x01\0\0\0\xff\xff\xff\x7f'}\0\0\0\0`,
    ],
    ['an HDF5 signature alone', '\x89HDF\r\n\x1a\n'],
    ['a gzip signature alone', '\x1f\x8b\x08'],
    [
      'words that make slow patterns',
      `${'a: '.repeat(50_000)}\n${'#'.repeat(50_000)}\n${' '.repeat(50_000)}x\n`,
    ],
  ])('%s', async (_name, content) => {
    const path = join(folderWith({ 'a.dat': Buffer.from(content, 'latin1') }), 'a.dat');
    for (const read of readers(path)) await survives(read);
  });

  it('stops unpacking at its bound', () => {
    const path = join(folderWith({ 'bomb.gz': gzipSync(Buffer.alloc(20_000_000)) }), 'bomb.gz');
    expect(() => openInput(path, 1_000_000)).toThrow(/unpacks to more than 1 MB/u);
    expect(() => openInput(path, 10)).toThrow(/more than the 1 MB/u);
  });

  it('says what is wrong with a path', () => {
    const folder = folderWith({ 'a.dat': '1' });
    mkdirSync(join(folder, 'inner'));
    symlinkSync('loop', join(folder, 'loop'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const message = (name: string): string => {
      try {
        openInput(join(folder, name));
      } catch (error) {
        return (error as InputError).what;
      }
      return 'read';
    };
    expect(['none', 'inner', 'loop', 'pipe', 'a.dat/b', 'x'.repeat(5000)].map(message)).toEqual([
      'there is no such file',
      'is a folder, not a file',
      'is a circle of symbolic links',
      'is not a plain file',
      'there is no such file',
      'the name is too long',
    ]);
  });
});

describe('HDF5 that lies', () => {
  const axis = (values: number[], units: string) => ({
    data: Float64Array.from(values),
    attributes: { units },
  });
  const scan = (more: object): Parameters<typeof writeHdf5>[1] => ({
    s: {
      '@signal': 'i',
      '@axes': ['position', 'two_theta'],
      i: { data: new Float32Array(6), shape: [2, 3] },
      position: axis([0, 2], 'um'),
      two_theta: axis([10, 11, 12], 'deg'),
      ...more,
    },
  });
  const read = async (tree: Parameters<typeof writeHdf5>[1]) =>
    readNexusLineScan(await writeHdf5(join(folderWith({}), 'a.h5'), tree), null);

  it.each([
    ['a signal that is not there', { '@signal': 'j' }, /no dataset 'j'/u],
    ['an axis of another length', { two_theta: axis([10, 11], 'deg') }, /2 values where the signal has 3/u],
    ['an axis in the wrong unit', { two_theta: axis([10, 11, 12], 'um') }, /unit 'um'/u],
    ['a position without unit', { position: { data: Float64Array.from([0, 2]) } }, /no attribute 'units'/u],
    ['text for numbers', { i: { data: ['a', 'b', 'c'] } }, /does not hold numbers|has no axis|values where/u],
    ['no axes', { '@axes': ['a', 'b'] }, /no axis two_theta/u],
  ] as [string, object, RegExp][])('%s', async (_name, more, message) => {
    await expect(read(scan(more))).rejects.toThrow(message);
    await expect(read(scan(more))).rejects.toBeInstanceOf(InputError);
  });

  it('names filters that are missing, half floats, broken views and huge shapes', async () => {
    // Written by h5py: packed with several filters, float16, a virtual dataset without its source, a chunked one of 10^12 numbers.
    const path = join(folderWith({}), 'a.h5');
    writeFileSync(path, readFileSync(new URL('../support/odd-datasets.h5', import.meta.url)));
    const fault = (name: string): Promise<string> =>
      withHdf5(path, (root) => {
        try {
          root.dataset(name)!.numbers();
          return 'read';
        } catch (error) {
          return (error as InputError).what;
        }
      });
    expect(await fault('half')).toMatch(/16-bit floats/u);
    expect(await fault('view')).toMatch(/view of the file 'none\.h5'/u);
    expect(await fault('huge')).toMatch(/1000000000000 numbers/u);
    expect(await fault('whole')).toBe('read');
    expect(await fault('fault')).toMatch(/filter '.*', which is not available/u);
    for (const filter of ['gzip', 'lzf', 'lzf_random', 'bitshuffle', 'lz4', 'zstd', 'blosc']) {
      const values = await withHdf5(path, (root) => root.dataset(filter)!.numbers());
      const plain = await withHdf5(path, (root) =>
        root.dataset(filter === 'lzf_random' ? 'random' : 'ramp')!.numbers(),
      );
      expect([filter, ...values]).toEqual([filter, ...plain]);
    }
    const outside = withHdf5(path, (root) => root.dataset('away'));
    await expect(outside).rejects.toThrow(/links to the file 'none\.h5'/u);
  });
});

describeReal('measured files, damaged', () => {
  const names = [
    'xas/y-k/Y-K-foil.xdi',
    'xas/in-k/IN_540_001.003',
    'xas/cl-k/Cl_CAMD.prj',
    'xas/formats/SSRLmicro_2008.dat',
    'xas/formats/demeter_ssrlb.dat',
    'xas/formats/NSLS8ID_2019.dat',
    'xrd/ed-16.dat',
    'xrf/2xfm_0011_2xfm3__0.h5',
    'crystal/OBELiX_ei3_Li3YCl6.cif',
  ];
  it.each(names)('%s, cut anywhere or with bytes changed', async (name) => {
    const whole = readFileSync(join(sharedData, name));
    const random = randomStream(name);
    const folder = folderWith({});
    for (let round = 0; round < 6; round++) {
      const damaged = Buffer.from(round % 2 === 0 ? whole.subarray(0, random(whole.length)) : whole);
      if (round % 2 === 1) for (let i = 0; i < 30; i++) damaged[random(damaged.length)] = random(256);
      const path = join(folder, `${round}-${name.split('/').at(-1)}`);
      writeFileSync(path, damaged);
      for (const read of readers(path)) await survives(read);
    }
  });
});
