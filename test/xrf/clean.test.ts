import { describe, expect, it } from 'vitest';
import { type MapFault, mapFaults } from '../../src/experiment.js';
import type { ElementMap } from '../../src/measurement.js';
import { Random } from '../../src/numeric/random.js';
import { cleanMap } from '../../src/xrf/image/clean-map.js';
import { effectiveCounts } from '../../src/xrf/image/noise.js';
import { findOffsets } from '../../src/xrf/image/offsets.js';
import { removeOutliers } from '../../src/xrf/image/outliers.js';
import { findRowShifts } from '../../src/xrf/image/row-shifts.js';
import { findStripes } from '../../src/xrf/image/stripes.js';

const [ny, nx] = [60, 80];
/** Layers across x with wavy boundaries, a few particles, and a beam of about a pixel and a half. */
const rise = (d: number): number => 1 / (1 + Math.exp(-1.7 * d));
const border = (y: number): number => 30 + 4 * Math.sin(y / 9) + 2 * Math.cos(y / 4);
const spot = (y: number, x: number, at: [number, number], width: number): number =>
  Math.exp(-((x - at[1]) ** 2 + (y - at[0]) ** 2) / width);
const scene: Record<string, (y: number, x: number) => number> = {
  In: (y, x) => 40 - 34 * rise(x - border(y)) + 60 * spot(y, x, [20, 55], 8),
  Y: (y, x) => 4 + 30 * rise(x - border(y)) + 15 * rise(x - border(y + 20) - 18),
  Cl: (y, x) => 10 + 45 * rise(x - border(y)) + 40 * spot(y, x, [44, 60], 12),
};

interface Faulty {
  seed?: number;
  scale?: number;
  /** Where the pixel (row, column) of an element really looks. */
  at?: (y: number, x: number, element: string) => [number, number];
  /** Beam on the pixel. */
  beam?: (y: number, x: number) => number;
}

function scan({ seed = 1, scale = 1, at = (y, x) => [y, x], beam = () => 1 }: Faulty = {}): ElementMap {
  const random = new Random(seed);
  const images = Object.entries(scene).map(([element, of]) => ({
    element,
    sigma: null,
    values: Float64Array.from({ length: ny * nx }, (_, i) => {
      const [y, x] = [Math.floor(i / nx), i % nx];
      return random.poisson(scale * beam(y, x) * of(...at(y, x, element)));
    }),
  }));
  return { name: 'm', grid: { ny, nx, pixel_um: { x: 2, y: 3 } }, incidentEnergy_eV: null, images };
}
const all = new Set<MapFault>(mapFaults);
const none = new Set<MapFault>();

/** Scatter about the truth in standard deviations of counting. */
function misfit(map: ElementMap, scale = 1): number {
  let [sum, n] = [0, 0];
  for (const { element, values } of map.images)
    values.forEach((v, i) => {
      if (!Number.isFinite(v)) return;
      const truth = scale * scene[element](Math.floor(i / nx), i % nx);
      sum += (v - truth) ** 2 / truth;
      n++;
    });
  return Math.sqrt(sum / n);
}

describe('a clean map', () => {
  it.each([0.1, 1, 20])('stays as it is at %f of the counts', (scale) => {
    for (let seed = 1; seed <= 3; seed++) {
      const map = scan({ seed, scale });
      const { map: cleaned, notes } = cleanMap(map, all, true);
      expect(notes).toEqual([]);
      expect(cleaned.images).toEqual(map.images);
    }
  });

  it('stays as it is where layers run along the rows, where a sample ends, and where nothing is', () => {
    const random = new Random(3);
    const image = (of: (y: number, x: number) => number): Float64Array =>
      Float64Array.from({ length: ny * nx }, (_, i) => random.poisson(of(Math.floor(i / nx), i % nx)));
    const images = [
      image((y) => 200 * rise(20.3 - y) + 2),
      image((y, x) => (x > 60 ? 0 : 150 * rise(y - 20.3) * rise(45.5 - y))),
      image((y, x) => (x > 60 ? 0 : 100 * rise(45.5 - y) + 1)),
    ].map((values, e) => ({ element: ['In', 'Y', 'Cl'][e], values, sigma: null }));
    const { notes } = cleanMap({ ...scan(), images }, all, false);
    expect(notes).toEqual([]);
  });
});

