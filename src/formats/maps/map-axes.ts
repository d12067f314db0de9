import type { Grid } from '../../measurement.js';
import type { H5DatasetReader } from '../common/hdf5.js';
import { unitFactor } from '../common/units.js';
import type { MapAxes } from './map-hdf5.js';
import { stepOf } from './map-notes.js';

/** Pixel sizes of the axes in um, where they carry a unit of length. */
export function axisPixels({ x, y }: MapAxes, ny: number, nx: number): Grid['pixel_um'] | null {
  const step = (axis: H5DatasetReader | null, count: number): number | null => {
    if (axis === null || !axis.isNumeric || axis.shape.length !== 1 || axis.size !== count) return null;
    const factor = unitFactor(axis.units ?? '', 'length');
    const found = factor === null ? null : stepOf(axis.numbers());
    return found === null ? null : found * factor!;
  };
  const [sx, sy] = [step(x, nx), step(y, ny)];
  if (sx === null && sy === null) return null;
  return { x: sx ?? sy!, y: sy ?? sx! };
}
