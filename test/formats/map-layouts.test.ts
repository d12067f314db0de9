import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MapEntry } from '../../src/experiment.js';
import { type MapRead, readMap } from '../../src/formats/maps/map-file.js';
import { backwardRows, placePoints } from '../../src/formats/maps/place-points.js';
import type { SpectrumMap } from '../../src/measurement.js';
import { wholeMap } from '../support/fit-map.js';
import { folderWith } from '../support/folder.js';
import { type Tree, writeHdf5 } from '../support/hdf5.js';
import { mapEntry } from '../support/map-entry.js';

const [ny, nx, channels] = [2, 3, 64];
const pixels = ny * nx;
/** Counts of a pixel in a channel: 10 · pixel + 1 in channel 20, pixel in channel 30. */
const count = (pixel: number, k: number): number => (k === 20 ? 10 * pixel + 1 : k === 30 ? pixel : 0);
const spectra = (pixelOf: (point: number) => number = (i) => i, points = pixels) => ({
  data: Int32Array.from({ length: points * channels }, (_, i) =>
    count(pixelOf(Math.floor(i / channels)), i % channels),
  ),
  shape: points === pixels ? [ny, nx, channels] : [points, channels],
});
const channelFirst = {
  data: Float32Array.from({ length: pixels * channels }, (_, i) => count(i % pixels, Math.floor(i / pixels))),
  shape: [channels, ny, nx],
};
const grid = (values: number[]) => ({ data: Float64Array.from(values), shape: [ny, nx] });
const line = (values: number[], units?: string) => ({
  data: Float64Array.from(values),
  ...(units ? { attributes: { units } } : {}),
});
const entry = (file: string, more: Partial<MapEntry>): MapEntry => mapEntry({ file, data: null }, more);

async function read(tree: Tree, more: Partial<MapEntry> = {}): Promise<{ read: MapRead; said: string[] }> {
  const said: string[] = [];
  const file = await writeHdf5(join(folderWith({}), 'm.h5'), tree);
  return { read: await readMap(entry(file, more), (message) => said.push(message)), said };
}
function spectrumMap({ read: found }: { read: MapRead }) {
  if (found.kind !== 'spectrum-map') throw new Error(found.kind);
  return found.map;
}
function elementMap({ read: found }: { read: MapRead }) {
  if (found.kind !== 'element-map') throw new Error(found.kind);
  return found.map;
}
const inChannel = async (map: SpectrumMap, k: number): Promise<number[]> => {
  const { counts } = await wholeMap(map);
  return Array.from({ length: pixels }, (_, i) => counts[i * channels + k]!);
};
const straight = [1, 11, 21, 31, 41, 51];

