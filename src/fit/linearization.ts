import { norm } from '../numeric/linear-algebra.js';
import { differenceStep, JacobianMaker } from './jacobian.js';
import { type Reduction, reduceJacobian } from './reduction.js';
import type { FitFrame } from './types.js';

/** The linearised problem min |c - R s| in scaled parameters s. */
export interface ReducedProblem extends Reduction {
  c: Float64Array;
  /** Room of each scaled parameter below and above its present value. */
  lower: Float64Array;
  upper: Float64Array;
}

/** The model about one point of the fit after another: Jacobians of f/sigma, scaled to unit columns and reduced. */
export class Linearization {
  /** Length of each varied parameter's column: a scaled step over it is a step of the parameter. */
  readonly lengths: Float64Array;
  private readonly jacobian: JacobianMaker;
  private readonly residual: Float64Array;
  private readonly forwardSteps: Float64Array;
  private readonly centralSteps: Float64Array;

  constructor(private readonly frame: FitFrame) {
    const count = frame.varied.length;
    this.jacobian = new JacobianMaker(frame);
    this.residual = new Float64Array(frame.problem.y.length);
    this.lengths = new Float64Array(count);
    this.forwardSteps = new Float64Array(count);
    this.centralSteps = new Float64Array(count);
  }

  /**
   * The reduced problem at p, where the curve is `curve`; null if a derivative is not finite.
   * @param noise root of the reduced chi square there
   * @param central central differences where the model has no derivatives
   */
  at(p: Float64Array, curve: Float64Array, noise: number, central: boolean): ReducedProblem | null {
    const { lengths, forwardSteps, centralSteps, residual } = this;
    const { problem, inverseSigma, varied } = this.frame;
    const { columns } = this.jacobian;
    this.jacobian.fill(p, curve, central ? centralSteps : forwardSteps, central);
    let size = 0;
    for (let i = 0; i < residual.length; i++) {
      const w = inverseSigma[i]!;
      residual[i] = w === 0 ? 0 : (problem.y[i]! - curve[i]!) * w;
      size += w === 0 ? 0 : (curve[i]! * w) ** 2;
    }
    size = Math.sqrt(size);
    const lower = new Float64Array(varied.length);
    const upper = new Float64Array(varied.length);
    for (let j = 0; j < varied.length; j++) {
      const column = columns[j]!;
      const length = norm(column);
      if (!Number.isFinite(length)) return null;
      forwardSteps[j] = differenceStep(noise, size, length, false);
      centralSteps[j] = differenceStep(noise, size, length, true);
      lengths[j] = length > 0 ? length : 1;
      scale(column, 1 / lengths[j]!);
      const index = varied[j]!;
      lower[j] = (this.frame.lower[index]! - p[index]!) * lengths[j]!;
      upper[j] = (this.frame.upper[index]! - p[index]!) * lengths[j]!;
    }
    const { r, reduce } = reduceJacobian(columns, residual.length);
    return { r, reduce, c: reduce(residual), lower, upper };
  }

  /** Columns of the R factor of the Jacobian at p, in the parameters' own units; null if it is not finite. */
  triangle(p: Float64Array, curve: Float64Array): Float64Array[] | null {
    const { columns } = this.jacobian;
    const count = columns.length;
    this.jacobian.fill(p, curve, this.centralSteps, true);
    const lengths = columns.map(norm);
    if (!lengths.every(Number.isFinite)) return null;
    for (let j = 0; j < count; j++) if (lengths[j]! > 0) scale(columns[j]!, 1 / lengths[j]!);
    const { r } = reduceJacobian(columns, curve.length, 'exact');
    return lengths.map((length, j) => {
      const column = new Float64Array(count);
      for (let i = 0; i <= j; i++) column[i] = r[i * count + j]! * length;
      return column;
    });
  }
}

function scale(column: Float64Array, factor: number): void {
  for (let i = 0; i < column.length; i++) column[i]! *= factor;
}
