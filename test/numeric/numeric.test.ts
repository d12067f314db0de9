import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derivative } from '../../src/numeric/derivative.js';
import { erf, erfc } from '../../src/numeric/error-function.js';
import { faddeeva, voigt, voigtWithSlopes } from '../../src/numeric/faddeeva.js';
import { fft, fft2, inverseFft } from '../../src/numeric/fft.js';
import { CubicSpline, interpolateAt } from '../../src/numeric/interpolate.js';
import { cholesky, solve, solveCholesky, svd } from '../../src/numeric/linear-algebra.js';
import { Random } from '../../src/numeric/random.js';
import { noiseOf, quantile, robustSigma } from '../../src/numeric/robust.js';
import { savitzkyGolay } from '../../src/numeric/smooth.js';
import { betaQuantile, fCdf, normalQuantile, tQuantile } from '../../src/numeric/statistics.js';

const uneven = Float64Array.of(0, 0.7, 1, 2.2, 2.5, 4, 5.5, 6);

describe('interpolation and derivatives', () => {
  it('meets the knots, and reproduces a cubic (not-a-knot) and its slope', () => {
    const cubic = (v: number) => 1 - v + 0.5 * v ** 2 - 0.1 * v ** 3;
    const spline = new CubicSpline(uneven, uneven.map(cubic));
    for (const at of [0.3, 2.4, 5.9]) {
      expect(spline.at(at)).toBeCloseTo(cubic(at), 12);
      expect(spline.derivativeAt(at)).toBeCloseTo(-1 + at - 0.3 * at ** 2, 11);
    }
    expect(new CubicSpline(uneven, uneven.map(cubic), 'natural').at(2.5)).toBeCloseTo(cubic(2.5), 12);
    expect(interpolateAt(uneven, uneven, -1)).toBe(0);
    expect(() => new CubicSpline(Float64Array.of(0, 0), Float64Array.of(1, 2))).toThrow('do not ascend');
  });

  it('differentiates a parabola exactly on an uneven grid, ends included', () => {
    const y = uneven.map((v) => 3 - 2 * v + v * v);
    derivative(uneven, y).forEach((d, i) => {
      expect(d).toBeCloseTo(-2 + 2 * uneven[i]!, 10);
    });
  });
});

describe('smoothing', () => {
  it('Savitzky-Golay keeps polynomials of its degree, with derivatives, on any grid', () => {
    const y = uneven.map((v) => 1 + v - 0.2 * v * v);
    savitzkyGolay(uneven, y, 5, 2).forEach((v, i) => {
      expect(v).toBeCloseTo(y[i]!, 10);
    });
    savitzkyGolay(uneven, y, 5, 2, 1).forEach((v, i) => {
      expect(v).toBeCloseTo(1 - 0.4 * uneven[i]!, 10);
    });
    expect(savitzkyGolay(uneven, y, 5, 2, 2)[3]).toBeCloseTo(-0.4, 10);
  });

  it('five-point quadratic weights are the published ones', () => {
    const x = Float64Array.from({ length: 9 }, (_, i) => i);
    const impulse = new Float64Array(9);
    impulse[4] = 35;
    expect([...savitzkyGolay(x, impulse, 5, 2).slice(2, 7)].map((v) => Math.round(v))).toEqual([
      -3, 12, 17, 12, -3,
    ]);
  });

  it('measures noise beneath a curve', () => {
    const random = new Random(1);
    const y = Float64Array.from({ length: 2000 }, (_, i) => 100 * Math.sin(i / 60) + random.normal(0, 2));
    expect(noiseOf(y)).toBeGreaterThan(1.85);
    expect(noiseOf(y)).toBeLessThan(2.15);
    expect(robustSigma([1, 2, 3, 4, 1000])).toBeCloseTo(1.4826, 3);
    expect(quantile([4, 1, Number.NaN, 3, 2], 0.5)).toBe(2.5);
  });
});

describe('special functions', () => {
  it('meets tabulated values (Abramowitz and Stegun 7.1; DLMF)', () => {
    expect(erf(0.5)).toBeCloseTo(0.5204998778130465, 15);
    expect(erfc(3) / 2.209049699858544e-5).toBeCloseTo(1, 13);
    expect(erfc(10) / 2.088487583762545e-45).toBeCloseTo(1, 12);
    const w = new Float64Array(2);
    faddeeva(1, 1, w);
    expect(w[0]).toBeCloseTo(0.3047442052569126, 14);
    expect(w[1]).toBeCloseTo(0.2082189382028316, 14);
    faddeeva(20, 3, w);
    expect(w[0]).toBeCloseTo(0.004153127198180633, 15);
  });

  it('a Voigt profile has unit area and tends to its two parents', () => {
    let area = 0;
    for (let x = -400; x < 400; x += 0.01) area += 0.01 * voigt(x, 0.7, 0.3);
    expect(area).toBeCloseTo(1 - (2 * 0.3) / (Math.PI * 400), 5);
    expect(voigt(0.5, 1, 1e-12)).toBeCloseTo(Math.exp(-0.125) / Math.sqrt(2 * Math.PI), 10);
    expect(voigt(0.5, 1e-9, 1)).toBeCloseTo(1 / (Math.PI * 1.25), 9);
  });

  it('derivatives of a Voigt profile match differences, near, far out and for a vanishing Gaussian', () => {
    const out = new Float64Array(4);
    for (const [x, sigma, gamma] of [
      [0.3, 1, 0.7],
      [-4, 0.5, 0.2],
      [90, 0.8, 0.3],
      [0.4, 0.002, 0.5],
      [0.4, 1e-9, 0.5],
      [1.2, 0.6, 0],
    ] as const) {
      voigtWithSlopes(x, sigma, gamma, out);
      const value = voigt(x, sigma, gamma);
      expect(out[0]! / value).toBeCloseTo(1, 9);
      const slope = (at: (h: number) => number, h: number) => (at(h) - at(-h)) / (2 * h);
      const scale = 1e-6 * value;
      expect(Math.abs(out[1]! - slope((h) => voigt(x + h, sigma, gamma), 1e-4))).toBeLessThan(scale);
      const bySigma = slope((h) => voigt(x, sigma + h, gamma), 0.01 * sigma);
      // So narrow a Gaussian moves nothing that a difference could show.
      if (sigma < 1e-6) expect(Math.abs(out[2]!)).toBeLessThan(1e-7);
      else expect(Math.abs(out[2]! - bySigma)).toBeLessThan(1e-3 * Math.abs(bySigma) + 1e-6 * value);
      if (gamma > 0)
        expect(Math.abs(out[3]! - slope((h) => voigt(x, sigma, gamma + h), 1e-4))).toBeLessThan(scale);
    }
  });

  it('quantiles are the published table values', () => {
    expect(tQuantile(0.975, 10)).toBeCloseTo(2.228139, 6);
    expect(fCdf(3.708265, 3, 10)).toBeCloseTo(0.95, 6);
    expect(betaQuantile(0.5, 2, 3)).toBeCloseTo(0.385728, 6);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959964, 6);
  });
});

