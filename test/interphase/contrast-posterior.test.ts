import { describe, expect, it } from 'vitest';
import { responsesFor } from '../../bench/line-scan/lines.js';
import { combinedX, rankHypotheses } from '../../src/interphase/coupled/rank-hypotheses.js';
import type { SampleSet } from '../../src/interphase/edges/sampler.js';
import { amountPosteriors } from '../../src/interphase/lines/contrast-posterior.js';
import { logOfSegments, logResponse, selectLines } from '../../src/interphase/lines/scan-observations.js';
import { logGainOfStrays, STRAY_ODDS } from '../../src/interphase/lines/stray-lines.js';
import { cholesky } from '../../src/numeric/linear-algebra.js';
import { Random } from '../../src/numeric/random.js';

const all = responsesFor();
const used = Array.from(all.lines.keys()).filter((j) => all.lines[j].class !== 'C');
const { lines, responses } = selectLines(
  { beam_um: 2, normalised: false, patterns: [], lines: all.lines, responses: all.responses },
  used,
);
const variants = ['default', 'ordered', 'swapped'].map((name) => ({
  name,
  weight: name === 'default' ? 1 : 0,
}));
/** Boundaries that say nothing about the amount. */
const still: SampleSet = {
  parameters: 7,
  count: 2,
  values: new Float64Array(14),
  best: new Float64Array(7),
  bestLogDensity: 0,
  acceptance: 1,
};
const covarianceOf = (sigma: number): Float64Array =>
  Float64Array.from({ length: lines.length ** 2 }, (_, k) => (k % (lines.length + 1) === 0 ? sigma ** 2 : 0));
const indiumOn6h = responses.find((r) => r.hypothesis === 'in-on-6h' && r.variant === 'default')!;
const ratioAt = (amount: number): Float64Array => {
  const out = new Float64Array(lines.length);
  logResponse(indiumOn6h, amount, out);
  return out.map(Math.exp);
};
const answer = (ratio: Float64Array, sigma: number, foreignLines = false) => {
  const posteriors = amountPosteriors(ratio, covarianceOf(sigma), lines, responses, foreignLines);
  return {
    ranks: rankHypotheses(posteriors, variants, 1000, still),
    x: combinedX(posteriors, variants, still),
  };
};
const covers = ([low, high]: [number, number], value: number): boolean => low <= value && value <= high;

describe('strays', () => {
  it('are the sum over the likelihoods without them', () => {
    const J = 5;
    const random = new Random(3);
    const root = Float64Array.from({ length: J * J }, () => random.normal());
    const C = new Float64Array(J * J);
    for (let j = 0; j < J; j++)
      for (let k = 0; k < J; k++)
        for (let m = 0; m < J; m++) C[j * J + k] += root[j * J + m] * root[k * J + m] + (j === k ? 0.1 : 0);
    const r = Float64Array.from({ length: J }, () => random.normal(0, 3));
    /** ln of the Gaussian density of some of the residuals, without the factors of 2 pi. */
    const logOf = (keep: number[]): { log: number; factor: Float64Array; whitened: Float64Array } => {
      const n = keep.length;
      const factor = cholesky(
        Float64Array.from({ length: n * n }, (_, i) => C[keep[Math.floor(i / n)] * J + keep[i % n]]),
        n,
      )!;
      const whitened = new Float64Array(n);
      let log = 0;
      keep.forEach((j, a) => {
        whitened[a] = r[j];
        for (let b = 0; b < a; b++) whitened[a] -= factor[a * n + b] * whitened[b];
        whitened[a] /= factor[a * n + a];
        log -= 0.5 * whitened[a] ** 2 + Math.log(factor[a * n + a]);
      });
      return { log, factor, whitened };
    };
    const indices = Array.from({ length: J }, (_, j) => j);
    const whole = logOf(indices);
    const odds = STRAY_ODDS / 0.5;
    let sum = Math.exp(whole.log);
    for (const j of indices) {
      sum += odds * Math.exp(logOf(indices.filter((i) => i !== j)).log);
      for (const k of indices.slice(0, j))
        sum += odds ** 2 * Math.exp(logOf(indices.filter((i) => i !== j && i !== k)).log);
    }
    expect(logGainOfStrays(whole.factor, whole.whitened, J, STRAY_ODDS)).toBeCloseTo(
      Math.log(sum) - whole.log,
      9,
    );
  });

  it('do not decide: one line that another phase lies under moves neither the site nor x', () => {
    const ratio = ratioAt(0.25);
    const at = lines.findIndex((l) => l.id === '410');
    ratio[at] *= 1.6;
    const { ranks, x } = answer(ratio, 0.02);
    expect(ranks[0].name).toBe('in-on-6h');
    expect(x.value).toBeCloseTo(0.25, 1);
    expect(covers(x.interval95, 0.25)).toBe(true);
  });
});

describe('lines of a phase that nobody named', () => {
  it('take the certainty out of hypotheses and x', () => {
    const ratio = ratioAt(0.25);
    const [trusting, wary] = [answer(ratio, 0.02), answer(ratio, 0.02, true)];
    expect(covers(wary.x.interval95, 0.25)).toBe(true);
    expect(wary.x.sigma).toBeGreaterThan(1.5 * trusting.x.sigma);
    const second = (of: typeof wary): number => of.ranks[1].deltaBic;
    expect(second(wary)).toBeLessThan(second(trusting));
  });
});

describe('the part of x that goes along with the boundaries', () => {
  it('counts what two of them share but once', () => {
    const random = new Random(11);
    const count = 4000;
    const samples: SampleSet = { ...still, count, values: new Float64Array(7 * count) };
    // Outer boundary and brightness go together; the amount follows them with 0.01, and varies as much by itself.
    for (let i = 0; i < count; i++) {
      const place = random.normal();
      samples.values.set(
        [
          random.normal(),
          place,
          0,
          0,
          0.2 + 0.01 * (place + random.normal()),
          0,
          place + random.normal(0, 0.1),
        ],
        7 * i,
      );
    }
    const posteriors = amountPosteriors(ratioAt(0.2), covarianceOf(0.002), lines, responses);
    const widened = combinedX(posteriors, variants, samples).sigma;
    const { sigma } = combinedX(posteriors, variants, still);
    expect(Math.sqrt(widened ** 2 - sigma ** 2)).toBeCloseTo(0.01, 3);
  });
});

describe('what is not known of the responses', () => {
  it('is in the interval of x: neutral atoms, no dispersion, a dopant that shakes more, ions that shake alike', () => {
    for (const { segments } of indiumOn6h.doubts) {
      const ratio = new Float64Array(lines.length);
      logOfSegments(segments, 0.4, ratio);
      const { ranks, x } = answer(ratio.map(Math.exp), 0.005);
      expect(ranks[0].name).toBe('in-on-6h');
      expect(covers(x.interval95, 0.4)).toBe(true);
    }
  });
});
