import type { Grid } from '../../measurement.js';
import type { H5DatasetReader } from '../common/hdf5.js';
import { unitFactor } from '../common/units.js';
import { stepOf } from './grid-step.js';
import type { MapAxes } from './layout.js';

/** What a file says of its pixels: their size in um, or steps in a unit that it does not name. */
export type PixelClaim = { um: Grid['pixel_um'] } | { steps: { x: number; y: number } } | null;

/** Pixel sizes by the axes of a map, where they are there with as many values as the map has. */
export function axisPixels({ x, y, usualUnit }: MapAxes, ny: number, nx: number): PixelClaim {
  const step = (axis: H5DatasetReader | null, count: number): { step: number; unit: string } | null => {
    if (axis === null || !axis.isNumeric || axis.shape.length !== 1 || axis.size !== count) return null;
    const found = stepOf(axis.numbers());
    return found === null ? null : { step: found, unit: axis.units ?? usualUnit ?? '' };
  };
  return claimOf(step(x, nx), step(y, ny));
}

/** The same by the positions of all pixels, in their rows and columns. */
export function positionPixels(
  unit: string | null,
  points: { x: Float64Array; y: Float64Array } | null,
  ny: number,
  nx: number,
): PixelClaim {
  if (points?.x.length !== ny * nx || points.y.length !== ny * nx) return null;
  const middle = Math.floor(ny / 2) * nx;
  const along = stepOf(points.x.subarray(middle, middle + nx));
  const across = stepOf(Float64Array.from({ length: ny }, (_, r) => points.y[r * nx]!));
  const claim = (step: number | null) => (step === null ? null : { step, unit: unit ?? '' });
  return claimOf(claim(along), claim(across));
}

/** The same by the steps of a list of points. */
export const stepPixels = (step: { x: number; y: number }, unit: string | null): PixelClaim =>
  claimOf({ step: step.x, unit: unit ?? '' }, { step: step.y, unit: unit ?? '' });

function claimOf(
  x: { step: number; unit: string } | null,
  y: { step: number; unit: string } | null,
): PixelClaim {
  const [first, second] = [x ?? y, y ?? x];
  if (first === null || second === null) return null;
  const factors = [unitFactor(first.unit, 'length'), unitFactor(second.unit, 'length')];
  const [fx, fy] = [factors[0] ?? factors[1]!, factors[1] ?? factors[0]!];
  if (fx === null || fy === null) return { steps: { x: first.step, y: second.step } };
  return { um: { x: first.step * fx, y: second.step * fy } };
}
