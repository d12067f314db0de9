/**
 * All line intensities of a scan in one model that is linear in its many nuisances:
 *
 *   ln I_ij = s_i + t_j + ln(1 - f_i + f_i R_j) + noise
 *
 * with s_i a free scale of each pattern (absorption, volume), t_j the intensity of line j in the scan's own pristine
 * electrolyte (texture, Debye-Waller, Lorentz-polarisation and dispersion are all in it and cancel), f_i the share of
 * the layer in the electrolyte seen by pattern i, and R_j the intensity of the layer's line over the pristine one.
 * This is the double ratio of every line with every other at once. s and t are eliminated exactly for given weights,
 * so that a trial of boundaries and composition costs a few microseconds.
 *
 * Weak lines may be measured negative, and some vanish from the layer: the logarithm of the data is expanded about the
 * current prediction, and a trial of the mixture enters as its ratio to the predicted one, so that residuals are those
 * of intensities. The iteration is a Gauss-Newton one on the intensities themselves.
 */
import { cholesky, invertSymmetric, solveCholesky } from '../../numeric/linear-algebra.js';
import { LineScatter, type NoiseSource, type RelativeResidual } from './line-scatter.js';
import { mixLogs, PatternTerms, roughScale } from './pattern-terms.js';
import type { PatternObservation } from './scan-observations.js';

/**
 * Prior spread of ln t_j about the structure's own intensities. Faint on purpose: with a tight one a scan could better
 * its likelihood by calling nearly everything 'layer', if that brought the lines nearer to a wrong structure.
 */
export const TEXTURE_SPREAD = 2;

export class LineModel {
  readonly lines: number;
  readonly patterns: PatternObservation[];
  readonly scale: Float64Array;
  readonly lineLevel: Float64Array;
  private readonly scatter: LineScatter;
  /** ln intensities of the lines in the pristine structure. */
  readonly prior: Float64Array;
  /** ln of the data, expanded about the last prediction, [pattern * lines + line]. */
  readonly working: Float64Array;
  private readonly weight: Float64Array[];
  /** Weights of each pattern with its scale eliminated, row-major. */
  readonly projected: Float64Array[];
  private factor: Float64Array;
  private readonly residual: Float64Array;
  private readonly gradient: Float64Array;
  /** ln of the mixture about which the data were expanded, [pattern * lines + line]. */
  readonly expanded: Float64Array;
  private readonly pristine: PatternTerms;
  private readonly layer: PatternTerms;
  private readonly mixed: PatternTerms;
  private readonly layerRatio: Float64Array;
  private readonly lastShare: Float64Array;

  /** `prior`: ln intensities of the lines in the pristine structure. */
  constructor(patterns: PatternObservation[], prior: Float64Array) {
    const J = prior.length;
    const N = patterns.length;
    this.lines = J;
    this.patterns = patterns;
    this.prior = prior;
    this.lineLevel = Float64Array.from(prior);
    this.scatter = new LineScatter(patterns, J);
    this.scale = Float64Array.from(patterns, (p) => Math.log(roughScale(p, prior)));
    this.working = new Float64Array(N * J);
    this.weight = patterns.map(() => new Float64Array(J * J));
    this.projected = patterns.map(() => new Float64Array(J * J));
    this.factor = new Float64Array(J * J);
    this.residual = new Float64Array(J);
    this.gradient = new Float64Array(J);
    this.expanded = new Float64Array(N * J);
    this.lastShare = new Float64Array(N);
    this.pristine = new PatternTerms(N, J);
    this.layer = new PatternTerms(N, J);
    this.mixed = new PatternTerms(N, J);
    this.layerRatio = new Float64Array(J).fill(Number.NaN);
  }

  /** Fits s, t and the noise for given shares of the layer and its lines over the pristine ones (ln R_j). */
  settle(share: Float64Array, logRatio: Float64Array, passes = 6, learn: NoiseSource = 'residuals'): number {
    for (let pass = 0; pass < passes; pass++) {
      this.expand(share, logRatio);
      this.deviance(share, logRatio, true);
      if (learn) this.scatter.learn(learn, this.relativeResiduals());
    }
    this.expand(share, logRatio);
    return this.deviance(share, logRatio, true);
  }

  /** Expands the data about the current prediction and prepares the elimination of s and t. */
  expand(share: Float64Array, logRatio: Float64Array): void {
    const J = this.lines;
    this.lastShare.set(share);
    mixLogs(share, logRatio, this.expanded);
    const normal = new Float64Array(J * J);
    this.patterns.forEach((pattern, i) => {
      this.expandPattern(pattern, i, this.expanded);
      const P = this.projected[i];
      for (let k = 0; k < J * J; k++) normal[k] += P[k];
    });
    for (let j = 0; j < J; j++) normal[j * J + j] += 1 / TEXTURE_SPREAD ** 2;
    const factor = cholesky(normal, J);
    if (!factor) throw new Error('the line model has a singular normal matrix');
    this.factor = factor;
    this.pristine.forget();
    this.layer.forget();
  }