describe('MAPS since version 10', () => {
  const scan = {
    x_axis: { data: Float32Array.from([1, 1.002, 1.004]) },
    y_axis: { data: Float32Array.from([-3, -2.998]) },
  };
  const scalers = {
    Names: { data: ['US_IC', 'DS_IC'] },
    Values: { data: Float64Array.from([1, 1, 1, 2, 2, 0, 1, 1, 1, 1, 1, 1]), shape: [2, ny, nx] },
  };
  const raw: Tree = {
    MAPS: {
      Spectra: {
        mca_arr: channelFirst,
        Energy: line(Array.from({ length: channels }, (_, k) => 0.1 * k)),
        Elapsed_Livetime: grid([1, 1, 1, 0.5, 1, 1]),
        Elapsed_Realtime: grid([1, 1, 1, 1, 1, 1]),
        Input_Counts: grid([9, 9, 9, 9, 9, 9]),
        Output_Counts: grid([3, 3, 3, 3, 3, 3]),
      },
      Scan: scan,
      Scalers: scalers,
    },
  };

  it('reads spectra with calibration, mm axes, dead time and a monitor', async () => {
    const plain = await read(raw);
    const map = spectrumMap(plain);
    expect(map.grid.pixel_um.x).toBeCloseTo(2, 3);
    expect(map.calibration!.gain_eV).toBeCloseTo(100, 9);
    // The live time holds the rates already: only real over live counts.
    expect(await inChannel(map, 20)).toEqual([1, 11, 21, 62, 41, 51]);
    expect((await wholeMap(map)).variance![3]).toBeCloseTo(2, 12);
    expect(map.i0).toBeUndefined();
    expect(plain.said.join()).toMatch(/monitor 'US_IC' varies by \d+ %.*i0: US_IC/u);
    const divided = await read(raw, { i0: 'us_ic' });
    expect([...spectrumMap(divided).i0!]).toEqual([1, 1, 1, 2, 2, Number.NaN]);
    expect(divided.said.join()).toMatch(/1 pixels had no beam/u);
    await expect(read(raw, { i0: 'I0' })).rejects.toThrow(/no monitor 'I0'/u);
  });

  it('reads fitted maps, passing over methods that were never run', async () => {
    const names = { data: ['Fe', 'La_L', 'COHERENT_SCT_AMPLITUDE'] };
    const values = { data: Float64Array.from({ length: 18 }, (_, i) => i + 1), shape: [3, ny, nx] };
    const empty = { data: new Float64Array(18), shape: [3, ny, nx] };
    const analysed = (method: string, data: typeof values) => ({
      [method]: { Counts_Per_Sec: data, Channel_Names: names },
    });
    const tree = (XRF_Analyzed: Tree): Tree => ({ MAPS: { XRF_Analyzed, Scan: scan, Scalers: scalers } });
    const both = await read(tree({ ...analysed('Fitted', empty), ...analysed('NNLS', values) }), {
      i0: 'US_IC',
    });
    expect(both.read.format).toBe('MAPS NNLS');
    const map = elementMap(both);
    expect(map.images.map(({ element, values: v }) => [element, ...v])).toEqual([
      ['Fe', 1, 2, 3, 2, 2.5, Number.NaN],
      ['La', 7, 8, 9, 5, 5.5, Number.NaN],
    ]);
    // Whole numbers are counts: their errors are those of counting, divided like them.
    expect(map.images[0]!.sigma![3]).toBeCloseTo(Math.sqrt(4) / 2, 12);
    const old = await read(
      { MAPS: { XRF_fits: empty, XRF_roi: values, channel_names: names } },
      { pixel_um: { x: 1, y: 1 } },
    );
    expect(old.read.format).toBe('MAPS XRF_roi');
  });
});

describe('PyXRF', () => {
  const tree = (xs: number[]): Tree => ({
    xrfmap: {
      detsum: { counts: spectra() },
      positions: {
        name: { data: ['x_pos', 'y_pos'] },
        pos: { data: Float64Array.from([...xs, 0, 0, 0, 2, 2, 2]), shape: [2, ny, nx] },
      },
      scalers: {
        name: { data: ['i0', 'time'] },
        val: { data: Float64Array.from({ length: 12 }, (_, i) => 1 + (i % 2)), shape: [ny, nx, 2] },
      },
    },
  });
  it('takes rows that ran back and forth by their positions', async () => {
    const pixel_um = { x: 2, y: 2 };
    const forth = await read(tree([0, 2, 4, 0, 2, 4]), { pixel_um, i0: 'time' });
    expect(await inChannel(spectrumMap(forth), 20)).toEqual(straight);
    expect([...spectrumMap(forth).i0!]).toEqual(Array(6).fill(1));
    expect(forth.said).toEqual([]);
    const snake = await read(tree([0, 2, 4, 4, 2, 0]), { pixel_um });
    expect(await inChannel(spectrumMap(snake), 20)).toEqual([1, 11, 21, 51, 41, 31]);
    expect(snake.said.join()).toMatch(/back and forth/u);
  });
  it('says what step its positions have where the unit is missing', async () => {
    await expect(read(tree([0, 2, 4, 0, 2, 4]))).rejects.toThrow(/step by 2 x 2 without a unit/u);
  });
});

