import { dot, svd } from '../../numeric/linear-algebra.js';
import { type CurveChange, changeOf, type ScaleErrors } from '../curve/curve-change.js';
import { derivative } from '../curve/grid.js';
import { type MixtureGrid, sumOf } from './mixture-grid.js';

/** Drifts tried, relative to the least one. */
const DRIFTS = [1, 2, 4, 8];

/** A linear map after which the points of a curve have unit, uncorrelated errors. */
export interface Whitening {
  apply(values: Float64Array): Float64Array;
  /** Standard deviation of the energy axis from scan to scan that the data ask for, eV. */
  drift_eV: number;
}

/**
 * Errors of a linear combination that change a curve as a whole: a drift t of its axis moves it by t times its slope,
 * another choice of ranges of its normalisation by a known curve. Such errors are correlated over all points: with the
 * changes of the residual as the columns of U, in units of the noise, the covariance is I + U U^T, and the fit is one of
 * generalised least squares (A. C. Aitken, Proc. R. Soc. Edinb. 55 (1936) 42). What of such a change could be taken for
 * another mixture stays in the uncertainty of the weights; what could not, the data themselves rule out. The size of the
 * drifts is at least `least_eV`, and larger where the residual asks for it.
 *
 * @param weights of the standards, from a fit without these errors
 */
export function whitenErrors(
  grid: MixtureGrid,
  sigma: Float64Array,
  weights: Float64Array,
  least_eV: number,
  scales: readonly (ScaleErrors | null)[] = [],
): Whitening {
  const { energy, y, columns } = grid;
  // What the residual is made of; the data as fitted, since their noise would pass for slope.
  const curve = sumOf(columns, weights);
  const parts = [curve, ...columns.map((column, j) => column.map((value) => -value * weights[j]!))];
  const factors = [1, ...weights.map((weight) => -weight)];
  const perSigma = (values: Float64Array): Float64Array => values.map((value, i) => value / sigma[i]!);
  const slopes = parts.map((part) => perSigma(derivative(energy, part)));
  const fixed = normalisationErrors(energy, parts, factors, scales).map(perSigma);
  const residual = perSigma(y.map((value, i) => value - curve[i]!));
  let best: { white: LowRank; drift_eV: number; likelihood: number } | null = null;
  for (const multiple of DRIFTS) {
    const drift_eV = multiple * least_eV;
    const white = lowRank([...slopes.map((slope) => slope.map((value) => value * drift_eV)), ...fixed]);
    const rest = white.apply(residual);
    const likelihood = -0.5 * (dot(rest, rest) + white.logDeterminant);
    if (!best || likelihood > best.likelihood) best = { white, drift_eV, likelihood };
  }
  const { white, drift_eV } = best!;
  return { drift_eV, apply: (values) => white.apply(perSigma(values)) };
}

/** Share of the variance of each choice of ranges that is a curve's own: ranges are laid about each curve's own edge. */
const OWN = 0.1;

/**
 * Changes of the residual, each of one standard deviation: noise of each scale on its own; each choice of ranges, for
 * the most part in all curves at once, since they are normalised alike. The changes of one choice count together as the
 * half width of a rectangular distribution.
 */
function normalisationErrors(
  energy: Float64Array,
  parts: readonly Float64Array[],
  factors: readonly number[],
  scales: readonly (ScaleErrors | null)[],
): Float64Array[] {
  const errors: Float64Array[] = [];
  const together = new Map<string, Float64Array>();
  scales.forEach((scale, k) => {
    if (!scale || factors[k] === 0) return;
    const changed = (change: CurveChange, size: number): Float64Array =>
      changeOf(change, energy, parts[k]!, factors[k]!).map((value) => value * size);
    errors.push(parts[k]!.map((value) => value * scale.noise));
    for (const [name, choices] of Object.entries(scale.changes))
      choices.forEach((change, m) => {
        const common = changed(change, Math.sqrt((1 - OWN) / (3 * choices.length)));
        const key = `${name} ${m}`;
        const sum = together.get(key);
        together.set(key, sum ? sum.map((value, i) => value + common[i]!) : common);
      });
    for (const change of principalChanges(scale)) errors.push(changed(change, Math.sqrt(OWN / 3)));
  });
  return [...errors, ...together.values()];
}

/** At most three independent changes that spread a curve as all its changes do, those of one choice counting as one. */
function principalChanges({ changes }: ScaleErrors): CurveChange[] {
  const at_eV = Object.values(changes)[0]?.[0]?.at_eV ?? 0;
  const all = Object.values(changes).flatMap((choices) =>
    choices.map(({ step, offset, slope_per_eV }) =>
      Float64Array.of(step, offset, slope_per_eV).map((value) => value / Math.sqrt(choices.length)),
    ),
  );
  const { u, values } = svd(all);
  return u.flatMap(([step, offset, slope], k): CurveChange[] => {
    const size = values[k]!;
    return size > 1e-12
      ? [{ step: size * step!, offset: size * offset!, slope_per_eV: size * slope!, at_eV }]
      : [];
  });
}

interface LowRank {
  /** (I + U U^T)^(-1/2) v. */
  apply(v: Float64Array): Float64Array;
  logDeterminant: number;
}

/** Through U's singular values s and left vectors u: v + sum u (u v) ((1 + s^2)^(-1/2) - 1). */
function lowRank(directions: readonly Float64Array[]): LowRank {
  const { u, values } = svd(directions);
  let logDeterminant = 0;
  for (const s of values) logDeterminant += Math.log1p(s * s);
  return {
    logDeterminant,
    apply: (v) => {
      const out = v.slice();
      u.forEach((axis, k) => {
        const along = dot(axis, v) * (1 / Math.sqrt(1 + values[k]! ** 2) - 1);
        for (let i = 0; i < out.length; i++) out[i] = out[i]! + along * axis[i]!;
      });
      return out;
    },
  };
}