  private expandPattern(pattern: PatternObservation, i: number, logMix: Float64Array): void {
    const J = this.lines;
    const used: number[] = [];
    for (let j = 0; j < J; j++) {
      const variance = pattern.covariance[j * J + j];
      if (Number.isFinite(pattern.intensity[j]) && variance > 0 && Number.isFinite(variance)) used.push(j);
    }
    const n = used.length;
    const covariance = new Float64Array(n * n);
    const predicted = used.map((j) => Math.exp(this.scale[i] + this.lineLevel[j] + logMix[i * J + j]));
    used.forEach((j, a) => {
      const relative = pattern.intensity[j] / predicted[a] - 1;
      this.working[i * J + j] = Math.log(predicted[a]) + Math.max(-3, Math.min(3, relative));
      for (let b = 0; b < n; b++)
        covariance[a * n + b] =
          (this.scatter.countingScale * pattern.covariance[j * J + used[b]]) / (predicted[a] * predicted[b]);
    });
    used.forEach((j, a) => {
      covariance[a * n + a] = this.scatter.varianceOf(i, j, covariance[a * n + a]);
    });
    const W = this.weight[i].fill(0);
    const P = this.projected[i].fill(0);
    let inverse = n > 1 ? invertSymmetric(covariance, n) : null;
    if (!inverse) {
      if (n < 2) return;
      inverse = new Float64Array(n * n);
      for (let a = 0; a < n; a++) inverse[a * n + a] = 1 / covariance[a * n + a];
    }
    const sums = new Float64Array(n);
    let total = 0;
    for (let a = 0; a < n; a++) {
      for (let b = 0; b < n; b++) sums[a] += inverse[a * n + b];
      total += sums[a];
    }
    for (let a = 0; a < n; a++)
      for (let b = 0; b < n; b++) {
        W[used[a] * J + used[b]] = inverse[a * n + b];
        P[used[a] * J + used[b]] = inverse[a * n + b] - (sums[a] * sums[b]) / total;
      }
  }

  /** Weighted sum of squares with s and t at their best, for a trial and the weights of the last `expand`. */
  deviance(share: Float64Array, logRatio: Float64Array, keep = false): number {
    const J = this.lines;
    const g = this.gradient.fill(0);
    if (logRatio.some((v, j) => v !== this.layerRatio[j])) {
      this.layerRatio.set(logRatio);
      this.layer.forget();
    }
    let q = 0;
    for (let i = 0; i < this.patterns.length; i++) {
      // Patterns outside of the layer, or wholly inside, come again and again: their terms are kept.
      const f = share[i];
      const terms = f < 1e-9 ? this.pristine : f > 1 - 1e-9 ? this.layer : this.mixed;
      if (terms === this.mixed || !terms.known[i]) this.computeTerms(i, f, logRatio, terms);
      q += terms.square[i];
      const at = i * J;
      for (let j = 0; j < J; j++) g[j] += terms.gradient[at + j];
    }
    // t = prior + B^-1 g, and the minimum is q - g' B^-1 g = q - |L^-1 g|^2.
    const L = this.factor;
    const z = this.residual;
    let gain = 0;
    for (let j = 0; j < J; j++) {
      let sum = g[j];
      for (let k = 0; k < j; k++) sum -= L[j * J + k] * z[k];
      z[j] = sum / L[j * J + j];
      gain += z[j] * z[j];
    }
    if (keep) this.keepSolution(share, logRatio, solveCholesky(L, J, g));
    return q - gain;
  }

  private computeTerms(i: number, f: number, logRatio: Float64Array, terms: PatternTerms): void {
    const J = this.lines;
    const at = i * J;
    const r = this.residual;
    const P = this.projected[i];
    for (let j = 0; j < J; j++)
      r[j] = this.working[at + j] - this.prior[j] - this.mixTerm(at + j, f, logRatio[j]);
    let square = 0;
    for (let j = 0; j < J; j++) {
      const row = j * J;
      let sum = 0;
      for (let k = 0; k < J; k++) sum += P[row + k] * r[k];
      terms.gradient[at + j] = sum;
      square += sum * r[j];
    }
    terms.square[i] = square;
    terms.known[i] = 1;
  }

