/** Thermal displacement. B = 8 pi^2 U; the amplitude falls by exp(-B s^2), s = sin(theta)/lambda = 1/(2d). */
import { type Cell, type Metric, reciprocalMetric } from './cell.js';

/**
 * B (angstrom^2) at room temperature for sites that state none: soft light cations and halides of halide
 * electrolytes, stiffer heavy cations; 1 for everything else.
 */
const DEFAULT_B_A2: Record<string, number> = {
  H: 4,
  Li: 3,
  Na: 2.2,
  F: 1.5,
  Cl: 1.8,
  Br: 1.8,
  I: 1.8,
  Y: 1.2,
  In: 1.2,
};

export const defaultB_A2 = (element: string): number => DEFAULT_B_A2[element] ?? 1;

export const bOfU_A2 = (u_A2: number): number => 8 * Math.PI * Math.PI * u_A2;

/**
 * Dimensionless beta_ij = 2 pi^2 U_ij a*_i a*_j as [11, 22, 33, 23, 13, 12]: the amplitude falls by
 * exp(-(h^2 b11 + k^2 b22 + l^2 b33 + 2 k l b23 + 2 h l b13 + 2 h k b12)).
 * U in CIF's convention (International Tables D, 1.9).
 */
export function betaOfU(cell: Cell, u_A2: Metric): Metric {
  const [s11, s22, s33] = reciprocalMetric(cell);
  const [a, b, c] = [Math.sqrt(s11), Math.sqrt(s22), Math.sqrt(s33)];
  const factor = 2 * Math.PI * Math.PI;
  return [
    factor * u_A2[0] * a * a,
    factor * u_A2[1] * b * b,
    factor * u_A2[2] * c * c,
    factor * u_A2[3] * b * c,
    factor * u_A2[4] * a * c,
    factor * u_A2[5] * a * b,
  ];
}
