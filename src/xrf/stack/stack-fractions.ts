import { SmallLeastSquares } from '../../fit/small-least-squares.js';
import type { EnergyStack } from '../../measurement.js';
import { covarianceWith, designOf, pseudoInverse } from './stack-design.js';
import { noiseModel, ownVariance } from './stack-noise.js';
import { type StackFractions, type StackOptions, type StackReference, stackDefaults } from './stack-types.js';

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
