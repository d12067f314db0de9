import { describe, expect, it } from 'vitest';
import { estimateNoise } from '../../src/xas/curve/noise.js';
import { featureWidth_eV } from '../../src/xas/curve/resolution.js';
import { alignSpectra } from '../../src/xas/edge/align.js';
import {
  calibrationShift,
  combineShifts,
  edgeEnergyOf,
  shiftByAngle,
} from '../../src/xas/edge/calibration.js';
import { findEdgeFeatures } from '../../src/xas/edge/edge-features.js';
import { shiftStatement } from '../../src/xas/edge/statements.js';
import { gaussian, step, stepSlope } from '../../src/xas/peaks/lineshapes.js';
import { chlorideEnergies, randomSource } from './simulated.js';

const noisy = (values: Float64Array, noise: number, seed: number): Float64Array => {
  const random = randomSource(seed);
  return values.map((value) => value + noise * random.normal());
};
const chlorine = (energy: Float64Array, mu: Float64Array) =>
  findEdgeFeatures(energy, mu, estimateNoise(energy, mu).sigma, featureWidth_eV('Cl', 'K'));

describe('noise of a curve', () => {
  it('is found to 15 % from the scatter of neighbours, whatever the curve does slowly', () => {
    const energy = chlorideEnergies();
    const mu = noisy(
      energy.map((e) => 3 + Math.sin(e / 9)),
      0.01,
      5,
    );
    const { sigma } = estimateNoise(energy, mu);
    const middle = [...sigma].sort((a, b) => a - b)[sigma.length >> 1]!;
    expect(middle).toBeGreaterThan(0.0085);
    expect(middle).toBeLessThan(0.0115);
  });

  it('keeps a stated sigma that agrees with the scatter, and scales one that does not', () => {
    const energy = chlorideEnergies();
    const mu = noisy(
      energy.map(() => 1),
      0.01,
      6,
    );
    const right = new Float64Array(mu.length).fill(0.01);
    expect(estimateNoise(energy, mu, right).sigma).toEqual(right);
    const wrong = new Float64Array(mu.length).fill(0.001);
    expect(estimateNoise(energy, mu, wrong).sigma[100]).toBeGreaterThan(0.008);
  });
});

describe('features of an edge', () => {
  const energy = chlorideEnergies();

  it('gives the inflection of an arctangent within its interval in at least 88 of 100 noisy spectra', () => {
    // The white line moves the inflection: where the slope of the noiseless curve is largest.
    const slope = (d: number): number =>
      stepSlope('arctan', d, 1.2) - 1.5 * 8 * Math.LN2 * ((d - 1.5) / 2.4 ** 2) * gaussian(d - 1.5, 2.4);
    let offset = 0;
    for (let d = -2; d < 2; d += 0.001) if (slope(d) > slope(offset)) offset = d;
    let inside = 0;
    for (let seed = 1; seed <= 100; seed++) {
      const e0 = 2825 + 0.01 * seed;
      const mu = noisy(
        energy.map((e) => step('arctan', e - e0, 1.2) + 1.5 * gaussian(e - e0 - 1.5, 2.4)),
        0.005,
        seed,
      );
      const found = chlorine(energy, mu).main!.energy_eV;
      if (Math.abs(found.value - e0 - offset) < 1.96 * found.sigma) inside++;
    }
    expect(inside).toBeGreaterThanOrEqual(88);
  });

  it('is as unsure of a flat top of the derivative as it is flat', () => {
    // Two steps 1.1 eV apart: the derivative hardly bends between them, and noise moves its top far.
    const energy = chlorideEnergies();
    const at = (e: number): number =>
      0.5 * (step('arctan', e - 2825.5, 1.2) + step('arctan', e - 2826.4, 1.3));
    const fine = Float64Array.from({ length: 2000 }, (_, i) => 2824 + i / 500);
    const slope = fine.map((e) => at(e + 1e-4) - at(e - 1e-4));
    const truth = fine[slope.indexOf(Math.max(...slope))]!;
    let inside = 0;
    let worst = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const { main } = chlorine(energy, noisy(energy.map(at), 0.006, seed));
      const pull = Math.abs(main!.energy_eV.value - truth) / main!.energy_eV.sigma;
      if (pull < 1.96) inside++;
      worst = Math.max(worst, pull);
    }
    expect(inside).toBeGreaterThanOrEqual(53);
    expect(worst).toBeLessThan(5);
  });

  it('does not take a strong pre-edge peak for the edge, and reports both', () => {
    const mu = noisy(
      energy.map((e) => step('arctan', e - 2826, 1.2) + 1.4 * gaussian(e - 2820.5, 1.3)),
      0.004,
      2,
    );
    const { main, preEdge, inflections } = chlorine(energy, mu);
    expect(main!.energy_eV.value).toBeCloseTo(2826, 0);
    expect(preEdge!.energy_eV.value).toBeCloseTo(2820, 0);
    expect(inflections[0]!.prominence).toBe(1);
  });

  it('finds nothing in noise', () => {
    const mu = noisy(new Float64Array(energy.length).fill(1), 0.01, 9);
    expect(chlorine(energy, mu).main).toBeNull();
  });

  it('does not take fine structure far behind the edge for it, however noisy', () => {
    const energy = Float64Array.from({ length: 300 }, (_, i) => 2790 + i);
    const slow = noisy(
      energy.map(
        (e) => step('arctan', e - 2825, 1.2) + 0.12 * Math.sin((e - 2825) / 12) * step('erf', e - 2860, 30),
      ),
      0.02,
      3,
    );
    const { main } = chlorine(energy, slow);
    expect(Math.abs(main!.energy_eV.value - 2825)).toBeLessThan(1);
  });

  it('falls back to the main inflection where a metal’s pre-edge inflection is missing', () => {
    const features = {
      inflections: [],
      main: { energy_eV: { value: 17050, sigma: 0.1 }, slope: 1, prominence: 1 },
      preEdge: null,
      preEdgeIsFoot: false,
      halfStep: null,
      whiteLine: null,
    };
    expect(edgeEnergyOf(features, 'Y', 'K')).toMatchObject({ feature: 'main-inflection' });
    expect(edgeEnergyOf(features, 'Y', 'K', 'pre-edge-inflection')).toBeNull();
    expect(calibrationShift(features, 'Y', 'K', 17051, null)!.shift_eV.value).toBe(1);
  });
});

