import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inspectionText } from '../../src/cli/inspect-text.js';
import { type Inspection, inspectFile } from '../../src/formats/inspect/inspect.js';
import { folderWith } from '../support/folder.js';
import { writeHdf5 } from '../support/hdf5.js';
import { describeReal, sharedData } from '../support/shared-data.js';

const filesBelow = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });

/** What every file of the shared data is; a file that is not listed here must be a licence or prose. */
const EXPECTED: [RegExp, Inspection['kind'], string | null][] = [
  [/^crystal\/.*\.cif$/u, 'structure', 'CIF'],
  [/^nist-strd\/.*\.dat$/u, 'table', 'plain text table'],
  [/^reference\/xraydb_chantler/u, 'table', 'plain text table'],
  [/^reference\/xraydb_waasmaeir/u, 'table', 'SPEC'],
  [/^xas\/y-k\/.*\.xdi$/u, 'spectra', 'XDI (NSLS-II BMM)'],
  [/^xas\/in-k\/IN_540/u, 'spectra', 'SSRL binary 2.0'],
  [/^xas\/cl-k\/.*\.prj$/u, 'spectra', 'Athena project'],
  [/^xas\/lcf-gold\//u, 'spectra', 'Larch column file'],
  [/^xas\/pre-edge-fe2o3\//u, 'spectra', 'IFEFFIT column file'],
  [/^xas\/foils\/.*\.xdi$/u, 'spectra', 'XDI'],
  [/^xas\/formats\/APS10BM/u, 'spectra', 'APS 10-BM (MRCAT)'],
  [/^xas\/formats\/NSLS6BM/u, 'spectra', 'XDI (NSLS-II BMM)'],
  [/^xas\/formats\/NSLS8ID/u, 'spectra', 'NSLS-II ISS'],
  [/^xas\/formats\/SSRL1/u, 'spectra', 'SSRL ASCII'],
  [/^xas\/formats\/SSRLmicro/u, 'spectra', 'SSRL micro'],
  [/^xas\/formats\/demeter_ssrlb/u, 'spectra', 'SSRL binary 1.1'],
  [/^xas\/formats\/generic_columns/u, 'table', 'plain columns'],
  [/^xas\/xdi-good\/nonxafs_(?:1d|negvalues)/u, 'table', 'XDI'],
  [/^xas\/xdi-good\//u, 'spectra', 'XDI'],
  [/^xas\/xdi-bad\/bad_(?:14|16|18|20|22|24)/u, 'unreadable', null],
  [/^xas\/xdi-bad\//u, 'spectra', 'XDI'],
  [/^xrd\/ed-16/u, 'pattern', 'pattern columns'],
  [/^xrf\/.*\.h5$/u, 'spectrum-map', 'MAPS raw spectra'],
];

describeReal('every measured file', () => {
  it('is called what it is, or not recognised', async () => {
    for (const path of filesBelow(sharedData)) {
      const name = relative(sharedData, path);
      const found = await inspectFile(path);
      const expected = EXPECTED.find(([pattern]) => pattern.test(name));
      expect([name, found.kind, found.format]).toEqual([
        name,
        expected?.[1] ?? 'text',
        expected?.[2] ?? null,
      ]);
      expect([name, found.recognised]).toEqual([name, expected !== undefined && found.kind !== 'unreadable']);
      expect(inspectionText(found)).toContain(found.summary);
      expect(() => JSON.stringify(found)).not.toThrow();
    }
  });
});

const inspect = (name: string, content: string | Uint8Array): Promise<Inspection> =>
  inspectFile(join(folderWith({ [name]: content }), name));

describe('a file', () => {
  it.each([
    ['a.xy', '10 1\n11 2\n12 3\n', 'pattern'],
    ['a.csv', '2theta,intensity\n10,1\n11,2\n12,3\n', 'pattern'],
    ['a.csv', 'x_um,y_um,Y\n0,0,1\n5,0,2\n0,5,3\n5,5,4\n', 'element-map'],
    ['positions.csv', 'file,position_um\na.xy,0\nb.xy,2\n', 'positions'],
    ['a.csv', 'energy,mu\n17000,0\n17010,0.1\n17020,0.2\n', 'spectra'],
    ['a.csv', '1,2,3\n4,5,6\n', 'table'],
    ['a.txt', 'hello\n', 'text'],
    ['a.json', '{"a": [1, 2]}\n', 'text'],
    ['a.yaml', 'a: 1\n', 'text'],
    ['experiment.yaml', 'spectra: []\n', 'experiment'],
    ['a.bin', new Uint8Array([1, 0, 2, 255, 3]), 'binary'],
    ['a.dat', '', 'unreadable'],
    ['a.h5', '\x89HDF', 'text'],
  ] as [string, string | Uint8Array, string][])('%s with %j is %s', async (name, content, kind) => {
    const found = await inspect(name, content);
    expect(found.kind).toBe(kind);
    const packed = await inspect(`${name}.gz`, gzipSync(content));
    if (kind !== 'experiment' && kind !== 'unreadable' && !name.endsWith('.h5'))
      expect(packed.kind).toBe(kind);
  });

  it('is told in numbers, too', async () => {
    const { content } = await inspect('a.csv', 'energy (keV),i0,it\n17.0,1,1\n17.1,1,1\n17.2,1,1\n');
    expect(content).toMatchObject({
      spectra: [
        {
          points: 3,
          range: { from: 17, to: 17.2, unit: 'keV' },
          mu: { stated: null, possible: ['transmission'] },
        },
      ],
    });
  });

  it('of HDF5 is described by the groups that a reader would take', async () => {
    const axis = (values: number[], units: string) => ({
      data: Float64Array.from(values),
      attributes: { units },
    });
    const path = await writeHdf5(join(folderWith({}), 'a.h5'), {
      entry: {
        scan: {
          '@signal': 'i',
          '@axes': ['position', 'two_theta'],
          i: { data: new Float32Array(6), shape: [2, 3] },
          position: axis([0, 2], 'um'),
          two_theta: axis([10, 11, 12], 'deg'),
        },
        note: { data: 'text' },
      },
    });
    const found = await inspectFile(path);
    expect([found.kind, found.summary]).toEqual([
      'line-scan',
      '/entry/scan: line scan of 2 patterns of 3 points',
    ]);
    const plain = await inspectFile(
      await writeHdf5(join(folderWith({}), 'b.h5'), { a: { data: new Float64Array(4) } }),
    );
    expect([plain.kind, plain.recognised]).toEqual(['hdf5', false]);
  });
});

describe('the command', () => {
  it('exits with 0, 1 or 2 and prints words or JSON', () => {
    const folder = folderWith({ 'a.xy': '10 1\n11 2\n12 3\n', 'b.txt': 'hello\n' });
    const run = (...args: string[]): { status: number; stdout: string; stderr: string } => {
      const main = new URL('../../dist/cli/main.js', import.meta.url).pathname;
      try {
        return {
          status: 0,
          stdout: execFileSync('node', [main, 'inspect', ...args], {
            cwd: folder,
            encoding: 'utf8',
            stdio: 'pipe',
          }),
          stderr: '',
        };
      } catch (error) {
        return error as { status: number; stdout: string; stderr: string };
      }
    };
    expect(run('a.xy').stdout).toMatch(/^a\.xy: powder pattern of 3 points/u);
    expect(run('a.xy', 'b.txt').status).toBe(1);
    const { status, stderr, stdout } = run('b.txt', 'missing.dat', '--json');
    expect(status).toBe(2);
    expect(stderr).toMatch(/missing\.dat: cannot be read: there is no such file/u);
    expect((JSON.parse(stdout) as Inspection[]).map(({ kind }) => kind)).toEqual(['text', 'unreadable']);
  });
});
