/** Where the symmetry of a site lets its atom go. */
import { metric } from './cell.js';
import type { PhaseStructure, Site } from './structure.js';

type Vector = readonly [number, number, number];

/** An image nearer than this (angstrom) is the atom itself, on a special position; as in site-orbit.ts. */
const COINCIDENCE_A = 0.05;
const FIXED = 1e-6;

/**
 * The shortest shift (fractional) that changes one coordinate by 1 and keeps the site's symmetry: (1, -1, 0) for x of
 * a site x, -x, z. Null where the symmetry holds the coordinate. The mean of the rotations that leave the site where it
 * is projects any shift onto those that they all allow.
 */
export function symmetricShift(structure: PhaseStructure, site: Site, axis: number): Vector | null {
  const projection = meanRotation(structure, site.position);
  const row = projection.slice(3 * axis, 3 * axis + 3);
  const length2 = row.reduce((sum, v) => sum + v * v, 0);
  if (length2 < FIXED) return null;
  const along = (i: number): number =>
    row.reduce((sum, v, k) => sum + (projection[3 * i + k]! * v) / length2, 0);
  return [along(0), along(1), along(2)];
}

/** Mean of the rotations that leave a position where it is, row-major. */
function meanRotation({ cell, operations }: PhaseStructure, position: Vector): number[] {
  const [g11, g22, g33, g23, g13, g12] = metric(cell);
  const stay = operations.filter(({ rotation: r, translation }) => {
    const [x, y, z] = [0, 1, 2].map((i) => {
      const image = r[3 * i]! * position[0] + r[3 * i + 1]! * position[1] + r[3 * i + 2]! * position[2];
      const away = image + translation[i]! - position[i]!;
      return away - Math.round(away);
    }) as [number, number, number];
    const length2 = x * x * g11 + y * y * g22 + z * z * g33 + 2 * (y * z * g23 + x * z * g13 + x * y * g12);
    return length2 < COINCIDENCE_A ** 2;
  });
  return Array.from(
    { length: 9 },
    (_, i) => stay.reduce((sum, { rotation }) => sum + rotation[i]!, 0) / stay.length,
  );
}
