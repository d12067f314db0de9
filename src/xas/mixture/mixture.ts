import { type Constraint, type LinearFit, linearLeastSquares } from '../../fit/linear.js';
import { fTest, hamiltonRatio } from '../../fit/tests.js';
import type { Measured } from '../../measurement.js';
import { interpolateLinear, rangeWithin } from '../curve/grid.js';
import { type Whitening, whitenDrifts } from '../edge/energy-drift.js';

/** A curve in any space (mu, norm, flat, derivative): what a linear combination is made of. */
export interface Curve {
  label: string;
  energy_eV: Float64Array;
  values: Float64Array;
  sigma: Float64Array | null;
}

export interface MixtureOptions {
  from_eV: number;
  to_eV: number;
  /** Weights at least 0. Default true. */
  nonNegative?: boolean;
  /** Weights add up to 1. Default true. */
  sumToOne?: boolean;
  /**
   * How uncertain the scale of the data and of each standard is (in this order): noise on its own, and changes that a
   * choice of ranges makes to all curves at once. What they change in the weights is added to their uncertainties.
   */
  scales?: ({ noise: number; changes: Record<string, number[]> } | null)[];
  /** Allow for drifts of the energy axis between the scans of at least this much, and as large as the data ask for. */
  drift_eV?: number;
  /** Uncertainty of each point; without it that of the curves, and without that equal weights. */
  sigma?: number;
}

/** Agreement between a fit and its data, under the names that programs give it. */
export interface MixtureStatistics {
  points: number;
  parameters: number;
  chi2: number;
  reducedChi2: number;
  aic: number;
  bic: number;
  /** sum r^2 / sum y^2 (Larch, Athena with Larch). */
  rFactor: number;
  /** sum r^2 / sum (y - mean)^2 (Athena with Ifeffit, for normalised mu). */
  rFactorAboutMean: number;
  /** sum |r| / sum |y| (PyXRF). */
  rFactorAbsolute: number;
}

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
}

/**
 * Linear combination of standards, exact under its constraints (an active-set solution, not clipped weights), with the
 * full covariance. Standards are interpolated linearly to the energies of the data within the range; points that a
 * standard does not reach are left out. The noise of the standards adds to that of the data, weight by weight.
 *
 * @throws RangeError where no standard is given or too few points remain
 */
export function fitMixture(data: Curve, standards: readonly Curve[], options: MixtureOptions): MixtureFit {
  const grid = commonGrid(data, standards, options);
  return fitOnGrid(grid, options);
}

interface MixtureGrid {
  labels: string[];
  energy: Float64Array;
  y: Float64Array;
  ySigma: Float64Array | null;
  columns: Float64Array[];
  columnSigmas: (Float64Array | null)[];
}

function commonGrid(
  data: Curve,
  standards: readonly Curve[],
  { from_eV, to_eV }: MixtureOptions,
): MixtureGrid {
  if (standards.length === 0) throw new RangeError('no standards to combine');
  const low = standards.reduce((edge, s) => Math.max(edge, s.energy_eV[0]!), from_eV);
  const high = standards.reduce((edge, s) => Math.min(edge, s.energy_eV.at(-1)!), to_eV);
  const [within, to] = rangeWithin(data.energy_eV, low, high);
  // As in Larch, the range starts at the last point at or below its lower end, where the standards reach it.
  const before = within > 0 && standards.every((s) => s.energy_eV[0]! <= data.energy_eV[within - 1]!);
  const from = low === from_eV && before && data.energy_eV[within] !== low ? within - 1 : within;
  if (to - from < standards.length + 2)
    throw new RangeError(
      `only ${to - from} points of ${data.label} between ${low} and ${high} eV for ${standards.length} standards`,
    );
  const energy = data.energy_eV.slice(from, to);
  return {
    labels: standards.map(({ label }) => label),
    energy,
    y: data.values.slice(from, to),
    ySigma: data.sigma?.slice(from, to) ?? null,
    columns: standards.map((s) => interpolateLinear(s.energy_eV, s.values, energy)),
    columnSigmas: standards.map((s) => s.sigma && interpolateLinear(s.energy_eV, s.sigma, energy)),
  };
}

