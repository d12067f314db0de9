import { solve } from '../../numeric/linear-algebra.js';
import type { CountImages } from '../image/noise.js';

/** Terms of ln(illumination): x, y, x², xy, y² with coordinates from -1 to 1. */
const terms = 5;

/**
 * How the signal of all elements together changes smoothly over a map (a beam that fades, a sample that is not even):
 * one factor a pixel, geometric mean about 1, exp of a quadratic in the coordinates. It is found by Poisson scoring from
 * how the pixels of a class differ among themselves, with the level of every class and element free, so that differences
 * between classes do not enter. Null where the Bayesian information criterion sees no such change.
 * @param classOf class of each pixel; negative for pixels to leave out (transitions, nothing measured)
 */
export function illuminationOf(
  images: CountImages,
  classOf: ArrayLike<number>,
  classes: number,
): Float64Array | null {
  const { ny, nx } = images;
  const pixels = ny * nx;
  const field = new Float64Array(pixels).fill(1);
  const a = new Float64Array(terms);
  const plain = classSums(images, classOf, classes, field);
  let last = plain;
  for (let round = 0; round < 6; round++) {
    const step = solve(last.information, terms, last.score);
    if (!step?.every(Number.isFinite)) return null;
    for (let p = 0; p < terms; p++) a[p] += Math.max(-0.5, Math.min(0.5, step[p]));
    for (let i = 0; i < pixels; i++) {
      const b = basis(i, ny, nx);
      field[i] = Math.exp(a.reduce((s, v, p) => s + v * b[p], 0));
    }
    last = classSums(images, classOf, classes, field);
    if (step.every((s) => Math.abs(s) < 1e-4)) break;
  }
  // By element, each over its own dispersion: what one of them does alone (a fault, a gradient) is no light.
  const gain = images.counts.reduce(
    (sum, _, e) => sum + (2 * (last.byElement[e] - plain.byElement[e])) / last.dispersion[e],
    0,
  );
  if (!(gain > terms * Math.log(Math.max(last.values, 2)))) return null;
  let mean = 0;
  for (const v of field) mean += Math.log(v) / pixels;
  return field.map((v) => v / Math.exp(mean));
}

function basis(i: number, ny: number, nx: number): number[] {
  const x = (2 * (i % nx)) / Math.max(nx - 1, 1) - 1;
  const y = (2 * Math.floor(i / nx)) / Math.max(ny - 1, 1) - 1;
  return [x, y, x * x, x * y, y * y];
}

interface Sums {
  /** Profile log likelihood by element. */
  byElement: Float64Array;
  score: Float64Array;
  /** terms x terms, row-major. */
  information: Float64Array;
  /** Pearson chi square over the number of values, by element, at least 1. */
  dispersion: Float64Array;
  values: number;
}

/** Log likelihood of the field by element, profiled over the levels, with its score and Fisher information. */
function classSums(
  images: CountImages,
  classOf: ArrayLike<number>,
  classes: number,
  field: Float64Array,
): Sums {
  const { ny, nx } = images;
  const elements = images.counts.length;
  const counts = new Float64Array(classes * elements);
  const light = new Float64Array(classes * elements);
  const counted = new Float64Array(classes * elements * terms);
  const lit = new Float64Array(classes * elements * terms);
  const square = new Float64Array(classes * elements * terms * terms);
  const squares = new Float64Array(classes * elements);
  const number = new Float64Array(classes * elements);
  const byElement = new Float64Array(elements);
  for (let i = 0; i < field.length; i++) {
    if (!(classOf[i] >= 0)) continue;
    const b = basis(i, ny, nx);
    for (let e = 0; e < elements; e++) {
      const n = images.counts[e][i];
      if (!(n >= 0)) continue;
      const k = classOf[i] * elements + e;
      const f = field[i];
      counts[k] += n;
      light[k] += f;
      squares[k] += (n * n) / f;
      number[k]++;
      byElement[e] += n * Math.log(f);
      for (let p = 0; p < terms; p++) {
        counted[k * terms + p] += n * b[p];
        lit[k * terms + p] += f * b[p];
        for (let q = 0; q < terms; q++) square[(k * terms + p) * terms + q] += f * b[p] * b[q];
      }
    }
  }
  const out: Sums = {
    byElement,
    score: new Float64Array(terms),
    information: new Float64Array(terms * terms),
    dispersion: new Float64Array(elements),
    values: 0,
  };
  const seen = new Float64Array(elements);
  for (let k = 0; k < counts.length; k++) {
    if (!(counts[k] > 0)) continue;
    const level = counts[k] / light[k];
    byElement[k % elements] += counts[k] * Math.log(level);
    out.dispersion[k % elements] += squares[k] / level - counts[k];
    seen[k % elements] += number[k];
    out.values += number[k];
    for (let p = 0; p < terms; p++) {
      const at = k * terms + p;
      out.score[p] += counted[at] - level * lit[at];
      for (let q = 0; q < terms; q++)
        out.information[p * terms + q] +=
          level * (square[at * terms + q] - (lit[at] * lit[k * terms + q]) / light[k]);
    }
  }
  for (let p = 0; p < terms; p++) out.information[p * terms + p] += 1e-9;
  out.dispersion = out.dispersion.map((chi2, e) => Math.max(1, chi2 / Math.max(seen[e], 1)));
  return out;
}