describe('linear algebra', () => {
  it('singular values rebuild the matrix, and solutions solve', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: 6 }), (seed, n) => {
        const random = new Random(seed);
        const columns = Array.from({ length: n }, () =>
          Float64Array.from({ length: 7 }, () => random.normal()),
        );
        const { u, values, v } = svd(columns);
        for (let j = 0; j < n; j++)
          for (let i = 0; i < 7; i++) {
            let sum = 0;
            for (let k = 0; k < n; k++) sum += u[k]![i]! * values[k]! * v[k]![j]!;
            expect(sum).toBeCloseTo(columns[j]![i]!, 10);
          }
        const matrix = Float64Array.from({ length: n * n }, (_, k) => {
          const [a, b] = [columns[Math.floor(k / n)]!, columns[k % n]!];
          return a.reduce((sum, value, i) => sum + value * b[i]!, k % (n + 1) === 0 ? 0.5 : 0);
        });
        const right = Float64Array.from({ length: n }, (_, i) => i + 1);
        const x = solve(matrix, n, right)!;
        const z = solveCholesky(cholesky(matrix, n)!, n, right);
        for (let i = 0; i < n; i++) expect(x[i]).toBeCloseTo(z[i]!, 8);
      }),
      { numRuns: 100 },
    );
    expect(cholesky(Float64Array.of(1, 1, 1, 1), 2)).toBeNull();
  });
});

describe('random numbers', () => {
  it('repeat with their seed, differ between streams', () => {
    const draw = (seed: number, stream: string) => new Random(seed, stream).uniform();
    expect(draw(1, 'a')).toBe(draw(1, 'a'));
    expect(new Set([draw(1, 'a'), draw(1, 'b'), draw(2, 'a')]).size).toBe(3);
  });

  it('have the mean and the variance of their distribution', () => {
    const random = new Random(7);
    const moments = (draw: () => number) => {
      const values = Float64Array.from({ length: 20_000 }, draw);
      const mean = values.reduce((a, b) => a + b) / values.length;
      return { mean, variance: values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length };
    };
    for (const mean of [0.3, 5, 11.9, 12.1, 400]) {
      const found = moments(() => random.poisson(mean));
      expect(Math.abs(found.mean - mean)).toBeLessThan(4 * Math.sqrt(mean / 20_000));
      expect(found.variance / mean).toBeCloseTo(1, 1);
    }
    const gamma = moments(() => random.gamma(2.5, 2));
    expect(gamma.mean / 5).toBeCloseTo(1, 1);
    expect(gamma.variance / 10).toBeCloseTo(1, 1);
    expect(moments(() => random.normal(1, 3)).variance / 9).toBeCloseTo(1, 1);
  });
});

describe('Fourier transforms', () => {
  it('go there and back, and turn a shift into a phase', () => {
    const [ny, nx] = [4, 8];
    const random = new Random(4);
    const image = Float64Array.from({ length: 2 * ny * nx }, () => random.normal());
    const forth = fft2(image, ny, nx);
    fft2(forth, ny, nx, true).forEach((value, i) => {
      expect(value).toBeCloseTo(image[i]!, 12);
    });
    const line = image.subarray(0, 2 * nx);
    const moved = new Float64Array(2 * nx);
    moved.set(line.subarray(0, 2 * nx - 2), 2);
    moved.set(line.subarray(2 * nx - 2), 0);
    const [a, b] = [fft(line), fft(moved)];
    for (let k = 0; k < nx; k++) {
      const [c, s] = [Math.cos((2 * Math.PI * k) / nx), Math.sin((2 * Math.PI * k) / nx)];
      expect(b[2 * k]).toBeCloseTo(a[2 * k]! * c + a[2 * k + 1]! * s, 12);
      expect(b[2 * k + 1]).toBeCloseTo(a[2 * k + 1]! * c - a[2 * k]! * s, 12);
    }
    expect(inverseFft(a)[3]).toBeCloseTo(line[3]!, 12);
  });
});
