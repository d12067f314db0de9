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
 * Weak lines may be measured negative: the logarithm is expanded about the current prediction, which makes the
 * iteration a Gauss-Newton one on the intensities themselves.
 */
import { cholesky, invertSymmetric, solveCholesky } from '../numeric/linear-algebra.js';
import type { PatternObservation } from './scan-observations.js';

/** Prior spread of ln t_j about the structure's own intensities: texture of a sane powder. */
const TEXTURE_SPREAD = 0.35;

export class LineModel {
  readonly lines: number;
  readonly patterns: PatternObservation[];
  readonly scale: Float64Array;
  readonly lineLevel: Float64Array;
  /** Relative standard deviation of each line from pattern to pattern beyond counting. */
  readonly grain: Float64Array;
  private readonly prior: Float64Array;
  private readonly working: Float64Array;
  private readonly weight: Float64Array[];
  private readonly projected: Float64Array[];
  private readonly robust: Float64Array;
  private factor: Float64Array;
  private readonly residual: Float64Array;
  private readonly gradient: Float64Array;

  /** `prior`: ln intensities of the lines in the pristine structure. */
  constructor(patterns: PatternObservation[], prior: Float64Array) {
    const J = prior.length;
    const N = patterns.length;
    this.lines = J;
    this.patterns = patterns;
    this.prior = prior;
    this.lineLevel = Float64Array.from(prior);
    this.grain = new Float64Array(J).fill(0.05);
    this.scale = Float64Array.from(patterns, (p) => Math.log(roughScale(p, prior)));
    this.working = new Float64Array(N * J);
    this.weight = patterns.map(() => new Float64Array(J * J));
    this.projected = patterns.map(() => new Float64Array(J * J));
    this.robust = new Float64Array(N * J).fill(1);
    this.factor = new Float64Array(J * J);
    this.residual = new Float64Array(J);
    this.gradient = new Float64Array(J);
  }

  /** Fits s, t and the noise for a given ln m [pattern * lines + line], from the current state. */
  settle(logMix: Float64Array, passes = 6, learnNoise = true): number {
    for (let pass = 0; pass < passes; pass++) {
      this.expand(logMix);
      this.deviance(logMix, true);
      if (learnNoise) this.learnNoise(logMix);
    }
    this.expand(logMix);
    return this.deviance(logMix, true);
  }

