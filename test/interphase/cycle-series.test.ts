import { describe, expect, it } from 'vitest';
import { cycleSeries } from '../../src/interphase/together/cycle-series.js';
import { Random } from '../../src/numeric/random.js';

const point = (cycles: number, value: number, sigma: number) => ({
  sample: `c${cycles}`,
  cycles,
  value: { value, sigma },
});

describe('thickness against cycles', () => {
  it('recovers a saturating growth within its errors', () => {
    const pulls: number[] = [];
    for (let seed = 0; seed < 40; seed++) {
      const random = new Random(seed);
      const points = [0, 50, 100, 200, 400, 700, 1000].map((n) =>
        point(n, 50 * (1 - Math.exp(-n / 200)) + random.normal(), 1),
      );
      const { fits } = cycleSeries(points);
      const fit = fits.find((f) => f.model === 'saturating')!;
      pulls.push((fit.plateau.value - 50) / fit.plateau.sigma);
    }
    const inside = pulls.filter((p) => Math.abs(p) < 1.96).length;
    expect(inside).toBeGreaterThanOrEqual(33);
    expect(Math.sqrt(pulls.reduce((s, p) => s + p * p, 0) / 40)).toBeGreaterThan(0.6);
  });

  it('sees that a layer starts late: 2.5, 5, 50, 50 um', () => {
    const { fits } = cycleSeries([
      point(0, 0, 0.3),
      point(50, 2.5, 0.3),
      point(100, 5, 0.4),
      point(500, 50, 1),
      point(1000, 51, 1),
    ]);
    expect(fits[0].model).toBe('sigmoid');
    expect(Math.abs(fits[0].plateau.value - 51)).toBeLessThan(3);
    expect(fits[0].curve.value[100]).toBeGreaterThan(fits[0].curve.value[10]);
  });

  it('leaves out a course whose parameters are not determined, and says when none holds', () => {
    const flat = cycleSeries([
      point(50, 15.1, 1.5),
      point(100, 21.4, 1.5),
      point(500, 19, 0.8),
      point(1000, 20.4, 0.8),
    ]);
    expect(flat.fits.map((fit) => fit.model)).not.toContain('sigmoid');
    for (const { plateau, cycles, exponent } of flat.fits)
      for (const p of [plateau, cycles, exponent]) if (p) expect(p.sigma).toBeLessThan(3 * Math.abs(p.value));
    const late = cycleSeries([point(100, 4.9, 0.2), point(500, 47.6, 0.15), point(1000, 47.5, 0.17)]);
    expect(late.statements.join(' ')).toMatch(/samples lie 6\d times as far from the saturating course/);
    expect(flat.statements.join(' ')).not.toMatch(/times as far/);
  });

  it('says what too few samples cannot tell', () => {
    const none = cycleSeries([point(100, 5, 1), { sample: 'b', cycles: 500, value: null }]);
    expect(none.fits).toEqual([]);
    expect(none.statements.join(' ')).toMatch(/1 of 2 samples have no thickness.*do not determine/);
  });
});
