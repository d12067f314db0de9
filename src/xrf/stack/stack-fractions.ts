import { SmallLeastSquares } from '../../fit/small-least-squares.js';
import type { EnergyStack, Grid } from '../../measurement.js';
import { invertSymmetric } from '../../numeric/linear-algebra.js';

/** A reference spectrum at the energies of the stack: edge step one, with its uncertainty. */
export interface StackReference {
  name: string;
  norm: Float64Array;
  sigma: Float64Array;
}

export interface StackOptions {
  /** Part of each pixel's signal that does not follow the edge: nothing, a constant, or a straight line in energy. */
  baseline: 'none' | 'constant' | 'linear';
  nonNegative: boolean;
  /** The stack is already normalised (edge step one in every pixel): hold the sum of the references to one. */
  sumToOne: boolean;
  /** Pixels whose edge step is below this many standard uncertainties hold no fraction. */
  minimumStep: number;
}

export const stackDefaults: StackOptions = {
  baseline: 'constant',
  nonNegative: false,
  sumToOne: false,
  minimumStep: 5,
};

export interface StackFractions {
  grid: Grid;
  references: string[];
  energies_eV: Float64Array;
  /** fraction[r][pixel] = c_r / sum c; NaN where the edge step is too small. */
  fraction: Float32Array[];
  sigma: Float32Array[];
  /** Sum of the references' weights: the edge step, in the units of the stack. */
  step: Float32Array;
  /** Root mean square residual over the expected noise. */
  residual: Float32Array;
  /** Noise at each energy relative to the mean, and variance = noise[0] + noise[1] * mean signal. */
  noise: [number, number];
  /** Mean residual and mean signal over all pixels, by energy, in units of the mean edge step. */
  meanResidual: Float64Array;
  meanSignal: Float64Array;
  /** Design: one row per coefficient (references, then baseline). */
  design: Float64Array[];
  /** Unit-noise covariance of the coefficients, row-major. */
  covariance: Float64Array;
  /** Covariance of the coefficients in units of the mean variance about the fit, with the noise of each energy its own. */
  noiseCovariance: Float64Array;
  measured: number;
  /** Mean signal per pixel, for the noise. */
  level: Float32Array;
}

/**
 * Uncertainty of each pixel's fraction of one reference if its true fraction were `fraction`. Unlike `sigma`, which
 * goes with the fitted fraction, it makes (f - fraction) / sigma a linear statistic of the data, without the skew of a
 * ratio: what a test needs.
 */
export function sigmaAt(f: StackFractions, reference: number, fraction: number): Float32Array {
  const p = f.design.length;
  const r = f.references.length;
  let own = 0;
  let all = 0;
  for (let i = 0; i < r; i++) {
    own += f.noiseCovariance[reference * p + i];
    for (let j = 0; j < r; j++) all += f.noiseCovariance[i * p + j];
  }
  const unit = Math.max(
    f.noiseCovariance[reference * p + reference] - 2 * fraction * own + fraction * fraction * all,
    0,
  );
  return f.step.map((s, i) =>
    f.sigma[reference][i] > 0 ? Math.sqrt(unit * (f.noise[0] + f.noise[1] * f.level[i])) / s : NaN,
  );
}

/** Mean square residual over the pixels that hold a fraction, in the units of the stack. */
export function meanMisfit(f: StackFractions): number {
  let sum = 0;
  let n = 0;
  for (let i = 0; i < f.step.length; i++) {
    if (!(f.sigma[0][i] > 0)) continue;
    sum += f.residual[i] * f.residual[i] * (f.noise[0] + f.noise[1] * f.level[i]);
    n++;
  }
  return n > 0 ? sum / n : NaN;
}

const block = 2048;

/**
 * Fractions of reference species per pixel: signal = baseline + sum_r c_r reference_r, by least squares with one
 * pseudo-inverse for all pixels (the design does not depend on the pixel), so a pixel costs a few multiplications.
 * Errors come from the scatter about the fit: its variance is fitted over the map as a + b * signal, which serves
 * counts, rates and transmission alike, and is carried to c and by the delta method to c_r / sum c.
 * Memory beyond the results does not grow with the number of pixels.
 * @throws RangeError when the energies cannot tell the references and the baseline apart
 */
