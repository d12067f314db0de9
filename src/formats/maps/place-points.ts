import { stepOf } from './grid-step.js';

/** Points on a regular grid, whatever their order. */
export interface Placed {
  ny: number;
  nx: number;
  /** Steps of the grid in the unit of the coordinates. */
  step: { x: number; y: number };
  /** Pixel (row * nx + column) of each point; -1 for a point without coordinates. */
  pixel: Int32Array;
}

/**
 * Finds the grid that points lie on (rows first, columns first, back and forth, some missing, with jitter below a quarter of
 * a step) and the pixel of each. Returns the reason where they do not lie on one.
 */
export function placePoints(x: Float64Array, y: Float64Array): Placed | { fault: string } {
  const [stepX, stepY] = [stepOf(x), stepOf(y)];
  if (stepX === null && stepY === null) return { fault: 'all its points lie in one place' };
  const step = { x: stepX ?? stepY!, y: stepY ?? stepX! };
  const [minX, minY] = [smallest(x), smallest(y)];
  const column = x.map((value) => Math.round((value - minX) / step.x));
  const row = y.map((value) => Math.round((value - minY) / step.y));
  const [nx, ny] = [largest(column) + 1, largest(row) + 1];
  if (nx * ny > 4 * x.length + 16)
    return { fault: `its ${x.length} points do not lie on a regular grid (${ny} x ${nx} would be needed)` };
  const pixel = Int32Array.from(x, (_, i) =>
    Number.isFinite(row[i]! + column[i]!) ? row[i]! * nx + column[i]! : -1,
  );
  if (new Set(pixel).size < 0.9 * x.length)
    return { fault: `its ${x.length} points do not lie on a regular grid: several share a pixel` };
  return { ny, nx, step, pixel };
}

const smallest = (values: Float64Array): number =>
  values.reduce((least, value) => Math.min(value, least), Number.POSITIVE_INFINITY);
const largest = (values: Float64Array): number => values.reduce((most, value) => Math.max(value, most), 0);

/**
 * Rows of a scan that ran back and forth and was stored as it was measured: for each row whether its x falls where it rises in
 * the first row. Null where no row does, or where the rows do not have one clear direction each.
 */
export function backwardRows(x: Float64Array, ny: number, nx: number): boolean[] | null {
  if (nx < 2) return null;
  const slopes = Array.from({ length: ny }, (_, r) => {
    const steps = Float64Array.from({ length: nx - 1 }, (_, c) => x[r * nx + c + 1]! - x[r * nx + c]!);
    return steps.reduce((sum, step) => (Number.isFinite(step) ? sum + Math.sign(step) : sum), 0) / (nx - 1);
  });
  const known = slopes.filter((slope) => Math.abs(slope) > 0.8);
  if (known.length < 0.8 * ny) return null;
  const direction = Math.sign(known[0]!);
  const backward = slopes.map((slope) => Math.sign(slope) === -direction && Math.abs(slope) > 0.8);
  return backward.some(Boolean) ? backward : null;
}

/** The pixel of each point of an image whose rows at `backward` were stored in the order of measurement. */
export const placeOfRows = (backward: boolean[], nx: number): Int32Array =>
  Int32Array.from({ length: backward.length * nx }, (_, i) => {
    const row = Math.floor(i / nx);
    return backward[row] ? row * nx + (nx - 1 - (i % nx)) : i;
  });
