import { describe, expect, it } from 'vitest';
import type { ElementMap } from '../../src/measurement.js';
import { seededRandom } from '../../src/xrf/image/random.js';
import { layerFrame } from '../../src/xrf/layer/frame.js';
import { measureLayer } from '../../src/xrf/layer/measure-layer.js';
import { pixelStep } from '../../src/xrf/layer/pixel-step.js';
import { thinnestSeen } from '../../src/xrf/layer/thinnest.js';
import { segmentMap } from '../../src/xrf/regions/segment.js';
import { poisson } from './phantom.js';

type Layer = 'anode' | 'aei' | 'electrolyte';
const level: Record<Layer, [number, number, number]> = {
  anode: [0.03, 1, 0.05],
  aei: [1, 0.35, 1],
  electrolyte: [1, 0.05, 1],
};

/** A sharp map (Y, In, Cl) of what lies at each place, in pixels; every pixel is the mean of 6 x 6 places. */
function draw(
  ny: number,
  nx: number,
  counts: number,
  at: (x: number, y: number) => Layer,
  seed = 1,
): ElementMap {
  const random = seededRandom(seed);
  const images = ['Y', 'In', 'Cl'].map((element) => ({
    element,
    values: new Float64Array(ny * nx),
    sigma: null,
  }));
  for (let i = 0; i < ny * nx; i++) {
    const mean = [0, 0, 0];
    for (let k = 0; k < 36; k++) {
      const layer = at((i % nx) + ((k % 6) - 2.5) / 6, Math.floor(i / nx) + (Math.floor(k / 6) - 2.5) / 6);
      for (let e = 0; e < 3; e++) mean[e] += (counts * level[layer][e]) / 36;
    }
    for (let e = 0; e < 3; e++) images[e].values[i] = poisson(mean[e], random);
  }
  return { name: 'form', grid: { ny, nx, pixel_um: { x: 2, y: 2 } }, incidentEnergy_eV: null, images };
}

const between = (d: number, thickness: number): Layer =>
  d < 0 ? 'anode' : d < thickness ? 'aei' : 'electrolyte';
const measure = (map: ElementMap) => measureLayer(segmentMap(map), { draws: 80 })!;

