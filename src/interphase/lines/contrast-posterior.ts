/**
 * From the lines of the layer over those of the pristine electrolyte (`LineModel.freeContrast`) to hypotheses and
 * amounts. The vector of R_j is compared with what each hypothesis predicts; what else may differ between layer and
 * electrolyte - texture (second and fourth order about c), Debye-Waller factor, and an unexplained scatter of single
 * lines - is integrated out with priors whose widths the lines themselves weigh.
 */
import { cholesky } from '../../numeric/linear-algebra.js';
import { logSumExp } from '../../numeric/log-sum-exp.js';
import {
  type Hypothesis,
  type LineResponse,
  logOfSegments,
  logResponse,
  type ScanLine,
} from './scan-observations.js';
import { FOREIGN_STRAY_ODDS, logGainOfStrays, STRAY_ODDS } from './stray-lines.js';

export interface AmountPosterior {
  response: LineResponse;
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
}

/** Scatter of single lines between layer and electrolyte that is considered, with prior odds. */
const SCATTER = [0, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32];
const SCATTER_PRIOR = [6, 3, 2, 1, 0.5, 0.2, 0.1];
/** The same where lines of an unnamed phase may lie under them. */
const FOREIGN_SCATTER_PRIOR = [0, 0, 0, 0.1, 1, 1, 1];
/** Standard deviation of a difference in texture (March-Dollase-like coefficient), with prior odds. */
const TEXTURE = [0, 0.05];
const TEXTURE_PRIOR = [3, 1];
/** Standard deviation of a difference in B, angstrom^2. */
const DEBYE = 0.1;
/**
 * Spread of R_j of lines with odd l, and the odds for it: they measure the balance of the layers z = 0 and z = 1/2, and
 * indium on 6h and 6g at once, or yttrium that changes places along c, puts them anywhere.
 */
const ODD_LINES = 1;
const ODD_LINES_PRIOR = 0.05;
/** Prior spread of the common factor of all ratios: as good as free. */
const COMMON_FACTOR = 5;
const COARSE = 51;
const FINE = 81;

interface Beliefs {
  cases: NoiseCase[];
  strayOdds: number;
}

interface NoiseCase {
  logPrior: number;
  /** Covariance of the relative deviations: common factor, texture, Debye-Waller and scatter. */
  relative: Float64Array;
  /** Variance of each ratio beside that. */
  absolute: Float64Array;
}

/** All ways in which layer and electrolyte may differ besides the hypothesis. */
function beliefsOf(lines: ScanLine[], foreignLines: boolean): Beliefs {
  const scatterPrior = foreignLines ? FOREIGN_SCATTER_PRIOR : SCATTER_PRIOR;
  const J = lines.length;
  const cases: NoiseCase[] = [];
  const p2 = lines.map((l) => (3 * l.cos2FromC - 1) / 2);
  // Only where lines are told apart by their class at all: a structure of the family.
  const family = lines.some((l) => l.class !== 'B');
  const odd = Float64Array.from(lines, (l) => (family && l.hkl[2] % 2 !== 0 ? ODD_LINES ** 2 : 0));
  const p4 = lines.map((l) => (35 * l.cos2FromC ** 2 - 30 * l.cos2FromC + 3) / 8);
  for (let s = 0; s < SCATTER.length; s++) {
    if (scatterPrior[s] === 0) continue;
    for (let t = 0; t < TEXTURE.length; t++) {
      const relative = new Float64Array(J * J);
      for (let j = 0; j < J; j++)
        for (let k = 0; k < J; k++) {
          relative[j * J + k] =
            TEXTURE[t] ** 2 * (9 * p2[j] * p2[k] + 4 * p4[j] * p4[k]) +
            4 * DEBYE ** 2 * lines[j].s2 * lines[k].s2;
          if (j === k) relative[j * J + k] += SCATTER[s] ** 2;
        }
      const logPrior = Math.log(scatterPrior[s] * TEXTURE_PRIOR[t]);
      cases.push({ logPrior, relative, absolute: new Float64Array(J) });
      if (odd.some((v) => v > 0) && SCATTER[s] < 0.05)
        cases.push({ logPrior: logPrior + Math.log(ODD_LINES_PRIOR), relative, absolute: odd });
    }
  }
  return { cases, strayOdds: foreignLines ? FOREIGN_STRAY_ODDS : STRAY_ODDS };
}

/**
 * Posterior of the amount under each response. `ratio` holds the lines of the layer over the pristine ones up to a
 * common factor, `covariance` is theirs. `foreignLines`: lines of an unnamed phase were seen, and may lie under any of these.
 */
export function amountPosteriors(
  ratio: Float64Array,
  covariance: Float64Array,
  lines: ScanLine[],
  responses: LineResponse[],
  foreignLines = false,
): AmountPosterior[] {
  const beliefs = beliefsOf(lines, foreignLines);
  return responses.map((response) =>
    new ContrastLikelihood(ratio, covariance, response, beliefs).posterior(),
  );
}

/** ln of the evidence that nothing but texture, Debye-Waller factor and scatter parts layer and electrolyte. */
export function logEvidenceOfNothing(
  ratio: Float64Array,
  covariance: Float64Array,
  lines: ScanLine[],
  responses: LineResponse[],
): number {
  const beliefs = beliefsOf(lines, false);
  const likelihood = new ContrastLikelihood(ratio, covariance, responses[0], beliefs);
  return likelihood.logLikelihood(0);
}