describe('detector groups and lists of spectra', () => {
  const detector = (factor: number): Tree => ({
    '@NX_class': 'NXdetector',
    data: { ...spectra(), data: spectra().data.map((v) => v * factor) },
  });
  it('sums the detectors of a PyMca file, each with its own live time', async () => {
    const map = spectrumMap(
      await read(
        {
          e: {
            '@NX_class': 'NXentry',
            instrument: { '@NX_class': 'NXinstrument', mca00: detector(1), mca01: detector(2) },
            xrf: {
              '@NX_class': 'NXsubentry',
              mca00: { live_time: grid([1, 1, 1, 1, 1, 1]), preset_time: line([1]) },
              mca01: { live_time: grid([0.5, 1, 1, 1, 1, 1]), preset_time: line([1]) },
            },
          },
        },
        { pixel_um: { x: 1, y: 1 } },
      ),
    );
    expect(map.detectors).toEqual(['mca00', 'mca01']);
    expect([...(await wholeMap(map)).totals]).toEqual([156 + 15, 2 * (156 + 15)]);
    expect(await inChannel(map, 20)).toEqual([1 + 4, 33, 63, 93, 123, 153]);
  });

  it('reads NXfluo with energy, wavelength and monitor', async () => {
    const found = await read(
      {
        entry: {
          '@NX_class': 'NXentry',
          definition: { data: 'NXfluo' },
          instrument: {
            monochromator: { wavelength: line([1.2398419843], 'angstrom') },
            fluorescence: {
              '@NX_class': 'NXdetector',
              data: spectra(),
              energy: line(
                Array.from({ length: channels }, (_, k) => 20 * k),
                'eV',
              ),
            },
          },
          monitor: { '@NX_class': 'NXmonitor', data: grid([1, 1, 1, 1, 1, 2]) },
          data: { '@NX_class': 'NXdata', data: spectra() },
        },
      },
      { pixel_um: { x: 1, y: 1 }, i0: 'monitor' },
    );
    const map = spectrumMap(found);
    expect(map.incidentEnergy_eV).toBeCloseTo(10000, 6);
    expect(map.calibration).toEqual({ offset_eV: 0, gain_eV: 20 });
    expect(map.i0![5]).toBe(2);
  });

  it('takes images of a sample that was turned for no map, whatever group holds them', async () => {
    const projections = { data: new Float32Array(40 * 7 * 52).fill(1), shape: [40, 7, 52] };
    const tree: Tree = {
      entry: {
        '@NX_class': 'NXentry',
        instrument: { detector: { '@NX_class': 'NXdetector', data: projections } },
        data: {
          '@NX_class': 'NXdata',
          '@signal': 'data',
          '@axes': ['rotation_angle', 'y', 'x'],
          data: projections,
          rotation_angle: line(
            Array.from({ length: 40 }, (_, k) => 4 * k),
            'degrees',
          ),
        },
      },
    };
    await expect(read(tree)).rejects.toThrow(/turns the sample along its axis 'rotation_angle'.*no map/);
  });

  it('places a broken scan of points with two motors', async () => {
    // Back and forth, and stopped before the last point: the points of pixels 0 1 2 5 4.
    const order = [0, 1, 2, 5, 4];
    const tree: Tree = {
      '1.1': {
        title: { data: 'amesh samy 0 4 2 samz 0 3 1 0.1' },
        measurement: {
          samy: line([0, 2, 4, 4, 2], 'um'),
          samz: line([0, 0, 0, 3, 3], 'um'),
          I0: line([1, 1, 1, 1, 3]),
          mca: spectra((i) => order[i]!, 5),
        },
      },
    };
    const found = await read(tree, { i0: 'I0' });
    const map = spectrumMap(found);
    expect(map.grid).toEqual({ ny, nx, pixel_um: { x: 2, y: 3 } });
    expect(await inChannel(map, 20)).toEqual([1, 11, 21, 0, 41, 51]);
    expect([...map.i0!]).toEqual([1, 1, 1, Number.NaN, 3, 1]);
    expect(found.said.join()).toMatch(/1 of 6 pixels were not measured/u);
    // In blocks of one row: the same.
    expect(await wholeMap({ ...map, rowsPerBlock: 1 })).toEqual(await wholeMap({ ...map, rowsPerBlock: 2 }));
  });

  it.each([
    [
      ['row', 'column', 'channel'],
      ['y', 'x', 'energy'],
      [ny, nx, channels],
    ],
    [
      ['row', 'channel', 'column'],
      ['y', 'energy', 'x'],
      [ny, channels, nx],
    ],
    [
      ['column', 'row', 'channel'],
      ['x', 'y', 'energy'],
      [nx, ny, channels],
    ],
    [
      ['channel', 'column', 'row'],
      ['energy', 'x', 'y'],
      [channels, nx, ny],
    ],
  ])('reads spectra with axes %j', async (order, axes, shape) => {
    const at = (i: number) => {
      const place = [
        Math.floor(i / (shape[1]! * shape[2]!)),
        Math.floor(i / shape[2]!) % shape[1]!,
        i % shape[2]!,
      ];
      const of = (name: string): number => place[order.indexOf(name)]!;
      return count(of('row') * nx + of('column'), of('channel'));
    };
    const data = Int32Array.from({ length: pixels * channels }, (_, i) => at(i));
    const tree: Tree = {
      d: {
        '@NX_class': 'NXdata',
        '@signal': 's',
        '@axes': axes,
        s: { data, shape },
        x: line([0, 1, 2], 'um'),
        y: line([0, 4], 'um'),
      },
    };
    const map = spectrumMap(await read(tree));
    expect(map.grid).toEqual({ ny, nx, pixel_um: { x: 1, y: 4 } });
    expect(await inChannel(map, 20)).toEqual(straight);
    expect((await wholeMap(map)).totals[0]).toBe(156 + 15);
  });
});

