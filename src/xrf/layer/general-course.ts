import { quantileOf } from './thickness.js';

/** Running median of each line, and how far pixels must lie from it. */
export function generalCourse(
  boundaries: Float64Array,
  m: number,
): { boundaries: Float64Array; reach: number[] } {
  const along = boundaries.length / m;
  const most = Math.max(3, Math.min(30, Math.floor(along / 3)));
  const out = new Float64Array(boundaries.length);
  const reach = Array.from({ length: m }, (_, b) => {
    const away: number[] = [];
    for (let j = 0; j < along; j++) {
      // Even about the point where the map allows, so that a curved line is not carried on straight at the ends.
      const half = Math.max(3, Math.min(most, j, along - 1 - j));
      const from = Math.max(0, Math.min(j - half, along - 1 - 2 * half));
      const to = Math.min(along - 1, from + 2 * half);
      const at = (k: number): number => boundaries[k * m + b];
      const lag = Math.max(1, (to - from) >> 1);
      const slope = medianOf(
        Array.from({ length: to - from - lag + 1 }, (_, k) => (at(from + k + lag) - at(from + k)) / lag),
      );
      out[j * m + b] = medianOf(
        Array.from({ length: to - from + 1 }, (_, k) => at(from + k) - slope * (from + k - j)),
      );
      away.push(Math.abs(at(j) - out[j * m + b]));
    }
    return 3.5 * 1.4826 * medianOf(away);
  });
  return { boundaries: out, reach };
}

const medianOf = (values: number[]): number =>
  quantileOf(
    values.sort((p, q) => p - q),
    0.5,
  );