  /** ln m as the expansion has it: linear in m about the mixture of the last `expand`. */
  private mixTerm(index: number, f: number, logRatio: number): number {
    const from = this.expanded[index];
    return from + (f < 1e-9 ? Math.exp(-from) : (1 - f + f * Math.exp(logRatio)) * Math.exp(-from)) - 1;
  }

  private keepSolution(share: Float64Array, logRatio: Float64Array, step: Float64Array): void {
    const J = this.lines;
    for (let j = 0; j < J; j++) this.lineLevel[j] = this.prior[j] + step[j];
    for (let i = 0; i < this.patterns.length; i++) {
      const W = this.weight[i];
      let sum = 0;
      let total = 0;
      for (let k = 0; k < J; k++) {
        let w = 0;
        for (let j = 0; j < J; j++) w += W[j * J + k];
        if (w === 0) continue;
        total += w;
        sum +=
          w * (this.working[i * J + k] - this.mixTerm(i * J + k, share[i], logRatio[k]) - this.lineLevel[k]);
      }
      if (total > 0) this.scale[i] += Math.max(-2, Math.min(2, sum / total - this.scale[i]));
    }
  }

  /** Of each line; variances as the fits state them. */
  private relativeResiduals(): RelativeResidual[][] {
    const J = this.lines;
    return Array.from({ length: J }, (_, j) =>
      this.patterns.flatMap((pattern, i) => {
        if (this.weight[i][j * J + j] === 0) return [];
        const log = this.scale[i] + this.lineLevel[j] + this.expanded[i * J + j];
        return [
          {
            i,
            value: this.working[i * J + j] - log,
            counting: pattern.covariance[j * J + j] / Math.exp(2 * log),
          },
        ];
      }),
    );
  }

  /** Drop of the deviance that a layer would bring if it were there exactly so, at the present weights. */
  expectedGain(share: Float64Array, logRatio: Float64Array): number {
    const effect = new Float64Array(this.patterns.length * this.lines);
    mixLogs(share, logRatio, effect);
    return this.information([effect])[0];
  }

  /**
   * Fisher information (row-major) on parameters whose effects on ln m are given, [pattern * lines + line] each; scales
   * of patterns and levels of lines are eliminated.
   */
  information(effects: Float64Array[]): Float64Array {
    const J = this.lines;
    const D = effects.length;
    const out = new Float64Array(D * D);
    const sums = effects.map(() => new Float64Array(J));
    const product = new Float64Array(J);
    for (let i = 0; i < this.patterns.length; i++)
      for (let a = 0; a < D; a++) {
        const P = this.projected[i];
        for (let j = 0; j < J; j++) {
          let sum = 0;
          for (let k = 0; k < J; k++) sum += P[j * J + k] * effects[a][i * J + k];
          product[j] = sum;
          sums[a][j] += sum;
        }
        for (let b = 0; b < D; b++)
          for (let j = 0; j < J; j++) out[a * D + b] += product[j] * effects[b][i * J + j];
      }
    for (let a = 0; a < D; a++) {
      const solved = solveCholesky(this.factor, J, sums[a]);
      for (let b = 0; b < D; b++) for (let j = 0; j < J; j++) out[a * D + b] -= solved[j] * sums[b][j];
    }
    return out;
  }

  /** Runs `what` with the weights of counting alone, and puts those with grain statistics back. */
  withoutGrain<T>(what: () => T): T {
    const back = this.scatter.countingAlone();
    const share = this.lastShare;
    const logRatio = Float64Array.from(this.layerRatio);
    this.expand(share, logRatio);
    const result = what();
    back();
    this.expand(share, logRatio);
    return result;
  }

  /** Weighted sum of squares of one pattern alone, its scale eliminated, if it were all layer with these lines. */
  patternDeviance(i: number, logRatio: Float64Array): number {
    const J = this.lines;
    const P = this.projected[i];
    const r = this.residual;
    for (let j = 0; j < J; j++)
      r[j] = this.working[i * J + j] - this.mixTerm(i * J + j, 1, logRatio[j]) - this.lineLevel[j];
    let q = 0;
    for (let j = 0; j < J; j++) {
      let sum = 0;
      for (let k = 0; k < J; k++) sum += P[j * J + k] * r[k];
      q += sum * r[j];
    }
    return q;
  }

  /** Standardised residual of every line, NaN where not measured. */
  residuals(): Float64Array {
    const J = this.lines;
    return this.working.map((y, k) => {
      const i = Math.floor(k / J);
      const j = k % J;
      const w = this.weight[i][j * J + j];
      return w === 0 ? Number.NaN : (y - this.scale[i] - this.lineLevel[j] - this.expanded[k]) * Math.sqrt(w);
    });
  }
}