describe('PyMca results', () => {
  it('takes areas with their uncertainties, not mass fractions, and the main line of an element', async () => {
    const group = (factor: number): Tree => ({
      '@NX_class': 'NXdata',
      '@signal': 'Fe_Kb',
      '@auxiliary_signals': ['Fe_Ka', 'W_L1', 'W_L3', 'Scatter_Peak000'],
      ...Object.fromEntries(
        ['Fe_Kb', 'Fe_Ka', 'W_L1', 'W_L3', 'Scatter_Peak000'].map((name, i) => [
          name,
          grid([1, 2, 3, 4, 5, 6].map((v) => v * factor * (i + 1))),
        ]),
      ),
    });
    const results = { massfractions: group(1e-3), parameters: group(10), uncertainties: group(1) };
    const tree: Tree = {
      '@default': 'fit',
      fit: { '@NX_class': 'NXentry', '@default': 'plot', plot: group(1e-3), xrf_fit: { results } },
    };
    const found = await read(tree, { pixel_um: { x: 1, y: 1 } });
    expect(found.read.format).toBe('PyMca fit');
    expect(
      elementMap(found).images.map(({ element, values, sigma }) => [element, values[0], sigma![0]]),
    ).toEqual([
      ['Fe', 20, 2],
      ['W', 40, 4],
    ]);
  });
});

describe('placing points', () => {
  it('finds backward rows, and none where the direction is unclear', () => {
    expect(backwardRows(Float64Array.of(0, 1, 2, 2, 1, 0), 2, 3)).toEqual([false, true]);
    expect(backwardRows(Float64Array.of(0, 1, 2, 0.1, 1.1, 2.1), 2, 3)).toBeNull();
    expect(backwardRows(Float64Array.of(0, 1, 0, 2, 1, 2), 2, 3)).toBeNull();
  });
  it('says why points make no grid', () => {
    expect(placePoints(Float64Array.of(1, 1), Float64Array.of(2, 2))).toMatchObject({
      fault: expect.stringMatching(/one place/u),
    });
  });
});
