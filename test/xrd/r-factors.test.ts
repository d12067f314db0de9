import { describe, expect, it } from 'vitest';
import { rFactors } from '../../src/xrd/refine/r-factors.js';

describe('R factors', () => {
  const observed = Float64Array.from([100, 200, 400, 200, 100]);
  const calculated = Float64Array.from([110, 190, 380, 210, 90]);
  const background = new Float64Array(5).fill(50);
  const weight = observed.map((y) => 1 / y);

  it('follow the definitions of GSAS-II, background included', () => {
    const r = rFactors(observed, calculated, background, weight, 2);
    const chi2 = 100 / 100 + 100 / 200 + 400 / 400 + 100 / 200 + 100 / 100;
    expect(r.chi2).toBeCloseTo(chi2, 12);
    expect(r.rwp_percent).toBeCloseTo(100 * Math.sqrt(chi2 / 1000), 12);
    expect(r.rexp_percent).toBeCloseTo(100 * Math.sqrt(3 / 1000), 12);
    expect(r.gof).toBeCloseTo(Math.sqrt(chi2 / 3), 12);
    expect(r.gof).toBeCloseTo(r.rwp_percent / r.rexp_percent, 12);
    expect(r.rp_percent).toBeCloseTo((100 * 60) / 1000, 12);
    expect(r.rwpBackgroundCorrected_percent).toBeGreaterThan(r.rwp_percent);
  });

  it('leave masked points out', () => {
    const spoiled = observed.slice();
    spoiled[2] = Number.NaN;
    const masked = weight.slice();
    masked[2] = 0;
    const r = rFactors(spoiled, calculated, background, masked, 2);
    expect(r.points).toBe(4);
    expect(r.chi2).toBeCloseTo(3, 12);
  });

  it('tell serial correlation by Durbin and Watson: 2 for independent, near 0 for runs', () => {
    const zero = new Float64Array(100);
    const one = new Float64Array(100).fill(1);
    const run = Float64Array.from({ length: 100 }, (_, i) => (i < 50 ? 1 : -1));
    const zigzag = Float64Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 1 : -1));
    expect(rFactors(run, zero, zero, one, 0).durbinWatson).toBeCloseTo(0.04, 10);
    expect(rFactors(zigzag, zero, zero, one, 0).durbinWatson).toBeCloseTo(3.96, 10);
  });
});
