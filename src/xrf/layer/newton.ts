import { addTo, type Banded, banded, cholesky, fromDense, solve } from './banded.js';
import type { LayerTerms } from './layer-terms.js';
import { dot, eachPrecision, type LinePrior } from './line-prior.js';

/** Boundaries as straight lines (alpha, beta) plus random lines u[j * M + m], with levels and blur. */
export interface Unknowns {
  u: Float64Array;
  alpha: Float64Array;
  beta: Float64Array;
  levels: Float64Array[];
  sigma: number;
}

export const trend = (j: number, along: number): number => (j - (along - 1) / 2) / along;

/** A step of Fisher scoring, and the factors from which posterior variances and draws are made. */
export interface Newton {
  factor: Banded;
  /** A^-1 B, one column per border parameter (alpha, beta, levels, blur). */
  solved: Float64Array[];
  schur: Banded;
  stepU: Float64Array;
  stepT: Float64Array;
}

/** The band matrix of the lines with its border of trend, levels and blur, solved through the border's Schur complement. */
export function newtonStep(
  x: Unknowns,
  terms: LayerTerms,
  priors: readonly LinePrior[],
  blur: { value: number; sigma: number },
): Newton {
  const m = priors.length;
  const along = x.u.length / m;
  const g = terms.globalGradient.length;
  const t = 2 * m + g;
  const a = banded(along * m, 2 * m);
  const gradient = Float64Array.from(terms.gradient);
  priors.forEach((prior, b) => {
    eachPrecision(prior, along, (i, k, value) => {
      addTo(a, i * m + b, k * m + b, value);
      gradient[i * m + b] -= value * x.u[k * m + b];
      if (i !== k) gradient[k * m + b] -= value * x.u[i * m + b];
    });
  });
  const border = Array.from({ length: t }, () => new Float64Array(along * m));
  const corner = Array.from({ length: t }, () => new Float64Array(t));
  const right = new Float64Array(t);
  eachInformation(terms, along, m, (j, b, k, c, w) => {
    const [row, tj, tk] = [j * m + b, trend(j, along), trend(k, along)];
    if (row >= k * m + c) addTo(a, row, k * m + c, w);
    border[c][row] += w;
    border[m + c][row] += tk * w;
    corner[b][c] += w;
    corner[b][m + c] += tk * w;
    corner[m + b][c] += tj * w;
    corner[m + b][m + c] += tj * tk * w;
  });
  for (let j = 0; j < along; j++) {
    const tj = trend(j, along);
    for (let b = 0; b < m; b++) {
      const row = j * m + b;
      right[b] += terms.gradient[row];
      right[m + b] += tj * terms.gradient[row];
      for (let p = 0; p < g; p++) {
        const v = terms.cross[row * g + p];
        border[2 * m + p][row] = v;
        corner[b][2 * m + p] += v;
        corner[2 * m + p][b] += v;
        corner[m + b][2 * m + p] += tj * v;
        corner[2 * m + p][m + b] += tj * v;
      }
    }
  }
  for (let p = 0; p < g; p++) {
    right[2 * m + p] = terms.globalGradient[p];
    for (let q = 0; q < g; q++) corner[2 * m + p][2 * m + q] += terms.globalInformation[p][q];
    corner[2 * m + p][2 * m + p] += 1e-6;
  }
  for (let b = 0; b < 2 * m; b++) corner[b][b] += 1e-6;
  const precision = 1 / (blur.sigma * blur.sigma);
  corner[t - 1][t - 1] += precision;
  right[t - 1] -= precision * (x.sigma - blur.value);

  const factor = cholesky(a);
  const solved = border.map((column) => solve(factor, column.slice()));
  const schurDense = corner.map((r, p) => r.map((v, q) => v - dot(border[p], solved[q])));
  const schur = cholesky(fromDense(schurDense, 1e-9));
  const stepU = solve(factor, gradient);
  const stepT = solve(
    schur,
    right.map((v, p) => v - dot(border[p], stepU)),
  );
  for (let p = 0; p < t; p++) for (let i = 0; i < stepU.length; i++) stepU[i] -= solved[p][i] * stepT[p];
  return { factor, solved, schur, stepU, stepT };
}

/** Calls `put(j, b, k, c, value)` for all non-zero elements of the lines' Fisher information, both halves. */
function eachInformation(
  terms: LayerTerms,
  along: number,
  m: number,
  put: (j: number, b: number, k: number, c: number, value: number) => void,
): void {
  for (let j = 0; j < along; j++)
    for (let b = 0; b < m; b++)
      for (let c = 0; c < m; c++) {
        const at = (j * m + b) * m + c;
        put(j, b, j, c, terms.information[at]);
        if (terms.toNext[at] === 0) continue;
        put(j, b, j + 1, c, terms.toNext[at]);
        put(j + 1, c, j, b, terms.toNext[at]);
      }
}
