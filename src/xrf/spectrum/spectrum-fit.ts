import { invertSymmetric } from '../../numeric/linear-algebra.js';
import type { Column } from './spectrum-columns.js';

/**
 * Non-negative linear fits of very many spectra to the same columns. Weights are common to all spectra (the inverse of
 * the expected counts of the mean spectrum), so they do not depend on a pixel's own noise, which would bias low counts,
 * and the normal matrix is inverted once. Negative coefficients are put to zero and the rest solved again, until the
 * conditions of Kuhn and Tucker hold (block pivoting, Portugal, Judice and Vicente 1994). A spectrum costs one pass over
 * the channels of each column and two small matrix products.
 *
 * Counting errors: var c_j = sum_k P_jk^2 y_k with the pseudo-inverse P; with the fitted counts for y this is linear in the
 * coefficients, sum_m c_m V_jm, with V made once.
 */
export class SpectrumFitter {
  readonly count: number;
  private readonly n: number;
  private readonly weighted: Float64Array[];
  private readonly first: Int32Array;
  private readonly gram: Float64Array;
  private readonly inverse: Float64Array;
  private spreadMade: Float64Array | null = null;
  private readonly faces = new Map<number, Float64Array | null>();
  private readonly b: Float64Array;

  /**
   * @param columns at most 30; `channels` fitted channels
   * @param expected expected counts of a typical spectrum per channel (any scale)
   * @throws RangeError when two columns cannot be told apart, naming them
   */
  constructor(
    readonly columns: readonly Column[],
    channels: number,
    expected: ArrayLike<number>,
  ) {
    const n = columns.length;
    if (n > 30) throw new RangeError(`at most 30 components can be fitted together, not ${n}`);
    this.count = n;
    this.n = channels;
    let top = 0;
    for (let k = 0; k < channels; k++) top = Math.max(top, expected[k]);
    const weight = Float64Array.from(
      { length: channels },
      (_, k) => 1 / Math.max(expected[k], 1e-3 * top, 1e-12),
    );
    this.first = Int32Array.from(columns, (c) => c.first);
    this.weighted = columns.map((c) => c.values.map((v, i) => v * weight[c.first + i]));
    this.gram = new Float64Array(n * n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) this.gram[i * n + j] = overlap(this.weighted[i], this.first[i], columns[j]);
    const inverse = invertSymmetric(this.gram, n, 1e-10);
    if (!inverse) throw new RangeError(`these components cannot be told apart: ${this.alike()}`);
    this.inverse = inverse;
    this.b = new Float64Array(n);
  }

