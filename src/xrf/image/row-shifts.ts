import { robustSigma } from '../../numeric/robust.js';
import type { CountImages } from './noise.js';

/** How far the rows of a scan lie from where their neighbours say they should, along the row. */
export interface RowShifts {
  /** Pixels by which every second row (1, 3, 5 …) lies further along x than the rows between: backlash of a scan back and forth. */
  backlash: { pixels: number; sigma: number } | null;
  /** Single rows that jumped. */
  jumps: { row: number; pixels: number; sigma: number }[];
}

/** Largest shift looked for, and the grid of trial shifts, in pixels. */
const REACH = 4;
const STEP = 0.25;
const TRIALS = Array.from({ length: (2 * REACH) / STEP + 1 }, (_, i) => -REACH + i * STEP);
/** Chi square that a shift must gain. */
const GAIN = 30;
const LEAST_BACKLASH = 0.2;
const LEAST_JUMP = 1 / 3;

/**
 * Shifts between rows, from all elements together: the row is compared with the mean of the rows above and below it, so that a
 * boundary that runs aslant or in waves gives none. Rows are smoothed by one pixel, which lets them be read between pixels
 * without making noise smaller there, and compared in the scale of square roots, where counts have the same noise
 * everywhere (Anscombe 1948). Backlash comes first, from all odd rows together; then the single row that gains most, and so on.
 */
export function findRowShifts(images: CountImages): RowShifts {
  const rows = rootRows(images);
  const backlash = backlashOf(rows);
  const straight = backlash
    ? rows.map((row, r) => (r % 2 === 1 ? movedRow(row, backlash.pixels) : row))
    : rows;
  return { backlash, jumps: jumpsOf(straight) };
}

/** The shift of all odd rows together; its uncertainty is that of their scatter, where this is the larger. */
function backlashOf(rows: Rows): RowShifts['backlash'] {
  const odd = rows.flatMap((_, r) => (r % 2 === 1 && r + 1 < rows.length ? [misfits(rows, r)] : []));
  const found = odd.length < LEAST_ROWS ? null : shiftOf(sumOf(odd));
  if (found === null || found.gain < GAIN) return null;
  const sigma = Math.max(found.sigma, scatterOf(odd) / Math.sqrt(odd.length));
  return Math.abs(found.pixels) > Math.max(LEAST_BACKLASH, 5 * sigma)
    ? { pixels: found.pixels, sigma }
    : null;
}
const LEAST_ROWS = 6;

/**
 * How much single rows differ from their neighbours: by noise, or because a boundary is rough. What a row must exceed to have
 * jumped.
 */
function scatterOf(rows: Misfits[]): number {
  const shifts = rows.flatMap((row) => shiftOf(row)?.pixels ?? []);
  return shifts.length < LEAST_ROWS ? Number.POSITIVE_INFINITY : robustSigma(shifts);
}

/** Rows, each with all elements: [row][element][column]. */
type Rows = Float64Array[][];

const rootRows = ({ ny, nx, counts }: CountImages): Rows =>
  Array.from({ length: ny }, (_, r) =>
    counts.map((values) =>
      smoothedLine(values.subarray(r * nx, (r + 1) * nx)).map((v) => 2 * Math.sqrt(v + 0.375)),
    ),
  );

/** Gaussian of one pixel; what is missing carries no weight and stays missing. */
function smoothedLine(line: Float64Array): Float64Array {
  return line.map((value, c) => {
    if (!Number.isFinite(value)) return Number.NaN;
    let [sum, weight] = [0, 0];
    for (let k = -KERNEL_REACH; k <= KERNEL_REACH; k++) {
      const other = line[c + k];
      if (other === undefined || !Number.isFinite(other)) continue;
      sum += KERNEL[k + KERNEL_REACH] * other;
      weight += KERNEL[k + KERNEL_REACH];
    }
    return sum / weight;
  });
}
const KERNEL_REACH = 3;
const KERNEL = Float64Array.from({ length: 2 * KERNEL_REACH + 1 }, (_, i) =>
  Math.exp(-((i - KERNEL_REACH) ** 2) / 2),
);
/** What this kernel leaves of the variance of noise: 1 / (2 sqrt(pi)). */
const VARIANCE_LEFT = 0.2821;

/**
 * The rows that jumped: the strongest first, and then each again beside neighbours that are in place. A row must stand out of
 * the scatter of all rows: in a map whose boundary is rough from row to row, single jumps cannot be told from it.
 */
