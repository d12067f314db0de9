/**
 * March-Dollase texture: W. A. Dollase, J. Appl. Cryst. 19 (1986) 267. A line's intensity is multiplied by the mean over
 * its equivalents of (r^2 cos^2 phi + sin^2 phi / r)^(-3/2), phi being the angle between reflection and preferred axis.
 */
import { CellMetric, type CellParameters } from '../crystal/cell-metric.js';

type Hkl = readonly [number, number, number];

/** cos^2 of the angle between each equivalent of each line and the preferred axis (a reciprocal-lattice direction). */
export function textureCosines(
  cell: CellParameters,
  equivalents: readonly (readonly Hkl[])[],
  axis: Hkl,
): Float64Array[] {
  const metric = new CellMetric([]);
  metric.set(cell);
  const axisLength2 = metric.q(...axis, null);
  return equivalents.map((family) =>
    Float64Array.from(family, ([h, k, l]) => {
      const dot =
        (metric.q(h + axis[0], k + axis[1], l + axis[2], null) -
          metric.q(h - axis[0], k - axis[1], l - axis[2], null)) /
        4;
      return Math.min(1, (dot * dot) / (axisLength2 * metric.q(h, k, l, null)));
    }),
  );
}

/** Factor and its derivative by r for one line, given the squared cosines of its equivalents. */
export function marchDollase(r: number, cosines2: Float64Array, out: { factor: number; byR: number }): void {
  let sum = 0;
  let slope = 0;
  for (const c2 of cosines2) {
    const base = r * r * c2 + (1 - c2) / r;
    const power = 1 / (base * Math.sqrt(base));
    sum += power;
    slope += (-1.5 * power * (2 * r * c2 - (1 - c2) / (r * r))) / base;
  }
  out.factor = sum / cosines2.length;
  out.byR = slope / cosines2.length;
}