function fitOnGrid(grid: MixtureGrid, options: MixtureOptions): MixtureFit {
  const { nonNegative = true, sumToOne = true } = options;
  const constraint = nonNegative ? (sumToOne ? 'simplex' : 'non-negative') : sumToOne ? 'sum-to-one' : 'none';
  const { columns, y } = grid;
  let sigma = pointSigma(grid, options, null);
  let solver = plainSolver(sigma);
  let result = solver.solve(columns, y, constraint);
  if (options.sigma === undefined && grid.columnSigmas.some(Boolean)) {
    sigma = pointSigma(grid, options, result.coefficients);
    solver = plainSolver(sigma);
    result = solver.solve(columns, y, constraint);
  }
  let drift_eV: number | null = null;
  if (options.drift_eV && sigma) {
    const curve = sumOf(columns, result.coefficients);
    const white = whitenDrifts(
      grid.energy,
      sigma,
      y.map((value, i) => value - curve[i]!),
      [curve, ...columns.map((column, j) => column.map((value) => value * result.coefficients[j]!))],
      options.drift_eV,
    );
    drift_eV = white.drift_eV;
    solver = whiteSolver(white);
    result = solver.solve(columns, y, constraint);
  }
  // Weights near zero are as uncertain as without that constraint: an active set chosen by noise must not narrow them.
  const open = result.held.some(Boolean)
    ? solver.solve(columns, y, sumToOne ? 'sum-to-one' : 'none')
    : result;
  const count = columns.length;
  const curve = sumOf(columns, result.coefficients);
  const scaling = scalingVariance(grid, options, solver, open.coefficients, sumToOne);
  const weights = grid.labels.map(
    (_, j): Measured => ({
      value: result.coefficients[j]!,
      sigma: Math.sqrt(open.sigma[j]! ** 2 + scaling[j]!),
    }),
  );
  let totalVariance = 0;
  for (const value of result.covariance) totalVariance += value;
  return {
    labels: grid.labels,
    weights,
    covariance: result.covariance,
    limits95: weights.map(
      (_, j) => Math.max(0, open.coefficients[j]!) + 1.645 * Math.sqrt(open.sigma[j]! ** 2 + scaling[j]!),
    ),
    total: {
      value: result.coefficients.reduce((sum, value) => sum + value, 0),
      sigma: sumToOne ? 0 : Math.sqrt(Math.max(0, totalVariance)),
    },
    statistics: {
      points: y.length,
      parameters: y.length - result.degreesOfFreedom,
      chi2: result.chi2,
      reducedChi2: result.reducedChi2,
      aic: result.aic,
      bic: result.bic,
      ...rFactors(y, curve),
    },
    energy_eV: grid.energy,
    data: y,
    sigma,
    fit: curve,
    drift_eV,
    components: Array.from({ length: count }, (_, j) =>
      columns[j]!.map((value) => value * result.coefficients[j]!),
    ),
  };
}

/**
 * Variance of each weight from the uncertain scales, by repeating the fit with scaled curves: one by one for noise, all
 * together for each choice of ranges, whose largest change counts as the half width of a rectangular distribution.
 */
