import { describe, expect, it } from 'vitest';
import { findGlitches } from '../../src/xas/curve/glitches.js';
import { f2FromPhotoAbsorption, mback } from '../../src/xas/normalize/mback.js';
import { correctOverAbsorption, overAbsorption } from '../../src/xas/normalize/over-absorption.js';
import { chlorideEnergies, chlorideNorm, chlorideSpectrum, chlorideTruth } from './simulated.js';

describe('over-absorption', () => {
  const geometry = { incidence_deg: 45, exit_deg: 45 };

  it('of Cl K in Li3YCl6 at 45/45 degrees has alpha 1.518', () => {
    const { alpha, fluorescence_eV } = overAbsorption('Li3YCl6', 'Cl', 'K', geometry);
    expect(alpha).toBeCloseTo(1.518, 3);
    expect(fluorescence_eV).toBeCloseTo(2621.317, 3);
  });

  it('is undone exactly, with the step kept and the noise grown', () => {
    const alpha = 1.518;
    const truth = chlorideNorm(chlorideEnergies(), chlorideTruth());
    const seen = truth.map((value) => (value * (alpha + 1)) / (alpha + value));
    const { norm, sigma } = correctOverAbsorption(seen, new Float64Array(seen.length).fill(0.01), alpha);
    norm.forEach((value, i) => {
      expect(value).toBeCloseTo(truth[i]!, 9);
    });
    const top = truth.indexOf(Math.max(...truth));
    expect(sigma[top]).toBeGreaterThan(0.02);
    const one = correctOverAbsorption(Float64Array.of(0, 1), Float64Array.of(0.01, 0.01), alpha);
    expect(one.norm[1]).toBeCloseTo(1, 12);
  });

  it('refuses a norm that no thick sample can show', () => {
    expect(() => correctOverAbsorption(Float64Array.of(2.6), Float64Array.of(0.01), 1.5)).toThrow(
      /cannot come from/,
    );
  });
});

describe('MBACK', () => {
  it('finds scale and background of a spectrum made from the table', () => {
    const energy = Float64Array.from({ length: 300 }, (_, i) => 16840 + 2 * i);
    const f2 = energy.map((e) => f2FromPhotoAbsorption('Y', e < 17038 ? Math.min(e, 17037.99) : e + 0.01));
    const mu = f2.map((value, i) => (value + 0.5 + 1e-3 * (energy[i]! - 17038)) / 4);
    const made = mback(energy, mu, 'Y', 17038, {
      e0_eV: 17038,
      pre_eV: [-190, -30],
      post_eV: [60, 390],
      degree: 1,
    });
    expect(made.scale).toBeCloseTo(4, 4);
    made.f2.forEach((value, i) => {
      expect(value).toBeCloseTo(f2[i]!, 4);
    });
    expect(made.norm[0]).toBeCloseTo(0, 2);
    expect(made.norm[110]).toBeCloseTo(1, 1);
  });
});

describe('glitches', () => {
  it('are found where they were put, and nowhere else', () => {
    const { energy_eV, mu } = chlorideSpectrum(chlorideTruth(), 8);
    expect(findGlitches(energy_eV, mu, null, 0.74)).toEqual([]);
    const bad = mu.slice();
    bad[90] = bad[90]! + 0.2;
    bad[170] = bad[170]! - 0.2;
    expect(findGlitches(energy_eV, bad, null, 0.74).map(({ index }) => index)).toEqual([90, 170]);
  });
});
