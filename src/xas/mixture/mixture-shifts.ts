import { leastSquares } from '../../fit/least-squares.js';
import { linearLeastSquares } from '../../fit/linear.js';
import type { Measured } from '../../measurement.js';
import { derivative } from '../curve/grid.js';
import { fitMixture, type MixtureFit } from './mixture.js';
import type { Curve, MixtureOptions } from './mixture-options.js';

export interface ShiftedMixture extends MixtureFit {
  /** What was added to the energies of each standard. */
  shifts_eV: Measured[];
}

/**
 * Linear combination in which each standard may also move along the energy by up to `limit_eV`. For given shifts the
 * weights are exact under their constraints (variable projection; G. H. Golub, V. Pereyra, SIAM J. Numer. Anal. 10
 * (1973) 413), so that only the shifts are searched. The uncertainties of weights and shifts come from one joint
 * covariance. A standard without weight keeps shift 0.
 *
 * @throws RangeError as fitMixture
 */
export function fitShiftedMixture(
  data: Curve,
  standards: readonly Curve[],
  options: MixtureOptions,
  limit_eV: number,
): ShiftedMixture {
  // A range that all standards cover wherever they move keeps the number of points constant.
  const within = {
    ...options,
    from_eV: standards.reduce((low, s) => Math.max(low, s.energy_eV[0]! + limit_eV), options.from_eV),
    to_eV: standards.reduce((high, s) => Math.min(high, s.energy_eV.at(-1)! - limit_eV), options.to_eV),
  };
  const moved = (p: Float64Array): Curve[] =>
    standards.map((s, j) => ({ ...s, energy_eV: s.energy_eV.map((e) => e + p[j]!) }));
  const first = fitMixture(data, standards, within);
  const sigma = first.sigma;
  const search = leastSquares({
    parameters: standards.map(({ label }, j) => ({
      name: label,
      value: 0,
      min: -limit_eV,
      max: limit_eV,
      vary: first.weights[j]!.value > 0.01,
    })),
    model: (p, out) => out.set(fitMixture(data, moved(p), within).fit),
    y: first.data,
    sigma,
    tolerance: 1e-3,
  });
  const shifts = Float64Array.from(search.parameters, ({ value }) => value);
  const fit = fitMixture(data, moved(shifts), within);
  const joint = jointCovariance(
    fit,
    search.parameters.map(({ varied }) => varied),
    options.sumToOne ?? true,
  );
  return {
    ...fit,
    weights: fit.weights.map(({ value, sigma: fixed }, j) => ({
      value,
      sigma: Math.max(fixed, joint.weights[j] ?? 0),
    })),
    shifts_eV: search.parameters.map(({ value }, j) => ({ value, sigma: joint.shifts[j]! })),
  };
}

/** Sigmas of weights and shifts from the curves and their derivatives, all linear about the solution. */
function jointCovariance(fit: MixtureFit, varied: boolean[], sumToOne: boolean) {
  const count = fit.labels.length;
  const pure = fit.components.map((values, j) => {
    const weight = fit.weights[j]!.value;
    return weight === 0 ? values : values.map((value) => value / weight);
  });
  const free = fit.weights.flatMap(({ value }, j) => (value > 0 ? [j] : []));
  const last = sumToOne ? free.at(-1) : undefined;
  const weightColumns = free.filter((j) => j !== last);
  const columns = weightColumns.map((j) =>
    last === undefined ? pure[j]! : pure[j]!.map((value, i) => value - pure[last]![i]!),
  );
  const shiftColumns = varied.flatMap((isVaried, j) => (isVaried ? [j] : []));
  for (const j of shiftColumns)
    columns.push(derivative(fit.energy_eV, fit.components[j]!).map((value) => -value));
  const weights = new Array<number>(count).fill(0);
  const shifts = new Array<number>(count).fill(0);
  if (columns.length === 0) return { weights, shifts };
  const residual = fit.data.map((value, i) => value - fit.fit[i]!);
  const { covariance, sigma } = linearLeastSquares({ columns, y: residual, sigma: fit.sigma });
  const width = columns.length;
  weightColumns.forEach((j, k) => {
    weights[j] = sigma[k]!;
  });
  if (last !== undefined) {
    let variance = 0;
    for (let a = 0; a < weightColumns.length; a++)
      for (let b = 0; b < weightColumns.length; b++) variance += covariance[a * width + b]!;
    weights[last] = Math.sqrt(Math.max(0, variance));
  }
  shiftColumns.forEach((j, k) => {
    shifts[j] = sigma[weightColumns.length + k]!;
  });
  return { weights, shifts };
}
