import { describe, expect, it } from 'vitest';
import type { EnergyStack } from '../../src/measurement.js';
import { Random } from '../../src/numeric/random.js';
import { analyseStack } from '../../src/xrf/stack/stack-analysis.js';
import { stackFractions } from '../../src/xrf/stack/stack-fractions.js';
import { axisOffset, fitAxis, meanSpectrum, referenceAt } from '../../src/xrf/stack/stack-references.js';

const energies = Float64Array.of(17000, 17025, 17034, 17038, 17042, 17046, 17050, 17055, 17070, 17099);
const xanes = (e: number, e0: number, white: number): number =>
  0.5 + Math.atan((e - e0) / 2.2) / Math.PI + white * Math.exp(-0.5 * ((e - e0 - 4) / 3.2) ** 2);
const metal = (e: number): number => xanes(e, 17038, 0);
const lyc = (e: number): number => xanes(e, 17046.5, 1.1);
const reference = (name: string, of: (e: number) => number) => ({
  name,
  norm: energies.map(of),
  sigma: new Float64Array(10),
});
const references = [reference('Y metal', metal), reference('LYC', lyc)];

function makeStack(options: {
  ny?: number;
  nx?: number;
  counts: number;
  patch: number;
  seed: number;
  third?: number;
  /** Factor on all counts of each energy. */
  drift?: number[];
}): EnergyStack {
  const { ny = 60, nx = 80, counts, patch, seed, third = 0, drift = [] } = options;
  const random = new Random(seed);
  const data = new Float32Array(10 * ny * nx);
  for (let k = 0; k < 10; k++) {
    for (let i = 0; i < ny * nx; i++) {
      const f = (Math.floor(i / nx) - 30) ** 2 + ((i % nx) - 50) ** 2 < 25 ? patch : 0;
      const odd = i % nx < 15 ? third * Math.exp(-0.5 * ((energies[k] - 17060) / 8) ** 2) : 0;
      const thickness = 0.6 + 0.8 * ((i % nx) / nx);
      data[k * ny * nx + i] = random.poisson(
        (drift[k] ?? 1) *
          counts *
          (0.15 + thickness * (f * metal(energies[k]) + (1 - f) * lyc(energies[k]) + odd)),
      );
    }
  }
  return {
    name: 's',
    element: 'Y',
    edge: 'K',
    grid: { ny, nx, pixel_um: { x: 2, y: 2 } },
    energies_eV: energies,
    data,
  };
}

describe('fractions of an energy stack', () => {
  it('are exact without noise, whatever the thickness and the baseline', () => {
    const stack = makeStack({ ny: 1, nx: 3, counts: 1, patch: 0, seed: 1 });
    [0, 0.3, 1].forEach((f, i) => {
      for (let k = 0; k < 10; k++)
        stack.data[k * 3 + i] = 7 + (1 + i) * (f * metal(energies[k]) + (1 - f) * lyc(energies[k]));
    });
    const out = stackFractions(stack, references);
    expect(Array.from(out.fraction[0], (v) => Math.round(v * 1e4) / 1e4)).toEqual([0, 0.3, 1]);
    expect(Array.from(out.step, (v) => Math.round(v * 1e3) / 1e3)).toEqual([1, 2, 3]);
  });

  it('carry errors that match their scatter', () => {
    const out = stackFractions(makeStack({ counts: 80, patch: 0, seed: 2 }), references);
    const z = Float64Array.from(out.fraction[0], (f, i) => f / out.sigma[0][i]);
    const rms = Math.sqrt(z.reduce((s, v) => s + v * v, 0) / z.length);
    expect(rms).toBeGreaterThan(0.93);
    expect(rms).toBeLessThan(1.07);
  });

  it('keep a drift of the beam out of the noise of the pixels and in the error of the mean', () => {
    const pulls: number[] = [];
    const random = new Random(31);
    let held = 0;
    for (let seed = 0; seed < 40; seed++) {
      const drift = Array.from({ length: 10 }, () => 1 + random.normal(0, 0.01));
      const stack = makeStack({ ny: 20, nx: 30, counts: 20000, patch: 0, seed, drift });
      const { fractions, means } = analyseStack(stack, references);
      pulls.push(means[0].value / means[0].sigma);
      if (means[0].limit95 >= 0) held++;
      if (seed > 0) continue;
      const z = Float64Array.from(
        fractions.fraction[0],
        (f, i) => (f - means[0].value) / fractions.sigma[0][i],
      );
      expect(Math.sqrt(z.reduce((s, v) => s + v * v, 0) / z.length)).toBeGreaterThan(0.9);
    }
    expect(held).toBe(40);
    // Student's t of some five degrees of freedom: 1.96 holds nine in ten.
    expect(pulls.filter((pull) => Math.abs(pull) < 1.96).length).toBeGreaterThanOrEqual(33);
    expect(pulls.filter((pull) => Math.abs(pull) > 0.3).length).toBeGreaterThanOrEqual(20);
  });

  it('can be held non-negative, or to a sum of one', () => {
    const stack = makeStack({ ny: 20, nx: 20, counts: 60, patch: 0, seed: 3 });
    const held = stackFractions(stack, references, { nonNegative: true });
    expect(Math.min(...held.fraction[0])).toBeGreaterThanOrEqual(0);
    for (let i = 0; i < 400; i++) expect(held.fraction[0][i] + held.fraction[1][i]).toBeCloseTo(1, 5);
  });

  it('are null where an energy is missing, whatever else is asked', () => {
    const stack = makeStack({ counts: 500, patch: 0, seed: 4 });
    stack.data[3 * 60 * 80 + 77] = NaN;
    const whole = stackFractions(makeStack({ counts: 500, patch: 0, seed: 4 }), references);
    for (const options of [{}, { sumToOne: true, minimumStep: 0 }, { nonNegative: true }]) {
      const f = stackFractions(stack, references, options);
      expect([f.fraction[0][77], f.sigma[0][77], f.fraction[1][77]]).toEqual([NaN, NaN, NaN]);
      expect(f.measured).toBe(whole.measured - 1);
      expect(f.meanSignal.every(Number.isFinite)).toBe(true);
      expect(f.noise[1]).toBeCloseTo(whole.noise[1], 2);
    }
  });

  it('are null where there is no edge, and refused when they cannot be determined', () => {
    const stack = makeStack({ ny: 10, nx: 10, counts: 60, patch: 0, seed: 4 });
    for (let k = 0; k < 10; k++) stack.data[k * 100 + 5] = 9;
    expect(stackFractions(stack, references).fraction[0][5]).toBeNaN();
    expect(() => stackFractions(stack, [references[0], { ...references[0], name: 'twin' }])).toThrow(
      RangeError,
    );
  });
});

