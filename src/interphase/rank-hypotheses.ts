/** Hypotheses and amounts over all structure variants, weighed together. */
import { type AmountPosterior, logSumExp } from './contrast-posterior.js';
import type { HypothesisRank, Interval } from './coupled-scan.js';
import { indexOf } from './layer-state.js';
import type { SampleSet } from './sampler.js';

/**
 * How well the responses are known, as part of the amount: the Debye-Waller factor of the dopant against that of the
 * rest (0.4 A^2 makes 2 %), ionic or neutral form factors (1 to 2 %), coordinates (variants differ by 2 %).
 */
export const RESPONSE_ERROR = 0.02;

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
    posteriors.filter((p) => p.hypothesis === 'in-on-6h' || p.hypothesis === 'in-on-6g'),
    variants,
    samples,
  );

/** Mean, sigma and interval of a mixture of posteriors, widened by what boundaries and responses leave open. */
function mixPosteriors(
  posteriors: AmountPosterior[],
  variants: { name: string; weight: number }[],
  samples: SampleSet,
): Interval {
  const logs = posteriors.map((p) => p.logEvidence + logWeight(variants, p.variant));
  const norm = logSumExp(logs);
  const step = 0.0005;
  const count = Math.ceil(Math.max(...posteriors.map((p) => p.amounts[p.amounts.length - 1])) / step) + 2;
  const amounts = Float64Array.from({ length: count }, (_, i) => i * step);
  const cumulative = new Float64Array(count);
  posteriors.forEach((p, k) => {
    const weight = Math.exp(logs[k] - norm);
    if (weight < 1e-6) return;
    const own = cumulativeOf(p);
    for (let i = 0; i < count; i++) cumulative[i] += weight * own(amounts[i]);
  });
  const at = (probability: number): number => {
    let i = 1;
    while (i < count - 1 && cumulative[i] < probability * cumulative[count - 1]) i++;
    const target = probability * cumulative[count - 1];
    const part = (target - cumulative[i - 1]) / (cumulative[i] - cumulative[i - 1] || 1);
    return amounts[i - 1] + part * step;
  };
  const value = at(0.5);
  const sigma = (at(0.8413) - at(0.1587)) / 2;
  const more = variancePartFromPlaces(samples) + (RESPONSE_ERROR * value) ** 2;
  const widen = Math.sqrt(1 + more / Math.max(sigma * sigma, 1e-12));
  return {
    value,
    sigma: sigma * widen,
    interval95: [Math.max(0, value - widen * (value - at(0.025))), value + widen * (at(0.975) - value)],
  };
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

/** Variance of the amount that goes along with the boundaries and widths, by linear regression over the samples. */
function variancePartFromPlaces(samples: SampleSet): number {
  const { count, parameters: n, values } = samples;
  const mean = new Float64Array(n);
  for (let i = 0; i < count; i++) for (let k = 0; k < n; k++) mean[k] += values[i * n + k] / count;
  const a = indexOf('amount');
  let covered = 0;
  // Boundaries are nearly independent of one another, so the parts add up; a sum above the whole is cut.
  let total = 0;
  const cov = new Float64Array(n);
  const variance = new Float64Array(n);
  for (let i = 0; i < count; i++)
    for (let k = 0; k < n; k++) {
      const d = values[i * n + k] - mean[k];
      variance[k] += (d * d) / count;
      cov[k] += (d * (values[i * n + a] - mean[a])) / count;
    }
  total = variance[a];
  for (let k = 0; k < n; k++) if (k !== a && variance[k] > 0) covered += (cov[k] * cov[k]) / variance[k];
  return Math.min(0.8 * total, covered);
}