function jumpsOf(start: Rows): RowShifts['jumps'] {
  const rows = [...start];
  const inner = rows.slice(1, -1).map((_, i) => misfits(rows, i + 1));
  const scatter = scatterOf(inner);
  const judged = (squares: Misfits) => {
    const found = shiftOf(squares);
    if (found === null || found.gain < GAIN) return null;
    return Math.abs(found.pixels) > Math.max(LEAST_JUMP, 4 * found.sigma, 5 * scatter) ? found : null;
  };
  const jump = (r: number, row: Float64Array[]) =>
    r < 1 || r + 1 >= rows.length ? null : judged(misfits(rows, r, row));
  const candidates = [null, ...inner.map(judged), null];
  const jumps = new Map<number, { pixels: number; sigma: number }>();
  while (jumps.size < rows.length / 4) {
    const strongest = candidates.reduce(
      (top, candidate, r) => ((candidate?.gain ?? 0) > (candidates[top]?.gain ?? 0) ? r : top),
      0,
    );
    const best = candidates[strongest];
    if (!best) break;
    jumps.set(strongest, best);
    rows[strongest] = movedRow(start[strongest], best.pixels);
    candidates[strongest] = null;
    for (const r of [strongest - 1, strongest + 1]) if (!jumps.has(r)) candidates[r] = jump(r, rows[r]);
  }
  for (let round = 0; round < 3; round++) {
    for (const r of [...jumps.keys()]) {
      const again = jump(r, start[r]);
      if (again) jumps.set(r, again);
      else jumps.delete(r);
      rows[r] = again ? movedRow(start[r], again.pixels) : start[r];
    }
  }
  return [...jumps].map(([row, { pixels, sigma }]) => ({ row, pixels, sigma })).sort((a, b) => a.row - b.row);
}

interface Misfits {
  /** Squared differences over their variance, by trial shift. */
  squares: Float64Array;
  terms: number;
}

const sumOf = (parts: Misfits[]): Misfits => ({
  squares: Float64Array.from(TRIALS, (_, i) => parts.reduce((sum, part) => sum + part.squares[i], 0)),
  terms: parts.reduce((sum, part) => sum + part.terms, 0),
});

/** A row (that of `rows`, if none is given) against the mean of its neighbours. */
function misfits(rows: Rows, r: number, row = rows[r]): Misfits {
  const squares = new Float64Array(TRIALS.length);
  let terms = 0;
  row.forEach((own, e) => {
    const [above, below] = [rows[r - 1][e], rows[r + 1][e]];
    for (let c = REACH + 1; c < own.length - REACH - 2; c++) {
      const expected = (above[c] + below[c]) / 2;
      let all = expected;
      for (let k = -REACH - 1; k <= REACH + 2; k++) all += own[c + k];
      if (!Number.isFinite(all)) continue;
      terms++;
      // Smoothed noise has a variance of VARIANCE_LEFT and about as many independent values: their product is one.
      for (let i = 0; i < TRIALS.length; i++)
        squares[i] += (expected - between(own, c + TRIALS[i])) ** 2 / 1.5;
    }
  });
  return { squares, terms };
}

/** Cubic interpolation through four values (Catmull and Rom 1974), which leaves smooth noise its variance. */
function between(line: Float64Array, x: number): number {
  const at = Math.floor(x);
  const w = x - at;
  if (w === 0) return line[at];
  const [a, b, c, d] = [line[at - 1], line[at], line[at + 1], line[at + 2]];
  return b + 0.5 * w * (c - a + w * (2 * a - 5 * b + 4 * c - d + w * (3 * (b - c) + d - a)));
}

/** The shift of least misfit with its standard uncertainty, and what it gains; null where no shift fits best. */
function shiftOf({ squares, terms }: Misfits): { pixels: number; sigma: number; gain: number } | null {
  if (terms < 20) return null;
  let best = 0;
  for (let i = 1; i < squares.length; i++) if (squares[i] < squares[best]) best = i;
  const wide = Math.round(0.5 / STEP);
  if (best < wide || best + wide >= squares.length) return null;
  const [left, middle, right] = [squares[best - wide], squares[best], squares[best + wide]];
  const curvature = (left - 2 * middle + right) / 0.25;
  if (!(curvature > 0)) return null;
  const pixels = TRIALS[best] + (0.25 * (left - right)) / (left - 2 * middle + right);
  // Structure that neighbours do not share adds to the noise of all trials alike.
  const dispersion = Math.max(1, middle / (VARIANCE_LEFT * terms));
  const gain = (squares[TRIALS.indexOf(0)] - middle) / dispersion;
  return { pixels, sigma: Math.sqrt((2 * dispersion) / curvature), gain };
}

/** A row read `pixels` further along, by linear interpolation; NaN from outside. */
export function movedLine(line: Float64Array, pixels: number): Float64Array {
  const at = Math.floor(pixels);
  const w = pixels - at;
  return line.map((_, c) => {
    const [a, b] = [line[c + at] ?? Number.NaN, line[c + at + 1] ?? Number.NaN];
    return w === 0 ? a : (1 - w) * a + w * b;
  });
}

const movedRow = (row: Float64Array[], pixels: number): Float64Array[] =>
  row.map((line) => line.map((_, c) => between(line, c + pixels)));