describe('layers that do not follow the pixels', () => {
  it.each([35, 55, -50])('are measured across a slant of %d degrees', (degrees) => {
    const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
    const map = draw(64, 60, 40, (x, y) =>
      between((x - 24) * cos + (y - 30) * sin + 0.8 * Math.sin(((y - 30) * cos - (x - 24) * sin) / 6), 7),
    );
    const layer = measure(map);
    expect(Math.abs(((layer.angle_deg - degrees + 270) % 180) - 90)).toBeLessThan(3);
    expect(layer.thickness_um!.interval95[0]).toBeLessThan(14.05);
    expect(layer.thickness_um!.interval95[1]).toBeGreaterThan(13.85);
    expect(Math.abs(layer.thickness_um!.mean / 14 - 1)).toBeLessThan(0.03);
    const aei = layer.regions.regions.find((r) => r.name === 'aei')!;
    const drawn = Array.from(layer.regions.labels.keys()).filter(
      (i) => between(((i % 60) - 24) * cos + (Math.floor(i / 60) - 30) * sin + 0, 7) === 'aei',
    ).length;
    expect(Math.abs(aei.pixels / drawn - 1)).toBeLessThan(0.06);
    for (const line of layer.boundaries)
      for (const [k, x] of line.x_um.entries()) {
        expect(x).toBeGreaterThan(-2);
        expect(line.y_um[k]).toBeLessThan(2 * 64);
      }
  });

  it('are measured about a bend', () => {
    const map = draw(60, 64, 60, (x, y) => between(Math.hypot(x + 12, y - 28) - 42, 8));
    const { mean, sigma } = measure(map).thickness_um!;
    expect(Math.abs(mean / 16 - 1)).toBeLessThan(0.02);
    expect(Math.abs(mean - 16)).toBeLessThan(3 * sigma);
  });

  it('are followed round a sharp turn, which is no dendrite', () => {
    const map = draw(44, 56, 20, (x, y) => between((x - 20 + Math.abs(y - 22)) / Math.SQRT2, 5));
    const layer = measure(map);
    expect(layer.intrusions).toEqual([]);
    const { mean, sigma } = layer.thickness_um!;
    expect(Math.abs(mean - 10)).toBeLessThan(0.3 + 2 * sigma);
  });

  it('are known no better than the rows that were measured: a boundary in a lost row', () => {
    const map = draw(50, 40, 300, (_, y) => between(y - 20.2, 7.5));
    for (const image of map.images) image.values.fill(Number.NaN, 27 * 40, 28 * 40);
    const { mean, sigma } = measure(map).thickness_um!;
    expect(Math.abs(mean - 15)).toBeLessThan(3 * sigma + 0.1);
    expect(Math.abs(mean - 15)).toBeLessThan(1);
  });

  it('keep their thickness under a beam that fades over the map, which is told', () => {
    const map = draw(56, 60, 200, (x, y) => between(x - 22 + 0.6 * Math.sin(y / 5), 7));
    const random = seededRandom(4);
    for (const image of map.images)
      image.values.forEach((v, i) => {
        // Thinned counts are counts: what a weaker beam would have given.
        const share = 1 - 0.35 * ((i % 60) / 59);
        image.values[i] = poisson(v * share, random);
      });
    const segmentation = segmentMap(map);
    expect(segmentation.statements.join(' ')).toMatch(/changes smoothly over the map/u);
    const [first, last] = [segmentation.illumination![30 * 60], segmentation.illumination![30 * 60 + 59]];
    expect(last / first).toBeCloseTo(0.65, 1);
    const { mean, sigma } = measureLayer(segmentation, { draws: 80 })!.thickness_um!;
    expect(Math.abs(mean - 14)).toBeLessThan(0.25 + 2 * sigma);
  });

  it('have holes beside them that are no bodies', () => {
    const map = draw(56, 60, 12, (x) => between(x - 20, 7));
    const random = seededRandom(9);
    for (const image of map.images)
      image.values.forEach((_, i) => {
        if (Math.hypot((i % 60) - 38, Math.floor(i / 60) - 28) < 4) image.values[i] = poisson(0.3, random);
      });
    const layer = measure(map);
    expect(layer.intrusions).toEqual([]);
    expect(Math.abs(layer.thickness_um!.mean - 14)).toBeLessThan(3 * layer.thickness_um!.sigma);
  });

  it('leave a dendrite with a narrow neck out, and list it once', () => {
    const map = draw(60, 60, 60, (x, y) => {
      const stem = Math.abs(y - 30) < 1.5 && x < 36;
      const head = Math.hypot(x - 38, y - 30) < 4;
      return stem || head ? 'anode' : between(x - 18, 9);
    });
    const layer = measure(map);
    expect(layer.intrusions).toHaveLength(1);
    expect(layer.intrusions[0].material).toBe('anode');
    expect(layer.intrusions[0].depth_um).toBeGreaterThan(40);
    expect(Math.abs(layer.intrusions[0].y_um - 60)).toBeLessThan(2);
    expect(Math.abs(layer.thickness_um!.mean / 18 - 1)).toBeLessThan(0.03);
  });

  /** Thickness 6 pixels from x = 14; stems and heads (middle along, half width, radius of the head) reach to x = 32. */
  const forest = (bodies: [number, number, number][], counts: number): ElementMap =>
    draw(60, 56, counts, (x, y) =>
      x > 13 &&
      bodies.some(([at, half, r]) => (Math.abs(y - at) < half && x < 30) || Math.hypot(x - 30, y - at) < r)
        ? 'anode'
        : between(x - 14, 6),
    );

  it.each([
    [
      'needles',
      [
        [20, 1.2, 1.2],
        [25, 1.6, 1.6],
        [31, 1, 1],
      ],
      30,
    ],
    [
      'heads that touch',
      [
        [20, 1.2, 3.2],
        [26, 1.4, 3.4],
        [32, 1, 3],
      ],
      30,
    ],
    [
      'heads that touch, seen brightly',
      [
        [20, 1.6, 3.6],
        [27, 1.8, 3.8],
      ],
      2500,
    ],
  ] as [string, [number, number, number][], number][])(
    'leave out dendrites side by side, each of its own: %s',
    (_, bodies, counts) => {
      const layer = measure(forest(bodies, counts));
      const found = layer.intrusions.map((b) => ({ material: b.material, row: b.y_um / 2 }));
      expect(found.map((b) => b.material)).toEqual(bodies.map(() => 'anode'));
      found.sort((a, b) => a.row - b.row);
      for (const [k, [at]] of bodies.entries()) expect(Math.abs(found[k].row - at)).toBeLessThan(1);
      const { mean, sigma } = layer.thickness_um!;
      expect(Math.abs(mean - 12)).toBeLessThan(3 * sigma);
    },
  );

  it('follow a hill of the boundary, which is no body however rough the rest is', () => {
    const hill = (y: number): number => 6 * Math.exp(-0.5 * ((y - 30) / 6) ** 2) + 0.8 * Math.sin(y / 2);
    const layer = measure(draw(60, 56, 20, (x, y) => between(x - 14 - hill(y), 6 + 0.6 * Math.cos(y / 3))));
    expect(layer.intrusions).toEqual([]);
  });

  it('are not given a thickness where they close upon themselves', () => {
    const map = draw(60, 60, 60, (x, y) => between(Math.hypot(x - 30, y - 30) - 12, 8));
    const layer = measureLayer(segmentMap(map), { draws: 60 });
    expect(layer?.thickness_um ?? null).toBeNull();
    if (layer) expect(layer.statements.join(' ')).toMatch(/not told|cannot be told/);
  });
});

