import type { MapEntry } from '../../experiment.js';
import type { SpectrumMap } from '../../measurement.js';
import type { H5DatasetReader } from '../common/hdf5.js';
import { unitFactor } from '../common/units.js';
import type { SpectraLayout } from './layout.js';
import { axisPixels, type PixelClaim, positionPixels, stepPixels } from './map-axes.js';
import { pixelOf, type Warn } from './map-notes.js';
import { monitorOf } from './monitor.js';
import { backwardRows, placeOfRows, placePoints } from './place-points.js';

const BLOCK_NUMBERS = 4 * 1024 * 1024;
const MAX_ROW_NUMBERS = 64 * 1024 * 1024;

/** Rows of a block of about 16 MB. */
export const rowsPerBlock = (nx: number, channels: number): number =>
  Math.max(1, Math.floor(BLOCK_NUMBERS / (nx * channels)));

/** Everything about a map of spectra but the spectra. */
export function spectraHead(entry: MapEntry, layout: SpectraLayout, path: string, warn: Warn): SpectrumMap {
  const { detectors, order, energy } = layout;
  const { dataset } = detectors[0]!;
  const shape = dataset.shape.join(' x ');
  const odd = detectors.find((detector) => detector.dataset.shape.join(' x ') !== shape);
  if (odd !== undefined)
    throw odd.dataset.fault(`has the shape ${odd.dataset.shape.join(' x ')}, the other detectors ${shape}`);
  const channels = dataset.shape[order.indexOf('channel')]!;
  const { ny, nx, claim, place } = gridOf(layout, warn);
  if (nx * channels > MAX_ROW_NUMBERS)
    throw dataset.fault(`has rows of ${nx} x ${channels} numbers, too large to be read`);
  const points = dataset.size / channels;
  const factors = detectors.map(({ deadTime }) => deadTime?.() ?? null);
  const known = factors.some((list) => list?.length === points);
  const monitor = monitorOf(entry.i0, layout.scalers, points, { path }, warn);
  const incident = layout.incidentEnergy_eV;
  return {
    name: entry.name,
    grid: { ny, nx, pixel_um: pixelOf(entry, claim, path, warn) },
    channels,
    calibration: energy === null ? null : calibrationOf(energy, channels),
    detectors: detectors.map(({ name }) => name),
    source: { kind: 'hdf5', file: path, datasets: detectors.map((detector) => detector.dataset.path), order },
    place,
    deadTimeFactors: known
      ? factors.map((list) => (list?.length === points ? list : new Float64Array(points).fill(1)))
      : null,
    rowsPerBlock: rowsPerBlock(nx, channels),
    ...(incident === null ? {} : { incidentEnergy_eV: incident }),
    ...(monitor === null ? {} : { i0: placed(monitor, place, ny * nx) }),
  };
}

/** Rows and columns, pixel size and the place of each point: by the axes, or by the positions of the points. */
function gridOf(
  { detectors, order, axes, positions }: SpectraLayout,
  warn: Warn,
): { ny: number; nx: number; claim: PixelClaim; place: Int32Array | null } {
  const { dataset } = detectors[0]!;
  if (order.includes('point')) {
    const { x, y } = positions!.read();
    const found = placePoints(x, y);
    if ('fault' in found) throw dataset.fault(found.fault);
    const { ny, nx, step, pixel } = found;
    const missing = ny * nx - new Set(pixel.filter((at) => at >= 0)).size;
    if (missing > 0) warn(`${missing} of ${ny * nx} pixels were not measured`);
    return { ny, nx, claim: stepPixels(step, positions!.unit), place: pixel };
  }
  const [ny, nx] = [dataset.shape[order.indexOf('row')]!, dataset.shape[order.indexOf('column')]!];
  const points = positions?.read() ?? null;
  const backward = points?.x.length === ny * nx ? backwardRows(points.x, ny, nx) : null;
  if (backward !== null)
    warn('its rows ran back and forth and are turned into one direction by their positions');
  return {
    ny,
    nx,
    claim: axisPixels(axes, ny, nx) ?? positionPixels(positions?.unit ?? null, points, ny, nx),
    place: backward && placeOfRows(backward, nx),
  };
}

/** Values of points as values of pixels; NaN where there is no point. */
function placed(values: Float64Array, place: Int32Array | null, pixels: number): Float64Array {
  if (place === null) return values;
  const out = new Float64Array(pixels).fill(Number.NaN);
  for (let i = 0; i < values.length; i++) if (place[i]! >= 0) out[place[i]!] = values[i]!;
  return out;
}

/** Offset and gain of a linear energy axis. */
function calibrationOf(energy: H5DatasetReader, channels: number): SpectrumMap['calibration'] {
  if (energy.size !== channels || channels < 2) return null;
  const values = energy.numbers();
  const [first, last] = [values[0]!, values.at(-1)!];
  const step = (last - first) / (channels - 1);
  // MAPS and PyMca keep keV without a unit; a plain count of channels is no energy.
  const factor = energy.units === null ? (last < 200 ? 1000 : 1) : unitFactor(energy.units, 'energy');
  if (factor === null || !(step * factor > 0.1)) return null;
  const credible = step !== 1 && step * factor < 200 && last * factor > 1000;
  return energy.units !== null || credible ? { offset_eV: first * factor, gain_eV: step * factor } : null;
}
