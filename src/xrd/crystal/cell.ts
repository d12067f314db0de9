import { InputError } from '../../errors.js';

/** Lattice parameters. */
export interface Cell {
  a_A: number;
  b_A: number;
  c_A: number;
  alpha_deg: number;
  beta_deg: number;
  gamma_deg: number;
}

/** Symmetric 3 x 3 matrix as [11, 22, 33, 23, 13, 12]. */
export type Metric = readonly [number, number, number, number, number, number];

const RADIAN = Math.PI / 180;

export const cubicCell = (a_A: number): Cell => orthogonalCell(a_A, a_A, a_A);
export const hexagonalCell = (a_A: number, c_A: number): Cell => ({
  ...orthogonalCell(a_A, a_A, c_A),
  gamma_deg: 120,
});
export const orthogonalCell = (a_A: number, b_A: number, c_A: number): Cell => ({
  a_A,
  b_A,
  c_A,
  alpha_deg: 90,
  beta_deg: 90,
  gamma_deg: 90,
});

/** Throws InputError for a cell that encloses no volume or lies beyond any crystal's (.5 to 1000 angstrom). */
export function checkCell(cell: Cell): void {
  for (const [name, value] of Object.entries(cell) as [string, number][]) {
    const inside = name.endsWith('_A') ? value >= 0.5 && value <= 1000 : value > 5 && value < 175;
    if (!inside)
      throw new InputError(
        `the cell's ${name.replace(/_.*/, '')} is ${value}`,
        null,
        'give it in angstrom or degrees',
      );
  }
  if (!(cellVolume_A3(cell) > 0.01 * cell.a_A * cell.b_A * cell.c_A))
    throw new InputError('the angles of the cell do not close a parallelepiped');
}

/** Metric tensor G: |r|^2 = r^T G r (angstrom^2). */
export function metric(cell: Cell): Metric {
  const { a_A: a, b_A: b, c_A: c } = cell;
  return [
    a * a,
    b * b,
    c * c,
    b * c * cosine(cell.alpha_deg),
    a * c * cosine(cell.beta_deg),
    a * b * cosine(cell.gamma_deg),
  ];
}

/** Cosine with an exact zero at 90 degrees, so that symmetry-equal d spacings stay equal to the last bit. */
const cosine = (angle_deg: number): number =>
  angle_deg === 90 ? 0 : angle_deg === 120 ? -0.5 : Math.cos(angle_deg * RADIAN);

const metricDeterminant = ([g11, g22, g33, g23, g13, g12]: Metric): number =>
  g11 * g22 * g33 + 2 * g23 * g13 * g12 - g11 * g23 * g23 - g22 * g13 * g13 - g33 * g12 * g12;

/** Inverse of a metric: the reciprocal metric G*, 1/d^2 = h^T G* h. */
export function invertMetric(g: Metric): Metric {
  const [g11, g22, g33, g23, g13, g12] = g;
  const det = metricDeterminant(g);
  return [
    (g22 * g33 - g23 * g23) / det,
    (g11 * g33 - g13 * g13) / det,
    (g11 * g22 - g12 * g12) / det,
    (g13 * g12 - g11 * g23) / det,
    (g12 * g23 - g22 * g13) / det,
    (g13 * g23 - g33 * g12) / det,
  ];
}

export const reciprocalMetric = (cell: Cell): Metric => invertMetric(metric(cell));

export const cellVolume_A3 = (cell: Cell): number => Math.sqrt(metricDeterminant(metric(cell)));

/** 1/d^2 (1/angstrom^2) of a reflection. */
export const inverseD2 = ([s11, s22, s33, s23, s13, s12]: Metric, h: number, k: number, l: number): number =>
  h * h * s11 + k * k * s22 + l * l * s33 + 2 * (k * l * s23 + h * l * s13 + h * k * s12);

export const dSpacing_A = (cell: Cell, h: number, k: number, l: number): number =>
  1 / Math.sqrt(inverseD2(reciprocalMetric(cell), h, k, l));

/** Bragg angle 2theta (degrees); NaN where the line cannot be reached at this wavelength. */
export const braggTwoTheta_deg = (d_A: number, wavelength_A: number): number =>
  (2 * Math.asin(wavelength_A / (2 * d_A))) / RADIAN;

/** Cell of a metric tensor. */
export function cellOfMetric([g11, g22, g33, g23, g13, g12]: Metric): Cell {
  const [a, b, c] = [Math.sqrt(g11), Math.sqrt(g22), Math.sqrt(g33)];
  const angle = (product: number, p: number, q: number) => Math.acos(product / (p * q)) / RADIAN;
  return {
    a_A: a,
    b_A: b,
    c_A: c,
    alpha_deg: angle(g23, b, c),
    beta_deg: angle(g13, a, c),
    gamma_deg: angle(g12, a, b),
  };
}

/** True where a cell is what a group asks of it within half a percent, or .3 degrees. */
export function hasSymmetryOf(cell: Cell, operations: readonly { rotation: readonly number[] }[]): boolean {
  const own = metric(cell);
  const mean = symmetrizeMetric(
    own,
    operations.flatMap(({ rotation }) => rotation),
  );
  const lengths = [own[0], own[1], own[2]].map(Math.sqrt) as [number, number, number];
  const [a, b, c] = lengths;
  return [a * a, b * b, c * c, b * c, a * c, a * b].every(
    (scale, i) => Math.abs(own[i]! - mean[i]!) < 0.01 * scale * (i < 3 ? 1 : 0.52),
  );
}

/**
 * The mean of a metric over the point group: the nearest one that the symmetry allows. `rotations` holds nine numbers of
 * each rotation, row-major, every `stride` numbers.
 */
export function symmetrizeMetric(g: Metric, rotations: ArrayLike<number>, stride = 9): Metric {
  const full = [g[0], g[5], g[4], g[5], g[1], g[3], g[4], g[3], g[2]];
  const sum = new Float64Array(9);
  const half = new Float64Array(9);
  for (let at = 0; at < rotations.length; at += stride) {
    const r = (k: number): number => rotations[at + k]!;
    // R^T G R
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++)
        half[3 * i + j] = full[3 * i]! * r(j) + full[3 * i + 1]! * r(3 + j) + full[3 * i + 2]! * r(6 + j);
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++)
        sum[3 * i + j]! += r(i) * half[j]! + r(3 + i) * half[3 + j]! + r(6 + i) * half[6 + j]!;
  }
  const mean = (k: number) => (sum[k]! * stride) / rotations.length;
  return [mean(0), mean(4), mean(8), mean(5), mean(2), mean(1)];
}
