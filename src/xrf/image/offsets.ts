import type { CountImages } from './noise.js';
import { phaseCorrelation, type Shift } from './registration.js';
import { gaussianSmooth } from './smooth.js';

/** How far the image of an element lies from that of the reference. */
export interface Offset extends Shift {
  element: string;
}

/** Standard deviation of the smoothing before edges are taken, in pixels. */
const SMOOTH = 1.5;

/**
 * Offsets between images of different elements: what they share is where they change, not which of them is high, so the
 * steepness of the smoothed images is registered (phase correlation and least squares). The reference is the image whose
 * edges stand out most. Only offsets that stand out by eight standard deviations and five times their uncertainty are given.
 * @param unasked nobody suspects an offset: both halves of the map must then show it.
 */
export function findOffsets(
  { ny, nx, elements, counts }: CountImages,
  unasked: boolean,
): {
  reference: string;
  offsets: Offset[];
} {
  const edges = counts.map((values) => steepness(values, ny, nx));
  const strength = edges.map((edge) => contrast(edge));
  const first = strength.indexOf(Math.max(...strength));
  const offsets = elements.flatMap((element, e): Offset[] => {
    if (e === first) return [];
    const shift = phaseCorrelation(edges[first], edges[e], ny, nx);
    const size = Math.hypot(shift.dx, shift.dy);
    const sure = shift.significance > 8 && shift.sigma < 0.4 && size > Math.max(5 * shift.sigma, 0.3);
    const small = size < Math.min(nx, ny) / 4;
    if (!sure || !small) return [];
    return !unasked || halvesAgree(edges[first], edges[e], ny, nx, shift) ? [{ element, ...shift }] : [];
  });
  return { reference: elements[first], offsets };
}

/**
 * Whether both halves of the map, cut across or along, show the same offset. Along straight layers any offset fits, and rough
 * boundaries of different elements differ by chance: the halves then differ.
 */
function halvesAgree(a: Float64Array, b: Float64Array, ny: number, nx: number, whole: Shift): boolean {
  return [
    [ny >> 1, nx],
    [ny, nx >> 1],
  ].some(([height, width]) => {
    if (height < 16 || width < 16) return false;
    const part = (values: Float64Array, half: number): Float64Array =>
      Float64Array.from({ length: height * width }, (_, i) => {
        const [r, c] = [Math.floor(i / width), i % width];
        return values[(height < ny ? r + half * height : r) * nx + (width < nx ? c + half * width : c)];
      });
    return [0, 1].every((half) => {
      const { dx, dy } = phaseCorrelation(part(a, half), part(b, half), height, width);
      return Math.abs(dx - whole.dx) < 1.5 && Math.abs(dy - whole.dy) < 1.5;
    });
  });
}

/** Length of the gradient of the smoothed counts: an edge lies in its middle, whichever side is high (roots would move it to the low one). */
function steepness(values: Float64Array, ny: number, nx: number): Float64Array {
  const smooth = gaussianSmooth(values, ny, nx, SMOOTH);
  return smooth.map((_, i) => {
    const [r, c] = [Math.floor(i / nx), i % nx];
    if (r === 0 || c === 0 || r === ny - 1 || c === nx - 1) return Number.NaN;
    return Math.hypot(smooth[i + 1] - smooth[i - 1], smooth[i + nx] - smooth[i - nx]) / 2;
  });
}

/** Fourth moment over the squared second: edges against their background. */
function contrast(edge: Float64Array): number {
  let [n, square, fourth] = [0, 0, 0];
  for (const v of edge) {
    if (!Number.isFinite(v)) continue;
    n++;
    square += v * v;
    fourth += v ** 4;
  }
  return n > 0 ? (fourth / n) * Math.sqrt(square / n) : 0;
}