export function stackFractions(
  stack: EnergyStack,
  references: readonly StackReference[],
  options: Partial<StackOptions> = {},
): StackFractions {
  const o = { ...stackDefaults, ...options };
  const energies = stack.energies_eV.length;
  const pixels = stack.grid.ny * stack.grid.nx;
  const r = references.length;
  const design = designOf(stack.energies_eV, references, o.baseline);
  const p = design.length;
  if (energies <= p)
    throw new RangeError(`${energies} energies cannot determine ${p} coefficients with errors`);
  const { gram, covariance, inverse } = pseudoInverse(design);
  const solver = o.nonNegative ? new SmallLeastSquares(freeBaseline(design, r), 'non-negative') : null;

  const out: StackFractions = {
    grid: stack.grid,
    references: references.map((x) => x.name),
    energies_eV: stack.energies_eV,
    fraction: references.map(() => new Float32Array(pixels)),
    sigma: references.map(() => new Float32Array(pixels)),
    step: new Float32Array(pixels),
    residual: new Float32Array(pixels),
    noise: [0, 0],
    meanResidual: new Float64Array(energies),
    meanSignal: new Float64Array(energies),
    design,
    covariance,
    noiseCovariance: covariance,
    measured: 0,
    level: new Float32Array(pixels),
  };
  const { level } = out;
  const c = Array.from({ length: p }, () => new Float64Array(block));
  const sum = new Float64Array(block);
  const square = new Float64Array(block);
  const sums = new Float64Array(p);
  let stepSum = 0;
  for (let from = 0; from < pixels; from += block) {
    const n = Math.min(block, pixels - from);
    project(stack.data, pixels, from, n, inverse, c);
    sum.fill(0);
    square.fill(0);
    const [first] = c;
    for (let k = 0; k < energies; k++) {
      const base = k * pixels + from;
      let signal = 0;
      for (let i = 0; i < n; i++) {
        const y = stack.data[base + i];
        sum[i] += y;
        square[i] += y * y;
        // A pixel that lacks one energy has no coefficients, and none of its others counts.
        if (!Number.isNaN(first[i])) signal += y;
      }
      out.meanSignal[k] += signal;
    }
    for (let i = 0; i < n; i++) {
      let s = 0;
      for (let j = 0; j < r; j++) s += c[j][i];
      for (let j = 0; j < r; j++) out.fraction[j][from + i] = c[j][i];
      // The residual's square is that of the signal less that of the fit, which lies across it.
      let fitted = 0;
      for (let a = 0; a < p; a++) for (let b = 0; b < p; b++) fitted += c[a][i] * gram[a * p + b] * c[b][i];
      out.step[from + i] = s;
      out.residual[from + i] = Math.max(0, square[i] - fitted) / (energies - p);
      level[from + i] = sum[i] / energies;
      if (!Number.isNaN(s)) {
        stepSum += s;
        out.measured++;
        for (let j = 0; j < p; j++) sums[j] += c[j][i];
      }
    }
  }
  for (let k = 0; k < energies; k++) {
    const fitted = design.reduce((total, row, j) => total + row[k] * sums[j], 0);
    out.meanResidual[k] = (out.meanSignal[k] - fitted) / stepSum;
    out.meanSignal[k] /= stepSum;
  }
  out.noise = noiseModel(level, ownVariance(out, energies - p));
  const meanStep = stepSum / Math.max(out.measured, 1);
  out.noiseCovariance = covarianceWith(
    out.meanSignal.map((y) => Math.max(out.noise[0] + out.noise[1] * y * meanStep, 0)),
    inverse,
    design,
  );
  if (solver) constrain(stack.data, pixels, freeBaseline(design, r), solver, r, out);
  finish(out, level, r, p, o);
  return out;
}

