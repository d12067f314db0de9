import { type Face, makeFace } from './face.js';

/** What the coefficients must obey: nothing, c >= 0, sum c = 1, or both (`simplex`). */
export type Constraint = 'none' | 'non-negative' | 'sum-to-one' | 'simplex';

/**
 * Least squares with few columns and very many right-hand sides: minimise |y - A c|^2 under a constraint, exactly,
 * by active sets on the normal equations. The solution of each face is prepared once and kept, so that a solve
 * costs two small matrix-vector products and allocates nothing.
 * Source: Lawson and Hanson, Solving Least Squares Problems (1974), chapter 23 (NNLS), extended by the sum rule.
 */
export class SmallLeastSquares {
  readonly count: number;
  private readonly gram: Float64Array;
  private readonly columns: readonly Float64Array[];
  private readonly faces = new Map<number, Face | null>();
  private readonly trial: Float64Array;
  private readonly sumRule: boolean;
  private readonly signRule: boolean;

  /**
   * @param columns the columns of A, already divided by the standard uncertainties of the points; at most 30
   * @throws RangeError for more columns
   */
  constructor(
    columns: readonly Float64Array[],
    readonly constraint: Constraint,
  ) {
    const n = columns.length;
    if (n > 30) throw new RangeError(`at most 30 columns, not ${n}`);
    this.columns = columns;
    this.count = n;
    this.sumRule = constraint === 'sum-to-one' || constraint === 'simplex';
    this.signRule = constraint === 'non-negative' || constraint === 'simplex';
    this.trial = new Float64Array(n);
    this.gram = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let k = 0; k < columns[i]!.length; k++) sum += columns[i]![k]! * columns[j]![k]!;
        this.gram[i * n + j] = sum;
        this.gram[j * n + i] = sum;
      }
    }
  }

  /** A^T y of one weighted data vector, the right-hand side that `solve` takes. */
  project(y: ArrayLike<number>, out = new Float64Array(this.count)): Float64Array {
    for (let j = 0; j < this.count; j++) {
      const column = this.columns[j]!;
      let sum = 0;
      for (let k = 0; k < column.length; k++) sum += column[k]! * y[k]!;
      out[j] = sum;
    }
    return out;
  }

  /**
   * Writes the coefficients for b = A^T y into `c`.
   * @returns bit mask of the coefficients that are free (the face), for `covariance`
   */
  solve(b: Float64Array, c: Float64Array): number {
    const all = 2 ** this.count - 1;
    if (!this.signRule) {
      const face = this.face(all);
      if (face) this.onFace(face, b, c);
      else c.fill(Number.NaN);
      return all;
    }
    return this.activeSet(b, c);
  }

  /** Sum of squares |y - A c|^2 from the sum of y^2, b and c. */
  chi2(yy: number, b: Float64Array, c: Float64Array): number {
    const n = this.count;
    let sum = yy;
    for (let i = 0; i < n; i++) {
      let row = 0;
      for (let j = 0; j < n; j++) row += this.gram[i * n + j]! * c[j]!;
      sum += c[i]! * (row - 2 * b[i]!);
    }
    return Math.max(0, sum);
  }

  /**
   * Covariance of the coefficients on a face for unit noise: zero for those held at zero, singular along the sum
   * under the sum rule, NaN where the columns of the face are degenerate. Shared: do not change it.
   */
  covariance(mask: number): Float64Array {
    const n = this.count;
    const face = this.face(mask);
    if (!face) return new Float64Array(n * n).fill(Number.NaN);
    if (!face.covariance) {
      face.covariance = new Float64Array(n * n);
      const m = face.members.length;
      for (let i = 0; i < m; i++)
        for (let j = 0; j < m; j++)
          face.covariance[face.members[i]! * n + face.members[j]!] = face.map[i * m + j]!;
    }
    return face.covariance;
  }

  private activeSet(b: Float64Array, c: Float64Array): number {
    const n = this.count;
    let mask = 0;
    c.fill(0);
    if (this.sumRule) {
      const start = this.bestVertex(b);
      c[start] = 1;
      mask = 1 << start;
    }
    for (let round = 0; round < 3 * n + 10; round++) {
      const entering = this.mostUseful(b, c, mask);
      if (entering < 0) return mask;
      mask |= 1 << entering;
      const settled = this.settle(b, c, mask, entering);
      if (settled === -1) return mask & ~(1 << entering);
      mask = settled;
    }
    return this.exhaustive(b, c);
  }

  /** Moves to the minimum of the face, dropping coefficients that would turn negative. -1 if `entering` cannot help. */
  private settle(b: Float64Array, c: Float64Array, startMask: number, entering: number): number {
    const { count: n, trial } = this;
    let mask = startMask;
    for (;;) {
      const face = this.face(mask);
      if (!face) return -1;
      this.onFace(face, b, trial);
      if (mask === startMask && !(trial[entering]! > 0)) return -1;
      let step = 1;
      for (let j = 0; j < n; j++) {
        if ((mask >> j) & 1 && !(trial[j]! > 0)) step = Math.min(step, c[j]! / (c[j]! - trial[j]!) || 0);
      }
      if (step >= 1) {
        c.set(trial);
        return mask;
      }
      for (let j = 0; j < n; j++) {
        if (!((mask >> j) & 1)) continue;
        c[j]! += step * (trial[j]! - c[j]!);
        if (!(trial[j]! > 0) && c[j]! <= 1e-15) {
          c[j] = 0;
          mask &= ~(1 << j);
        }
      }
    }
  }

  /** The held coefficient whose release lowers the sum of squares fastest; -1 if none does. */
  private mostUseful(b: Float64Array, c: Float64Array, mask: number): number {
    const { count: n, gram } = this;
    let multiplier = 0;
    if (this.sumRule) {
      // On the face all free gradients equal the multiplier; their mean weighted by c is the least rounded.
      for (let i = 0; i < n; i++) if ((mask >> i) & 1) multiplier += c[i]! * this.gradient(b, c, i);
    }
    let best = -1;
    let bestGain = 1e-12;
    for (let j = 0; j < n; j++) {
      if ((mask >> j) & 1) continue;
      const scale = Math.sqrt(gram[j * n + j]!) || 1;
      const gain = (this.gradient(b, c, j) - multiplier) / (scale * (Math.abs(b[j]!) / scale + scale));
      if (gain > bestGain && this.face(mask | (1 << j))) {
        bestGain = gain;
        best = j;
      }
    }
    return best;
  }

  private gradient(b: Float64Array, c: Float64Array, i: number): number {
    const n = this.count;
    let sum = b[i]!;
    for (let j = 0; j < n; j++) sum -= this.gram[i * n + j]! * c[j]!;
    return sum;
  }

  private bestVertex(b: Float64Array): number {
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let j = 0; j < this.count; j++) {
      const value = this.gram[j * this.count + j]! - 2 * b[j]!;
      if (value < least) {
        least = value;
        best = j;
      }
    }
    return best;
  }

  /** All faces, for the case that rounding makes the active set wander: exact for the few columns it is used for. */
  private exhaustive(b: Float64Array, c: Float64Array): number {
    let bestMask = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let mask = this.sumRule ? 1 : 0; mask < 2 ** this.count; mask++) {
      const face = this.face(mask);
      if (!face) continue;
      this.onFace(face, b, this.trial);
      if (face.members.some((j) => this.trial[j]! < 0)) continue;
      const value = this.relativeChi2(b, this.trial);
      if (value < least) {
        least = value;
        bestMask = mask;
      }
    }
    this.onFace(this.face(bestMask)!, b, c);
    return bestMask;
  }

  /** Sum of squares less that of the data. */
  private relativeChi2(b: Float64Array, c: Float64Array): number {
    let sum = 0;
    for (let i = 0; i < this.count; i++) sum -= c[i]! * (b[i]! + this.gradient(b, c, i));
    return sum;
  }

  private onFace(face: Face, b: Float64Array, c: Float64Array): void {
    const { members, map, shift } = face;
    const m = members.length;
    c.fill(0);
    for (let i = 0; i < m; i++) {
      let sum = shift[i]!;
      for (let j = 0; j < m; j++) sum += map[i * m + j]! * b[members[j]!]!;
      c[members[i]!] = sum;
    }
  }

  /** null when the columns of the face are degenerate. */
  private face(mask: number): Face | null {
    let face = this.faces.get(mask);
    if (face === undefined) {
      face = makeFace(this.gram, this.count, mask, this.sumRule);
      this.faces.set(mask, face);
    }
    return face;
  }
}