/**
 * ratio_j = R_j(a) (c + e_j) + noise, with c free and e of the covariance of a noise case: for a given amount all is
 * Gaussian, and c and e are integrated out by adding their covariance.
 */
class ContrastLikelihood {
  private readonly J: number;
  private readonly predicted: Float64Array;
  private readonly matrix: Float64Array;
  /** By how much ln of each line may differ with other scatterers: a standard deviation of each of their doubts. */
  private readonly doubts: Float64Array[];

  constructor(
    private readonly ratio: Float64Array,
    private readonly covariance: Float64Array,
    private readonly response: LineResponse,
    private readonly beliefs: Beliefs,
  ) {
    this.J = ratio.length;
    this.predicted = new Float64Array(this.J);
    this.matrix = new Float64Array(this.J * this.J);
    this.doubts = response.doubts.map(() => new Float64Array(this.J));
  }

  posterior(): AmountPosterior {
    const { response } = this;
    const total = (a: number): number => this.logLikelihood(a);
    // First over all amounts, then over those that matter.
    const coarse = evaluate(0, response.max, COARSE, total);
    const top = coarse.logs.reduce((a, b) => Math.max(a, b), -Infinity);
    const relevant = coarse.amounts.filter((_, i) => coarse.logs[i] > top - 14);
    const step = response.max / (COARSE - 1);
    const low = Math.max(0, relevant[0] - step);
    const high = Math.min(response.max, relevant[relevant.length - 1] + step);
    const fine = evaluate(low, high, FINE, total);
    return summarize(response, fine);
  }

  logLikelihood(amount: number): number {
    return logSumExp(this.byCase(amount));
  }

  /** Log likelihood of each noise case at an amount, its prior included. */
  private byCase(amount: number): number[] {
    this.predict(amount);
    const { cases, strayOdds } = this.beliefs;
    return cases.map((noise) => {
      const factor = this.factorOf(noise);
      if (!factor) return -Infinity;
      const J = this.J;
      const z = new Float64Array(J);
      let chi2 = 0;
      let logDeterminant = 0;
      for (let j = 0; j < J; j++) {
        let sum = this.ratio[j] - this.predicted[j];
        for (let k = 0; k < j; k++) sum -= factor[j * J + k] * z[k];
        z[j] = sum / factor[j * J + j];
        chi2 += z[j] * z[j];
        logDeterminant += 2 * Math.log(factor[j * J + j]);
      }
      return noise.logPrior - 0.5 * (logDeterminant + chi2) + logGainOfStrays(factor, z, J, strayOdds);
    });
  }

  private predict(amount: number): void {
    logResponse(this.response, amount, this.predicted);
    this.response.doubts.forEach(({ part, segments }, d) => {
      const own = this.doubts[d];
      logOfSegments(segments, amount, own);
      for (let j = 0; j < this.J; j++) own[j] = part * (own[j] - this.predicted[j]);
    });
    for (let j = 0; j < this.J; j++) this.predicted[j] = Math.exp(this.predicted[j]);
  }

  private factorOf({ relative, absolute }: NoiseCase): Float64Array | null {
    const { J, predicted, covariance, matrix, doubts } = this;
    for (let j = 0; j < J; j++)
      for (let k = 0; k <= j; k++) {
        let shared = relative[j * J + k] + COMMON_FACTOR ** 2;
        for (const doubt of doubts) shared += doubt[j] * doubt[k];
        const value = covariance[j * J + k] + predicted[j] * predicted[k] * shared;
        matrix[j * J + k] = value + (j === k ? absolute[j] : 0);
        matrix[k * J + j] = matrix[j * J + k];
      }
    return cholesky(matrix, J);
  }
}

function evaluate(
  low: number,
  high: number,
  count: number,
  log: (a: number) => number,
): { amounts: Float64Array; logs: Float64Array } {
  const amounts = Float64Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));
  return { amounts, logs: amounts.map(log) };
}

function summarize(
  response: LineResponse,
  { amounts, logs }: { amounts: Float64Array; logs: Float64Array },
): AmountPosterior {
  const count = amounts.length;
  let top = 0;
  for (let i = 1; i < count; i++) if (logs[i] > logs[top]) top = i;
  const density = logs.map((l) => Math.exp(l - logs[top]));
  const step = amounts[1] - amounts[0];
  const sum = density.reduce((a, b) => a + b, 0) - 0.5 * (density[0] + density[count - 1]);
  const mean = amounts.reduce((s, a, i) => s + a * density[i], 0) / density.reduce((a, b) => a + b, 0);
  return {
    response,
    hypothesis: response.hypothesis,
    variant: response.variant,
    amounts,
    density: density.map((d) => d / (sum * step)),
    mean,
    sigma: (quantile(amounts, density, 0.8413) - quantile(amounts, density, 0.1587)) / 2,
    interval95: [quantile(amounts, density, 0.025), quantile(amounts, density, 0.975)],
    logEvidence: logs[top] + Math.log((sum * step) / response.max),
    deviance: -2 * logs[top],
    best: amounts[top],
  };
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