function designOf(
  energies_eV: Float64Array,
  references: readonly StackReference[],
  baseline: StackOptions['baseline'],
): Float64Array[] {
  const n = energies_eV.length;
  const rows = references.map((x) => x.norm);
  if (baseline !== 'none') rows.push(new Float64Array(n).fill(1));
  if (baseline === 'linear') {
    const middle = (energies_eV[0] + energies_eV[n - 1]) / 2;
    const half = (energies_eV[n - 1] - energies_eV[0]) / 2;
    rows.push(energies_eV.map((e) => (e - middle) / half));
  }
  return rows;
}

function pseudoInverse(design: readonly Float64Array[]): {
  /** X'X, its inverse, and (X'X)^-1 X'. */
  gram: Float64Array;
  covariance: Float64Array;
  inverse: Float64Array[];
} {
  const p = design.length;
  const n = design[0].length;
  const gram = new Float64Array(p * p);
  for (let i = 0; i < p; i++)
    for (let j = 0; j < p; j++) for (let k = 0; k < n; k++) gram[i * p + j] += design[i][k] * design[j][k];
  const covariance = invertSymmetric(gram, p, 1e-9);
  if (!covariance) throw new RangeError('these energies cannot tell the references and the baseline apart');
  const inverse = design.map((_, i) =>
    Float64Array.from({ length: n }, (_, k) =>
      design.reduce((s, row, j) => s + covariance[i * p + j] * row[k], 0),
    ),
  );
  return { gram, covariance, inverse };
}

/** c[j][i] = sum_k inverse[j][k] data[k][from + i]. */
function project(
  data: EnergyStack['data'],
  pixels: number,
  from: number,
  n: number,
  inverse: readonly Float64Array[],
  c: readonly Float64Array[],
): void {
  for (let j = 0; j < inverse.length; j++) {
    const cj = c[j];
    cj.fill(0);
    for (let k = 0; k < inverse[j].length; k++) {
      const w = inverse[j][k];
      const base = k * pixels + from;
      for (let i = 0; i < n; i++) cj[i] += w * data[base + i];
    }
  }
}

/** The baseline may have either sign: it enters a non-negative fit as a pair of columns. */
const freeBaseline = (design: readonly Float64Array[], r: number): Float64Array[] => [
  ...design,
  ...design.slice(r).map((row) => row.map((v) => -v)),
];

function constrain(
  data: EnergyStack['data'],
  pixels: number,
  columns: readonly Float64Array[],
  solver: SmallLeastSquares,
  r: number,
  out: StackFractions,
): void {
  const n = columns[0].length;
  const y = new Float64Array(n);
  const b = new Float64Array(columns.length);
  const c = new Float64Array(columns.length);
  for (let i = 0; i < pixels; i++) {
    let negative = false;
    for (let j = 0; j < r; j++) if (out.fraction[j][i] < 0) negative = true;
    if (!negative) continue;
    for (let k = 0; k < n; k++) y[k] = data[k * pixels + i];
    solver.solve(solver.project(y, b), c);
    let s = 0;
    for (let j = 0; j < r; j++) {
      out.fraction[j][i] = c[j];
      s += c[j];
    }
    out.step[i] = s;
  }
}

/**
 * Covariance of the coefficients when the energies have these variances (counts below an edge scatter less than counts on
 * a white line), over the mean variance that the residuals show.
 */
function covarianceWith(
  variance: Float64Array,
  inverse: readonly Float64Array[],
  design: readonly Float64Array[],
): Float64Array {
  const [p, n] = [inverse.length, variance.length];
  const shown =
    variance.reduce(
      (s, v, k) => s + v * (1 - inverse.reduce((h, row, j) => h + row[k] * design[j][k], 0)),
      0,
    ) /
    (n - p);
  const scaled = shown > 0 ? variance.map((v) => v / shown) : variance.map(() => 1);
  return Float64Array.from({ length: p * p }, (_, at) => {
    const [a, b] = [inverse[Math.floor(at / p)], inverse[at % p]];
    return scaled.reduce((s, v, k) => s + v * a[k] * b[k], 0);
  });
}

