/** The linear model of a pixel's energies: references and baseline, the same for all pixels. */
import { invertSymmetric } from '../../numeric/linear-algebra.js';
import type { StackOptions, StackReference } from './stack-types.js';

export function designOf(
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

export function pseudoInverse(design: readonly Float64Array[]): {
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

/**
 * Covariance of the coefficients when the energies have these variances (counts below an edge scatter less than counts on
 * a white line), over the mean variance that the residuals show.
 */
export function covarianceWith(
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
