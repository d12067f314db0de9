import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import type { MapEntry } from '../../src/experiment.js';
import { isEdf, readEdf } from '../../src/formats/maps/edf.js';
import { seriesName } from '../../src/formats/maps/edf-map.js';
import { mapKind, readMap } from '../../src/formats/maps/map-file.js';
import type { SpectrumMap } from '../../src/measurement.js';
import { wholeMap } from '../support/fit-map.js';
import { folderWith } from '../support/folder.js';
import { mapEntry } from '../support/map-entry.js';
import { randomStream } from '../support/random-bytes.js';

/** One data block: a header padded to 512 bytes, then the numbers. */
function block(entries: Record<string, string | number>, data: Uint8Array, end = '}\n'): Uint8Array {
  const words = Object.entries(entries)
    .map(([key, value]) => `${key} = ${value} ;\n`)
    .join('');
  const head = `{\n${words}`;
  return Buffer.concat([Buffer.from(head.padEnd(512 - end.length, ' ') + end, 'latin1'), data]);
}
const bytesOf = (values: Int32Array | Float32Array | Uint16Array): Uint8Array =>
  new Uint8Array(values.buffer.slice(0));
const file = (bytes: Uint8Array) => ({ path: 'm.edf', name: 'm.edf', stem: 'm', bytes, gzipped: false });
const ints = (values: number[], nx: number, more: Record<string, string | number> = {}): Uint8Array =>
  block(
    { ByteOrder: 'LowByteFirst', DataType: 'SignedInteger', Dim_1: nx, Dim_2: values.length / nx, ...more },
    bytesOf(Int32Array.from(values)),
  );
const entry = (source: MapEntry['source'], more: Partial<MapEntry> = {}): MapEntry =>
  mapEntry(source, { incidentEnergy_eV: 10000, pixel_um: { x: 2, y: 2 }, ...more });

