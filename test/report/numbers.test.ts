import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  domainOf,
  extent,
  fromTo,
  plusMinus,
  quantile,
  roundLength,
} from '../../src/report/drawing/numbers.js';
import { nearestRows, resampled } from '../../src/report/drawing/resample.js';

describe('numbers in words', () => {
  it('gives the uncertainty one digit, or two when it starts with 1 or 2', () => {
    expect(plusMinus(0.19712, 0.00812)).toBe('0.197\u00a0±\u00a00.008');
    expect(plusMinus(0.19712, 0.0121)).toBe('0.197\u00a0±\u00a00.012');
    expect(plusMinus(20.44, 0.52, 'µm')).toBe('20.4\u00a0±\u00a00.5\u00a0µm');
    expect(plusMinus(12345.6, 321)).toBe('12346\u00a0±\u00a0321');
    expect(plusMinus(-0.5, 0.1)).toBe('\u22120.50\u00a0±\u00a00.10');
    expect(plusMinus(null, 1)).toBe('–');
    expect(plusMinus(Number.NaN, 1)).toBe('–');
    expect(plusMinus(3.1425, Number.NaN)).toBe('3.143');
    expect(plusMinus(0.99999963, 1.4e-15)).toBe('1');
    expect(fromTo([0.1812, 0.2131])).toBe('0.181 to 0.213');
    expect(fromTo([null, 2])).toBe('–');
  });

  it('rounds a length down to 1, 2 or 5', () => {
    expect([99, 100, 260, 0.07].map(roundLength)).toEqual([50, 100, 200, 0.05]);
  });
});

describe('ranges', () => {
  it('ignore what is not a number and are never empty', () => {
    expect(extent([Number.NaN, 2, null, 1])).toEqual([1, 2]);
    expect(extent([Number.NaN])).toBeNull();
    fc.assert(
      fc.property(fc.array(fc.double()), (values) => {
        const [low, high] = domainOf(extent(values.map((v) => v % 1e100)));
        return low < high;
      }),
    );
  });

  it('quantiles agree with counting', () => {
    expect(quantile([3, 1, 2, Number.NaN], 0.5)).toBe(2);
    expect(quantile([0, 10], 0.25)).toBe(2.5);
    expect(quantile([], 0.5)).toBeNaN();
  });
});

describe('rasters', () => {
  it('keep a narrow line and interpolate between sparse points', () => {
    const x = Float64Array.from({ length: 1001 }, (_, i) => i / 100);
    const y = x.map((v) => (v === 5 ? 99 : 1));
    expect(Math.max(...resampled(x, y, [0, 10], 50))).toBe(99);
    expect([...resampled([0, 10], [0, 10], [0, 10], 5)]).toEqual([0, 3, 5, 7, 10]);
    expect([...resampled([4, 6], [1, 1], [0, 10], 5)].filter(Number.isNaN)).toHaveLength(3);
  });

  it('show the nearest row and leave gaps open', () => {
    expect([...nearestRows([0, 1, 2, 3], [-0.5, 3.5], 4)]).toEqual([0, 1, 2, 3]);
    expect([...nearestRows([3, 2, 1, 0], [-0.5, 3.5], 4)]).toEqual([3, 2, 1, 0]);
    const gap = nearestRows([0, 1, 2, 9, 10], [-0.5, 10.5], 11);
    expect([...gap]).toEqual([0, 1, 2, -1, -1, -1, -1, -1, -1, 3, 4]);
  });
});
