import type { LeastSquaresProblem } from './types.js';

/**
 * The Jacobian of f/sigma by the varied parameters: analytic where the problem gives it, else finite differences
 * with steps sized to each parameter, kept inside its bounds.
 */
export class JacobianMaker {
  readonly columns: Float64Array[];
  private readonly shifted: Float64Array;
  private readonly other: Float64Array;
  private readonly p: Float64Array;

  constructor(
    private readonly problem: LeastSquaresProblem,
    private readonly varied: readonly number[],
    private readonly inverseSigma: Float64Array,
    private readonly lower: Float64Array,
    private readonly upper: Float64Array,
  ) {
    const n = problem.y.length;
    this.columns = varied.map(() => new Float64Array(n));
    this.shifted = new Float64Array(n);
    this.other = new Float64Array(n);
    this.p = new Float64Array(problem.parameters.length);
  }

  /**
   * Fills `columns` at `p`, where the curve is `curve`.
   * @param typical step in each varied parameter that changes the curve by about its noise
   */
  fill(p: Float64Array, curve: Float64Array, typical: Float64Array, central: boolean): void {
    this.p.set(p);
    this.varied.forEach((index, j) => {
      const column = this.columns[j]!;
      const analytic = this.problem.derivative?.(p, index, column) === true;
      if (!analytic) this.difference(p, index, j, curve, typical[j]!, central);
      for (let i = 0; i < column.length; i++) {
        const value = column[i]! * this.inverseSigma[i]!;
        column[i] = this.inverseSigma[i] === 0 ? 0 : value;
      }
    });
  }

  private difference(
    p: Float64Array,
    index: number,
    j: number,
    curve: Float64Array,
    typical: number,
    central: boolean,
  ): void {
    const { columns, shifted, other, problem } = this;
    const column = columns[j]!;
    const here = p[index]!;
    let h = Math.max((central ? 6e-6 : 1e-7) * Math.abs(here), (central ? 1e-3 : 1e-4) * typical);
    if (h === 0) h = 1e-6;
    const room = this.upper[index]! - this.lower[index]!;
    if (h > room / 4) h = room / 4;
    const roomUp = here + h <= this.upper[index]!;
    const roomDown = here - h >= this.lower[index]!;
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
    this.problem.model(this.p, out);
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
