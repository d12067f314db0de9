import { invertSymmetric } from '../../numeric/linear-algebra.js';
import type { Column } from './spectrum-columns.js';

/** What a fitter is made from; plain data, so that every thread can make its own. */
export interface FitterSetup {
  columns: readonly Column[];
  /** Expected counts of a typical spectrum in each fitted channel (any scale). */
  expected: Float64Array;
  /** Neighbouring channels that are summed before they are fitted. */
  summed: number;
}

/**
 * Non-negative linear fits of very many spectra to the same columns. Weights are common to all spectra (the inverse of
 * the expected counts of the mean spectrum), so they do not depend on a pixel's own noise, which would bias low counts,
 * and the normal matrix is inverted once. Negative coefficients are put to zero and the rest solved again, until the
 * conditions of Kuhn and Tucker hold (block pivoting, Portugal, Judice and Vicente 1994). A spectrum costs one pass over
 * its channels, one over the summed channels of each column and two small matrix products; nothing is allocated.
 *
 * Counting errors: var c_j = sum_k P_jk^2 y_k with the pseudo-inverse P; with the fitted counts for y this is linear in the
 * coefficients, sum_m c_m V_jm, with V made once.
 */
export class SpectrumFitter {
  readonly columns: readonly Column[];
  readonly count: number;
  private readonly channels: number;
  private readonly summed: number;
  private readonly fitted: readonly Column[];
  private readonly weighted: Float64Array[];
  private readonly gram: Float64Array;
  private readonly inverse: Float64Array;
  private spreadMade: Float64Array | null = null;
  private readonly faces = new Map<number, Face | null>();
  private readonly y: Float64Array;
  private readonly b: Float64Array;
  private readonly part: Float64Array;

  /** @throws RangeError for more than 30 columns, and when two cannot be told apart, naming them */
  constructor({ columns, expected, summed }: FitterSetup) {
    const n = columns.length;
    if (n > 30) throw new RangeError(`at most 30 components can be fitted together, not ${n}`);
    this.columns = columns;
    this.count = n;
    this.channels = expected.length;
    this.summed = summed;
    this.fitted = columns.map((column) => inBins(column, summed));
    const counts = inBins({ first: 0, values: expected }, summed).values;
    const top = counts.reduce((most, v) => Math.max(most, v), 0);
    const weight = counts.map((v) => 1 / Math.max(v, 1e-3 * top, 1e-12));
    this.weighted = this.fitted.map(({ first, values }) => values.map((v, i) => v * weight[first + i]));
    this.gram = new Float64Array(n * n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++)
        this.gram[i * n + j] = overlap(this.weighted[i], this.fitted[i].first, this.fitted[j]);
    const inverse = invertSymmetric(this.gram, n, 1e-10);
    if (!inverse) throw new RangeError(`these components cannot be told apart: ${this.alike()}`);
    this.inverse = inverse;
    this.y = new Float64Array(counts.length);
    this.b = new Float64Array(n);
    this.part = new Float64Array(n);
  }

  /** Fits the spectrum whose first fitted channel is `counts[at]`. Writes coefficients (counts) to `c`. */
  fit(counts: Float32Array, at: number, c: Float64Array): void {
    sumChannels(counts, at, this.channels, this.summed, this.y);
    this.solve(this.y, c);
  }

  /** Fits a spectrum whose channels are summed already. */
  solve(y: Float64Array, c: Float64Array): void {
    const { b, count: n, inverse } = this;
    for (let j = 0; j < n; j++)
      b[j] = dot(this.weighted[j], 0, y, this.fitted[j].first, this.weighted[j].length);
    let negative = 0;
    for (let i = 0; i < n; i++) {
      c[i] = dot(inverse, i * n, b, 0, n);
      if (c[i] < 0) negative |= 1 << i;
    }
    if (negative) this.pivot(c, ((1 << n) - 1) & ~negative);
  }

  /** Standard uncertainties of these coefficients by counting. */
  errors(c: Float64Array, sigma: Float64Array): void {
    const n = this.count;
    this.spreadMade ??= this.spreads();
    const spread = this.spreadMade;
    for (let j = 0; j < n; j++)
      sigma[j] = Math.sqrt(Math.max(dot(spread, j * n, c, 0, n), spread[j * n + j]));
  }

