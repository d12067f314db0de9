import { describe, expect, it } from 'vitest';
import { samplePosterior } from '../../src/interphase/edges/sampler.js';

describe('leaps', () => {
  it('weigh a narrow peak against a wide plain with nothing in between', () => {
    const logDensity = ([p]: Float64Array): number => {
      const distance = Math.abs(p);
      if (distance > 2) return -Infinity;
      return distance < 0.01 ? 3 : distance < 0.2 ? -30 : 0;
    };
    const { values, count } = samplePosterior({
      start: Float64Array.of(0),
      step: Float64Array.of(0.01),
      logDensity,
      leaps: [Float64Array.of(2)],
      burnIn: 10_000,
      samples: 40_000,
      seed: 1,
    });
    const inPeak = values.filter((p) => Math.abs(p) < 0.01).length / count;
    const [peak, plain] = [0.02 * Math.exp(3), 3.6];
    expect(Math.abs(inPeak - peak / (peak + plain))).toBeLessThan(0.04);
  });
});
