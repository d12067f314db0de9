import type { EnergyStack } from '../../measurement.js';
import type { StackFractions } from './stack-types.js';

type Data = EnergyStack['data'];

/** Pixels that are worked on together: what belongs to them stays in the processor's cache. */
export const BLOCK = 1024;

/** A stretch of pixels of a stack. */
interface Stretch {
  data: Data;
  pixels: number;
  from: number;
  count: number;
}

/**
 * Coefficients (as `fraction`), edge step, mean signal and variance about the fit of every pixel. Gives the sums of the
 * coefficients and of the edge steps over the measured pixels.
 */
export function solvePixels(
  data: Data,
  { gram, inverse }: { gram: Float64Array; inverse: readonly Float64Array[] },
  out: StackFractions,
): { sums: Float64Array; stepSum: number } {
  const pixels = out.step.length;
  const p = inverse.length;
  const n = inverse[0].length;
  const r = out.references.length;
  // The mean signal is one more linear combination of the energies.
  const weights = [...inverse, new Float64Array(n).fill(1 / n)];
  // Rows are taken two at a time.
  if (weights.length % 2 === 1) weights.push(new Float64Array(n));
  const c = new Float64Array(weights.length * BLOCK);
  const square = new Float64Array(BLOCK);
  const own = new Float64Array(p);
  const sums = new Float64Array(p);
  let stepSum = 0;
  let measured = 0;
  for (let from = 0; from < pixels; from += BLOCK) {
    const count = Math.min(BLOCK, pixels - from);
    const stretch = { data, pixels, from, count };
    project(stretch, weights, c);
    sumSquares(stretch, square, out.meanSignal, c);
    for (let i = 0; i < count; i++) {
      let s = 0;
      // The residual's square is that of the signal less that of the fit, which lies across it.
      let fitted = 0;
      for (let a = 0, at = i; a < p; a++, at += BLOCK) {
        const value = c[at];
        own[a] = value;
        if (a < r) s += value;
        let across = 0.5 * gram[a * p + a] * value;
        for (let b = 0; b < a; b++) across += gram[a * p + b] * own[b];
        fitted += 2 * value * across;
      }
      out.step[from + i] = s;
      out.residual[from + i] = Math.max(0, square[i] - fitted) / (n - p);
      out.level[from + i] = c[p * BLOCK + i];
      if (Number.isNaN(s)) continue;
      stepSum += s;
      measured++;
      for (let a = 0; a < p; a++) sums[a] += own[a];
    }
    for (let j = 0; j < r; j++) out.fraction[j].set(c.subarray(j * BLOCK, j * BLOCK + count), from);
  }
  out.measured = measured;
  return { sums, stepSum };
}

/** c[j][i] = sum_k weights[j][k] data[k][from + i]; two energies and two rows (an even number) at once, to load and store less. */
function project(
  { data, pixels, from, count }: Stretch,
  weights: readonly Float64Array[],
  c: Float64Array,
): void {
  const n = weights[0].length;
  c.fill(0);
  for (let k = 0; k < n; k += 2) {
    const first = k * pixels + from;
    const second = k + 1 < n ? first + pixels : first;
    const next = (row: Float64Array): number => (k + 1 < n ? row[k + 1] : 0);
    for (let j = 0; j < weights.length; j += 2) {
      const [a, b] = [weights[j], weights[j + 1]];
      addTwo(data, first, second, count, c, j * BLOCK, a[k], next(a), b[k], next(b));
    }
  }
}

function addTwo(
  data: Data,
  first: number,
  second: number,
  count: number,
  c: Float64Array,
  at: number,
  a0: number,
  a1: number,
  b0: number,
  b1: number,
): void {
  const other = at + BLOCK;
  for (let i = 0; i < count; i++) {
    const y = data[first + i];
    const z = data[second + i];
    c[at + i] += a0 * y + a1 * z;
    c[other + i] += b0 * y + b1 * z;
  }
}

/** square[i] = sum_k data[k][from + i]², and each energy's signal over the measured pixels is added to `signal`. */
function sumSquares(
  { data, pixels, from, count }: Stretch,
  square: Float64Array,
  signal: Float64Array,
  c: Float64Array,
): void {
  square.fill(0);
  for (let k = 0; k < signal.length; k++) {
    const base = k * pixels + from;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const y = data[base + i];
      square[i] += y * y;
      sum += y;
    }
    signal[k] += Number.isNaN(sum) ? sumOfMeasured(data, base, count, c) : sum;
  }
}

/** A pixel that lacks one energy has no coefficients, and none of its others counts. */
function sumOfMeasured(data: Data, base: number, count: number, c: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < count; i++) if (!Number.isNaN(c[i])) sum += data[base + i];
  return sum;
}
