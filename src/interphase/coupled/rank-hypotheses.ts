/** Hypotheses and amounts over all structure variants, weighed together. */
import { cholesky, solveCholesky } from '../../numeric/linear-algebra.js';
import { logSumExp } from '../../numeric/log-sum-exp.js';
import type { SampleSet } from '../edges/sampler.js';
import type { AmountPosterior } from '../lines/contrast-posterior.js';
import { onLithium } from '../lines/scan-observations.js';
import type { HypothesisRank, Interval } from './coupled-scan.js';
import { indexOf } from './layer-state.js';

/** How well the responses are known beside their scatterers, as part of the amount: coordinates, and the order of yttrium. */
export const RESPONSE_ERROR = 0.015;

export const logWeight = (variants: { name: string; weight: number }[], name: string): number =>
  Math.log(Math.max(1e-12, variants.find((v) => v.name === name)?.weight ?? 1e-12));

export const normalisedWeights = (bics: number[]): number[] => {
  const logs = bics.map((b) => -0.5 * b);
  const sum = logSumExp(logs);
  return logs.map((l) => Math.exp(l - sum));
};

/** Hypotheses with their evidence summed over the variants, and 'none'. */
export function rankHypotheses(
  posteriors: AmountPosterior[],
  variants: { name: string; weight: number }[],
  deltaBicOfNone: number,
  samples: SampleSet,
): HypothesisRank[] {
  const names = [...new Set(posteriors.map((p) => p.hypothesis))];
  const evidence = names.map((name) =>
    logSumExp(
      posteriors
        .filter((p) => p.hypothesis === name)
        .map((p) => p.logEvidence + logWeight(variants, p.variant)),
    ),
  );
  const top = evidence.reduce((a, b) => Math.max(a, b), -Infinity);
  const bics = [...evidence.map((e) => 2 * (top - e)), Math.max(0, deltaBicOfNone)];
  const weights = normalisedWeights(bics);
  const ranks: HypothesisRank[] = names.map((name, k) => ({
    name,
    deltaBic: bics[k],
    weight: weights[k],
    amount: mixPosteriors(
      posteriors.filter((p) => p.hypothesis === name),
      variants,
      samples,
    ),
  }));
  ranks.push({ name: 'none', deltaBic: bics[names.length], weight: weights[names.length], amount: null });
  return ranks.sort((a, b) => a.deltaBic - b.deltaBic);
}

export const combinedX = (
  posteriors: AmountPosterior[],
  variants: { name: string; weight: number }[],
  samples: SampleSet,
): Interval =>
  mixPosteriors(
    posteriors.filter((p) => onLithium(p.hypothesis)),
    variants,
    samples,
  );

const STEP = 0.0005;

/** Median, sigma and interval of a mixture of posteriors, blurred by what boundaries and responses leave open. */
function mixPosteriors(
  posteriors: AmountPosterior[],
  variants: { name: string; weight: number }[],
  samples: SampleSet,
): Interval {
  const logs = posteriors.map((p) => p.logEvidence + logWeight(variants, p.variant));
  const norm = logSumExp(logs);
  const count = Math.ceil(Math.max(...posteriors.map((p) => p.amounts[p.amounts.length - 1])) / STEP) + 2;
  // Probability of each cell of the grid, which begins at 0.
  const cells = new Float64Array(count);
  posteriors.forEach((p, k) => {
    const weight = Math.exp(logs[k] - norm);
    if (weight < 1e-6) return;
    const own = cumulativeOf(p);
    for (let i = 0; i < count; i++) cells[i] += weight * (own((i + 1) * STEP) - own(i * STEP));
  });
  const middle = quantileOfCells(cells, 0, 0.5);
  const blur = Math.sqrt(variancePartFromPlaces(samples) + (RESPONSE_ERROR * middle) ** 2);
  const reach = Math.ceil((4 * blur) / STEP);
  const blurred = blurredCells(cells, blur / STEP, reach);
  const at = (probability: number): number => quantileOfCells(blurred, -reach * STEP, probability);
  return {
    value: Math.max(0, at(0.5)),
    sigma: (at(0.8413) - at(0.1587)) / 2,
    interval95: [Math.max(0, at(0.025)), at(0.975)],
  };
}

/** Cells convolved with a Gaussian of `sigma` cells; the result is longer by `reach` on either side. */
function blurredCells(cells: Float64Array, sigma: number, reach: number): Float64Array {
  const kernel = Float64Array.from({ length: 2 * reach + 1 }, (_, k) =>
    Math.exp(-0.5 * ((k - reach) / Math.max(sigma, 1e-9)) ** 2),
  );
  const total = kernel.reduce((a, b) => a + b, 0);
  const out = new Float64Array(cells.length + 2 * reach);
  cells.forEach((cell, i) => {
    if (cell > 1e-12) for (let k = 0; k < kernel.length; k++) out[i + k] += (cell * kernel[k]) / total;
  });
  return out;
}

/** The amount below which a part of the probability lies; `from` is where the first cell begins. */
function quantileOfCells(cells: Float64Array, from: number, probability: number): number {
  const target = probability * cells.reduce((a, b) => a + b, 0);
  let sum = 0;
  for (let i = 0; i < cells.length; i++) {
    if (sum + cells[i] >= target && cells[i] > 0) return from + (i + (target - sum) / cells[i]) * STEP;
    sum += cells[i];
  }
  return from + cells.length * STEP;
}

function cumulativeOf(p: AmountPosterior): (a: number) => number {
  const { amounts, density } = p;
  const n = amounts.length;
  const step = amounts[1] - amounts[0];
  const sums = new Float64Array(n);
  for (let i = 1; i < n; i++) sums[i] = sums[i - 1] + 0.5 * step * (density[i] + density[i - 1]);
  return (a) => {
    if (a <= amounts[0]) return 0;
    if (a >= amounts[n - 1]) return 1;
    const at = (a - amounts[0]) / step;
    const i = Math.min(n - 2, Math.floor(at));
    return (sums[i] + (at - i) * (sums[i + 1] - sums[i])) / sums[n - 1];
  };
}

/** Variance of the amount that goes along with the boundaries, widths and ratios: that of its regression on them over the samples. */
function variancePartFromPlaces({ count, parameters: n, values }: SampleSet): number {
  const mean = new Float64Array(n);
  for (let i = 0; i < count; i++) for (let k = 0; k < n; k++) mean[k] += values[i * n + k] / count;
  const covariance = (k: number, l: number): number => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += (values[i * n + k] - mean[k]) * (values[i * n + l] - mean[l]);
    return sum / count;
  };
  const a = indexOf('amount');
  const total = covariance(a, a);
  const others = Array.from({ length: n }, (_, k) => k).filter((k) => k !== a && covariance(k, k) > 0);
  const m = others.length;
  const spread = others.map((k) => Math.sqrt(covariance(k, k)));
  // What hardly moves by itself beside the others must not decide: a little is added to the diagonal.
  const correlation = Float64Array.from({ length: m * m }, (_, i) => {
    const [p, q] = [Math.floor(i / m), i % m];
    return p === q ? 1 + 1e-6 : covariance(others[p], others[q]) / (spread[p] * spread[q]);
  });
  const own = Float64Array.from(others, (k, p) => covariance(k, a) / spread[p]);
  const factor = m > 0 ? cholesky(correlation, m) : null;
  if (!factor) return 0;
  const slope = solveCholesky(factor, m, own);
  return Math.min(
    total,
    own.reduce((sum, c, p) => sum + c * slope[p], 0),
  );
}
