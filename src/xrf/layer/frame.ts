import type { Grid } from '../../measurement.js';

/**
 * Coordinates along and across the layers of a map. The direction across is free, so that a layer that runs obliquely
 * over the pixels is a line that is single-valued along it. One unit across is the width of a pixel of square shape; of
 * an oblong one, the root mean square of its sides' shadows.
 */
export interface LayerFrame {
  grid: Grid;
  /** The map axis nearest to the direction across the layers. */
  axis: 'x' | 'y';
  /** Direction across the layers, from x towards y. */
  angle_deg: number;
  /** Unit vectors across and along the layers on the map. */
  across: { x: number; y: number };
  alongAxis: { x: number; y: number };
  /** Number of points at which every boundary line is given, one unit apart. */
  along: number;
  /** Length of a unit along and across. */
  along_um: number;
  across_um: number;
  /** Place of each pixel of the map along (in points) and across (in units). */
  s: Float64Array;
  t: Float64Array;
  /** Position on the map of a point along and a place across. */
  place(s: number, t: number): { x_um: number; y_um: number };
  /** Whether that position lies on the map. */
  holds(s: number, t: number): boolean;
}

/** A frame whose direction across makes the angle `tilt` (radians, from x towards y) with the axis of the map. */
export function layerFrame(grid: Grid, axis: 'x' | 'y', tilt: number): LayerFrame {
  const { ny, nx, pixel_um } = grid;
  const [cos, sin] = [Math.cos(tilt), Math.sin(tilt)];
  const across = axis === 'x' ? { x: cos, y: sin } : { x: -sin, y: cos };
  const alongAxis = axis === 'x' ? { x: -sin, y: cos } : { x: cos, y: sin };
  const unit = (d: { x: number; y: number }): number => Math.hypot(d.x * pixel_um.x, d.y * pixel_um.y);
  const [along_um, across_um] = [unit(alongAxis), unit(across)];
  const s = new Float64Array(ny * nx);
  const t = new Float64Array(ny * nx);
  for (let r = 0; r < ny; r++) {
    for (let c = 0; c < nx; c++) {
      const [x, y] = [c * pixel_um.x, r * pixel_um.y];
      s[r * nx + c] = (x * alongAxis.x + y * alongAxis.y) / along_um;
      t[r * nx + c] = (x * across.x + y * across.y) / across_um;
    }
  }
  const first = s.reduce((low, v) => Math.min(low, v), Infinity);
  const last = s.reduce((high, v) => Math.max(high, v), -Infinity);
  for (let i = 0; i < s.length; i++) s[i] -= first;
  const place = (sj: number, tj: number): { x_um: number; y_um: number } => {
    const [a, b] = [(sj + first) * along_um, tj * across_um];
    return { x_um: a * alongAxis.x + b * across.x, y_um: a * alongAxis.y + b * across.y };
  };
  return {
    grid,
    axis,
    across,
    alongAxis,
    angle_deg: (axis === 'x' ? 0 : 90) + (tilt * 180) / Math.PI,
    along: Math.ceil(last - first - 1e-9) + 1,
    along_um,
    across_um,
    s,
    t,
    place,
    holds: (sj, tj) => {
      const { x_um, y_um } = place(sj, tj);
      const [c, r] = [x_um / pixel_um.x, y_um / pixel_um.y];
      return c > -0.51 && r > -0.51 && c < nx - 0.49 && r < ny - 0.49;
    },
  };
}
