import { type Constraint, type LinearFit, linearLeastSquares } from '../../fit/linear.js';
import type { Measured } from '../../measurement.js';
import { findGlitches } from '../curve/glitches.js';
import { commonGrid, type MixtureGrid, pointSigma, sumOf } from './mixture-grid.js';
import type { Curve, MixtureOptions } from './mixture-options.js';
import { type MixtureStatistics, statisticsOf } from './mixture-statistics.js';
import { type Whitening, whitenErrors } from './mixture-whitening.js';

export type { MixtureStatistics } from './mixture-statistics.js';

export interface MixtureFit {
  labels: string[];
  weights: Measured[];
  /** Row-major, in the order of the labels. */
  covariance: Float64Array;
  /** One-sided 95 % upper limit of each weight: how much of it could hide. */
  limits95: number[];
  /** Sum of the weights, exactly 1 where it is constrained. */
  total: Measured;
  statistics: MixtureStatistics;
  energy_eV: Float64Array;
  data: Float64Array;
  /** Uncertainty that each point was weighted with; null for equal weights. */
  sigma: Float64Array | null;
  fit: Float64Array;
  /** Drift of the energy axis between scans that was allowed for, eV; null where none was looked for. */
  drift_eV: number | null;
  components: Float64Array[];
  /** Energies of single points that were left out. */
  glitches_eV: number[];
}

/**
 * Linear combination of standards, exact under its constraints (an active-set solution, not clipped weights), with the
 * full covariance. Standards are interpolated linearly to the energies of the data within the range; points that a
 * standard does not reach are left out. The noise of the standards adds to that of the data, weight by weight.
 *
 * @throws RangeError where no standard is given or too few points remain
 */
export function fitMixture(data: Curve, standards: readonly Curve[], options: MixtureOptions): MixtureFit {
  const { nonNegative = true, sumToOne = true } = options;
  const constraint = nonNegative ? (sumToOne ? 'simplex' : 'non-negative') : sumToOne ? 'sum-to-one' : 'none';
  const all = commonGrid(data, standards, options);
  const first = plainFit(all, options, constraint);
  const thorough = options.drift_eV !== undefined && options.drift_eV > 0 && first.sigma !== null;
  const glitches = thorough ? glitchesOf(all, first) : [];
  const grid = glitches.length ? withoutPoints(all, glitches) : all;
  let { sigma, result, solver } = glitches.length ? plainFit(grid, options, constraint) : first;
  let drift_eV: number | null = null;
  if (thorough) {
    const white = whitenErrors(grid, sigma!, result.coefficients, options.drift_eV!, options.scales);
    drift_eV = white.drift_eV;
    solver = whiteSolver(white);
    result = solver(grid.columns, grid.y, constraint);
  }
  // Weights near zero are as uncertain as without that constraint: an active set chosen by noise must not narrow them.
  const open = result.held.some(Boolean)
    ? solver(grid.columns, grid.y, sumToOne ? 'sum-to-one' : 'none')
    : result;
  const weights = grid.labels.map(
    (_, j): Measured => ({ value: result.coefficients[j]!, sigma: open.sigma[j]! }),
  );
  const totalVariance = result.covariance.reduce((sum, value) => sum + value, 0);
  return {
    labels: grid.labels,
    weights,
    covariance: result.covariance,
    limits95: weights.map(({ sigma }, j) => Math.max(0, open.coefficients[j]!) + 1.645 * sigma),
    total: {
      value: result.coefficients.reduce((sum, value) => sum + value, 0),
      sigma: sumToOne ? 0 : Math.sqrt(Math.max(0, totalVariance)),
    },
    statistics: statisticsOf(result, grid.y, sumOf(grid.columns, result.coefficients)),
    energy_eV: all.energy,
    data: all.y,
    sigma: first.sigma,
    fit: sumOf(all.columns, result.coefficients),
    drift_eV,
    components: all.columns.map((column, j) => column.map((value) => value * result.coefficients[j]!)),
    glitches_eV: glitches.map((i) => all.energy[i]!),
  };
}

/** Solves for the weights under a given noise. */
type Solver = (columns: Float64Array[], y: Float64Array, constraint: Constraint) => LinearFit;

/** With uncorrelated noise of the data and, where known, of the weighted standards. */
function plainFit(
  grid: MixtureGrid,
  options: MixtureOptions,
  constraint: Constraint,
): { sigma: Float64Array | null; result: LinearFit; solver: Solver } {
  const { columns, y } = grid;
  const fitted = (weights: Float64Array | null) => {
    const sigma = pointSigma(grid, options, weights);
    const solver: Solver = (of, values, under) =>
      linearLeastSquares({ columns: of, y: values, sigma, constraint: under });
    return { sigma, solver, result: solver(columns, y, constraint) };
  };
  const first = fitted(null);
  const known = options.sigma === undefined && first.sigma && grid.columnSigmas.some(Boolean);
  return known ? fitted(first.result.coefficients) : first;
}

/** Single points that stand out of the residual, which holds no structure of the edge: glitches of data or standards. */
const glitchesOf = (
  { energy, y }: MixtureGrid,
  { result, sigma }: { result: LinearFit; sigma: Float64Array | null },
): number[] =>
  findGlitches(
    energy,
    y.map((value, i) => value - result.curve[i]!),
    sigma,
    Number.POSITIVE_INFINITY,
  ).map(({ index }) => index);

function withoutPoints(grid: MixtureGrid, left: readonly number[]): MixtureGrid {
  const kept = (values: Float64Array): Float64Array => values.filter((_, i) => !left.includes(i));
  return {
    labels: grid.labels,
    energy: kept(grid.energy),
    y: kept(grid.y),
    ySigma: grid.ySigma && kept(grid.ySigma),
    columns: grid.columns.map(kept),
    columnSigmas: grid.columnSigmas.map((sigma) => sigma && kept(sigma)),
  };
}

function whiteSolver(white: Whitening): Solver {
  return (columns, y, constraint) =>
    linearLeastSquares({
      columns: columns.map((column) => white.apply(column)),
      y: white.apply(y),
      sigma: new Float64Array(y.length).fill(1),
      constraint,
    });
}
