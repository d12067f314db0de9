import { describe, expect, it } from 'vitest';
import { leastSquares } from '../../src/fit/least-squares.js';
import type { LeastSquaresProblem, Model } from '../../src/fit/types.js';
import { Random } from '../../src/numeric/random.js';

const x = Float64Array.from({ length: 60 }, (_, i) => i * 0.1);
const peak: Model = (p, out) => {
  for (let i = 0; i < out.length; i++)
    out[i] = p[0]! * Math.exp(-0.5 * ((x[i]! - p[1]!) / p[2]!) ** 2) + p[3]!;
};
const truth = [10, 3, 0.5, 1];
const names = ['height', 'center', 'width', 'floor'];

function noisyPeak(seed: number, noise = 0.3): LeastSquaresProblem {
  const random = new Random(seed);
  const y = new Float64Array(x.length);
  peak(Float64Array.from(truth), y);
  return {
    parameters: names.map((name, i) => ({ name, value: [8, 2.8, 0.6, 0][i]! })),
    model: peak,
    y: y.map((value) => value + random.normal(0, noise)),
    sigma: new Float64Array(x.length).fill(noise),
  };
}

describe('leastSquares', () => {
  it('gives sigmas that cover the truth as often as they claim', () => {
    let inside = 0;
    const runs = 300;
    for (let seed = 0; seed < runs; seed++) {
      const fit = leastSquares({ ...noisyPeak(seed), scaleCovariance: 'never' });
      inside += fit.parameters.filter((p, i) => Math.abs(p.value - truth[i]!) < p.sigma).length;
    }
    expect(inside / (4 * runs)).toBeGreaterThan(0.64);
    expect(inside / (4 * runs)).toBeLessThan(0.72);
  });

  it('comes out the same by analytic and by finite differences, and whatever the units', () => {
    const plain = leastSquares(noisyPeak(1));
    const problem = noisyPeak(1);
    const analytic = leastSquares({
      ...problem,
      derivative: (p, j, out) => {
        for (let i = 0; i < out.length; i++) {
          const u = (x[i]! - p[1]!) / p[2]!;
          const g = Math.exp(-0.5 * u * u);
          out[i] = [g, (p[0]! * g * u) / p[2]!, (p[0]! * g * u * u) / p[2]!, 1][j]!;
        }
        return true;
      },
    });
    const milli = leastSquares({
      ...problem,
      parameters: problem.parameters.map((q) => ({ ...q, value: q.value * 1e6 })),
      model: (p, out) =>
        peak(
          p.map((value) => value * 1e-6),
          out,
        ),
    });
    plain.parameters.forEach((p, i) => {
      expect(Math.abs(analytic.parameters[i]!.value - p.value)).toBeLessThan(1e-5 * p.sigma);
      expect(analytic.parameters[i]!.sigma / p.sigma).toBeCloseTo(1, 5);
      expect(Math.abs(milli.parameters[i]!.value * 1e-6 - p.value)).toBeLessThan(1e-5 * p.sigma);
    });
  });

  it('does not read weights as the engine would: unequal sigmas pull as 1/sigma^2', () => {
    const fit = leastSquares({
      parameters: [{ name: 'mean', value: 0 }],
      model: (p, out) => out.fill(p[0]!),
      y: Float64Array.of(1, 2, 4),
      sigma: Float64Array.of(1, 0.5, 2),
      scaleCovariance: 'never',
    });
    expect(fit.parameters[0]!.value).toBeCloseTo((1 + 8 + 1) / 5.25, 10);
    expect(fit.parameters[0]!.sigma).toBeCloseTo(1 / Math.sqrt(5.25), 6);
  });

  it('holds bounds, finds the best value inside them and flags the bound', () => {
    const problem = noisyPeak(2);
    problem.parameters[2] = { name: 'width', value: 0.6, min: 0.55 };
    const bounded = leastSquares(problem);
    expect(bounded.parameters[2]!.value).toBe(0.55);
    expect(bounded.parameters[2]!.atBound).toBe(true);
    expect(bounded.parameters.filter((p) => p.atBound)).toHaveLength(1);
    const fixed = leastSquares({
      ...problem,
      parameters: problem.parameters.map((q, i) =>
        i === 2 ? { name: 'width', value: 0.55, vary: false } : q,
      ),
    });
    expect(bounded.chi2).toBeCloseTo(fixed.chi2, 6);
    expect(fixed.parameters[2]!.sigma).toBe(0);
    expect(fixed.varied).not.toContain('width');
  });

  it('calls a degenerate direction undetermined and keeps the sigma of the rest', () => {
    const problem = { ...noisyPeak(3), scaleCovariance: 'never' as const };
    const split = leastSquares({
      ...problem,
      parameters: [...problem.parameters, { name: 'second floor', value: 0.3 }],
      model: (p, out) => {
        peak(p, out);
        for (let i = 0; i < out.length; i++) out[i]! += p[4]!;
      },
    });
    const whole = leastSquares(problem);
    expect(split.chi2).toBeCloseTo(whole.chi2, 6);
    expect(split.parameters[3]!.sigma).toBeNaN();
    expect(split.parameters[4]!.sigma).toBeNaN();
    expect(split.parameters[1]!.sigma / whole.parameters[1]!.sigma).toBeCloseTo(1, 4);
  });

  it('leaves out points of infinite sigma and refuses what cannot be meant', () => {
    const problem = noisyPeak(4);
    const y = problem.y.slice();
    const sigma = problem.sigma!.slice();
    y[10] = Number.NaN;
    sigma[10] = Number.POSITIVE_INFINITY;
    expect(leastSquares({ ...problem, y, sigma }).degreesOfFreedom).toBe(60 - 1 - 4);
    expect(() => leastSquares({ ...problem, y })).toThrow('point 10');
    sigma[11] = 0;
    expect(() => leastSquares({ ...problem, y, sigma })).toThrow('sigma of point 11');
  });

  it('says why it stopped, also when the model breaks', () => {
    const broken = leastSquares({ ...noisyPeak(5), model: (_, out) => out.fill(Number.NaN) });
    expect(broken.converged).toBe(false);
    expect(broken.reason).toContain('not finite');
    expect(broken.parameters[0]!.sigma).toBeNaN();
    const hasty = leastSquares({ ...noisyPeak(5), maxIterations: 1 });
    expect(hasty.reason).toContain('1 iteration');
  });
});
