import type { EnergyStack } from '../../measurement.js';
import { svd } from '../../numeric/linear-algebra.js';
import type { StackFractions } from './stack-types.js';

/** Principal components of what the references leave over. */
export interface UnexpectedCheck {
  /** Variances of the residual's principal components over the noise variance, largest first. */
  eigenvalues: number[];
  /** Largest value that noise alone gives. */
  noiseEdge: number;
  /** Energy dependence of the first component, unit length. */
  component: Float64Array;
  /** Its root mean square amplitude beyond noise, as a fraction of the mean edge step. */
  amplitude: number;
  significant: boolean;
  statement: string | null;
}

/**
 * Looks for a species that no reference describes: residuals of all pixels, divided by their noise, have no preferred
 * energy dependence if the references suffice. The edge of the noise's eigenvalues is that of Marchenko and Pastur
 * (1967) with the Tracy-Widom width (Johnstone 2001); a component counts when it passes the edge by five widths and
 * stands for at least 1 % of the edge step.
 */
export function unexpectedSpecies(stack: EnergyStack, f: StackFractions): UnexpectedCheck {
  const n = f.energies_eV.length;
  const p = f.design.length;
  const pixels = f.step.length;
  const products = new Float64Array(n * n);
  const y = new Float64Array(n);
  let count = 0;
  let step = 0;
  let noise = 0;
  const stride = Math.max(1, Math.floor(pixels / 200000));
  for (let i = 0; i < pixels; i += stride) {
    if (!(f.sigma[0][i] > 0)) continue;
    const sigma2 = f.noise[0] + f.noise[1] * f.level[i];
    for (let k = 0; k < n; k++) y[k] = stack.data[k * pixels + i];
    for (let a = 0; a < n; a++) {
      const weighted = y[a] / sigma2;
      for (let b = 0; b <= a; b++) products[a * n + b] += weighted * y[b];
    }
    count++;
    step += f.step[i];
    noise += sigma2;
  }
  const scatter = scatterOfResiduals(products, residualMaker(f), n, Math.max(count, 1));
  const { values, v } = svd(scatter);
  const free = n - p;
  const edge = (1 + Math.sqrt(free / Math.max(count, 1))) ** 2;
  const width =
    edge *
    (1 / Math.sqrt(Math.max(count, 1)) + 1 / Math.sqrt(free)) ** (1 / 3) *
    Math.max(count, 1) ** (-2 / 3) *
    2;
  // Counting noise is not the same at all energies, which spreads the eigenvalues even of pure noise.
  const noiseEdge = (edge + 5 * width) * unevenness(f, stack, pixels, stride);
  const eigenvalues = Array.from(values).slice(0, free);
  const beyond = Math.max(eigenvalues[0] - noiseEdge, 0);
  const amplitude =
    Math.sqrt((beyond * noise) / Math.max(count, 1)) / Math.max(step / Math.max(count, 1), 1e-30);
  const significant = eigenvalues[0] > noiseEdge && amplitude > 0.01;
  const component = Float64Array.from(v[0]);
  const peak = component.reduce((best, c, k) => (Math.abs(c) > Math.abs(component[best]) ? k : best), 0);
  const statement = significant
    ? `The references leave a systematic part of ${(100 * amplitude).toPrecision(2)} % of the edge step, largest at ${f.energies_eV[peak].toFixed(1)} eV: another species, a beam intensity that drifted between the energies, or an energy axis that differs from the references'.`
    : null;
  return { eigenvalues, noiseEdge, component, amplitude, significant, statement };
}

/** Mean of the residuals' products, M S M with the signals' products S (of which the lower half is given) and M = I - X (X'X)^-1 X'. */
function scatterOfResiduals(
  products: Float64Array,
  maker: Float64Array,
  n: number,
  count: number,
): Float64Array[] {
  const of = (a: number, b: number): number => products[Math.max(a, b) * n + Math.min(a, b)];
  const half = Float64Array.from({ length: n * n }, (_, at) => {
    const [a, b] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let k = 0; k < n; k++) sum += maker[a * n + k] * of(k, b);
    return sum;
  });
  return Array.from({ length: n }, (_, a) =>
    Float64Array.from({ length: n }, (_, b) => {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += half[a * n + k] * maker[b * n + k];
      return sum / count;
    }),
  );
}

/** I - X (X'X)^-1 X', row-major. */
export function residualMaker(f: StackFractions): Float64Array {
  const n = f.energies_eV.length;
  const p = f.design.length;
  const out = new Float64Array(n * n);
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < n; b++) {
      let sum = a === b ? 1 : 0;
      for (let i = 0; i < p; i++)
        for (let j = 0; j < p; j++) sum -= f.design[i][a] * f.covariance[i * p + j] * f.design[j][b];
      out[a * n + b] = sum;
    }
  }
  return out;
}

/** Largest over mean variance of the energies when the noise is that of counting. */
function unevenness(f: StackFractions, stack: EnergyStack, pixels: number, stride: number): number {
  const n = f.energies_eV.length;
  const mean = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < pixels; i += stride) if (f.sigma[0][i] > 0) mean[k] += stack.data[k * pixels + i];
  }
  const variance = mean.map((m) =>
    Math.max(f.noise[0] + (f.noise[1] * m) / Math.max(Math.floor(pixels / stride), 1), 0),
  );
  const average = variance.reduce((s, x) => s + x, 0) / n;
  return average > 0 ? Math.max(1, Math.max(...variance) / average) : 1;
}
