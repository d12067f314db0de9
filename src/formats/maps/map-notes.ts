import { InputError } from '../../errors.js';
import type { MapEntry } from '../../experiment.js';
import type { Grid } from '../../measurement.js';
import type { PixelClaim } from './map-axes.js';

/** Told for what was assumed or is missing. */
export type Warn = (message: string) => void;

/** An image before it is filtered and given its grid. */
export interface RawImage {
  element: string;
  values: Float64Array;
  sigma: Float64Array | null;
}

/**
 * Pixel size from the experiment file, or else from the file's axes (null where it has none).
 * @throws InputError where neither says.
 */
export function pixelOf(entry: MapEntry, claim: PixelClaim, path: string, warn: Warn): Grid['pixel_um'] {
  const stated = entry.pixel_um;
  const fromFile = claim !== null && 'um' in claim ? claim.um : null;
  if (stated === null) {
    if (fromFile !== null) return fromFile;
    const steps = claim !== null && 'steps' in claim ? claim.steps : null;
    const why =
      steps === null ? '' : `: its positions step by ${show(steps.x)} x ${show(steps.y)} without a unit`;
    throw new InputError(
      `does not say its pixel size${why}`,
      { path },
      'write pixel: 5 um in the experiment file, or --pixel "5 um"',
    );
  }
  if (fromFile !== null) {
    const differs = Math.abs(fromFile.x / stated.x - 1) > 0.01 || Math.abs(fromFile.y / stated.y - 1) > 0.01;
    if (differs)
      warn(
        `its axes give pixels of ${show(fromFile.x)} x ${show(fromFile.y)} um; the experiment's ${show(stated.x)} x ${show(stated.y)} um are used`,
      );
  }
  return stated;
}

const show = (value: number): number => Number(value.toPrecision(4));

/**
 * The images of the elements that the experiment asks for, in its order; all where it asks for none.
 * @throws InputError where none of them is there.
 */
export function askedImages(entry: MapEntry, images: RawImage[], path: string, warn: Warn): RawImage[] {
  const asked = entry.elements;
  const held = images.map(({ element }) => element);
  if (asked === null) return images;
  const found = asked.flatMap((element) => images.find((image) => image.element === element) ?? []);
  const missing = asked.filter((element) => !held.includes(element));
  if (found.length === 0) {
    throw new InputError(
      `holds none of the elements ${asked.join(', ')}`,
      { path },
      held.length > 0 ? `it holds ${held.slice(0, 20).join(', ')}` : null,
    );
  }
  if (missing.length > 0) warn(`holds no signal of ${missing.join(', ')}`);
  return found;
}
