import { linearLeastSquares } from '../../fit/linear.js';
import { svd } from '../../numeric/linear-algebra.js';

export interface PrincipalComponents {
  /** Singular values of the data matrix, largest first. */
  singularValues: Float64Array;
  /** Abstract spectra, in the same order, of unit length. */
  spectra: Float64Array[];
  /** Malinowski's indicator for 1, 2 … components; its minimum says how many carry signal. */
  indicator: Float64Array;
  /** Probability that the next component is noise (F test on reduced eigenvalues). */
  significance: Float64Array;
  /** Where the indicator is smallest. */
  count: number;
}

/**
 * Principal components of a set of spectra on one grid, without centring: mixtures with weights are what is asked for.
 * Indicator function IND and reduced eigenvalues after E. R. Malinowski, Factor Analysis in Chemistry, 3rd ed. (2002),
 * chapter 4: RE(n) = sqrt(sum_{j>n} l_j / (r (c - n))), IND = RE / (c - n)^2.
 *
 * @param data one array a spectrum, all of one length
 * @throws RangeError for fewer than 3 spectra or points
 */
export function principalComponents(
  data: readonly Float64Array[],
  fProbability: (f: number, a: number, b: number) => number,
): PrincipalComponents {
  const c = data.length;
  const r = data[0]?.length ?? 0;
  if (c < 3 || r < 3)
    throw new RangeError(`principal components need 3 spectra of 3 points, not ${c} of ${r}`);
  const { u, values } = svd(data);
  const eigenvalues = values.map((value) => value * value);
  const indicator = new Float64Array(c - 1);
  const significance = new Float64Array(c - 1);
  for (let n = 1; n < c; n++) {
    let rest = 0;
    let weights = 0;
    for (let j = n; j < c; j++) {
      rest += eigenvalues[j]!;
      weights += (r - j) * (c - j);
    }
    indicator[n - 1] = Math.sqrt(rest / (r * (c - n))) / (c - n) ** 2;
    // F(1, c - n): the n-th reduced eigenvalue against those of the rest.
    const own = eigenvalues[n - 1]! / ((r - n + 1) * (c - n + 1));
    significance[n - 1] = 1 - fProbability(own / (rest / weights), 1, c - n);
  }
  let count = 1;
  for (let n = 2; n < c; n++) if (indicator[n - 1]! < indicator[count - 1]!) count = n;
  return { singularValues: values, spectra: u, indicator, significance, count };
}

/**
 * Target transformation: is a reference a mixture of the first `count` components? Returns its best description by them
 * and the root mean square misfit over its noise (about 1 if it is).
 */
export function targetTransform(
  { spectra }: PrincipalComponents,
  count: number,
  target: Float64Array,
  noise: number,
): { fit: Float64Array; misfit: number } {
  const { curve, chi2 } = linearLeastSquares({ columns: spectra.slice(0, count), y: target, sigma: null });
  return { fit: curve, misfit: Math.sqrt(chi2 / Math.max(1, target.length - count)) / noise };
}

export interface ResolvedMixture {
  /** Pure spectra, normalised so that the weights of each measured spectrum sum to about one. */
  spectra: Float64Array[];
  /** weights[k][j]: share of component j in spectrum k. */
  weights: Float64Array[];
  iterations: number;
  /** Root mean square residual. */
  residual: number;
}

/**
 * Resolves a series into pure spectra and their weights by alternating least squares (MCR-ALS; R. Tauler, Chemom. Intell.
 * Lab. Syst. 30 (1995) 133): weights on the simplex, spectra non-negative. Starts from the purest spectra of the series
 * (those that span the largest volume). Without further knowledge the answer is one of a range (rotational ambiguity).
 *
 * @throws RangeError for more components than spectra
 */
export function resolveMixture(data: readonly Float64Array[], count: number, most = 200): ResolvedMixture {
  if (count < 1 || count > data.length)
    throw new RangeError(`cannot resolve ${count} components from ${data.length} spectra`);
  const points = data[0]!.length;
  let spectra = purest(data, count).map((k) => data[k]!.map((value) => Math.max(0, value)));
  let weights: Float64Array[] = [];
  let before = Number.POSITIVE_INFINITY;
  let residual = before;
  let iterations = 0;
  for (; iterations < most; iterations++) {
    weights = data.map(
      (y) => linearLeastSquares({ columns: spectra, y, constraint: 'simplex' }).coefficients,
    );
    const columns = spectra.map((_, j) => Float64Array.from(weights, (w) => w[j]!));
    const next = spectra.map(() => new Float64Array(points));
    for (let i = 0; i < points; i++) {
      const y = Float64Array.from(data, (spectrum) => spectrum[i]!);
      const { coefficients } = linearLeastSquares({ columns, y, constraint: 'non-negative' });
      for (let j = 0; j < count; j++) next[j]![i] = coefficients[j]!;
    }
    spectra = next;
    residual = residualOf(data, spectra, weights);
    if (before - residual < 1e-9 * before) break;
    before = residual;
  }
  return { spectra, weights, iterations, residual };
}

