/**
 * From the lines of the layer over those of the pristine electrolyte (`LineModel.freeContrast`) to hypotheses and
 * amounts. The vector of ln R_j is compared with what each hypothesis predicts; what else may differ between layer and
 * electrolyte - texture (second and fourth order about c), Debye-Waller factor, and an unexplained scatter of single
 * lines - is integrated out with priors whose widths the lines themselves weigh.
 */
import { cholesky } from '../numeric/linear-algebra.js';
import { type Hypothesis, type LineResponse, logResponse, type ScanLine } from './scan-observations.js';

export interface AmountPosterior {
  hypothesis: Hypothesis;
  variant: string;
  amounts: Float64Array;
  /** Density at `amounts`, normalised. */
  density: Float64Array;
  mean: number;
  sigma: number;
  interval95: [number, number];
  /** ln of the evidence: the likelihood averaged over a flat prior on the amount. */
  logEvidence: number;
  /** -2 ln of the best likelihood. */
  deviance: number;
  best: number;
  /** E[ln R_j] minus the response at the mean amount: texture and unexplained scatter. */
  offset: Float64Array;
}

/** Scatter of single lines between layer and electrolyte that is considered, with prior odds. */
const SCATTER = [0, 0.01, 0.02, 0.04, 0.08, 0.16];
const SCATTER_PRIOR = [6, 3, 2, 1, 0.5, 0.2];
/** Standard deviation of a difference in texture (March-Dollase-like coefficient), with prior odds. */
const TEXTURE = [0, 0.05];
const TEXTURE_PRIOR = [3, 1];
/** Standard deviation of a difference in B, angstrom^2. */
const DEBYE = 0.1;
const GRID = 161;

interface NoiseCase {
  logPrior: number;
  factor: Float64Array;
  logDeterminant: number;
  extra: Float64Array;
}

/** All ways in which layer and electrolyte may differ besides the hypothesis, each with its covariance. */
function noiseCases(covariance: Float64Array, lines: ScanLine[]): NoiseCase[] {
  const J = lines.length;
  const cases: NoiseCase[] = [];
  const p2 = lines.map((l) => (3 * l.cos2FromC - 1) / 2);
  const p4 = lines.map((l) => (35 * l.cos2FromC ** 2 - 30 * l.cos2FromC + 3) / 8);
  for (let s = 0; s < SCATTER.length; s++)
    for (let t = 0; t < TEXTURE.length; t++) {
      const extra = new Float64Array(J * J);
      for (let j = 0; j < J; j++)
        for (let k = 0; k < J; k++) {
          extra[j * J + k] =
            TEXTURE[t] ** 2 * (9 * p2[j] * p2[k] + 4 * p4[j] * p4[k]) +
            4 * DEBYE ** 2 * lines[j].s2 * lines[k].s2;
          if (j === k) extra[j * J + k] += SCATTER[s] ** 2;
        }
      const total = extra.map((v, k) => v + covariance[k] + 25);
      const factor = cholesky(total, J);
      if (!factor) continue;
      let logDeterminant = 0;
      for (let j = 0; j < J; j++) logDeterminant += 2 * Math.log(factor[j * J + j]);
      cases.push({ logPrior: Math.log(SCATTER_PRIOR[s] * TEXTURE_PRIOR[t]), factor, logDeterminant, extra });
    }
  return cases;
}

/** Posterior of the amount under each response. `covariance` is that of `logRatio`. */
export function amountPosteriors(
  logRatio: Float64Array,
  covariance: Float64Array,
  lines: ScanLine[],
  responses: LineResponse[],
): AmountPosterior[] {
  const cases = noiseCases(covariance, lines);
  return responses.map((response) => onePosterior(logRatio, lines, response, cases));
}

function onePosterior(
  logRatio: Float64Array,
  lines: ScanLine[],
  response: LineResponse,
  cases: NoiseCase[],
): AmountPosterior {
  const J = lines.length;
  const predicted = new Float64Array(J);
  const residual = new Float64Array(J);
  const z = new Float64Array(J);
  const logAt = (amount: number): { total: number; byCase: number[] } => {
    logResponse(response, amount, predicted);
    for (let j = 0; j < J; j++) residual[j] = logRatio[j] - predicted[j];
    const byCase = cases.map(({ logPrior, factor, logDeterminant }) => {
      let chi2 = 0;
      for (let j = 0; j < J; j++) {
        let sum = residual[j];
        for (let k = 0; k < j; k++) sum -= factor[j * J + k] * z[k];
        z[j] = sum / factor[j * J + j];
        chi2 += z[j] * z[j];
      }
      return logPrior - 0.5 * (logDeterminant + chi2);
    });
    return { total: logSumExp(byCase), byCase };
  };
  // First over all amounts, then over those that matter.
  const coarse = evaluate(0, response.max, (a) => logAt(a).total);
  const top = coarse.logs.reduce((a, b) => Math.max(a, b), -Infinity);
  const relevant = coarse.amounts.filter((_, i) => coarse.logs[i] > top - 14);
  const step = response.max / (GRID - 1);
  const low = Math.max(0, relevant[0] - step);
  const high = Math.min(response.max, relevant[relevant.length - 1] + step);
  const fine = evaluate(low, high, (a) => logAt(a).total);
  return summarize(response, fine, logAt, logRatio, cases);
}

