import { SmallLeastSquares } from '../../fit/small-least-squares.js';
import type { EnergyStack } from '../../measurement.js';
import { covarianceWith, designOf, pseudoInverse } from './stack-design.js';
import { noiseModel } from './stack-noise.js';
import { BLOCK, solvePixels } from './stack-pixels.js';
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
  const { sums, stepSum } = solvePixels(stack.data, { gram, inverse }, out);
  for (let k = 0; k < energies; k++) {
    const fitted = design.reduce((total, row, j) => total + row[k] * sums[j], 0);
    out.meanResidual[k] = (out.meanSignal[k] - fitted) / stepSum;
    out.meanSignal[k] /= stepSum;
  }
  out.noise = noiseModel(out, energies - p);
  const meanStep = stepSum / Math.max(out.measured, 1);
  out.noiseCovariance = covarianceWith(
    out.meanSignal.map((y) => Math.max(out.noise[0] + out.noise[1] * y * meanStep, 0)),
    inverse,
    design,
  );
  if (solver) constrain(stack.data, pixels, freeBaseline(design, r), solver, r, out);
  finish(out, o);
  return out;
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
function finish(out: StackFractions, o: StackOptions): void {
  const r = out.references.length;
  const p = out.design.length;
  const m = out.noiseCovariance;
  let varianceS = 0;
  const withS = new Float64Array(r);
  for (let i = 0; i < r; i++) {
    for (let j = 0; j < r; j++) {
      varianceS += m[i * p + j];
      withS[i] += m[i * p + j];
    }
  }
  const { step, residual, level, noise } = out;
  const divisor = new Float64Array(BLOCK);
  const scale = new Float64Array(BLOCK);
  out.measured = 0;
  for (let from = 0; from < step.length; from += BLOCK) {
    const count = Math.min(BLOCK, step.length - from);
    for (let i = 0; i < count; i++) {
      const variance = Math.max(noise[0] + noise[1] * level[from + i], 1e-30);
      const s = o.sumToOne ? 1 : step[from + i];
      const deviation = Math.sqrt(variance);
      residual[from + i] = Math.sqrt(residual[from + i]) / deviation;
      // A pixel that lacks an energy has no step, whatever its sum is held to.
      const ok =
        s > 0 &&
        s * s > o.minimumStep * o.minimumStep * variance * varianceS &&
        !Number.isNaN(step[from + i]);
      divisor[i] = ok ? s : NaN;
      scale[i] = deviation / s;
      if (ok) out.measured++;
    }
    for (let j = 0; j < r; j++) {
      const [fraction, sigma] = [out.fraction[j], out.sigma[j]];
      const [own, shared, all] = o.sumToOne ? [m[j * p + j], 0, 0] : [m[j * p + j], 2 * withS[j], varianceS];
      for (let i = 0; i < count; i++) {
        const f = fraction[from + i] / divisor[i];
        fraction[from + i] = f;
        sigma[from + i] = Math.sqrt(Math.max(own - f * (shared - f * all), 0)) * scale[i];
      }
    }
  }
}