/**
 * Each pixel's variance without the misfit that all pixels share (an axis that is off, a beam that drifted): that is no
 * noise of the pixel. It goes with the edge step and lies across the design, so its square is known from the mean.
 */
function ownVariance(f: StackFractions, degreesOfFreedom: number): Float32Array {
  if (f.measured < 2) return f.residual;
  const shared = f.meanResidual.reduce((s, m) => s + m * m, 0) / degreesOfFreedom;
  const drawn = f.measured / (f.measured - 1);
  return f.residual.map((v, i) => drawn * (v - shared * f.step[i] * f.step[i]));
}

/** Variance about the fit as a + b * signal, by weighted least squares on 64 bins of the signal; never negative. */
function noiseModel(level: Float32Array, variance: Float32Array): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const v of level) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  const bins = 64;
  const count = new Float64Array(bins);
  const x = new Float64Array(bins);
  const v = new Float64Array(bins);
  const scale = high > low ? bins / (high - low) : 0;
  for (let i = 0; i < level.length; i++) {
    if (!Number.isFinite(variance[i])) continue;
    const b = Math.min(bins - 1, Math.floor((level[i] - low) * scale));
    count[b]++;
    x[b] += level[i];
    v[b] += variance[i];
  }
  let sw = 0;
  let sx = 0;
  let sv = 0;
  let sxx = 0;
  let sxv = 0;
  for (let b = 0; b < bins; b++) {
    if (count[b] < 10) continue;
    const xb = x[b] / count[b];
    const vb = v[b] / count[b];
    const w = count[b] / (vb * vb + 1e-300);
    sw += w;
    sx += w * xb;
    sv += w * vb;
    sxx += w * xb * xb;
    sxv += w * xb * vb;
  }
  if (sw === 0) {
    const all = variance.reduce((s, q) => (Number.isFinite(q) ? s + q : s), 0) / Math.max(1, variance.length);
    return [Math.max(all, 0), 0];
  }
  const determinant = sw * sxx - sx * sx;
  const slope = determinant > 1e-12 * sw * sxx ? (sw * sxv - sx * sv) / determinant : 0;
  const intercept = (sv - slope * sx) / sw;
  if (slope < 0) return [Math.max(sv / sw, 0), 0];
  if (intercept < 0) return [0, Math.max(sxv / sxx, 0)];
  return [intercept, slope];
}

/** From coefficients to fractions: f = c / S with var f by the delta method, and the residual in units of the noise. */
function finish(out: StackFractions, level: Float32Array, r: number, p: number, o: StackOptions): void {
  const m = out.noiseCovariance;
  let varianceS = 0;
  const withS = new Float64Array(r);
  for (let i = 0; i < r; i++) {
    for (let j = 0; j < r; j++) {
      varianceS += m[i * p + j];
      withS[i] += m[i * p + j];
    }
  }
  out.measured = 0;
  for (let i = 0; i < out.step.length; i++) {
    const variance = Math.max(out.noise[0] + out.noise[1] * level[i], 1e-30);
    const s = o.sumToOne ? 1 : out.step[i];
    const measured = !Number.isNaN(s);
    out.residual[i] = Math.sqrt(out.residual[i] / variance);
    const ok = measured && s * s > o.minimumStep * o.minimumStep * variance * varianceS && s > 0;
    for (let j = 0; j < r; j++) {
      if (!ok) {
        out.fraction[j][i] = NaN;
        out.sigma[j][i] = NaN;
        continue;
      }
      const f = out.fraction[j][i] / s;
      const v = o.sumToOne ? m[j * p + j] : m[j * p + j] - 2 * f * withS[j] + f * f * varianceS;
      if (j === 0) out.measured++;
      out.fraction[j][i] = f;
      out.sigma[j][i] = Math.sqrt(Math.max(v, 0) * variance) / s;
    }
  }
}