describe('EDF', () => {
  it('reads every number type, either byte order, and packed blocks', () => {
    const swapped = Buffer.from([0, 0, 1, 0, 255, 255, 255, 255]);
    const high = block({ ByteOrder: 'HighByteFirst', DataType: 'SignedLong', Dim_1: 2 }, swapped);
    expect([...readEdf(file(high))[0]!.values]).toEqual([256, -1]);
    const short = block(
      { DataType: 'UnsignedShort', Dim_1: 3, Dim_2: 1 },
      bytesOf(Uint16Array.of(1, 2, 65535)),
    );
    expect(readEdf(file(short))[0]).toMatchObject({ shape: [1, 3], values: Float64Array.of(1, 2, 65535) });
    const plain = bytesOf(Float32Array.of(0.5, -2, 1e6, 4));
    const packed = deflateSync(plain);
    const zlib = block(
      { DataType: 'FloatValue', Dim_1: 4, Compression: 'ZCompression', EDF_BinarySize: packed.length },
      packed,
    );
    expect([...readEdf(file(zlib))[0]!.values]).toEqual([0.5, -2, 1e6, 4]);
  });

  it('reads blocks one behind the other, with their titles', () => {
    const two = Buffer.concat([
      ints([1, 2, 3, 4], 2, { Title: 'Fe K' }),
      ints([5, 6, 7, 8], 2, { Title: 'Cl_K' }),
    ]);
    expect(isEdf(two)).toBe(true);
    expect(readEdf(file(two)).map(({ header, values }) => [header.get('title'), ...values])).toEqual([
      ['Fe K', 1, 2, 3, 4],
      ['Cl_K', 5, 6, 7, 8],
    ]);
  });

  it.each([
    [ints([1, 2, 3, 4], 2).subarray(0, 520), /data block 1 is incomplete/u],
    [
      block({ DataType: 'SignedInteger', Dim_1: 1e9, Dim_2: 1e9 }, new Uint8Array(8)),
      /not a size|more than/u,
    ],
    [block({ DataType: 'SignedInteger', Dim_1: 60000, Dim_2: 60000 }, new Uint8Array(8)), /more than/u],
    [block({ DataType: 'SignedInteger', Dim_1: -3 }, new Uint8Array(8)), /Dim_1 = '-3'/u],
    [block({ DataType: 'Quaternion', Dim_1: 2 }, new Uint8Array(8)), /'Quaternion', which is not read/u],
    [block({ DataType: 'SignedByte', Dim_1: 2, Compression: 'bzip2' }, new Uint8Array(8)), /'bzip2'/u],
    [
      block({ DataType: 'SignedByte', Dim_1: 2, Compression: 'gzip', Size: 8 }, new Uint8Array(8)),
      /damaged/u,
    ],
    [Buffer.from(`{\nEDF_DataBlockID = 0 ;\n${' '.repeat(2_000_000)}`), /does not end/u],
  ])('refuses a hostile file, case %#', (bytes, message) => {
    expect(() => readEdf(file(bytes))).toThrow(message);
    expect(() => readEdf(file(bytes))).toThrow(InputError);
  });

  it('answers random damage with an InputError or with numbers', () => {
    const good = Buffer.concat([ints([1, 2, 3, 4, 5, 6], 3, { Title: 'Fe' }), ints([1, 2, 3, 4, 5, 6], 3)]);
    for (let seed = 0; seed < 200; seed++) {
      const bytes = Uint8Array.from(good);
      const below = randomStream(`edf ${seed}`);
      for (let k = 0; k < 4; k++) bytes[below(bytes.length)] = below(256);
      for (let k = 0; k < 3; k++) bytes[below(150)] = below(256);
      try {
        readEdf(file(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }
  });
});

describe('maps in EDF', () => {
  it('reads one image an element from titles', async () => {
    const folder = folderWith({});
    const path = join(folder, 'fit.edf');
    const blocks = [
      ints([1, 2, 3, 4, 5, 6], 3, { Title: 'Fe_Ka' }),
      ints([9, 9, 9, 9, 9, 9], 3, { Title: 'Fe_Kb' }),
      ints([7, 8, 9, 10, 11, 12], 3, { Title: 'Cl K' }),
    ];
    writeFileSync(path, Buffer.concat(blocks));
    const read = await readMap(entry({ file: path, data: null }), () => {});
    if (read.kind !== 'element-map') throw new Error(read.kind);
    expect(read.map.grid).toMatchObject({ ny: 2, nx: 3 });
    expect(read.map.images.map(({ element, values }) => [element, values[0], values[5]])).toEqual([
      ['Fe', 1, 6],
      ['Cl', 7, 12],
    ]);
  });

  it('reads rows of spectra of two detectors, corrected for dead time before they are summed', async () => {
    const folder = folderWith({});
    const [nx, ny, channels] = [3, 2, 64];
    const rows: string[] = [];
    const write = (name: string, bytes: Uint8Array): void => {
      rows.push(join(folder, name));
      writeFileSync(rows.at(-1)!, bytes);
    };
    for (let r = 0; r < ny; r++) {
      for (const detector of [0, 1]) {
        // The scan broke off before the last point of its last row.
        const points = r === ny - 1 ? nx - 1 : nx;
        const values = Array.from({ length: points * channels }, (_, i) =>
          i % channels === 40 ? 100 * (detector + 1) + 10 * r + Math.floor(i / channels) : 0,
        );
        write(`map_xia0${detector}_0001_0000_000${r}.edf`, ints(values, channels));
      }
      const rates = Array.from({ length: nx }, () => [0, 1, 1000, 1000, 0, 0, 1, 1, 3000, 2000, 0, 0]).flat();
      write(`map_xiast_0001_0000_000${r}.edf`, ints(rates, 12));
    }
    expect(seriesName(rows)).toBe('map');
    const source = { rows: rows.reverse() };
    expect(await mapKind(entry(source))).toBe('spectrum-map');
    const read = await readMap(entry(source), () => {});
    if (read.kind !== 'spectrum-map') throw new Error(read.kind);
    const { map } = read;
    expect(map.detectors).toEqual(['xia00', 'xia01']);
    const { counts, totals, recorded, variance } = await wholeMap(map);
    expect([...totals]).toEqual([100 + 101 + 102 + 110 + 111, 200 + 201 + 202 + 210 + 211]);
    expect([0, 1, 2, 3, 4, 5].map((i) => counts[i * channels + 40])).toEqual([
      400, 402.5, 405, 425, 427.5, 0,
    ]);
    expect(recorded[40]).toBe(524 + 1024);
    // Variance over number: (100 + 1.5² · 200) / (100 + 1.5 · 200).
    expect(variance![0]).toBeCloseTo(550 / 400, 12);
  });

  it('names the row that does not fit', async () => {
    const folder = folderWith({});
    const paths = ['a_0001.edf', 'a_0002.edf'].map((name) => join(folder, name));
    writeFileSync(paths[0]!, ints(Array(128).fill(1), 64));
    writeFileSync(paths[1]!, ints(Array(96).fill(1), 48));
    const read = await readMap(entry({ rows: paths }), () => {});
    await expect(wholeMap(read.map as SpectrumMap)).rejects.toThrow(/a_0002.edf.*2 x 48.*64 channels/u);
  });
});
