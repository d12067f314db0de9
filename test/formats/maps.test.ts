import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import type { MapEntry } from '../../src/experiment.js';
import { type MapRead, mapKind, readMap } from '../../src/formats/maps/map-file.js';
import { elementOfSignal } from '../../src/formats/maps/signal-name.js';
import { eachSpectrumBlock } from '../../src/formats/maps/spectrum-blocks.js';
import type { ElementMap, EnergyStack, SpectrumMap } from '../../src/measurement.js';
import { wholeMap } from '../support/fit-map.js';
import { folderWith } from '../support/folder.js';
import { type Tree, writeHdf5 } from '../support/hdf5.js';
import { mapEntry } from '../support/map-entry.js';
import { describeReal, sharedData } from '../support/shared-data.js';

const entry = (source: MapEntry['source'], more: Partial<MapEntry> = {}): MapEntry =>
  mapEntry(source, { incidentEnergy_eV: 2900, ...more });

async function read<T>(
  source: MapEntry['source'],
  more: Partial<MapEntry> = {},
): Promise<{ map: T; kind: MapRead['kind']; said: string[] }> {
  const said: string[] = [];
  const asked = entry(source, more);
  const kind = await mapKind(asked);
  const result = await readMap(asked, (message) => said.push(message));
  expect(result.kind).toBe(kind);
  return { map: result.map as T, kind, said };
}
const fromHdf5 = async <T>(tree: Tree, more: Partial<MapEntry> = {}, data: string | null = null) =>
  read<T>({ file: await writeHdf5(join(folderWith({}), 'm.h5'), tree), data }, more);
const fromText = async (text: string | Uint8Array, more: Partial<MapEntry> = {}, name = 'm.csv') =>
  read<ElementMap>({ file: join(folderWith({ [name]: text }), name), data: null }, more);

const image = (scale: number): Float64Array => Float64Array.from({ length: 6 }, (_, i) => scale * i);
const axis = (values: number[], units: string) => ({
  data: Float64Array.from(values),
  attributes: { units },
});
/** Two rows of three columns, 5 um across and 4 um down. */
const nexus: Tree = {
  '@default': 'entry',
  entry: {
    '@NX_class': 'NXentry',
    '@default': 'xrf',
    xrf: {
      '@NX_class': 'NXdata',
      '@signal': 'Y',
      '@auxiliary_signals': ['In', 'Cl'],
      '@axes': ['y', 'x'],
      Y: { data: image(1), shape: [2, 3] },
      In: { data: image(10), shape: [2, 3] },
      Cl: { data: image(100), shape: [2, 3] },
      Y_errors: { data: image(0.1), shape: [2, 3] },
      x: axis([0, 0.005, 0.01], 'mm'),
      y: axis([0, 4], 'um'),
    },
  },
};