describe('calibration', () => {
  it('widens the mean of calibrants that disagree', () => {
    const agreeing = combineShifts([
      { value: 1, sigma: 0.1 },
      { value: 1.05, sigma: 0.1 },
    ]);
    expect(agreeing.value).toBeCloseTo(1.025);
    expect(agreeing.sigma).toBeCloseTo(0.0707, 3);
    expect(
      combineShifts([
        { value: 0, sigma: 0.1 },
        { value: 1, sigma: 0.1 },
      ]).sigma,
    ).toBeCloseTo(0.5, 3);
  });

  it('shifts by angle as by energy at the edge, and more far above it', () => {
    const moved = shiftByAngle(Float64Array.from([17038, 18038]), 17038, 2, 3.1356);
    expect(moved[0]).toBeCloseTo(17040, 6);
    expect(moved[1]! - 18038).toBeCloseTo(2 * (18038 / 17038) ** 2, 1);
  });

  it('gives the half step within its interval in at least 35 of 40 noisy spectra', () => {
    const energy = chlorideEnergies();
    let inside = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const e0 = 2825 + 0.013 * seed;
      const clean = (e: number): number => step('arctan', e - e0, 1.2) + 0.5 * gaussian(e - e0 - 1.5, 2.4);
      let half = e0 - 2;
      while (clean(half) < 0.5) half += 0.001;
      const found = chlorine(energy, noisy(energy.map(clean), 0.01, seed)).halfStep!;
      if (Math.abs(found.value - half) < 1.96 * found.sigma) inside++;
      expect(found.sigma).toBeLessThan(0.2);
    }
    expect(inside).toBeGreaterThanOrEqual(35);
  });

  it('aligns two noisy edges within the stated uncertainty', () => {
    const energy = chlorideEnergies();
    const pulls: number[] = [];
    for (let seed = 1; seed <= 40; seed++) {
      const shape = (shift: number) =>
        energy.map((e) => step('arctan', e + shift - 2826, 1.5) + gaussian(e + shift - 2828, 3));
      const curve = (mu: Float64Array, s: number) => ({
        energy_eV: energy,
        mu: noisy(mu, 0.004, s),
        sigma: new Float64Array(energy.length).fill(0.004),
      });
      const moving = curve(shape(0.4), seed);
      const fixed = curve(
        shape(0).map((v) => 0.7 * v + 0.1),
        1000 + seed,
      );
      const found = alignSpectra(moving, fixed, 2810, 2860, 12);
      pulls.push((found.shift_eV.value - 0.4) / found.shift_eV.sigma);
    }
    const rms = Math.sqrt(pulls.reduce((sum, p) => sum + p * p, 0) / pulls.length);
    expect(rms).toBeGreaterThan(0.6);
    expect(rms).toBeLessThan(1.4);
  });

  it('says in words whether a shift differs from zero', () => {
    expect(shiftStatement({ value: 1.01, sigma: 0.05 }, 'foil', 'main-inflection', true)).toMatch(
      /\+1\.010 ± 0\.050 eV.*differs from zero \(20/,
    );
    expect(shiftStatement({ value: -0.05, sigma: 0.05 }, 'foil', 'main-inflection', true)).toMatch(
      /does not differ from zero/,
    );
  });
});
