import type { FitFrame, LeastSquaresProblem } from './types.js';

/**
 * The Jacobian of f/sigma by the varied parameters: analytic where the problem gives it, else finite differences
 * with steps sized to each parameter, kept inside its bounds.
 */
export class JacobianMaker {
  readonly columns: Float64Array[];
  private readonly shifted: Float64Array;
  private readonly other: Float64Array;
  private readonly p: Float64Array;

  constructor(private readonly frame: FitFrame) {
    const { problem, varied } = frame;
    const n = problem.y.length;
    this.columns = varied.map(() => new Float64Array(n));
    this.shifted = new Float64Array(n);
    this.other = new Float64Array(n);
    this.p = new Float64Array(problem.parameters.length);
  }

  /**
   * Fills `columns` at `p`, where the curve is `curve`.
   * @param steps step of each varied parameter for finite differences; 0 where none is known yet
   */
  fill(p: Float64Array, curve: Float64Array, steps: Float64Array, central: boolean): void {
    const { problem, varied, inverseSigma } = this.frame;
    this.p.set(p);
    for (let j = 0; j < varied.length; j++) {
      const column = this.columns[j]!;
      const analytic = problem.derivative?.(p, varied[j]!, column) === true;
      if (!analytic) this.difference(p, varied[j]!, j, curve, steps[j]!, central);
      for (let i = 0; i < column.length; i++) {
        const w = inverseSigma[i]!;
        column[i] = w === 0 ? 0 : column[i]! * w;
      }
    }
  }

  private difference(
    p: Float64Array,
    index: number,
    j: number,
    curve: Float64Array,
    step: number,
    central: boolean,
  ): void {
    const { columns, shifted, other } = this;
    const { problem, lower, upper } = this.frame;
    const column = columns[j]!;
    const here = p[index]!;
    const room = upper[index]! - lower[index]!;
    let h = Math.max(step > 0 ? step : firstStep(here, room), 1e-14 * Math.abs(here));
    if (h > room / 4) h = room / 4;
    const roomUp = here + h <= upper[index]!;
    const roomDown = here - h >= lower[index]!;
    const up = roomUp ? here + h : here;
    const down = (central && roomDown) || !roomUp ? here - h : here;
    if (up === down) {
      column.fill(0);
      return;
    }
    this.evaluate(index, up, here, curve, shifted);
    this.evaluate(index, down, here, curve, other);
    this.p[index] = here;
    const scale = 1 / (up - down);
    for (let i = 0; i < column.length; i++) column[i] = (shifted[i]! - other[i]!) * scale;
    if (central && !(roomUp && roomDown)) this.oneSided(problem, index, j, here, roomUp ? h : -h, curve);
  }

  private evaluate(index: number, at: number, here: number, curve: Float64Array, out: Float64Array): void {
    if (at === here) {
      out.set(curve);
      return;
    }
    this.p[index] = at;
    this.frame.problem.model(this.p, out);
  }

  /** Second-order one-sided difference, for a parameter at its bound: (4 f(h) - f(2h) - 3 f(0)) / 2h. */
  private oneSided(
    problem: LeastSquaresProblem,
    index: number,
    j: number,
    here: number,
    h: number,
    curve: Float64Array,
  ): void {
    const { shifted, other } = this;
    const column = this.columns[j]!;
    this.p[index] = here + h;
    problem.model(this.p, shifted);
    this.p[index] = here + 2 * h;
    problem.model(this.p, other);
    this.p[index] = here;
    for (let i = 0; i < column.length; i++)
      column[i] = (4 * shifted[i]! - other[i]! - 3 * curve[i]!) / (2 * h);
  }
}

/** A step for a parameter of which nothing is known but its value and its bounds. */
const firstStep = (value: number, room: number): number =>
  value !== 0 ? 1e-7 * Math.abs(value) : Number.isFinite(room) ? 1e-6 * room : 1e-6;

/**
 * The steps that suit finite differences: the curve as a whole changes by a small part of its noise, and by enough
 * to stand out from rounding. (The parameter's own size says nothing: an edge at 2826 eV is 0.7 eV wide.)
 * @param noise root of the reduced chi square
 * @param size norm of f/sigma
 * @param length norm of the parameter's column of the Jacobian
 */
export const differenceStep = (noise: number, size: number, length: number, central: boolean): number =>
  length > 0 ? Math.max((central ? 1e-3 : 1e-4) * noise, (central ? 3e-6 : 1e-7) * size) / length : 0;