function scalingVariance(
  { columns, y }: MixtureGrid,
  { scales }: MixtureOptions,
  solver: Solver,
  weights: Float64Array,
  sumToOne: boolean,
): Float64Array {
  const variance = new Float64Array(columns.length);
  if (!scales) return variance;
  const constraint = sumToOne ? 'sum-to-one' : 'none';
  const changed = (factors: readonly number[]): Float64Array => {
    const scaled = (values: Float64Array, factor: number): Float64Array =>
      factor === 1 ? values : values.map((value) => value * factor);
    return solver
      .solve(
        columns.map((column, j) => scaled(column, factors[j + 1]!)),
        scaled(y, factors[0]!),
        constraint,
      )
      .coefficients.map((value, j) => (value - weights[j]!) ** 2);
  };
  scales.forEach((scale, k) => {
    if (!scale || !(scale.noise > 0)) return;
    const squares = changed(scales.map((_, j) => (j === k ? 1 + scale.noise : 1)));
    for (let j = 0; j < variance.length; j++) variance[j] = variance[j]! + squares[j]!;
  });
  if (scales.some((scale) => !scale)) return variance;
  for (const [name, own] of Object.entries(scales[0]!.changes)) {
    const largest = new Float64Array(columns.length);
    for (let m = 0; m < own.length; m++) {
      const factors = scales.map((scale) => 1 / (1 + (scale!.changes[name]?.[m] ?? 0)));
      changed(factors).forEach((square, j) => {
        largest[j] = Math.max(largest[j]!, square);
      });
    }
    for (let j = 0; j < variance.length; j++) variance[j] = variance[j]! + largest[j]! / 3;
  }
  return variance;
}

/** Solves for the weights under a given noise. */
interface Solver {
  solve(columns: Float64Array[], y: Float64Array, constraint: Constraint): LinearFit;
}

const plainSolver = (sigma: Float64Array | null): Solver => ({
  solve: (columns, y, constraint) => linearLeastSquares({ columns, y, sigma, constraint }),
});

const whiteSolver = (white: Whitening): Solver => ({
  solve: (columns, y, constraint) =>
    linearLeastSquares({
      columns: columns.map((column) => white.apply(column)),
      y: white.apply(y),
      sigma: new Float64Array(y.length).fill(1),
      constraint,
    }),
});

function sumOf(columns: readonly Float64Array[], weights: Float64Array): Float64Array {
  const sum = new Float64Array(columns[0]!.length);
  columns.forEach((column, j) => {
    for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + weights[j]! * column[i]!;
  });
  return sum;
}

function pointSigma(
  { y, ySigma, columnSigmas }: MixtureGrid,
  { sigma }: MixtureOptions,
  weights: Float64Array | null,
): Float64Array | null {
  if (sigma !== undefined) return new Float64Array(y.length).fill(sigma);
  if (!ySigma) return null;
  return ySigma.map((value, i) => {
    let variance = value * value;
    if (weights)
      columnSigmas.forEach((column, j) => {
        if (column) variance += (weights[j]! * column[i]!) ** 2;
      });
    return Math.sqrt(variance);
  });
}

function rFactors(y: Float64Array, fit: Float64Array) {
  const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
  let squares = 0;
  let absolute = 0;
  let ySquares = 0;
  let yAboutMean = 0;
  let yAbsolute = 0;
  for (let i = 0; i < y.length; i++) {
    const r = y[i]! - fit[i]!;
    squares += r * r;
    absolute += Math.abs(r);
    ySquares += y[i]! ** 2;
    yAboutMean += (y[i]! - mean) ** 2;
    yAbsolute += Math.abs(y[i]!);
  }
  return {
    rFactor: squares / ySquares,
    rFactorAboutMean: squares / yAboutMean,
    rFactorAbsolute: absolute / yAbsolute,
  };
}

/** F and Hamilton tests of a fit against a nested one with fewer standards. */
export function compareNested(
  small: MixtureStatistics,
  large: MixtureStatistics,
): { f: number; probability: number; hamilton: number; hamiltonLimit: number } {
  const test = fTest(small, large, large.points);
  const extra = large.parameters - small.parameters;
  return {
    ...test,
    hamilton: Math.sqrt(small.chi2 / large.chi2),
    hamiltonLimit: hamiltonRatio(extra, large.points - large.parameters),
  };
}
