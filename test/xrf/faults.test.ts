import { describe, expect, it } from 'vitest';
import type { ElementMap } from '../../src/measurement.js';
import { Random } from '../../src/numeric/random.js';
import { measureLayer } from '../../src/xrf/layer/measure-layer.js';
import { segmentMap } from '../../src/xrf/regions/segment.js';
import { phantom } from './phantom.js';

const mapOf = (ny: number, nx: number, value: (i: number, e: number) => number): ElementMap => ({
  name: 'm',
  grid: { ny, nx, pixel_um: { x: 5, y: 5 } },
  incidentEnergy_eV: null,
  images: ['Y', 'In', 'Cl'].map((element, e) => ({
    element,
    values: Float64Array.from({ length: ny * nx }, (_, i) => value(i, e)),
    sigma: null,
  })),
});

describe('maps without an answer', () => {
  const random = new Random(1);
  it.each([
    ['nothing measured', mapOf(20, 20, () => NaN)],
    ['nothing counted', mapOf(20, 20, () => 0)],
    ['one level', mapOf(20, 20, () => 7)],
    ['noise alone', mapOf(30, 30, () => random.poisson(20))],
    ['one row', mapOf(1, 40, (i) => (i < 20 ? 5 : 50))],
    ['four pixels', mapOf(2, 2, (i) => i)],
    ['negative values', mapOf(20, 20, () => random.normal())],
    ['huge rates', mapOf(20, 20, (i) => 1e9 * (1 + (i % 20)))],
  ])('%s: no layer is made up and nothing breaks', (_title, map) => {
    const s = segmentMap(map);
    expect(s.labels).toHaveLength(map.grid.ny * map.grid.nx);
    const layer = measureLayer(s, { draws: 50 });
    expect(layer?.thickness_um ?? null).toBeNull();
  });

  it('goes on with missing columns, rows and half an image', () => {
    const { map, truth } = phantom({ counts: 60, across: 60, along: 50, axis: 'x' });
    for (const image of map.images) {
      for (let r = 0; r < 50; r++) image.values[r * 60 + 45] = NaN;
      image.values.fill(NaN, 10 * 60, 13 * 60);
    }
    map.images[2].values.fill(NaN, 40 * 60);
    const t = measureLayer(segmentMap(map), { draws: 60 })!.thickness_um!;
    expect(Math.abs(t.mean / truth.meanThickness_um - 1)).toBeLessThan(0.03);
  });

  it('goes on when the scan stopped early, and with hot pixels in every image', () => {
    const { map, truth } = phantom({ counts: 60, across: 60, along: 60, axis: 'x' });
    for (const image of map.images) {
      image.values.fill(NaN, 50 * 60);
      for (let r = 0; r < 50; r += 7) for (let c = 0; c < 60; c += 9) image.values[r * 60 + c] = 1e7;
    }
    const segmentation = segmentMap(map);
    expect(segmentation.statements.join()).toContain('hot pixels');
    const layer = measureLayer(segmentation, { draws: 60 })!;
    expect(layer.aeiPresent).toBe(true);
    expect(Math.abs(layer.thickness_um!.mean / truth.meanThickness_um - 1)).toBeLessThan(0.04);
  });
});