describe('patches', () => {
  it('finds the one that is there, with its place, size and fraction', () => {
    const { means, searches, statements } = analyseStack(
      makeStack({ counts: 100, patch: 0.35, seed: 5 }),
      references,
    );
    const [search] = searches;
    expect(search!.patches).toHaveLength(1);
    const [patch] = search!.patches;
    expect(Math.hypot(patch.x_um - 100, patch.y_um - 60)).toBeLessThan(4);
    expect(Math.abs(patch.area_um2 / (69 * 4) - 1)).toBeLessThan(0.35);
    expect(Math.abs(patch.mean.value - 0.35)).toBeLessThan(0.06);
    expect(means[0].limit95).toBeGreaterThan(means[0].value);
    expect(statements[0]).toMatch(/one patch found/);
  });

  it('invents none on 25 maps of noise', () => {
    let false_ = 0;
    for (let seed = 100; seed < 125; seed++) {
      const { searches, unexpected } = analyseStack(makeStack({ counts: 40, patch: 0, seed }), references);
      false_ += searches[0]!.patches.length;
      expect(unexpected.significant).toBe(false);
    }
    // One in a hundred maps may hold one.
    expect(false_).toBeLessThanOrEqual(1);
  });

  it('states a fraction that it would have found, and does find it', () => {
    const { searches, statements } = analyseStack(makeStack({ counts: 100, patch: 0, seed: 6 }), references);
    const square = searches[0]!.detectable.find((d) => d.side_um === 16)!;
    expect(statements[0]).toMatch(/no Y metal above .* % in any patch of 16 um.* at 95 %/);
    let found = 0;
    for (let seed = 0; seed < 8; seed++) {
      // A disc of radius 5 pixels has the area of a square of 8.9 pixels, 17.7 um.
      if (
        analyseStack(makeStack({ counts: 100, patch: square.fraction, seed }), references).searches[0]!
          .patches.length > 0
      )
        found++;
    }
    expect(found).toBeGreaterThanOrEqual(6);
  });

  it('notices a species that no reference describes', () => {
    const { unexpected } = analyseStack(
      makeStack({ counts: 400, patch: 0, seed: 7, third: 0.3 }),
      references,
    );
    expect(unexpected.significant).toBe(true);
    expect(unexpected.statement).toMatch(/17055|17070/);
  });
});

describe('references of a stack', () => {
  const energy_eV = Float64Array.from({ length: 600 }, (_, i) => 16950 + 0.5 * i);
  const spectrum = (label: string, of: (e: number) => number) => ({
    label,
    energy_eV,
    norm: energy_eV.map(of),
    sigma: new Float64Array(600).fill(1e-3),
  });
  const spectra = [spectrum('Y metal', metal), spectrum('LYC', lyc)];

  it('are interpolated and refused outside their range', () => {
    expect(referenceAt(spectra[0], energies).norm[4]).toBeCloseTo(metal(17042), 3);
    expect(() => referenceAt(spectra[0], Float64Array.of(16800))).toThrow(/covers/);
  });

  it('give the small offset of the axis with its error, and lean on what is known of it', () => {
    const shifted = energies.map((e) => e + 0.2);
    const pulls: number[] = [];
    for (let seed = 40; seed < 60; seed++) {
      const mean = meanSpectrum(makeStack({ ny: 10, nx: 10, counts: 300, patch: 0, seed }));
      const free = fitAxis(mean, shifted, spectra, Infinity);
      pulls.push((free.shift_eV + 0.2) / free.sigma_eV);
      const known = fitAxis(mean, shifted, spectra, 0.002);
      expect(known.sigma_eV).toBeLessThanOrEqual(0.002);
      expect(Math.abs(known.shift_eV)).toBeLessThan(0.02);
      expect(known.fractionError[0]).toBeLessThan(free.fractionError[0]);
    }
    const rms = Math.sqrt(pulls.reduce((s, v) => s + v * v, 0) / pulls.length);
    expect(rms).toBeGreaterThan(0.5);
    expect(rms).toBeLessThan(1.7);
  });

  it('show that the stack is on another axis, and do not invent one', () => {
    const stack = makeStack({ ny: 20, nx: 20, counts: 500, patch: 0, seed: 8 });
    expect(axisOffset(meanSpectrum(stack), energies, spectra)).toBeNull();
    const found = axisOffset(
      meanSpectrum(stack),
      energies.map((e) => e + 3),
      spectra,
    );
    expect(Math.abs(found!.shift_eV + 3)).toBeLessThan(0.15);
  });
});