describe('parts', () => {
  it('integrate a step over a pixel that lies obliquely', () => {
    const out = new Float64Array(3);
    const [wide, narrow, sigma] = [0.8, 0.6, 0.3];
    const at = (d: number, s = sigma): number[] => {
      pixelStep(d, s, wide, narrow, out);
      return [...out];
    };
    for (const d of [-0.9, -0.2, 0, 0.5]) {
      let sum = 0;
      for (let i = 0; i < 60; i++)
        for (let k = 0; k < 60; k++) {
          const x = d + wide * ((i + 0.5) / 60 - 0.5) + narrow * ((k + 0.5) / 60 - 0.5);
          pixelStep(x, sigma, 1e-3, 0, out);
          sum += out[0] / 3600;
        }
      expect(at(d)[0]).toBeCloseTo(sum, 3);
      expect((at(d + 1e-3)[0] - at(d - 1e-3)[0]) / 2e-3).toBeCloseTo(at(d)[1], 3);
      expect((at(d, sigma + 1e-3)[0] - at(d, sigma - 1e-3)[0]) / 2e-3).toBeCloseTo(at(d)[2], 3);
    }
  });

  it('put points of a slanted frame on the map where they were taken from', () => {
    const frame = layerFrame({ ny: 20, nx: 30, pixel_um: { x: 1, y: 3 } }, 'x', 0.6);
    for (const i of [0, 29, 311, 599]) {
      const { x_um, y_um } = frame.place(frame.s[i], frame.t[i]);
      expect(x_um).toBeCloseTo(i % 30, 9);
      expect(y_um).toBeCloseTo(3 * Math.floor(i / 30), 9);
      expect(frame.holds(frame.s[i], frame.t[i])).toBe(true);
    }
    expect(frame.holds(frame.s[0], frame.t[0] - 2)).toBe(false);
  });

  it('know the thinnest layer that would be seen', () => {
    const edge = {
      anode: Float64Array.of(0.03, 1, 0.05),
      electrolyte: Float64Array.of(1, 0.05, 1),
      phi: new Float64Array(3).fill(1),
      indium: 1,
      sigma: 0.5,
      lines: 60,
      pixels: 3600,
    };
    const scaled = (counts: number) => ({
      ...edge,
      anode: edge.anode.map((v) => v * counts),
      electrolyte: edge.electrolyte.map((v) => v * counts),
    });
    expect(thinnestSeen(scaled(0.02))).toBeNull();
    expect(thinnestSeen(scaled(1000))!).toBeLessThan(1);
    expect(thinnestSeen(scaled(5))!).toBeGreaterThan(thinnestSeen(scaled(500))!);
  });
});