  /**
   * Fits the spectrum that starts at `data[at]` (the first fitted channel). Writes coefficients (counts) to `c` and
   * standard uncertainties to `sigma` (null saves that work).
   */
  fit(data: ArrayLike<number>, at: number, c: Float64Array, sigma: Float64Array | null): void {
    const { b, count: n, inverse } = this;
    for (let j = 0; j < n; j++) b[j] = dot(this.weighted[j], data, at + this.first[j]);
    let negative = 0;
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += inverse[i * n + j] * b[j];
      c[i] = sum;
      if (sum < 0) negative |= 1 << i;
    }
    if (negative) this.pivot(c, ((1 << n) - 1) & ~negative);
    if (!sigma) return;
    this.spreadMade ??= this.spreads(this.n);
    const spread = this.spreadMade;
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let m = 0; m < n; m++) sum += c[m] * spread[j * n + m];
      sigma[j] = Math.sqrt(Math.max(sum, spread[j * n + j]));
    }
  }

  private pivot(c: Float64Array, start: number): void {
    const { count: n, b, gram } = this;
    let mask = start;
    let least = n + 1;
    let patience = 3;
    for (let round = 0; round < 60; round++) {
      const face = this.face(mask);
      if (!face) return;
      c.fill(0);
      const members = bits(mask, n);
      const m = members.length;
      for (let i = 0; i < m; i++) {
        let sum = 0;
        for (let j = 0; j < m; j++) sum += face[i * m + j] * b[members[j]];
        c[members[i]] = sum;
      }
      let wrong = 0;
      let wrongCount = 0;
      let last = 0;
      for (let i = 0; i < n; i++) {
        let bad: boolean;
        if ((mask >> i) & 1) bad = c[i] < 0;
        else {
          let gradient = b[i];
          for (const j of members) gradient -= gram[i * n + j] * c[j];
          bad = gradient > 1e-10 * Math.abs(b[i]);
        }
        if (bad) {
          wrong |= 1 << i;
          wrongCount++;
          last = i;
        }
      }
      if (wrongCount === 0) return;
      // Exchange all while that helps, else one at a time (Murty's rule), which always ends.
      if (wrongCount < least) {
        least = wrongCount;
        patience = 3;
        mask ^= wrong;
      } else if (patience-- > 0) mask ^= wrong;
      else mask ^= 1 << last;
    }
    for (let i = 0; i < n; i++) if (c[i] < 0) c[i] = 0;
  }

  private face(mask: number): Float64Array | null {
    const known = this.faces.get(mask);
    if (known !== undefined) return known;
    const members = bits(mask, this.count);
    const m = members.length;
    const part = new Float64Array(m * m);
    for (let i = 0; i < m; i++)
      for (let j = 0; j < m; j++) part[i * m + j] = this.gram[members[i] * this.count + members[j]];
    const face = m === 0 ? part : invertSymmetric(part, m, 1e-12);
    if (this.faces.size > 20000) this.faces.clear();
    this.faces.set(mask, face);
    return face;
  }

  /** V_jm = sum_k P_jk^2 A_mk. */
  private spreads(channels: number): Float64Array {
    const n = this.count;
    const out = new Float64Array(n * n);
    const p = new Float64Array(channels);
    for (let j = 0; j < n; j++) {
      p.fill(0);
      for (let m = 0; m < n; m++) {
        const w = this.weighted[m];
        for (let i = 0; i < w.length; i++) p[this.first[m] + i] += this.inverse[j * n + m] * w[i];
      }
      for (let m = 0; m < n; m++) {
        const { values, first } = this.columns[m];
        let sum = 0;
        for (let i = 0; i < values.length; i++) sum += p[first + i] * p[first + i] * values[i];
        out[j * n + m] = sum;
      }
    }
    return out;
  }

  private alike(): string {
    const n = this.count;
    let worst = '';
    let top = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++) {
        const cosine = this.gram[i * n + j] / Math.sqrt(this.gram[i * n + i] * this.gram[j * n + j]);
        if (cosine > top) {
          top = cosine;
          worst = `${this.columns[j].name} and ${this.columns[i].name}`;
        }
      }
    }
    return worst;
  }

  /** Sum of the components with these coefficients, per fitted channel. */
  curve(c: ArrayLike<number>, of: (column: Column) => boolean = () => true): Float64Array {
    const out = new Float64Array(this.n);
    this.columns.forEach((column, j) => {
      if (of(column))
        for (let i = 0; i < column.values.length; i++) out[column.first + i] += c[j] * column.values[i];
    });
    return out;
  }
}

/** Four sums side by side: one alone would wait for each addition to end. */
function dot(w: Float64Array, data: ArrayLike<number>, from: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (const end = w.length - 3; i < end; i += 4) {
    a += w[i] * data[from + i];
    b += w[i + 1] * data[from + i + 1];
    c += w[i + 2] * data[from + i + 2];
    d += w[i + 3] * data[from + i + 3];
  }
  for (; i < w.length; i++) a += w[i] * data[from + i];
  return a + b + (c + d);
}

function overlap(weighted: Float64Array, first: number, other: Column): number {
  const from = Math.max(first, other.first);
  const to = Math.min(first + weighted.length, other.first + other.values.length);
  let sum = 0;
  for (let k = from; k < to; k++) sum += weighted[k - first] * other.values[k - other.first];
  return sum;
}

function bits(mask: number, n: number): number[] {
  const out: number[] = [];
  for (let i = 0; i < n; i++) if ((mask >> i) & 1) out.push(i);
  return out;
}
