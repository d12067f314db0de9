import { describe, expect, it } from 'vitest';
import { mean, standardDeviation } from '../../src/numeric/robust.js';
import { simulateKim2024 } from '../../src/simulate/kim2024.js';
import { normalThickness, wavyLayer } from '../../src/simulate/wavy-layer.js';

const experiment = (seed: number, ...texts: string[]) => simulateKim2024(['parts=xrf,stack', ...texts], seed);

describe('the simulated XRF map', () => {
  it('holds as much indium layer as the truth says', () => {
    const { map } = experiment(3, 'noise=false', 'map.cathode=false');
    const { nx, ny } = map!.map.grid;
    const indium = map!.map.images.find(({ element }) => element === 'In')!.values;
    const [anode, aei, electrolyte] = [70, 25, 3];
    let area = 0;
    for (let row = 0; row < ny; row++)
      for (let column = 0; column < nx; column++) area += indium[row * nx + column]! - electrolyte;
    const boundaries = map!.truth.boundaries as { mean_um: number }[];
    const length = boundaries[0]!.mean_um + 2.5;
    const width =
      (area * 5) / ny / (aei - electrolyte) - (length * (anode - electrolyte)) / (aei - electrolyte);
    expect(width).toBeCloseTo(boundaries[1]!.mean_um - boundaries[0]!.mean_um, 0);
  });

  it('waves with the stated roughness and thickness', () => {
    const { truth } = experiment(5, 'map.ny=400').map!;
    const [first] = truth.boundaries as { roughness_rms_um: number }[];
    const thickness = truth.aei_thickness_um as { mean: number; p5: number; p95: number };
    expect(first!.roughness_rms_um).toBeGreaterThan(3);
    expect(first!.roughness_rms_um).toBeLessThan(5.5);
    expect(thickness.mean).toBeGreaterThan(46);
    expect(thickness.mean).toBeLessThan(49.5);
    expect(thickness.p95 - thickness.p5).toBeGreaterThan(5);
    expect(experiment(5, 'aei=false').map!.truth.aei_thickness_um).toBeNull();
  });

  it('measures thickness along the normal: a tilted band is thinner than its cut along x', () => {
    const y = Float64Array.from({ length: 200 }, (_, i) => i);
    const first = y.map((v) => 50 + 0.75 * v);
    const thickness = normalThickness({ y_um: y, first_um: first, second_um: first.map((v) => v + 20) });
    expect(thickness[100]).toBeCloseTo(20 / Math.hypot(1, 0.75), 6);
    const wavy = wavyLayer(
      {
        height_um: 500,
        start_um: 100,
        thickness_um: 30,
        roughness_um: 4,
        variation_um: 2,
        correlation_um: 40,
      },
      1,
    );
    expect(standardDeviation(wavy.second_um.map((v, i) => v - wavy.first_um[i]!))).toBeCloseTo(2, 1);
    expect(mean(wavy.first_um)).toBeCloseTo(100, 0);
  });

  it('counts with Poisson noise', () => {
    const clean = experiment(2, 'noise=false').map!.map.images[0]!.values;
    const noisy = experiment(2).map!.map.images[0]!.values;
    const chi2 =
      noisy.reduce((sum, value, i) => sum + (value - clean[i]!) ** 2 / clean[i]!, 0) / noisy.length;
    expect(chi2).toBeCloseTo(1, 1);
  });
});

describe('the simulated Y K stack', () => {
  it('holds metallic yttrium only in its patch', () => {
    const plain = experiment(2, 'noise=false').stack!;
    const patched = experiment(2, 'noise=false', 'stack.patch=0.3').stack!;
    const pixels = plain.nx * plain.ny;
    const [patch] = (patched.truth.components as { patches: { area_um2: number }[] }[])[0]!.patches;
    const changed = Array.from({ length: pixels }, (_, i) => i).filter(
      (i) => Math.abs(patched.counts[5 * pixels + i]! - plain.counts[5 * pixels + i]!) > 1e-6,
    );
    expect(changed.length * 4).toBe(patch!.area_um2);
    expect(Math.abs(patch!.area_um2 - (Math.PI / 4) * 15 ** 2)).toBeLessThan(25);
    expect((plain.truth.components as { patches: unknown[] }[])[0]!.patches).toEqual([]);
    // Below the first inflection metal absorbs more than the salt: that is how it shows.
    expect(patched.counts[4 * pixels + changed[0]!]!).toBeGreaterThan(
      1.2 * plain.counts[4 * pixels + changed[0]!]!,
    );
  });
});
