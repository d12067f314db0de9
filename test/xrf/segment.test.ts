import { describe, expect, it } from 'vitest';
import type { ElementMap } from '../../src/measurement.js';
import { effectiveCounts } from '../../src/xrf/image/noise.js';
import { nameRegions } from '../../src/xrf/regions/naming.js';
import { notMeasured, segmentMap } from '../../src/xrf/regions/segment.js';
import { phantom } from './phantom.js';

const truthNames = ['anode', 'aei', 'electrolyte', 'cathode'];
const agreement = (map: ElementMap, labels: Uint8Array): number => {
  const s = segmentMap(map);
  let right = 0;
  for (let i = 0; i < labels.length; i++) if (s.regions[s.labels[i]]?.name === truthNames[labels[i]]) right++;
  return right / labels.length;
};

describe('regions of an element map', () => {
  it.each([3, 30, 2000])('finds and names the four regions at %d counts a pixel', (counts) => {
    const { map, labels } = phantom({ counts, across: 60, along: 60, seed: counts });
    const s = segmentMap(map);
    expect(s.regions.map((r) => r.name)).toEqual(['cathode', 'electrolyte', 'aei', 'anode']);
    // Pixels on a boundary are mixtures: one in four along three boundaries of 60 pixels may go either way.
    expect(agreement(map, labels)).toBeGreaterThan(0.95);
    expect(s.regions.reduce((sum, r) => sum + r.area_um2, 0)).toBeCloseTo(60 * 60 * 25);
  });

  it('finds no AEI where there is none, either way round', () => {
    for (const axis of ['x', 'y'] as const) {
      const { map } = phantom({
        counts: 10,
        thickness_um: 0,
        across: 60,
        along: 60,
        axis,
        anodeFirst: axis === 'y',
        seed: 5,
      });
      const s = segmentMap(map);
      expect(s.axis).toBe(axis);
      expect(s.regions.map((r) => r.name)).toEqual(['cathode', 'electrolyte', 'anode']);
    }
  });

  it('is not led astray by hot pixels, missing rows and rates instead of counts', () => {
    const { map, labels } = phantom({ counts: 20, across: 60, along: 60, seed: 8 });
    const values = map.images[1].values;
    for (const i of [100, 1234, 2222]) values[i] = 50000;
    for (const image of map.images) {
      image.values.fill(NaN, 600, 660);
      for (let i = 0; i < image.values.length; i++) image.values[i] *= 3.7;
    }
    const s = segmentMap(map);
    expect(s.regions.map((r) => r.name)).toEqual(['cathode', 'electrolyte', 'aei', 'anode']);
    expect(s.labels.slice(600, 660).every((l) => l === notMeasured)).toBe(true);
    expect(s.images.gain[0]).toBeCloseTo(3.7, 1);
    expect(agreement(map, labels)).toBeGreaterThan(0.92);
  });

  it('gives each pixel its probability: certain inside, less so where counts are few', () => {
    const many = segmentMap(phantom({ counts: 300, across: 50, along: 40 }).map);
    const few = segmentMap(phantom({ counts: 1, across: 50, along: 40 }).map);
    const mean = (p: Float64Array) => p.reduce((a, b) => a + b, 0) / p.length;
    expect(mean(many.probability)).toBeGreaterThan(0.97);
    expect(mean(few.probability)).toBeLessThan(mean(many.probability));
    for (const p of many.probability) expect(p).toBeGreaterThan(0.2);
  });

  it('takes a stated number of classes', () => {
    expect(segmentMap(phantom({ across: 50, along: 40 }).map, { classes: 3 }).classes).toBe(3);
  });

  it('does not name regions without indium', () => {
    const { map } = phantom({ across: 50, along: 40 });
    const s = segmentMap({ ...map, images: map.images.filter((i) => i.element !== 'In') });
    expect(s.regions.every((r) => r.name.startsWith('class'))).toBe(true);
    expect(s.statements[0]).toMatch(/could not be named/);
  });
});

describe('names from composition', () => {
  it('knows the four regions by their relative levels', () => {
    const region = (Y: number, In: number, Cl: number, across: number) => ({
      mean: { Y, In, Cl },
      pixels: 100,
      across,
    });
    expect(
      nameRegions([
        region(60, 3, 900, 70),
        region(52, 25, 800, 40),
        region(4, 70, 30, 10),
        region(14, 3, 240, 90),
      ]),
    ).toEqual(['electrolyte', 'aei', 'anode', 'cathode']);
  });

  it('has no AEI on the far side of the electrolyte', () => {
    const region = (Y: number, In: number, Cl: number, across: number) => ({
      mean: { Y, In, Cl },
      pixels: 100,
      across,
    });
    expect(
      nameRegions([region(60, 3, 900, 50), region(4, 70, 30, 10), region(40, 12, 600, 90)]),
    ).not.toContain('aei');
  });
});

describe('what cannot be told', () => {
  const without = (element: string, value: (v: number) => number) => {
    const { map } = phantom({ across: 50, along: 40, counts: 30 });
    const images = map.images.map((i) => (i.element === element ? { ...i, values: i.values.map(value) } : i));
    return segmentMap({ ...map, images });
  };

  it('is an anode where no indium was counted anywhere', () => {
    expect(without('In', () => 0).regions.every((r) => r.name.startsWith('class'))).toBe(true);
  });

  it('is the name of a map that is all one', () => {
    expect(nameRegions([{ mean: { Y: 10, In: 2, Cl: 30 }, pixels: 1600, across: 20 }])).toEqual(['other']);
  });

  it('is a beam that fades where only one element has bright rows', () => {
    const { map } = phantom({ across: 50, along: 40, counts: 30 });
    const { nx } = map.grid;
    const indium = map.images.find((i) => i.element === 'In')!;
    for (const row of [5, 6, 20]) for (let c = 10; c < nx; c++) indium.values[row * nx + c] *= 30;
    expect(segmentMap(map).illumination).toBeNull();
  });
});

describe('gain of a map', () => {
  it('takes whole numbers that no detector counts for rates', () => {
    const { map } = phantom({ across: 50, along: 40, counts: 30 });
    const images = map.images.map((i) => ({ ...i, values: i.values.map((v) => v * 1e12) }));
    for (const gain of effectiveCounts({ ...map, images }).gain) expect(gain / 1e12).toBeCloseTo(1, 6);
  });

  it('finds one count in values that are multiples of a quantum, and in scatter', () => {
    const { map } = phantom({
      counts: 40,
      across: 60,
      along: 60,
      levels: { cathode: [1, 1, 1], electrolyte: [1, 1, 1], aei: [1, 1, 1], anode: [1, 1, 1] },
    });
    const image = { ...map.images[0], values: map.images[0].values.map((v) => v * 0.25) };
    expect(effectiveCounts({ ...map, images: [image] }).gain[0]).toBeCloseTo(0.25, 6);
    const blurred = { ...image, values: image.values.map((v, i) => v * (1 + 1e-4 * Math.sin(i))) };
    const found = effectiveCounts({ ...map, images: [blurred] });
    expect(found.source[0]).toBe('local scatter');
    expect(found.gain[0] / 0.25).toBeGreaterThan(0.7);
    expect(found.gain[0] / 0.25).toBeLessThan(1.3);
  });
});
