/**
 * Lattice metric and its derivatives: 1/d^2 of a line as a function of the free cell parameters of its lattice.
 * With the metric tensor G of the cell, q = 1/d^2 = h^T G^-1 h and dq/dp = -(G^-1 h)^T (dG/dp) (G^-1 h).
 * (International Tables for Crystallography, vol. B, section 1.1.)
 */

/** Lengths in angstrom, angles in degrees: a, b, c, alpha, beta, gamma. */
export type CellParameters = readonly [number, number, number, number, number, number];

export const CELL_NAMES = ['a', 'b', 'c', 'alpha', 'beta', 'gamma'] as const;

/** A free cell parameter and the entries of the cell that follow it. */
export interface FreeCellParameter {
  name: (typeof CELL_NAMES)[number];
  /** Indices into the cell that take its value. */
  drives: number[];
}

const RAD = Math.PI / 180;
const near = (a: number, b: number, tolerance: number): boolean => Math.abs(a - b) <= tolerance;

/**
 * Cell parameters that the symmetry leaves free. `system` is the crystal system; 'trigonal' means hexagonal axes when
 * gamma is 120 and alpha 90, and rhombohedral axes otherwise. Monoclinic: the one angle that is not 90.
 */
export function freeCellParameters(system: string, cell: CellParameters): FreeCellParameter[] {
  const one = (index: number, ...more: number[]): FreeCellParameter => ({
    name: CELL_NAMES[index]!,
    drives: [index, ...more],
  });
  switch (system) {
    case 'cubic':
      return [one(0, 1, 2)];
    case 'tetragonal':
      return [one(0, 1), one(2)];
    case 'hexagonal':
    case 'trigonal':
      return near(cell[5], 120, 0.01) && near(cell[3], 90, 0.01)
        ? [one(0, 1), one(2)]
        : [one(0, 1, 2), one(3, 4, 5)];
    case 'orthorhombic':
      return [one(0), one(1), one(2)];
    case 'monoclinic': {
      const angle = [4, 3, 5].find((index) => !near(cell[index]!, 90, 1e-6)) ?? 4;
      return [one(0), one(1), one(2), one(angle)];
    }
    default:
      return [0, 1, 2, 3, 4, 5].map((index) => one(index));
  }
}

/** Inverse metric of a cell, its volume, and the derivatives of the metric; storage is reused. */
export class CellMetric {
  /** Row-major 3x3 inverse of G. */
  readonly inverse = new Float64Array(9);
  volume_A3 = 0;
  private readonly cell = new Float64Array(6);
  private readonly dG: Float64Array[];
  private readonly v = new Float64Array(3);

  constructor(private readonly free: FreeCellParameter[]) {
    this.dG = free.map(() => new Float64Array(9));
  }

  set(cell: ArrayLike<number>): void {
    for (let i = 0; i < 6; i++) this.cell[i] = cell[i]!;
    const [a, b, c] = [cell[0]!, cell[1]!, cell[2]!];
    const [ca, cb, cg] = [Math.cos(cell[3]! * RAD), Math.cos(cell[4]! * RAD), Math.cos(cell[5]! * RAD)];
    const xx = a * a;
    const yy = b * b;
    const zz = c * c;
    const xy = a * b * cg;
    const xz = a * c * cb;
    const yz = b * c * ca;
    const m = this.inverse;
    m[0] = yy * zz - yz * yz;
    m[4] = xx * zz - xz * xz;
    m[8] = xx * yy - xy * xy;
    m[1] = m[3] = xz * yz - xy * zz;
    m[2] = m[6] = xy * yz - xz * yy;
    m[5] = m[7] = xy * xz - yz * xx;
    const det = xx * m[0]! + xy * m[1]! + xz * m[2]!;
    for (let i = 0; i < 9; i++) m[i] = m[i]! / det;
    this.volume_A3 = Math.sqrt(Math.max(0, det));
    this.free.forEach((parameter, j) => {
      this.fillDerivative(parameter, this.dG[j]!);
    });
  }

  private fillDerivative({ drives }: FreeCellParameter, out: Float64Array): void {
    out.fill(0);
    const cell = this.cell;
    for (const index of drives) {
      if (index < 3) {
        for (let k = 0; k < 3; k++) {
          // G_ik = p_i p_k cos(angle between i and k); with drives a = b both rows add up.
          const value = k === index ? 2 * cell[index]! : cell[k]! * Math.cos(this.angle(index, k));
          out[index * 3 + k] = out[index * 3 + k]! + value;
          if (k !== index) out[k * 3 + index] = out[k * 3 + index]! + value;
        }
      } else {
        const [i, k] = index === 3 ? [1, 2] : index === 4 ? [0, 2] : [0, 1];
        const value = -cell[i!]! * cell[k!]! * Math.sin(cell[index]! * RAD) * RAD;
        out[i! * 3 + k!] = out[i! * 3 + k!]! + value;
        out[k! * 3 + i!] = out[k! * 3 + i!]! + value;
      }
    }
  }

  /** Angle between axes i and k in radians: alpha lies between b and c (indices 1 and 2), and so on. */
  private angle(i: number, k: number): number {
    return this.cell[3 + (3 - i - k)]! * RAD;
  }

  /** 1/d^2 (angstrom^-2) of a line; fills `derivatives` with d(1/d^2)/dp of each free parameter. */
  q(h: number, k: number, l: number, derivatives: Float64Array | null): number {
    const m = this.inverse;
    const v = this.v;
    v[0] = m[0]! * h + m[1]! * k + m[2]! * l;
    v[1] = m[3]! * h + m[4]! * k + m[5]! * l;
    v[2] = m[6]! * h + m[7]! * k + m[8]! * l;
    if (derivatives)
      for (let j = 0; j < this.dG.length; j++) {
        const g = this.dG[j]!;
        derivatives[j] = -(
          v[0]! * (g[0]! * v[0]! + 2 * (g[1]! * v[1]! + g[2]! * v[2]!)) +
          v[1]! * (g[4]! * v[1]! + 2 * g[5]! * v[2]!) +
          g[8]! * v[2]! * v[2]!
        );
      }
    return h * v[0]! + k * v[1]! + l * v[2]!;
  }
}
