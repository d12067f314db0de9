/**
 * Which variant of the cation order the pristine electrolyte has. Its class C lines depend on little else; texture may
 * shift single lines by ten percent or so, which the tolerance allows for.
 */
import { cholesky } from '../../numeric/linear-algebra.js';
import { logSumExp } from '../../numeric/log-sum-exp.js';
import { median } from '../../numeric/robust.js';
import {
  type Hypothesis,
  type LineClass,
  logResponse,
  type PatternObservation,
  type ScanObservations,
} from './scan-observations.js';

/** Relative scatter of pristine lines about the structure: texture and coordinates. */
const LINE_TOLERANCE = 0.15;
const TEXTURE_TOLERANCE = 0.3;
const DEBYE_TOLERANCE = 1;

/** Coordinates that are a little off shift all lines of class B alike, against the others. */
const CLASS_B_TOLERANCE = 0.12;

/** Weights of all variants named by the responses; they add up to one. */
export function variantWeights(
  scan: ScanObservations,
  patterns: PatternObservation[],
  prior: Float64Array,
): { name: string; weight: number }[] {
  const names = [...new Set(scan.responses.map((r) => r.variant))];
  const zero = new Map(names.map((n) => [n, scan.responses.find((r) => r.variant === n)!.segments[0].i0]));
  const reference = zero.get(names[0]);
  if (names.length < 2 || !reference) return names.map((name) => ({ name, weight: 1 }));
  // Far from the layer the electrolyte is pristine: the half of the patterns with the most of it will do.
  const pooled = poolLines(scan, patterns);
  const logs = names.map((name) => {
    const expected = Float64Array.from(prior, (p, j) => p + Math.log(zero.get(name)![j] / reference[j]));
    return logLikelihood(scan, pooled, expected);
  });
  const norm = logSumExp(logs);
  return names.map((name, k) => ({ name, weight: Math.exp(logs[k] - norm) }));
}

export interface AbsoluteEvidence {
  hypothesis: Hypothesis;
  amount: number;
  deltaBic: number;
  /** What it does to ln of the lines of class B against those of A-even. */
  spread: number;
}

/**
 * Does the electrolyte as a whole look as if it had taken up something, by its own lines against those of the structure?
 * That is all there is to go by where no pristine electrolyte lies in the scan. Returns the best explanation with its
 * amount, and how much better (as BIC, amount and hypothesis averaged over) it is than a pristine electrolyte.
 */
export function absoluteEvidence(
  scan: ScanObservations,
  patterns: PatternObservation[],
  prior: Float64Array,
): AbsoluteEvidence | null {
  const reference = scan.responses[0]?.segments[0].i0;
  if (!reference) return null;
  const pooled = poolLines(scan, patterns);
  const middleOf = (wanted: LineClass): number =>
    median(pooled.used.filter((j) => scan.lines[j].class === wanted).map((j) => log[j]));
  const log = new Float64Array(prior.length);
  const pristine: number[] = [];
  const taken: number[] = [];
  let best = { hypothesis: scan.responses[0].hypothesis, amount: 0, log: -Infinity, spread: 0 };
  // Indium on yttrium changes the lines too little, and too much alike, to be told from a structure that is a little off.
  for (const response of scan.responses.filter((r) => r.hypothesis !== 'in-on-y')) {
    const zero = response.segments[0].i0;
    const top = Math.min(response.max, LARGEST_AMOUNT);
    for (let k = 0; k <= AMOUNTS; k++) {
      const amount = (k / AMOUNTS) * top;
      logResponse(response, amount, log);
      const expected = prior.map((p, j) => p + Math.log(zero[j] / reference[j]) + log[j]);
      const value = logLikelihood(scan, pooled, expected);
      (k === 0 ? pristine : taken).push(value);
      if (k > 0 && value > best.log)
        best = {
          hypothesis: response.hypothesis,
          amount,
          log: value,
          spread: Math.abs(middleOf('B') - middleOf('A-even')),
        };
    }
  }
  const evidence = (logs: number[]): number => logSumExp(logs) - Math.log(logs.length);
  return { ...best, deltaBic: 2 * (evidence(taken) - evidence(pristine)) };
}

const LARGEST_AMOUNT = 0.6;
const AMOUNTS = 24;

interface Pooled {
  used: number[];
  log: Float64Array;
  variance: Float64Array;
}

function poolLines(scan: ScanObservations, patterns: PatternObservation[]): Pooled {
  const J = scan.lines.length;
  const strongest = [...patterns]
    .sort((a, b) => b.electrolyte.value - a.electrolyte.value)
    .slice(0, Math.max(3, Math.ceil(patterns.length / 2)));
  const used: number[] = [];
  const log: number[] = [];
  const variance: number[] = [];
  for (let j = 0; j < J; j++) {
    const relative = strongest
      .filter((p) => Number.isFinite(p.intensity[j]) && p.covariance[j * J + j] > 0)
      .map((p) => ({
        value: p.intensity[j] / p.electrolyte.value,
        variance: p.covariance[j * J + j] / p.electrolyte.value ** 2,
      }));
    if (relative.length < 2) continue;
    const mean = relative.reduce((s, r) => s + r.value, 0) / relative.length;
    const spread =
      relative.reduce((s, r) => s + (r.value - mean) ** 2, 0) / (relative.length * (relative.length - 1));
    if (!(mean > 2 * Math.sqrt(spread))) continue;
    used.push(j);
    log.push(Math.log(mean));
    variance.push(spread / mean ** 2);
  }
  return { used, log: Float64Array.from(log), variance: Float64Array.from(variance) };
}

function logLikelihood(
  scan: ScanObservations,
  { used, log, variance }: Pooled,
  expected: Float64Array,
): number {
  const n = used.length;
  if (n < 3) return 0;
  const residual = Float64Array.from(used, (j, a) => log[a] - expected[j]);
  const covariance = new Float64Array(n * n);
  const lines = used.map((j) => scan.lines[j]);
  const p2 = lines.map((l) => (3 * l.cos2FromC - 1) / 2);
  for (let a = 0; a < n; a++)
    for (let b = 0; b < n; b++)
      covariance[a * n + b] =
        100 +
        TEXTURE_TOLERANCE ** 2 * p2[a] * p2[b] +
        4 * DEBYE_TOLERANCE ** 2 * lines[a].s2 * lines[b].s2 +
        (lines[a].class === 'B' && lines[b].class === 'B' ? CLASS_B_TOLERANCE ** 2 : 0) +
        (a === b ? variance[a] + LINE_TOLERANCE ** 2 : 0);
  const factor = cholesky(covariance, n);
  if (!factor) return 0;
  let chi2 = 0;
  const z = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    let sum = residual[j];
    for (let k = 0; k < j; k++) sum -= factor[j * n + k] * z[k];
    z[j] = sum / factor[j * n + j];
    // A line off by far (an overlap, a coarse grain) must not decide alone.
    chi2 += Math.min(16, z[j] * z[j]);
  }
  return -0.5 * chi2;
}