describe('NeXus maps', () => {
  it('reads one signal per element with pixel sizes from its axes', async () => {
    const { map, kind, said } = await fromHdf5<ElementMap>(nexus, { elements: ['Cl', 'Y'] }, '/entry/xrf');
    expect(kind).toBe('element-map');
    expect(map.grid).toEqual({ ny: 2, nx: 3, pixel_um: { x: 5, y: 4 } });
    expect(map.images.map(({ element, values }) => [element, ...values])).toEqual([
      ['Cl', ...image(100)],
      ['Y', ...image(1)],
    ]);
    expect([...map.images[1]!.sigma!]).toEqual([...image(0.1)]);
    expect(map.images[0]!.sigma).toBeNull();
    expect(said).toEqual([]);
    expect((await fromHdf5<ElementMap>(nexus)).map.images.map(({ element }) => element)).toEqual([
      'Y',
      'In',
      'Cl',
    ]);
  });

  it('honours the names of the axes in the other order', async () => {
    const turned = structuredClone(nexus) as { entry: { xrf: Tree } };
    turned.entry.xrf['@axes'] = ['x', 'y'];
    for (const name of ['Y', 'In', 'Cl', 'Y_errors'])
      turned.entry.xrf[name] = { data: image(1), shape: [3, 2] };
    const { map } = await fromHdf5<ElementMap>(turned as unknown as Tree);
    expect(map.grid).toEqual({ ny: 2, nx: 3, pixel_um: { x: 5, y: 4 } });
    expect([...map.images[0]!.values]).toEqual([0, 2, 4, 1, 3, 5]);
  });

  it('says what is missing', async () => {
    expect((await fromHdf5(nexus, { elements: ['Y', 'Fe'] })).said.join()).toMatch(/no signal of Fe/u);
    await expect(fromHdf5(nexus, { elements: ['Fe'] })).rejects.toThrow(
      /none of the elements Fe.*it holds Y, In, Cl/u,
    );
    await expect(fromHdf5(nexus, {}, '/entry/xfr')).rejects.toThrow(
      /'\/entry\/xfr'.*did you mean '\/entry\/xrf'/u,
    );
    const bare = { Y: { data: image(1), shape: [2, 3] } };
    await expect(fromHdf5(bare)).rejects.toThrow(/pixel size.*pixel: 5 um/u);
    expect((await fromHdf5<ElementMap>(bare, { pixel_um: { x: 5, y: 5 } })).map.grid.pixel_um).toEqual({
      x: 5,
      y: 5,
    });
    const differs = await fromHdf5<ElementMap>(nexus, { pixel_um: { x: 6, y: 4 } });
    expect(differs.said.join()).toMatch(/5 x 4 um; the experiment's 6 x 4/u);
  });

  it('reads an energy stack in either order of axes, with ascending energies in eV', async () => {
    const stack = (axes: string[], shape: number[], data: number[]): Tree => ({
      s: {
        '@NX_class': 'NXdata',
        '@signal': 'mu',
        '@axes': axes,
        mu: { data: Float32Array.from(data), shape },
        energy: axis([17.06, 17.02], 'keV'),
        y: axis([0, 2, 4], 'um'),
        x: axis([0, 2], 'um'),
      },
    });
    const more = { role: 'energy-stack' as const, element: 'Y', edge: 'K' };
    const values = Array.from({ length: 12 }, (_, i) => i);
    const plain = await fromHdf5<EnergyStack>(stack(['energy', 'y', 'x'], [2, 3, 2], values), more);
    expect(plain.kind).toBe('energy-stack');
    expect([...plain.map.energies_eV]).toEqual([17020, 17060]);
    expect([...plain.map.data]).toEqual([6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5]);
    expect(plain.map.grid).toEqual({ ny: 3, nx: 2, pixel_um: { x: 2, y: 2 } });
    expect(plain.said.join()).toMatch(/sorted/u);
    // The same numbers stored as x, y, energy.
    const turned = [...Array(12).keys()].map((i) => {
      const [x, y, e] = [Math.floor(i / 6), Math.floor(i / 2) % 3, i % 2];
      return e * 6 + y * 2 + x;
    });
    const other = await fromHdf5<EnergyStack>(stack(['x', 'y', 'energy'], [2, 3, 2], turned), more);
    expect([...other.map.data]).toEqual([...plain.map.data]);
    const far = { ...more, element: 'In' };
    await expect(fromHdf5(stack(['energy', 'y', 'x'], [2, 3, 2], values), far)).rejects.toThrow(
      /do not cover the In K edge/u,
    );
    await expect(fromHdf5(stack(['a', 'y', 'x'], [2, 3, 2], values), more)).rejects.toThrow(
      /no axis energy/u,
    );
  });

  it('finds the group that suits its role where several are there', async () => {
    const both = structuredClone(nexus) as unknown as { '@default': string; entry: Tree };
    const stack = {
      '@NX_class': 'NXdata',
      '@signal': 'mu',
      '@axes': ['energy', 'y', 'x'],
      mu: { data: new Float32Array(12), shape: [2, 3, 2] },
      energy: axis([17020, 17060], 'eV'),
    };
    both.entry.stack = stack;
    const more = { role: 'energy-stack' as const, element: 'Y', edge: 'K', pixel_um: { x: 1, y: 1 } };
    expect((await fromHdf5(both as unknown as Tree, more)).kind).toBe('energy-stack');
    expect((await fromHdf5(both as unknown as Tree)).kind).toBe('element-map');
    await expect(fromHdf5(both as unknown as Tree, {}, '/entry/stack')).rejects.toThrow(
      /only 3 channels.*role: energy-stack|only 2 channels/u,
    );
    await expect(fromHdf5({ a: stack, b: stack }, more)).rejects.toThrow(
      /2 NXdata groups that could be meant.*data: \/a, \/b/u,
    );
  });

  it('reads spectra per pixel, channels first or last, and in blocks', async () => {
    const counts = Float32Array.from({ length: 2 * 3 * 64 }, (_, i) => i);
    const spectra = (axes: string[], shape: number[], data: Float32Array): Tree => ({
      d: {
        '@NX_class': 'NXdata',
        '@signal': 'counts',
        '@axes': axes,
        counts: { data, shape },
        energy: axis(
          Array.from({ length: 64 }, (_, i) => 10 * i),
          'eV',
        ),
        y: axis([0, 1], 'um'),
        x: axis([0, 1, 2], 'um'),
      },
    });
    const { map, kind } = await fromHdf5<SpectrumMap>(spectra(['y', 'x', 'energy'], [2, 3, 64], counts));
    expect(kind).toBe('spectrum-map');
    expect(map.calibration).toEqual({ offset_eV: 0, gain_eV: 10 });
    expect([...(await wholeMap(map)).counts]).toEqual([...counts]);
    const first = Float32Array.from(counts, (_, i) => counts[(i % 6) * 64 + Math.floor(i / 6)]!);
    const file = await writeHdf5(
      join(folderWith({}), 'm.h5'),
      spectra(['energy', 'y', 'x'], [64, 2, 3], first),
    );
    const { map: other } = await read<SpectrumMap>({ file, data: null });
    expect([...(await wholeMap(other)).counts]).toEqual([...counts]);
    const seen: number[] = [];
    const rows = { ...other, rowsPerBlock: 1 };
    await eachSpectrumBlock(rows, [0, 2], (block) => void seen.push(block.firstRow, ...block.counts));
    expect(seen).toEqual([0, ...counts.subarray(0, 192), 1, ...counts.subarray(192)]);
  });
});

describe('maps of other programs', () => {
  const pixel = { pixel_um: { x: 1, y: 1 } };
  it('reads fitted maps of MAPS and PyXRF', async () => {
    const planes = { data: Float64Array.from({ length: 18 }, (_, i) => i), shape: [3, 2, 3] };
    const names = { data: ['Fe', 'Cl', 'Fe_L'] };
    const maps = await fromHdf5<ElementMap>({ MAPS: { XRF_fits: planes, channel_names: names } }, pixel);
    expect(maps.map.images.map(({ element, values }) => [element, values[0]])).toEqual([
      ['Fe', 0],
      ['Cl', 6],
    ]);
    const analysed = await fromHdf5<ElementMap>(
      { MAPS: { XRF_Analyzed: { Fitted: { Counts_Per_Sec: planes, Channel_Names: names } } } },
      pixel,
    );
    expect(analysed.map.images).toHaveLength(2);
    const pyxrf = await fromHdf5<ElementMap>(
      { xrfmap: { detsum: { xrf_fit: planes, xrf_fit_name: { data: ['Fe_K', 'Cl_K', 'compton'] } } } },
      pixel,
    );
    expect(pyxrf.map.images.map(({ element }) => element)).toEqual(['Fe', 'Cl']);
  });

  it('reads raw spectra of PyXRF', async () => {
    const counts = { data: Int32Array.from({ length: 12 }, (_, i) => i), shape: [1, 2, 6] };
    const { map } = await fromHdf5<SpectrumMap>({ xrfmap: { det1: { counts }, det2: { counts } } }, pixel);
    expect(map.detectors).toEqual(['det1', 'det2']);
    const { counts: summed, totals } = await wholeMap(map);
    expect([...totals]).toEqual([66, 66]);
    expect(summed[3]).toBe(6);
  });

  it('reads SMAK text whichever axis runs first', async () => {
    const head =
      '* Abscissa points :   3\n* Ordinate points :   2\n* BLANK LINE\n* Data Channels : 2\n* Data Labels : I0\tFe\n* Comments: none\n* DATA\n';
    const points: [number, number, number][] = [0, 1].flatMap((r) =>
      [0, 1, 2].map((c): [number, number, number] => [1 + 0.005 * c, 2 + 0.01 * r, 10 * r + c]),
    );
    const text = (rows: [number, number, number][]): string =>
      head + rows.map(([x, y, value]) => `${x}\t${y}\t1000\t${value}`).join('\n');
    const requested =
      '* Abscissa points requested :\n* 1.0\t1.005\t1.01\n* Ordinate points requested :\n* 2.0\t2.01\n';
    const energy = '* Energy points requested: \n*   11000.0\n';
    const swapped = (rows: [number, number, number][]): string =>
      head.replace('* DATA\n', `${requested}${energy}* DATA\n`).replace('* Data Labels', '# Data Labels') +
      rows.map(([x, y, value]) => `${y}\t${x}\t1000\t${value}`).join('\n');
    const turned = await fromText(swapped(points), { incidentEnergy_eV: null }, 't.dat');
    const square = await fromText(
      swapped(points).replace(/^\* (?:Abs|Ord).*requested.*\n.*\n/gmu, ''),
      {},
      's.dat',
    );
    const a = await fromText(text(points), {}, 'a.dat');
    for (const other of [turned, square]) {
      expect(other.map.grid).toEqual(a.map.grid);
      expect([...other.map.images[0]!.values]).toEqual([...a.map.images[0]!.values]);
    }
    expect(turned.map.incidentEnergy_eV).toBe(11000);
    const b = await fromText(text([...points].sort((p, q) => p[0] - q[0] || p[1] - q[1])), {}, 'b.dat');
    expect(a.map.images.map(({ element }) => element)).toEqual(['Fe']);
    expect([...a.map.images[0]!.values]).toEqual([0, 1, 2, 10, 11, 12]);
    expect([...b.map.images[0]!.values]).toEqual([...a.map.images[0]!.values]);
    expect(a.map.grid.pixel_um.x).toBeCloseTo(5, 9);
    expect(a.map.grid.pixel_um.y).toBeCloseTo(10, 9);
  });

  it.each([
    ['Y', 'Y'],
    ['Fe_K', 'Fe'],
    ['In L', 'In'],
    ['Cl_Ka1', 'Cl'],
    ['Cl counts', 'Cl'],
    ['s_i', null],
    ['Compton', null],
    ['I0', null],
    ['TFY', null],
  ])('takes the signal %s for %s', (name, element) => expect(elementOfSignal(name)).toBe(element));
});

describe('maps in text', () => {
  const pixel = { pixel_um: { x: 5, y: 5 } };
  it('reads a grid, with holes, with coordinates, packed', async () => {
    const grid = await fromText('0,1,2\n10,,12\n', { ...pixel, elements: ['Y'] });
    expect(grid.map.grid).toEqual({ ny: 2, nx: 3, ...pixel });
    expect([...grid.map.images[0]!.values]).toEqual([0, 1, 2, 10, Number.NaN, 12]);
    const headed = await fromText('y\\x,0,4,8\n0,0,1,2\n5,10,11,12\n', { elements: ['Y'] });
    expect(headed.map.grid).toEqual({ ny: 2, nx: 3, pixel_um: { x: 4, y: 5 } });
    expect([...headed.map.images[0]!.values]).toEqual([0, 1, 2, 10, 11, 12]);
    const broken = await fromText('0,1,2\n10,11,12\n20,2', { ...pixel, elements: ['Y'] });
    expect([...broken.map.images[0]!.values.slice(6)]).toEqual([20, Number.NaN, Number.NaN]);
    expect(broken.said.join()).toMatch(/line 3.*not measured/u);
    const packed = await fromText(gzipSync('0,1,2\n10,11,12\n'), { ...pixel, elements: ['Y'] }, 'm.csv.gz');
    expect(packed.map.images[0]!.values[5]).toBe(12);
  });

  it('reads columns in any order of points, some missing, with jitter', async () => {
    const text = 'x_um,y_um,Y,In\n0,0,0,0\n5.2,0,1,10\n9.9,0.1,2,20\n10,5,12,120\n0,5,10,100\n';
    const { map } = await fromText(text);
    expect([map.grid.ny, map.grid.nx]).toEqual([2, 3]);
    expect(map.images.map(({ element, values }) => [element, ...values])).toEqual([
      ['Y', 0, 1, 2, 10, Number.NaN, 12],
      ['In', 0, 10, 20, 100, Number.NaN, 120],
    ]);
    const bare = await fromText('x,y,value\n0,0,1\n1,0,2\n0,1,3\n1,1,4\n', { ...pixel, elements: ['Y'] });
    expect(bare.map.grid.pixel_um).toEqual(pixel.pixel_um);
    const unnamed = await fromText('0 0 1\n0.005 0 2\n0 0.005 3\n0.005 0.005 4\n0 0.01 5\n0.005 0.01 6\n', {
      ...pixel,
      elements: ['Y'],
    });
    expect([unnamed.map.grid.ny, unnamed.map.grid.nx]).toEqual([3, 2]);
    expect(unnamed.said).toEqual([]);
  });

  it('joins one file per element and refuses those that do not fit', async () => {
    const folder = folderWith({ 'y.csv': '1,2\n3,4\n', 'in.csv': '5,6\n7,8\n', 'cl.csv': '1,2,3\n4,5,6\n' });
    const files = (names: Record<string, string>) => ({
      files: Object.fromEntries(Object.entries(names).map(([k, v]) => [k, join(folder, v)])),
    });
    const { map } = await read<ElementMap>(files({ Y: 'y.csv', In: 'in.csv' }), pixel);
    expect(map.images.map(({ element, values }) => [element, values[3]])).toEqual([
      ['Y', 4],
      ['In', 8],
    ]);
    await expect(read(files({ Y: 'y.csv', Cl: 'cl.csv' }), pixel)).rejects.toThrow(
      /2 x 3 pixels, y\.csv has 2 x 2/u,
    );
  });

  it.each([
    ['', /empty|no table/u],
    ['words only\n', /no table/u],
    ['1 2 3\n', /neither a grid/u],
    ['x,y,v\n0,0,1\n0,0,2\n', /one place/u],
    ['x,y,v\n0,0,1\n0.37,0.11,2\n911.2,0.77,2\n13.2,455,1\n', /regular grid/u],
  ])('refuses %j', async (text, message) => {
    await expect(fromText(text, pixel)).rejects.toThrow(message);
    await expect(fromText(text, pixel)).rejects.toBeInstanceOf(InputError);
  });

  it('says that a file named .h5 is none', async () => {
    await expect(fromText('hello', pixel, 'm.h5')).rejects.toThrow(/is not an HDF5 file/u);
  });

  it('lays images of one field on the coarsest of their grids, and refuses those of different fields', async () => {
    const points = (n: number, step: number, value: (x: number, y: number) => number): string =>
      `x (um),y (um),value\n${Array.from({ length: n * n }, (_, i) => {
        const [x, y] = [(i % n) * step, Math.floor(i / n) * step];
        return `${x},${y},${value(x, y)}`;
      }).join('\n')}\n`;
    const folder = folderWith({
      // Outer borders at -0.5 and 7.5 um, and at -1 and 7 um of their own first pixels.
      'y.csv': points(8, 1, (x, y) => 10 * x + y),
      'in.csv': points(4, 2, () => 5),
      'cl.csv': points(3, 2, () => 5),
    });
    const files = { Y: join(folder, 'y.csv'), In: join(folder, 'in.csv') };
    const { map, said } = await read<ElementMap>({ files });
    expect(map.grid).toEqual({ ny: 4, nx: 4, pixel_um: { x: 2, y: 2 } });
    expect(map.images[0]!.values[0]).toBeCloseTo(5.5, 9);
    expect(map.images[0]!.values[5]).toBeCloseTo(27.5, 9);
    expect(said.join(' ')).toMatch(/y\.csv: its 8 x 8 pixels were averaged onto the 4 x 4 of in\.csv/u);
    await expect(read({ files: { ...files, Cl: join(folder, 'cl.csv') } })).rejects.toThrow(
      /do not cover the same field/u,
    );
  });

  it('reads a TIFF of 16-bit integers and refuses a cut one', async () => {
    const bytes = tiff(3, 2, [0, 1, 2, 10, 11, 12]);
    const { map } = await fromText(bytes, { ...pixel, elements: ['Y'] }, 'y.tif');
    expect([...map.images[0]!.values]).toEqual([0, 1, 2, 10, 11, 12]);
    await expect(fromText(bytes.subarray(0, bytes.length - 40), pixel, 'y.tif')).rejects.toThrow(
      /incomplete TIFF/u,
    );
  });

  /** value = 3 · row + column², five columns and six rows, as libtiff packs it. */
  const rising = Array.from({ length: 30 }, (_, i) => 3 * Math.floor(i / 5) + (i % 5) ** 2);
  it.each([
    [
      'LZW',
      'SUkqACwAAACAAAAgQEhABgQDgwJgYDgoHhYEgoGhIMgwGhAKhwHhAJhgPwEJAAABAwABAAAABQAAAAEBAwABAAAABgAAAAIBAwABAAAACAAAAAMBAwABAAAABQAAAAYBAwABAAAAAQAAABEBBAABAAAACAAAABYBAwABAAAABgAAABcBBAABAAAAJAAAABwBAwABAAAAAQAAAAAAAAA=',
    ],
    [
      'PackBits',
      'SUkqACwAAAAEAAEECRAEAwQHDBMEBgcKDxYECQoNEhkEDA0QFRwEDxATGB8JAAABAwABAAAABQAAAAEBAwABAAAABgAAAAIBAwABAAAACAAAAAMBAwABAAAABYAAAAYBAwABAAAAAQAAABEBBAABAAAACAAAABYBAwABAAAABgAAABcBBAABAAAAJAAAABwBAwABAAAAAQAAAAAAAAA=',
    ],
  ])('reads a TIFF packed by %s', async (_name, base64) => {
    const { map } = await fromText(Buffer.from(base64, 'base64'), { ...pixel, elements: ['Y'] }, 'y.tif');
    expect([...map.images[0]!.values]).toEqual(rising);
  });

  it('reads the pages of a tiled TIFF with differences as the elements asked for', async () => {
    const base64 =
      'SUkqAAgAAAAOAAABBAABAAAABQAAAAEBBAABAAAABgAAAAIBAwABAAAAEAAAAAMBAwABAAAACAAAAAYBAwABAAAAAQAAABUBAwABAAAAAQAAABoBBQABAAAAtgAAABsBBQABAAAAvgAAACgBAwABAAAAAQAAAD0BAwABAAAAAgAAAEIBBAABAAAAEAAAAEMBBAABAAAAEAAAAEQBBAABAAAA0AAAAEUBBAABAAAAOQAAAAoBAAABAAAAAQAAAAEAAAABAAAAAAAAAAAAAAAAAHicY2BgZGBmYGVgZ/jwnwELYIbLv8UqzwaXf4VVnhMu/xyrPA9c/glWeX64/EOs8qOAMgAAvmkL+wAOAAABBAABAAAABQAAAAEBBAABAAAABgAAAAIBAwABAAAAEAAAAAMBAwABAAAACAAAAAYBAwABAAAAAQAAABUBAwABAAAAAQAAABoBBQABAAAAuAEAABsBBQABAAAAwAEAACgBAwABAAAAAQAAAD0BAwABAAAAAgAAAEIBBAABAAAAEAAAAEMBBAABAAAAEAAAAEQBBAABAAAA0AEAAEUBBAABAAAAOQAAAAAAAAABAAAAAQAAAAEAAAABAAAAAAAAAAAAAAB4nGNkYGRgZmBlYGd4/58BC2CBy7/BKs8Ol3+JVZ4LLv8MqzwvXP4xVnkBuPwDrPKjgDIAAL6lC/s=';
    const bytes = Buffer.from(base64, 'base64');
    const { map } = await fromText(bytes, { ...pixel, elements: ['Y', 'In'] }, 'y.tif');
    expect(map.images.map(({ element, values }) => [element, ...values])).toEqual([
      ['Y', ...rising],
      ['In', ...rising.map((v) => v + 1)],
    ]);
  });

  it('reads a BigTIFF and refuses a cut one, or one whose directory claims more tags than the file can hold', async () => {
    const bytes = bigTiff(3, 2, [0, 1, 2, 10, 11, 12]);
    const { map } = await fromText(bytes, { ...pixel, elements: ['Y'] }, 'y.tif');
    expect([...map.images[0]!.values]).toEqual([0, 1, 2, 10, 11, 12]);
    await expect(fromText(bytes.subarray(0, bytes.length - 40), pixel, 'y.tif')).rejects.toThrow(
      /incomplete TIFF/u,
    );
    const endless = Buffer.from(bytes);
    endless.writeBigUInt64LE(2n ** 40n, 28);
    await expect(fromText(endless, pixel, 'y.tif')).rejects.toThrow(/incomplete TIFF/u);
  });
});

/** The same with counts and offsets of eight bytes. */
function bigTiff(width: number, height: number, values: number[]): Uint8Array {
  const tags = tagsOf(width, height, values.length, 16);
  const pixels = values.length * 2;
  const bytes = Buffer.alloc(16 + pixels + 8 + tags.length * 20 + 8);
  bytes.write('II');
  bytes.writeUInt16LE(43, 2);
  bytes.writeUInt16LE(8, 4);
  bytes.writeBigUInt64LE(BigInt(16 + pixels), 8);
  for (const [i, value] of values.entries()) bytes.writeUInt16LE(value, 16 + 2 * i);
  let at = bytes.writeBigUInt64LE(BigInt(tags.length), 16 + pixels);
  for (const [tag, value] of tags) {
    bytes.writeUInt16LE(tag!, at);
    bytes.writeUInt16LE(16, at + 2);
    bytes.writeBigUInt64LE(1n, at + 4);
    bytes.writeBigUInt64LE(BigInt(value!), at + 12);
    at += 20;
  }
  return bytes;
}

const tagsOf = (width: number, height: number, pixels: number, from: number): number[][] => [
  [256, width],
  [257, height],
  [258, 16],
  [259, 1],
  [273, from],
  [277, 1],
  [278, height],
  [279, pixels * 2],
  [339, 1],
];

/** Little-endian, one strip of 16-bit samples behind the header, then the tags. */
function tiff(width: number, height: number, values: number[]): Uint8Array {
  const tags = tagsOf(width, height, values.length, 8);
  const bytes = Buffer.alloc(8 + values.length * 2 + 2 + tags.length * 12 + 4);
  bytes.write('II');
  bytes.writeUInt16LE(42, 2);
  bytes.writeUInt32LE(8 + values.length * 2, 4);
  for (const [i, value] of values.entries()) bytes.writeUInt16LE(value, 8 + 2 * i);
  let at = 8 + values.length * 2;
  at = bytes.writeUInt16LE(tags.length, at);
  for (const [tag, value] of tags) {
    bytes.writeUInt16LE(tag!, at);
    bytes.writeUInt16LE(4, at + 2);
    bytes.writeUInt32LE(1, at + 4);
    bytes.writeUInt32LE(value!, at + 8);
    at += 12;
  }
  return bytes;
}

describeReal('the fly map of 2-ID-E', () => {
  it('has the known detector sums and its argon line in channel 311', async () => {
    const file = join(sharedData, 'xrf/2xfm_0011_2xfm3__0.h5');
    const { map, kind } = await read<SpectrumMap>({ file, data: null }, { pixel_um: { x: 1, y: 1 } });
    expect(kind).toBe('spectrum-map');
    expect(map.grid).toMatchObject({ ny: 11, nx: 9 });
    const { counts, totals, variance } = await wholeMap(map);
    expect([...totals]).toEqual([100311, 96080, 48479, 50482]);
    const sum = new Float64Array(map.channels);
    for (const [i, value] of counts.entries()) sum[i % map.channels]! += value;
    expect(sum.indexOf(Math.max(...sum))).toBe(311);
    expect(variance![0]).toBeCloseTo(1.009, 2);
    const folder = folderWith({});
    writeFileSync(join(folder, 'm.h5.gz'), gzipSync(readFileSync(file), { level: 1 }));
    const packed = await read<SpectrumMap>(
      { file: join(folder, 'm.h5.gz'), data: '/MAPS_RAW' },
      { pixel_um: { x: 1, y: 1 } },
    );
    expect([...(await wholeMap(packed.map)).totals]).toEqual([...totals]);
  });
});
