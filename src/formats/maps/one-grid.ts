import { basename } from 'node:path';
import { InputError } from '../../errors.js';
import type { Grid } from '../../measurement.js';
import { resampled } from '../../xrf/image/registration.js';
import type { RawImage, Warn } from './map-notes.js';
import type { TextMap } from './map-text.js';

/** The image of one element with the grid that its file gives it. */
export interface GriddedImage {
  path: string;
  map: Pick<TextMap, 'ny' | 'nx' | 'pixel_um' | 'incidentEnergy_eV'>;
  image: RawImage;
}

/**
 * Images of one field of view on one grid, the coarsest of them: finer ones are averaged over its pixels, with their errors.
 * Their outer borders are laid on each other, so fields must agree to half a coarse pixel.
 * @throws InputError where the grids differ and the files do not state pixel sizes that make them one field
 */
export function onOneGrid(read: readonly GriddedImage[], warn: Warn): GriddedImage[] {
  const coarsest = read.reduce((a, b) => (b.map.ny * b.map.nx < a.map.ny * a.map.nx ? b : a));
  return read.map((one) => {
    if (one.map.ny === coarsest.map.ny && one.map.nx === coarsest.map.nx) return one;
    const [from, to] = [gridOf(one), gridOf(coarsest)];
    if (!from || !to || !sameField(from, to))
      throw new InputError(
        `has ${one.map.ny} x ${one.map.nx} pixels, ${basename(coarsest.path)} has ${coarsest.map.ny} x ${coarsest.map.nx}${from && to ? ', and they do not cover the same field' : ''}`,
        { path: one.path },
        'give maps of one scan, maps of one field that state their pixel sizes, or list them as two maps',
      );
    warn(
      `${basename(one.path)}: its ${one.map.ny} x ${one.map.nx} pixels were averaged onto the ${to.ny} x ${to.nx} of ${basename(coarsest.path)}`,
    );
    return { ...one, map: { ...one.map, ...to }, image: averaged(one.image, from, to) };
  });
}

const gridOf = ({ map }: GriddedImage): Grid | null =>
  map.pixel_um ? { ny: map.ny, nx: map.nx, pixel_um: map.pixel_um } : null;

const sameField = (a: Grid, b: Grid): boolean =>
  Math.abs(a.nx * a.pixel_um.x - b.nx * b.pixel_um.x) <= b.pixel_um.x / 2 &&
  Math.abs(a.ny * a.pixel_um.y - b.ny * b.pixel_um.y) <= b.pixel_um.y / 2;

function averaged(image: RawImage, from: Grid, to: Grid): RawImage {
  const origin = {
    x: (to.pixel_um.x - from.pixel_um.x) / 2,
    y: (to.pixel_um.y - from.pixel_um.y) / 2,
  };
  const shared = (to.pixel_um.x * to.pixel_um.y) / (from.pixel_um.x * from.pixel_um.y);
  const values = resampled(image.values, from, to, origin);
  const sigma =
    image.sigma &&
    resampled(
      image.sigma.map((s) => s * s),
      from,
      to,
      origin,
    ).map((variance) => Math.sqrt(variance / shared));
  return { ...image, values, sigma };
}
