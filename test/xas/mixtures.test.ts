import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSpectrumScans } from '../../src/formats/spectra/spectrum-file.js';
import { fitMixture } from '../../src/xas/mixture/mixture.js';
import type { Curve } from '../../src/xas/mixture/mixture-options.js';
import { searchMixtures } from '../../src/xas/mixture/mixture-search.js';
import { fitShiftedMixture } from '../../src/xas/mixture/mixture-shifts.js';
import { compareNested } from '../../src/xas/mixture/mixture-statistics.js';
import { describeReal, sharedData } from '../support/shared-data.js';
import { chlorideEnergies, chlorideNorm, chlorideTruth, randomSource } from './simulated.js';

const energy_eV = chlorideEnergies();
const pure = [
  chlorideTruth({ peaks: [] }),
  chlorideTruth({ e0_eV: 2826.5, whiteLine: { centre_eV: 2828.4, area: 1.5, fwhm_eV: 2.6 } }),
  chlorideTruth({ e0_eV: 2825.6, whiteLine: { centre_eV: 2827, area: 2.8, fwhm_eV: 1.8 }, peaks: [] }),
].map(
  (truth, k): Curve => ({ label: `s${k}`, energy_eV, values: chlorideNorm(energy_eV, truth), sigma: null }),
);
const mixed = (weights: number[], noise: number, seed: number): Curve => {
  const random = randomSource(seed);
  return {
    label: 'sample',
    energy_eV,
    values: energy_eV.map(
      (_, i) => pure.reduce((sum, s, j) => sum + weights[j]! * s.values[i]!, 0) + noise * random.normal(),
    ),
    sigma: new Float64Array(energy_eV.length).fill(noise),
  };
};
const range = { from_eV: 2810, to_eV: 2860 };

