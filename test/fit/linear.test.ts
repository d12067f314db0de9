import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linearLeastSquares, SmallLeastSquares } from '../../src/fit/linear.js';
import { Random } from '../../src/numeric/random.js';

const columnsOf = (random: Random, count: number, points: number) =>
  Array.from({ length: count }, () => Float64Array.from({ length: points }, () => random.normal(1, 1)));

/** The least sum of squares on the whole simplex or cone, by trying a fine neighbourhood of the answer. */
function residual(columns: Float64Array[], y: Float64Array, c: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < y.length; i++) {
    let f = 0;
    for (let j = 0; j < columns.length; j++) f += c[j]! * columns[j]![i]!;
    sum += (y[i]! - f) ** 2;
  }
  return sum;
}

describe('constrained least squares', () => {
  for (const constraint of ['non-negative', 'simplex'] as const) {
    it(`${constraint}: obeys the rule and no allowed move lowers the sum of squares`, () => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 2, max: 8 }), (seed, count) => {
          const random = new Random(seed);
          const columns = columnsOf(random, count, 12);
          const y = Float64Array.from({ length: 12 }, () => random.normal(0.5, 1));
          const solver = new SmallLeastSquares(columns, constraint);
          const c = new Float64Array(count);
          solver.solve(solver.project(y), c);
          expect(Math.min(...c)).toBeGreaterThanOrEqual(0);
          const total = c.reduce((a, b) => a + b, 0);
          if (constraint === 'simplex') expect(total).toBeCloseTo(1, 9);
          const best = residual(columns, y, c);
          // The problem is convex: it is enough that no step towards a vertex (or along an edge of the cone) helps.
          for (let j = 0; j < count; j++) {
            const towards = c.map((value, k) =>
              constraint === 'simplex'
                ? value + 1e-4 * ((k === j ? 1 : 0) - value)
                : value + (k === j ? 1e-4 : 0),
            );
            expect(residual(columns, y, towards)).toBeGreaterThanOrEqual(best - 1e-9);
            if (constraint === 'simplex' || c[j] === 0) continue;
            const away = c.map((value, k) => (k === j ? value * (1 - 1e-4) : value));
            expect(residual(columns, y, away)).toBeGreaterThanOrEqual(best - 1e-9);
          }
        }),
        { numRuns: 300 },
      );
    });
  }

  it('simplex covariance is that of repeated noise, and has none along the sum', () => {
    const random = new Random(11);
    const columns = columnsOf(random, 3, 20);
    const truth = [0.5, 0.3, 0.2];
    const clean = columns[0]!.map((_, i) => truth.reduce((sum, c, j) => sum + c * columns[j]![i]!, 0));
    const solver = new SmallLeastSquares(
      columns.map((column) => column.map((v) => v / 0.05)),
      'simplex',
    );
    const runs = 4000;
    const sums = new Float64Array(9);
    const c = new Float64Array(3);
    let mask = 0;
    for (let run = 0; run < runs; run++) {
      const y = clean.map((value) => (value + random.normal(0, 0.05)) / 0.05);
      mask = solver.solve(solver.project(y), c);
      for (let i = 0; i < 9; i++)
        sums[i]! += (c[Math.floor(i / 3)]! - truth[Math.floor(i / 3)]!) * (c[i % 3]! - truth[i % 3]!);
    }
    const covariance = solver.covariance(mask);
    for (const i of [0, 4, 8]) expect(sums[i]! / runs / covariance[i]!).toBeCloseTo(1, 1);
    expect(sums[1]! / runs / covariance[1]!).toBeCloseTo(1, 0);
    for (let i = 0; i < 3; i++)
      expect(Math.abs(covariance[3 * i]! + covariance[3 * i + 1]! + covariance[3 * i + 2]!)).toBeLessThan(
        1e-12,
      );
  });

  it('copes with equal columns: the answer fits as well as without the copy', () => {
    const random = new Random(5);
    const [a, b] = columnsOf(random, 2, 15) as [Float64Array, Float64Array];
    const y = a.map((value, i) => 0.4 * value + 0.6 * b[i]! + random.normal(0, 0.01));
    const single = linearLeastSquares({ columns: [a, b], y, constraint: 'simplex' });
    const doubled = linearLeastSquares({ columns: [a, a.slice(), b], y, constraint: 'simplex' });
    expect(doubled.chi2).toBeCloseTo(single.chi2, 8);
  });
});

describe('linearLeastSquares', () => {
  it('gives the weighted normal-equation answer and marks degenerate coefficients', () => {
    const random = new Random(3);
    const columns = columnsOf(random, 2, 30);
    const sigma = Float64Array.from({ length: 30 }, (_, i) => 0.1 + 0.01 * i);
    const y = columns[0]!.map((v, i) => 2 * v - columns[1]![i]! + random.normal(0, sigma[i]!));
    const fit = linearLeastSquares({ columns, y, sigma, scaleCovariance: 'never' });
    const solver = new SmallLeastSquares(
      columns.map((c) => c.map((v, i) => v / sigma[i]!)),
      'none',
    );
    const c = new Float64Array(2);
    const mask = solver.solve(solver.project(y.map((v, i) => v / sigma[i]!)), c);
    expect(fit.coefficients[0]).toBeCloseTo(c[0]!, 10);
    expect(fit.covariance[1]).toBeCloseTo(solver.covariance(mask)[1]!, 10);
    expect(Math.abs(fit.coefficients[0]! - 2) / fit.sigma[0]!).toBeLessThan(4);
    const twice = linearLeastSquares({ columns: [...columns, columns[1]!], y, sigma });
    expect(twice.sigma[2]).toBeNaN();
    expect(twice.sigma[0]! / fit.sigma[0]!).toBeGreaterThan(0.99);
    expect(twice.curve[7]).toBeCloseTo(fit.curve[7]!, 8);
  });
});