describe('outliers', () => {
  it('are found where they are and left out only if asked', () => {
    const map = scan({ seed: 7 });
    for (const [i, v] of [
      [605, 4000],
      [606, 3000],
      [1700, 900],
    ] as const)
      map.images[0].values[i] = v;
    const told = cleanMap(map, none, false);
    expect(told.map.images).toEqual(map.images);
    expect(told.notes.join()).toMatch(
      /3 pixels far from all around them \(3 of In; row 7 column 45.*clean: \[outliers\]/u,
    );
    const { map: cleaned } = cleanMap(map, new Set(['outliers']), false);
    const lost = [...cleaned.images[0].values.keys()].filter((i) =>
      Number.isNaN(cleaned.images[0].values[i]),
    );
    expect(lost).toEqual([605, 606, 1700]);
    expect(cleaned.images[1].values).toEqual(map.images[1].values);
    expect(cleaned.grid).toEqual(map.grid);
  });
  it('are not the pixels of a layer one pixel thin', () => {
    const random = new Random(5);
    const values = Float64Array.from({ length: 900 }, (_, i) => random.poisson(i % 30 === 12 ? 900 : 20));
    expect(removeOutliers(values, 30, 30).outliers).toEqual([]);
  });
});

describe('lost lines and pixels', () => {
  it('are taken for not measured unasked, and told', () => {
    const map = scan({
      seed: 4,
      scale: 2,
      beam: (y, x) => (y === 12 || y === 13 || x === 79 || (y === 30 && x === 40) ? 0 : 1),
    });
    const { map: cleaned, notes } = cleanMap(map, none, false);
    for (const { values } of cleaned.images)
      values.forEach((v, i) => {
        const [y, x] = [Math.floor(i / nx), i % nx];
        expect(Number.isNaN(v)).toBe(y === 12 || y === 13 || x === 79 || (y === 30 && x === 40));
      });
    expect(notes).toEqual([expect.stringMatching(/row 12, row 13, column 79 without a count/u)]);
  });
});

describe('stripes', () => {
  const beam = (y: number, x: number): number => (y === 20 ? 0.7 : y === 41 ? 1.2 : x === 50 ? 0.6 : 1);
  it.each([1, 10])('of a weak beam are found with their factors and evened at %f of the counts', (scale) => {
    const map = scan({ seed: 9, scale, beam });
    const rows = findStripes(effectiveCounts(map), 'row');
    expect(rows.map(({ index }) => index)).toEqual([20, 41]);
    for (const [k, { factor, sigma }] of rows.entries())
      expect(Math.abs(factor - [0.7, 1.2][k])).toBeLessThan(4 * sigma + 0.01);
    const { map: even, notes } = cleanMap(map, new Set(['stripes']), false);
    expect(notes.join()).toMatch(/rows 20 \(0\.\d\d\), 41 \(1\.\d\d\) and column 50 \(0\.\d\d\): divided/u);
    const truth = scan({ seed: 10, scale });
    const sumOf = (m: ElementMap, e: number): number => m.images[e].values.reduce((a, b) => a + b, 0);
    for (let e = 0; e < 3; e++) expect(Math.abs(sumOf(even, e) / sumOf(truth, e) - 1)).toBeLessThan(0.02);
    // Errors are those of the counts that were measured.
    const i = 20 * nx + 10;
    expect(even.images[0].sigma![i]).toBeCloseTo(
      Math.sqrt(Math.max(map.images[0].values[i], 1)) / rows[0].factor,
      9,
    );
  });
  it('are not made by one element alone', () => {
    const map = scan({ seed: 9, scale: 5 });
    for (let x = 0; x < nx; x++) map.images[2].values[20 * nx + x] *= 3;
    expect(findStripes(effectiveCounts(map), 'row')).toEqual([]);
  });
});

describe('rows out of place', () => {
  it.each([-1.5, 0.7, 2.3])('backlash of %f pixels is found within a tenth and taken out', (slip) => {
    for (const scale of [0.3, 3]) {
      const map = scan({ seed: 12, scale, at: (y, x) => [y, x - (y % 2 ? slip : 0)] });
      const { backlash, jumps } = findRowShifts(effectiveCounts(map));
      expect(jumps).toEqual([]);
      expect(Math.abs(backlash!.pixels - slip)).toBeLessThan(Math.max(0.1, 4 * backlash!.sigma));
      const cleaned = cleanMap(map, new Set(['row-shifts']), false);
      expect(cleaned.notes.join()).toMatch(/every second row lies .* pixels further along x.*: moved back/u);
      expect(misfit(cleaned.map, scale)).toBeLessThan(1.1);
    }
  });
  it('single rows that jumped are found, each with its own shift', () => {
    const slips = new Map([
      [10, 2.4],
      [11, -1.3],
      [33, 0.8],
      [50, -3],
    ]);
    const map = scan({ seed: 13, scale: 3, at: (y, x) => [y, x - (slips.get(y) ?? 0)] });
    const { backlash, jumps } = findRowShifts(effectiveCounts(map));
    expect(backlash).toBeNull();
    expect(jumps.map(({ row }) => row)).toEqual([...slips.keys()]);
    for (const { row, pixels, sigma } of jumps)
      expect(Math.abs(pixels - slips.get(row)!)).toBeLessThan(0.1 + 4 * sigma);
    expect(misfit(cleanMap(map, new Set(['row-shifts']), false).map, 3)).toBeLessThan(misfit(map, 3) - 0.06);
  });
});

describe('images of separate scans', () => {
  const offset = (scale: number, dx: number, dy: number): ElementMap =>
    scan({ seed: 14, scale, at: (y, x, e) => (e === 'Y' ? [y - dy, x - dx] : [y, x]) });
  it.each([
    [3, -2],
    [-1.4, 0.6],
  ])('offset by %f, %f pixels are found and, if asked, moved', (dx, dy) => {
    const map = offset(3, dx, dy);
    const { reference, offsets } = findOffsets(effectiveCounts(map), false);
    expect(reference).not.toBe('Y');
    expect(offsets.map(({ element }) => element)).toEqual(['Y']);
    expect(Math.abs(offsets[0].dx - dx)).toBeLessThan(0.2);
    expect(Math.abs(offsets[0].dy - dy)).toBeLessThan(0.2);
    expect(misfit(cleanMap(map, new Set(['offsets']), true).map, 3)).toBeLessThan(1.1);
    expect(cleanMap(map, none, false).notes).toEqual([]);
  });
  it('are told of unasked where both halves show it', () => {
    const map = offset(3, -1.4, 0.6);
    const told = cleanMap(map, none, true);
    expect(told.notes.join()).toMatch(/Y lies -2\.\d, [12]\.\d um \(x, y\) from .*clean: \[offsets\]/u);
    expect(told.map.images).toEqual(map.images);
  });
});

describe('layers with rough boundaries', () => {
  it.each([10, 1000])('have no faults at %f counts', (counts) => {
    const random = new Random(counts);
    const rough = (at: number): Float64Array => {
      let v = random.normal();
      return Float64Array.from({ length: ny }, () => {
        v = 0.7 * v + 0.7 * random.normal();
        return at + 1.5 * v;
      });
    };
    const [inner, outer] = [rough(30), rough(55)];
    const levels = { In: [1.5, 0.35, 0.03], Y: [0.03, 1, 1.1], Cl: [0.02, 1, 1.05] };
    const images = Object.entries(levels).map(([element, [a, b, c]]) => ({
      element,
      sigma: null,
      values: Float64Array.from({ length: ny * nx }, (_, i) => {
        const [y, x] = [Math.floor(i / nx), i % nx];
        const [first, second] = [rise(x - inner[y]), rise(x - outer[y])];
        return random.poisson(counts * (a * (1 - first) + b * (first - second) + c * second));
      }),
    }));
    expect(cleanMap({ ...scan(), images }, none, true).notes).toEqual([]);
  });
});