  /** Expands the data about the current prediction and prepares the elimination of s and t. */
  expand(logMix: Float64Array): void {
    const J = this.lines;
    const normal = new Float64Array(J * J);
    this.patterns.forEach((pattern, i) => {
      this.expandPattern(pattern, i, logMix);
      const P = this.projected[i];
      for (let k = 0; k < J * J; k++) normal[k] += P[k];
    });
    for (let j = 0; j < J; j++) normal[j * J + j] += 1 / TEXTURE_SPREAD ** 2;
    const factor = cholesky(normal, J);
    if (!factor) throw new Error('the line model has a singular normal matrix');
    this.factor = factor;
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
        covariance[a * n + b] = pattern.covariance[j * J + used[b]] / (predicted[a] * predicted[b]);
    });
    used.forEach((j, a) => {
      const robust = this.robust[i * J + j];
      covariance[a * n + a] = (covariance[a * n + a] + this.grain[j] ** 2) / robust;
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

  /** Weighted sum of squares with s and t at their best, for trial ln m and the weights of the last `expand`. */
  deviance(logMix: Float64Array, keep = false): number {
    const J = this.lines;
    const { residual: r, gradient: g } = this;
    g.fill(0);
    let q = 0;
    for (let i = 0; i < this.patterns.length; i++) {
      const P = this.projected[i];
      const at = i * J;
      for (let j = 0; j < J; j++) r[j] = this.working[at + j] - logMix[at + j] - this.prior[j];
      for (let j = 0; j < J; j++) {
        const row = j * J;
        let sum = 0;
        for (let k = 0; k < J; k++) sum += P[row + k] * r[k];
        g[j] += sum;
        q += sum * r[j];
      }
    }
    // t = prior + B^-1 g, and the minimum is q - g' B^-1 g = q - |L^-1 g|^2.
    const L = this.factor;
    let gain = 0;
    const z = new Float64Array(J);
    for (let j = 0; j < J; j++) {
      let sum = g[j];
      for (let k = 0; k < j; k++) sum -= L[j * J + k] * z[k];
      z[j] = sum / L[j * J + j];
      gain += z[j] * z[j];
    }
    if (keep) this.keepSolution(logMix, solveCholesky(L, J, g));
    return q - gain;
  }

  private keepSolution(logMix: Float64Array, step: Float64Array): void {
    const J = this.lines;
    for (let j = 0; j < J; j++) this.lineLevel[j] = this.prior[j] + step[j];
    for (let i = 0; i < this.patterns.length; i++) {
      const W = this.weight[i];
      let sum = 0;
      let total = 0;
      for (let j = 0; j < J; j++)
        for (let k = 0; k < J; k++) {
          const w = W[j * J + k];
          if (w === 0) continue;
          total += w;
          sum += w * (this.working[i * J + k] - logMix[i * J + k] - this.lineLevel[k]);
        }
      if (total > 0) this.scale[i] += Math.max(-2, Math.min(2, sum / total - this.scale[i]));
    }
  }

  /**
   * Grain statistics from the scan itself: what scatters from pattern to pattern beyond counting, for each line
   * shrunk towards the mean of all; and weights of Student-t residuals for single odd spots.
   */
  private learnNoise(logMix: Float64Array): void {
    const J = this.lines;
    const N = this.patterns.length;
    const r2: number[][] = Array.from({ length: J }, () => []);
    const counting: number[][] = Array.from({ length: J }, () => []);
    const owner: number[][] = Array.from({ length: J }, () => []);
    for (let i = 0; i < N; i++)
      for (let j = 0; j < J; j++) {
        if (this.weight[i][j * J + j] === 0) continue;
        const predicted = Math.exp(this.scale[i] + this.lineLevel[j] + logMix[i * J + j]);
        const variance = this.patterns[i].covariance[j * J + j] / predicted ** 2;
        r2[j].push((this.working[i * J + j] - Math.log(predicted)) ** 2);
        counting[j].push(variance);
        owner[j].push(i);
      }
    const data = r2.reduce((n, line) => n + line.length, 0);
    const spent = N + J + 2;
    const correction = data / Math.max(1, data - spent);
    const common = excessVariance(r2.flat(), counting.flat(), correction);
    for (let j = 0; j < J; j++) {
      const n = r2[j].length;
      const own = n >= 3 ? excessVariance(r2[j], counting[j], correction) : common;
      this.grain[j] = Math.sqrt((n * own + 12 * common) / (n + 12));
      for (let k = 0; k < n; k++) {
        const t2 = r2[j][k] / (counting[j][k] + this.grain[j] ** 2);
        this.robust[owner[j][k] * J + j] = Math.min(1, 10 / (5 + t2));
      }
    }
  }

  /** Drop of the deviance that an effect `logMix` would bring if it were there exactly, at the present weights. */
  expectedGain(logMix: Float64Array): number {
    const J = this.lines;
    const r = new Float64Array(J);
    const g = new Float64Array(J);
    let q = 0;
    for (let i = 0; i < this.patterns.length; i++)
      for (let j = 0; j < J; j++) {
        let sum = 0;
        for (let k = 0; k < J; k++) sum += this.projected[i][j * J + k] * logMix[i * J + k];
        g[j] += sum;
        q += sum * logMix[i * J + j];
      }
    r.set(solveCholesky(this.factor, J, g));
    for (let j = 0; j < J; j++) q -= r[j] * g[j];
    return q;
  }

  /** Weighted sum of squares of one pattern alone, its scale eliminated, for a trial ln m of its lines. */
  patternDeviance(i: number, logMix: Float64Array): number {
    const J = this.lines;
    const P = this.projected[i];
    const r = this.residual;
    for (let j = 0; j < J; j++) r[j] = this.working[i * J + j] - logMix[j] - this.lineLevel[j];
    let q = 0;
    for (let j = 0; j < J; j++) {
      let sum = 0;
      for (let k = 0; k < J; k++) sum += P[j * J + k] * r[k];
      q += sum * r[j];
    }
    return q;
  }

  /** Standardised residual of every line, NaN where not measured. */
  residuals(logMix: Float64Array): Float64Array {
    const J = this.lines;
    return this.working.map((y, k) => {
      const i = Math.floor(k / J);
      const j = k % J;
      const w = this.weight[i][j * J + j];
      return w === 0 ? Number.NaN : (y - this.scale[i] - this.lineLevel[j] - logMix[k]) * Math.sqrt(w);
    });
  }

  /**
   * The layer's lines over the pristine ones, ln R_j, each free, with their covariance; their common factor is
   * undetermined where no pattern sees both (the faint prior keeps it finite). `share` is f_i.
   */
  freeContrast(
    share: Float64Array,
    start: Float64Array,
  ): { logRatio: Float64Array; covariance: Float64Array } {
    const J = this.lines;
    const N = this.patterns.length;
    let logRatio: Float64Array = Float64Array.from(start);
    let covariance: Float64Array = new Float64Array(J * J);
    const logMix = new Float64Array(N * J);
    for (let pass = 0; pass < 4; pass++) {
      mixLogs(share, logRatio, logMix);
      this.expand(logMix);
      this.deviance(logMix, true);
      this.expand(logMix);
      const solved = this.contrastStep(share, logRatio, logMix);
      logRatio = solved.logRatio;
      covariance = solved.covariance;
    }
    return { logRatio, covariance };
  }

  private contrastStep(
    share: Float64Array,
    logRatio: Float64Array,
    logMix: Float64Array,
  ): { logRatio: Float64Array; covariance: Float64Array } {
    const J = this.lines;
    const D = 2 * J;
    const A = new Float64Array(D * D);
    const b = new Float64Array(D);
    const h = new Float64Array(J);
    const r = new Float64Array(J);
    for (let i = 0; i < this.patterns.length; i++) {
      const P = this.projected[i];
      const f = share[i];
      for (let j = 0; j < J; j++) {
        const R = Math.exp(logRatio[j]);
        h[j] = (f * R) / (1 - f + f * R);
        r[j] = this.working[i * J + j] - logMix[i * J + j] - this.prior[j] + h[j] * logRatio[j];
      }
      for (let j = 0; j < J; j++) {
        let sum = 0;
        for (let k = 0; k < J; k++) {
          const p = P[j * J + k];
          sum += p * r[k];
          A[j * D + k] += p;
          A[j * D + J + k] += p * h[k];
          A[(J + j) * D + k] += h[j] * p;
          A[(J + j) * D + J + k] += h[j] * p * h[k];
        }
        b[j] += sum;
        b[J + j] += h[j] * sum;
      }
    }
    for (let j = 0; j < J; j++) {
      A[j * D + j] += 1 / TEXTURE_SPREAD ** 2;
      A[(J + j) * D + J + j] += 1 / 25;
    }
    const inverse = invertSymmetric(A, D);
    if (!inverse) return { logRatio, covariance: new Float64Array(J * J).fill(0) };
    const solution = new Float64Array(J);
    const covariance = new Float64Array(J * J);
    for (let j = 0; j < J; j++) {
      for (let k = 0; k < D; k++) solution[j] += inverse[(J + j) * D + k] * b[k];
      for (let k = 0; k < J; k++) covariance[j * J + k] = inverse[(J + j) * D + J + k];
    }
    return { logRatio: solution.map((v) => Math.max(-4, Math.min(4, v))), covariance };
  }
}

/** ln(1 - f + f R) of every pattern and line. */
export function mixLogs(share: Float64Array, logRatio: Float64Array, out: Float64Array): void {
  const J = logRatio.length;
  for (let i = 0; i < share.length; i++) {
    const f = share[i];
    for (let j = 0; j < J; j++)
      out[i * J + j] =
        f < 1e-9 ? 0 : f > 1 - 1e-9 ? logRatio[j] : Math.log(1 - f + f * Math.exp(logRatio[j]));
  }
}

/** Positive scale of a pattern from its strongest lines, for the first expansion. */
function roughScale(pattern: PatternObservation, prior: Float64Array): number {
  const J = prior.length;
  let top = 0;
  let bottom = 0;
  let noise = 0;
  for (let j = 0; j < J; j++) {
    const variance = pattern.covariance[j * J + j];
    if (!Number.isFinite(pattern.intensity[j]) || !(variance > 0)) continue;
    const expected = Math.exp(prior[j]);
    top += (pattern.intensity[j] * expected) / variance;
    bottom += (expected * expected) / variance;
    noise = Math.sqrt(1 / bottom);
  }
  return bottom > 0 ? Math.max(top / bottom, 0.5 * noise, 1e-12) : 1;
}

/** Variance v >= 0 with which residuals of variance `counting + v` have unit mean square (outliers clipped). */
function excessVariance(r2: number[], counting: number[], correction: number): number {
  const excess = (v: number): number => {
    let sum = 0;
    for (let k = 0; k < r2.length; k++) {
      const variance = counting[k] + v;
      sum += Math.min(9, (correction * r2[k]) / variance) - 0.985;
    }
    return sum;
  };
  if (r2.length === 0 || excess(0) <= 0) return 1e-6;
  let low = 0;
  let high = 4;
  for (let step = 0; step < 40; step++) {
    const mid = (low + high) / 2;
    if (excess(mid) > 0) low = mid;
    else high = mid;
  }
  return (low + high) / 2;
}