function residualOf(
  data: readonly Float64Array[],
  spectra: readonly Float64Array[],
  weights: readonly Float64Array[],
): number {
  let sum = 0;
  data.forEach((y, k) => {
    for (let i = 0; i < y.length; i++) {
      let value = 0;
      for (let j = 0; j < spectra.length; j++) value += weights[k]![j]! * spectra[j]![i]!;
      sum += (y[i]! - value) ** 2;
    }
  });
  return Math.sqrt(sum / (data.length * data[0]!.length));
}

/** Spectra that are least like the ones already chosen: successive projections, beginning with the longest. */
function purest(data: readonly Float64Array[], count: number): number[] {
  const rest = data.map((spectrum) => spectrum.slice());
  const chosen: number[] = [];
  // Distances from the mean find extremes; the first is furthest from it.
  const mean = data[0]!.map((_, i) => data.reduce((sum, y) => sum + y[i]!, 0) / data.length);
  for (const y of rest) for (let i = 0; i < y.length; i++) y[i] = y[i]! - mean[i]!;
  let origin: Float64Array | null = null;
  while (chosen.length < count) {
    const lengths = rest.map((y, k) => (chosen.includes(k) ? -1 : y.reduce((sum, v) => sum + v * v, 0)));
    const next = lengths.indexOf(Math.max(...lengths));
    chosen.push(next);
    const axis = rest[next]!.slice();
    if (!origin) {
      // From the first extreme on, differences from it count.
      origin = axis;
      for (const y of rest) for (let i = 0; i < y.length; i++) y[i] = y[i]! - origin[i]!;
      continue;
    }
    const norm = axis.reduce((sum, v) => sum + v * v, 0) || 1;
    for (const y of rest) {
      const along = y.reduce((sum, v, i) => sum + v * axis[i]!, 0) / norm;
      for (let i = 0; i < y.length; i++) y[i] = y[i]! - along * axis[i]!;
    }
  }
  return chosen;
}

/** Spectra may be negative by this much of their noise. */
const NEGATIVE = 3;

/**
 * How far the weights reach in other solutions that describe the series just as well: any two pure spectra may be drawn
 * apart along the line through them until one turns negative, or together until a weight does. Only one pair is changed
 * at a time, so with more than two components the true range may be wider (R. Tauler, J. Chemom. 15 (2001) 627).
 *
 * @returns ranges[k][j] of component j in spectrum k
 */
export function componentRanges(
  data: readonly Float64Array[],
  { spectra, weights }: ResolvedMixture,
  noise: number,
): [number, number][][] {
  const ranges = weights.map((w) => Array.from(w, (value): [number, number] => [value, value]));
  for (let j = 0; j < spectra.length; j++)
    for (let k = j + 1; k < spectra.length; k++) {
      const apart = reachOf(spectra, weights, j, k, noise);
      const back = reachOf(spectra, weights, k, j, noise);
      for (const a of [0, ...apart])
        for (const b of [0, ...back]) {
          const determinant = 1 + a + b;
          if (!(determinant > 1e-9)) continue;
          const moved = weights.map((w): [number, number] => [
            ((1 + b) * w[j]! + b * w[k]!) / determinant,
            (a * w[j]! + (1 + a) * w[k]!) / determinant,
          ]);
          if (moved.some(([wj, wk]) => wj < -1e-9 || wk < -1e-9)) continue;
          moved.forEach(([wj, wk], m) => {
            widen(ranges[m]![j]!, wj);
            widen(ranges[m]![k]!, wk);
          });
        }
    }
  return data.map((_, m) => ranges[m]!);
}

/** Smallest and largest a for which s_j + a (s_j - s_k) is not negative and no weight turns negative. */
function reachOf(
  spectra: readonly Float64Array[],
  weights: readonly Float64Array[],
  j: number,
  k: number,
  noise: number,
): [number, number] {
  let most = 10;
  spectra[j]!.forEach((own, i) => {
    const difference = spectra[k]![i]! - own;
    if (difference > 0) most = Math.min(most, Math.max(0, own + NEGATIVE * noise) / difference);
  });
  const room = Math.min(...weights.map((w) => (w[j]! > 0 ? w[k]! / w[j]! : Number.POSITIVE_INFINITY)));
  return [Number.isFinite(room) ? -room / (1 + room) : 0, most];
}

function widen(range: [number, number], value: number): void {
  const inside = Math.min(1, Math.max(0, value));
  range[0] = Math.min(range[0], inside);
  range[1] = Math.max(range[1], inside);
}
