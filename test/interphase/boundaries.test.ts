import { describe, expect, it } from 'vitest';
import { fitLayers } from '../../src/interphase/edges/boundaries.js';
import { beamShare, layerShares } from '../../src/interphase/edges/transition.js';
import { Random } from '../../src/numeric/random.js';

const positions = (n: number, step: number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => step * i);

/** A middle layer of height one between two of height zero, as a blurred beam sees it. */
function profile(position: Float64Array, edges: number[], widths: number[], beam: number): Float64Array {
  const layers = edges.length + 1;
  const shares = new Float64Array(position.length * layers);
  layerShares(position, edges, widths, beam, shares);
  return position.map((_, i) => shares[i * layers + 1]);
}

describe('the share of the beam beyond a boundary', () => {
  it('is a ramp of the width of the beam for a sharp boundary', () => {
    expect(beamShare(0, 0, 2)).toBe(0.5);
    expect(beamShare(0.5, 0, 2)).toBe(0.75);
    expect(beamShare(1.2, 0, 2)).toBe(1);
  });
  it('is the numerical convolution of box and error function', () => {
    const [distance, width, beam] = [0.7, 0.9, 2];
    let sum = 0;
    const n = 4000;
    for (let i = 0; i < n; i++) sum += beamShare(distance + beam * ((i + 0.5) / n - 0.5), width, 0) / n;
    expect(beamShare(distance, width, beam)).toBeCloseTo(sum, 6);
  });
});

describe('fitLayers', () => {
  it('finds both edges of noise-free data to a fraction of a step, not their midpoints', () => {
    const p = positions(30, 2);
    const value = profile(p, [20.7, 41.3], [0.6, 0.9], 2);
    const fit = fitLayers([{ name: 'x', position_um: p, value, sigma: p.map(() => 0.002) }], { beam_um: 2 })!;
    expect(fit.layers).toBe(3);
    expect(fit.boundaries[0].position_um).toBeCloseTo(20.7, 1);
    expect(fit.boundaries[1].position_um).toBeCloseTo(41.3, 1);
    expect(fit.thickness_um!.value).toBeCloseTo(20.6, 1);
  });

  it('has 95 % intervals that cover, and errors below 0.6 um, at a signal-to-noise of 5', () => {
    const random = new Random(11);
    let covered = 0;
    const errors: number[] = [];
    for (let trial = 0; trial < 40; trial++) {
      const p = positions(30, 2);
      const edges = [14 + 8 * random.uniform(), 34 + 10 * random.uniform()];
      const value = profile(p, edges, [0.3 + random.uniform(), 0.3 + random.uniform()], 2).map(
        (v) => v + 0.2 * random.normal(),
      );
      const fit = fitLayers([{ name: 'x', position_um: p, value, sigma: p.map(() => 0.2) }], {
        beam_um: 2,
        layers: 3,
        samples: 2000,
        seed: trial,
      })!;
      fit.boundaries.forEach((b, k) => {
        if (b.interval95_um[0] <= edges[k] && edges[k] <= b.interval95_um[1]) covered++;
        errors.push(Math.abs(b.position_um - edges[k]));
      });
    }
    // 80 intervals: 76 +- 1.9.
    expect(covered).toBeGreaterThanOrEqual(70);
    errors.sort((a, b) => a - b);
    expect(errors[40]).toBeLessThan(0.6);
  });

  it('finds no boundary in noise and one in a step', () => {
    const random = new Random(3);
    const p = positions(30, 2);
    let invented = 0;
    for (let trial = 0; trial < 20; trial++) {
      const noise = p.map(() => random.normal());
      const fit = fitLayers([{ name: 'x', position_um: p, value: noise, sigma: null }], {
        beam_um: 2,
        samples: 300,
      });
      if (fit!.layers > 1) invented++;
    }
    expect(invented).toBeLessThanOrEqual(2);
    const step = p.map((q) => beamShare(q - 31, 0.5, 2) + 0.1 * random.normal());
    const fit = fitLayers([{ name: 'x', position_um: p, value: step, sigma: null }], {
      beam_um: 2,
      samples: 1500,
    })!;
    expect(fit.layers).toBe(2);
    expect(Math.abs(fit.boundaries[0].position_um - 31)).toBeLessThan(1);
  });

  it('does not care for order or direction, bears gaps, outliers and repeated rows', () => {
    const random = new Random(8);
    const p = Float64Array.from(
      [...positions(30, 2), ...positions(30, 2)].map((q, i) => q + (i % 3 === 0 ? 0.4 : 0)),
    );
    const value = profile(p, [20, 40], [0.5, 0.5], 2).map((v) => v + 0.05 * random.normal());
    value[7] = 9;
    value[33] = Number.NaN;
    const order = Array.from(p, (_, i) => i).sort((a, b) => ((a * 37) % 60) - ((b * 37) % 60));
    const run = (sign: number, indices: number[]) =>
      fitLayers(
        [
          {
            name: 'x',
            position_um: Float64Array.from(indices, (i) => sign * p[i]),
            value: Float64Array.from(indices, (i) => value[i]),
            sigma: null,
          },
        ],
        { beam_um: 2, samples: 2000 },
      )!;
    const forward = run(
      1,
      Array.from(p, (_, i) => i),
    );
    expect(forward.layers).toBe(3);
    expect(Math.abs(forward.boundaries[0].position_um - 20)).toBeLessThan(0.4);
    const back = run(-1, order);
    expect(Math.abs(back.boundaries[1].position_um + forward.boundaries[0].position_um)).toBeLessThan(0.05);
  });

  it('uses all observables at once: two that each hold one edge', () => {
    const p = positions(25, 2);
    const random = new Random(21);
    const a = p.map((q) => beamShare(q - 15, 0.4, 2) + 0.03 * random.normal());
    const b = p.map((q) => 5 * beamShare(q - 33, 0.4, 2) + 0.2 * random.normal());
    const fit = fitLayers(
      [
        { name: 'a', position_um: p, value: a, sigma: null },
        { name: 'b', position_um: p, value: b, sigma: null },
      ],
      { beam_um: 2, samples: 2000 },
    )!;
    expect(fit.layers).toBe(3);
    expect(fit.boundaries[0].position_um).toBeCloseTo(15, 0);
    expect(fit.boundaries[1].position_um).toBeCloseTo(33, 0);
    expect(fit.curve('b', Float64Array.of(48))[0]).toBeCloseTo(5, 0);
  });

  it('says nothing about fewer than four points', () => {
    expect(
      fitLayers([{ name: 'x', position_um: positions(3, 2), value: positions(3, 1), sigma: null }], {
        beam_um: 2,
      }),
    ).toBeNull();
  });
});
