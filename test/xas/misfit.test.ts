import { describe, expect, it } from 'vitest';
import { likeliestMisfit, misfitFactor } from '../../src/xas/peaks/misfit.js';
import { randomSource } from './simulated.js';

const energy = Float64Array.from({ length: 90 }, (_, i) => 2818 + 0.1 * i);
const fit = energy.map((e) => 0.5 + Math.atan((e - 2825) / 0.6) / Math.PI);
const sigma = new Float64Array(energy.length).fill(0.002);

describe('misfit of a description', () => {
  it('is none where noise explains the residual', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const random = randomSource(seed);
      const y = fit.map((value) => value + 0.002 * random.normal());
      expect(likeliestMisfit(energy, y, sigma, fit, 0.74)).toBeNull();
    }
  });

  it('is found within a factor of two, in the middle of ten', () => {
    const truth = { part: 0.02, length_eV: 1.48 };
    const factor = misfitFactor(energy, sigma, fit, truth)!;
    const n = energy.length;
    const parts: number[] = [];
    for (let seed = 1; seed <= 10; seed++) {
      const random = randomSource(100 + seed);
      const deviates = Float64Array.from({ length: n }, () => random.normal());
      const y = fit.map((value, i) => {
        let sum = value;
        for (let k = 0; k <= i; k++) sum += factor[i * n + k]! * deviates[k]!;
        return sum;
      });
      parts.push(likeliestMisfit(energy, y, sigma, fit, 0.74)!.part);
    }
    const middle = parts.sort((a, b) => a - b)[5]!;
    expect(middle).toBeGreaterThan(0.0099);
    expect(middle).toBeLessThan(0.041);
  });

  it('leaves a point without weight none', () => {
    const masked = sigma.slice();
    masked[40] = Number.POSITIVE_INFINITY;
    const factor = misfitFactor(energy, masked, fit, { part: 0.01, length_eV: 1 })!;
    expect(factor.every(Number.isFinite)).toBe(true);
    expect(factor[40 * energy.length + 40]).toBeGreaterThan(10);
  });
});