function evaluate(
  low: number,
  high: number,
  log: (a: number) => number,
): { amounts: Float64Array; logs: Float64Array } {
  const amounts = Float64Array.from({ length: GRID }, (_, i) => low + ((high - low) * i) / (GRID - 1));
  return { amounts, logs: amounts.map(log) };
}

function summarize(
  response: LineResponse,
  { amounts, logs }: { amounts: Float64Array; logs: Float64Array },
  logAt: (amount: number) => { total: number; byCase: number[] },
  logRatio: Float64Array,
  cases: NoiseCase[],
): AmountPosterior {
  let top = 0;
  for (let i = 1; i < GRID; i++) if (logs[i] > logs[top]) top = i;
  const density = logs.map((l) => Math.exp(l - logs[top]));
  const step = amounts[1] - amounts[0];
  const sum = density.reduce((a, b) => a + b, 0) - 0.5 * (density[0] + density[GRID - 1]);
  const mean = amounts.reduce((s, a, i) => s + a * density[i], 0) / density.reduce((a, b) => a + b, 0);
  const interval95: [number, number] = [quantile(amounts, density, 0.025), quantile(amounts, density, 0.975)];
  return {
    hypothesis: response.hypothesis,
    variant: response.variant,
    amounts,
    density: density.map((d) => d / (sum * step)),
    mean,
    sigma: (quantile(amounts, density, 0.8413) - quantile(amounts, density, 0.1587)) / 2,
    interval95,
    logEvidence: logs[top] + Math.log((sum * step) / response.max),
    deviance: -2 * logs[top],
    best: amounts[top],
    offset: expectedOffset(response, mean, logAt(mean).byCase, logRatio, cases),
  };
}

/** What texture and scatter make of the lines at the given amount, averaged over the noise cases. */
function expectedOffset(
  response: LineResponse,
  amount: number,
  byCase: number[],
  logRatio: Float64Array,
  cases: NoiseCase[],
): Float64Array {
  const J = logRatio.length;
  const predicted = new Float64Array(J);
  logResponse(response, amount, predicted);
  const residual = logRatio.map((r, j) => r - predicted[j]);
  const norm = logSumExp(byCase);
  const out = new Float64Array(J);
  cases.forEach(({ factor, extra }, c) => {
    const weight = Math.exp(byCase[c] - norm);
    const solved = new Float64Array(J);
    for (let j = 0; j < J; j++) {
      let sum = residual[j];
      for (let k = 0; k < j; k++) sum -= factor[j * J + k] * solved[k];
      solved[j] = sum / factor[j * J + j];
    }
    for (let j = J - 1; j >= 0; j--) {
      let sum = solved[j];
      for (let k = j + 1; k < J; k++) sum -= factor[k * J + j] * solved[k];
      solved[j] = sum / factor[j * J + j];
    }
    for (let j = 0; j < J; j++) for (let k = 0; k < J; k++) out[j] += weight * extra[j * J + k] * solved[k];
  });
  return out;
}

export function quantile(amounts: Float64Array, density: Float64Array, probability: number): number {
  const cumulative = new Float64Array(amounts.length);
  for (let i = 1; i < amounts.length; i++)
    cumulative[i] = cumulative[i - 1] + (density[i] + density[i - 1]) / 2;
  const target = probability * cumulative[amounts.length - 1];
  for (let i = 1; i < amounts.length; i++)
    if (cumulative[i] >= target) {
      const part = (target - cumulative[i - 1]) / (cumulative[i] - cumulative[i - 1] || 1);
      return amounts[i - 1] + part * (amounts[i] - amounts[i - 1]);
    }
  return amounts[amounts.length - 1];
}

export function logSumExp(values: number[]): number {
  const top = values.reduce((a, b) => Math.max(a, b), -Infinity);
  if (top === -Infinity) return top;
  return top + Math.log(values.reduce((sum, v) => sum + Math.exp(v - top), 0));
}