  private pivot(c: Float64Array, start: number): void {
    const { count: n, b, gram, part } = this;
    let mask = start;
    let least = n + 1;
    let patience = 3;
    for (let round = 0; round < 60; round++) {
      const face = this.face(mask);
      if (!face) return;
      const { members, others, inverse } = face;
      const m = members.length;
      let wrong = 0;
      let wrongCount = 0;
      let last = 0;
      for (let j = 0; j < m; j++) part[j] = b[members[j]];
      for (let i = 0; i < m; i++) {
        const sum = dot(inverse, i * m, part, 0, m);
        c[members[i]] = sum;
        if (sum >= 0) continue;
        wrong |= 1 << members[i];
        wrongCount++;
        last = members[i];
      }
      for (let i = 0; i < others.length; i++) {
        const other = others[i];
        c[other] = 0;
      }
      for (let i = 0; i < others.length; i++) {
        const other = others[i];
        const gradient = b[other] - dot(gram, other * n, c, 0, n);
        if (gradient <= 1e-10 * Math.abs(b[other])) continue;
        wrong |= 1 << other;
        wrongCount++;
        last = Math.max(last, other);
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

  private face(mask: number): Face | null {
    const known = this.faces.get(mask);
    if (known !== undefined) return known;
    const members = Int32Array.from(bits(mask, this.count));
    const others = Int32Array.from(bits(~mask, this.count));
    const m = members.length;
    const part = new Float64Array(m * m);
    for (let i = 0; i < m; i++)
      for (let j = 0; j < m; j++) part[i * m + j] = this.gram[members[i] * this.count + members[j]];
    const inverse = m === 0 ? part : invertSymmetric(part, m, 1e-12);
    const face = inverse && { members, others, inverse };
    if (this.faces.size > 20000) this.faces.clear();
    this.faces.set(mask, face);
    return face;
  }

  /** V_jm = sum_k P_jk^2 A_mk. */
  private spreads(): Float64Array {
    const n = this.count;
    const out = new Float64Array(n * n);
    const p = new Float64Array(this.y.length);
    for (let j = 0; j < n; j++) {
      p.fill(0);
      for (let m = 0; m < n; m++) {
        const w = this.weighted[m];
        for (let i = 0; i < w.length; i++) p[this.fitted[m].first + i] += this.inverse[j * n + m] * w[i];
      }
      for (let m = 0; m < n; m++) {
        const { values, first } = this.fitted[m];
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
  curve(c: ArrayLike<number>): Float64Array {
    const out = new Float64Array(this.channels);
    this.columns.forEach(({ first, values }, j) => {
      for (let i = 0; i < values.length; i++) out[first + i] += c[j] * values[i];
    });
    return out;
  }
}

/** Components that are not zero, those that are, and the inverted normal matrix of the former. */
interface Face {
  members: Int32Array;
  others: Int32Array;
  inverse: Float64Array;
}

/** A stretch of channels in bins of `summed`, counted from the first fitted channel. */
function inBins<C extends { first: number; values: Float64Array }>(column: C, summed: number): C {
  if (summed === 1) return column;
  const first = Math.floor(column.first / summed);
  const last = Math.floor((column.first + column.values.length - 1) / summed);
  const values = new Float64Array(last - first + 1);
  column.values.forEach((v, i) => {
    values[Math.floor((column.first + i) / summed) - first] += v;
  });
  return { ...column, first, values };
}

/** Sums of `summed` channels each; the last may hold fewer. */
function sumChannels(
  data: Float32Array,
  at: number,
  channels: number,
  summed: number,
  out: Float64Array,
): void {
  const whole = Math.floor(channels / summed);
  let k = at;
  for (let bin = 0; bin < whole; bin++) {
    let sum = 0;
    for (const end = k + summed; k < end; k++) sum += data[k];
    out[bin] = sum;
  }
  if (whole === out.length) return;
  let rest = 0;
  for (const end = at + channels; k < end; k++) rest += data[k];
  out[whole] = rest;
}

/** Four sums side by side: one alone would wait for each addition to end. */
function dot(x: Float64Array, atX: number, y: Float64Array, atY: number, length: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = atX;
  let k = atY;
  for (const end = atX + length - 3; i < end; i += 4, k += 4) {
    a += x[i] * y[k];
    b += x[i + 1] * y[k + 1];
    c += x[i + 2] * y[k + 2];
    d += x[i + 3] * y[k + 3];
  }
  for (const end = atX + length; i < end; i++, k++) a += x[i] * y[k];
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
