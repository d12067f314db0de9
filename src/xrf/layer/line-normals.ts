import type { LayerFrame } from './frame.js';

/** How the pixels lie to the local normal of each boundary, [j * M + m]. */
export interface LineNormals {
  /** Cosine of the angle between the direction across and the normal: turns a distance across into one from the line. */
  cosine: Float64Array;
  /** Widths of the shadows of a pixel's two sides on the normal, in units across, the wider first. */
  wide: Float64Array;
  narrow: Float64Array;
}

/**
 * Slopes are least-squares ones over two points on either side, so that the noise of single points does not count as
 * tilt.
 */
export function lineNormals(boundaries: Float64Array, m: number, frame: LayerFrame): LineNormals {
  const along = boundaries.length / m;
  const scale = frame.across_um / frame.along_um;
  const cosine = new Float64Array(boundaries.length);
  const wide = new Float64Array(boundaries.length);
  const narrow = new Float64Array(boundaries.length);
  const { x, y } = frame.grid.pixel_um;
  for (let j = 0; j < along; j++) {
    const from = Math.max(0, j - 2);
    const to = Math.min(along - 1, j + 2);
    const centre = (from + to) / 2;
    for (let b = 0; b < m; b++) {
      let xx = 0;
      let xy = 0;
      for (let k = from; k <= to; k++) {
        xx += (k - centre) ** 2;
        xy += (k - centre) * boundaries[k * m + b];
      }
      const slope = xx > 0 ? (scale * xy) / xx : 0;
      const norm = Math.hypot(1, slope);
      const at = j * m + b;
      cosine[at] = 1 / norm;
      const sides = [
        Math.abs(frame.across.x - slope * frame.alongAxis.x) * x,
        Math.abs(frame.across.y - slope * frame.alongAxis.y) * y,
      ].map((side) => side / norm / frame.across_um);
      wide[at] = Math.max(...sides);
      narrow[at] = Math.min(...sides);
    }
  }
  return { cosine, wide, narrow };
}