describe('linear combination', () => {
  it('keeps the weights on the simplex for any data', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1, max: 2, noNaN: true }), { minLength: 3, maxLength: 3 }),
        fc.nat(1e6),
        (weights, seed) => {
          const { weights: found, total } = fitMixture(mixed(weights, 0.02, seed), pure, range);
          for (const { value } of found) expect(value).toBeGreaterThanOrEqual(0);
          expect(total.value).toBeCloseTo(1, 9);
          expect(total.sigma).toBe(0);
        },
      ),
      { seed: 11, numRuns: 60 },
    );
  });

  it('covers the true weights in 92 to 98 % of 400 noisy mixtures', () => {
    let inside = 0;
    let all = 0;
    const random = randomSource(77);
    for (let seed = 1; seed <= 400; seed++) {
      const a = 0.2 + 0.3 * random.uniform();
      const b = 0.2 + 0.3 * random.uniform();
      const truth = [a, b, 1 - a - b];
      const { weights } = fitMixture(mixed(truth, 0.01, seed), pure, range);
      weights.forEach(({ value, sigma }, j) => {
        all++;
        if (Math.abs(value - truth[j]!) < 1.96 * sigma) inside++;
      });
    }
    expect(inside / all).toBeGreaterThan(0.92);
    expect(inside / all).toBeLessThan(0.98);
  });

  it('limits how much of an absent component could hide, in at least 92 % of 200 spectra', () => {
    let held = 0;
    for (let seed = 1; seed <= 200; seed++)
      if (fitMixture(mixed([0.97, 0.03, 0], 0.01, seed), pure, range).limits95[1]! > 0.03) held++;
    expect(held).toBeGreaterThan(184);
  });

  it('moves standards back and carries the freedom into the weights', () => {
    const data = mixed([0.6, 0.4, 0], 0.003, 4);
    const moved = pure.map(
      (s, j): Curve => ({ ...s, energy_eV: energy_eV.map((e) => e + (j === 1 ? 0.15 : 0)) }),
    );
    const fit = fitShiftedMixture(data, moved.slice(0, 2), range, 0.5);
    expect(Math.abs(fit.shifts_eV[1]!.value + 0.15)).toBeLessThan(4 * fit.shifts_eV[1]!.sigma + 0.005);
    expect(Math.abs(fit.weights[0]!.value - 0.6)).toBeLessThan(4 * fit.weights[0]!.sigma + 0.002);
    const fixed = fitMixture(data, pure.slice(0, 2), range);
    expect(fit.weights[0]!.sigma).toBeGreaterThan(fixed.weights[0]!.sigma);
  });

  it('allows for a drift between the scans', () => {
    const truth = [0.5, 0.5, 0];
    const data = mixed(truth, 0.002, 8);
    const drifted = { ...data, energy_eV: energy_eV.map((e) => e + 0.03) };
    const stiff = fitMixture(drifted, pure, range);
    const loose = fitMixture(drifted, pure, { ...range, drift_eV: 0.03 });
    const pull = (fit: typeof stiff): number =>
      Math.max(...fit.weights.map(({ value, sigma }, j) => Math.abs(value - truth[j]!) / sigma));
    expect(pull(stiff)).toBeGreaterThan(3);
    expect(pull(loose)).toBeLessThan(3);
  });

  it('leaves out single points that stand out of the residual, and names them', () => {
    const clean = mixed([0.5, 0.3, 0.2], 0.004, 31);
    const at = energy_eV.findIndex((e) => e > 2826.4);
    const glitched = { ...clean, values: clean.values.map((value, i) => (i === at ? value + 0.4 : value)) };
    const options = { ...range, drift_eV: 0.005 };
    const found = fitMixture(glitched, pure, options);
    expect(found.glitches_eV).toEqual([energy_eV[at]]);
    expect(fitMixture(clean, pure, options).glitches_eV).toEqual([]);
    const truth = fitMixture(clean, pure, options);
    found.weights.forEach(({ value }, j) => {
      expect(Math.abs(value - truth.weights[j]!.value)).toBeLessThan(truth.weights[j]!.sigma);
    });
  });

  it('takes what another choice of ranges would change into the weights, and into no other misfit', () => {
    const truth = [0.5, 0.3, 0.2];
    const data = mixed(truth, 0.003, 41);
    const wrong = { ...data, values: data.values.map((value) => 1.02 * value) };
    const exact = { noise: 0, changes: {} };
    const other = { step: 0.03, offset: 0, slope_per_eV: 0, at_eV: 2826 };
    const stiff = fitMixture(wrong, pure, {
      ...range,
      drift_eV: 0.001,
      scales: [exact, exact, exact, exact],
    });
    const loose = fitMixture(wrong, pure, {
      ...range,
      drift_eV: 0.001,
      scales: [{ noise: 0, changes: { norm1: [other] } }, exact, exact, exact],
    });
    expect(stiff.statistics.reducedChi2).toBeGreaterThan(3);
    expect(loose.statistics.reducedChi2).toBeLessThan(1.4);
    loose.weights.forEach(({ value, sigma }, j) => {
      expect(Math.abs(value - truth[j]!)).toBeLessThan(3 * sigma);
    });
  });

  it('ranks the true combination first and finds a needless third standard not significant', () => {
    const found = searchMixtures(mixed([0.7, 0.3, 0], 0.01, 21), pure, range, 3);
    expect(found[0]!.fit.labels).toEqual(['s0', 's1']);
    expect(found.reduce((sum, { bicWeight }) => sum + bicWeight, 0)).toBeCloseTo(1);
    const small = fitMixture(mixed([0.7, 0.3, 0], 0.01, 21), pure.slice(0, 2), range).statistics;
    const large = fitMixture(mixed([0.7, 0.3, 0], 0.01, 21), pure, {
      ...range,
      nonNegative: false,
    }).statistics;
    expect(compareNested(small, large).probability).toBeGreaterThan(0.01);
  });
});

describeReal('gold L3 combinations', () => {
  const load = async (name: string): Promise<Curve> => {
    const [scan] = await readSpectrumScans(`${sharedData}xas/lcf-gold/${name}.dat`);
    const [energies, values] = scan!.columns;
    return { label: name, energy_eV: energies!.values, values: values!.values, sigma: null };
  };
  it.each([
    [['s1', 's2'], [0.47066, 0.52934], 9339.1],
    [['s1', 's2', 's5'], [0.27867, 0.53207, 0.18926], 5078.3],
    [['s1', 's2', 's3', 's6'], [0.32788, 0.46501, 0.06384, 0.14326], 2095.2],
    [['s1', 's2', 's3', 's5'], [0.30304, 0.45836, 0.05429, 0.18431], 2312.1],
  ])('%j', async (names, weights, chi2) => {
    const fit = fitMixture(await load('unknown'), await Promise.all(names.map(load)), {
      from_eV: 11870,
      to_eV: 12030,
      sigma: 0.001,
    });
    fit.weights.forEach(({ value }, j) => {
      expect(Math.abs(value - weights[j]!)).toBeLessThan(2e-5);
    });
    expect(fit.statistics.points).toBe(160);
    expect(fit.statistics.chi2).toBeCloseTo(chi2, 1);
    if (names.length === 3) {
      expect(fit.statistics.aic).toBeCloseTo(557.21, 2);
      expect(fit.statistics.bic).toBeCloseTo(563.36, 2);
    }
  });
});
