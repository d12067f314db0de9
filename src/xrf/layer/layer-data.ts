import type { LayerFrame } from './frame.js';

/** Counts of a map in the frame of its layers: pixels in cells between two points along, ordered across. */
export interface LayerData {
  frame: LayerFrame;
  elements: string[];
  /** counts[e][pixel of the map]; NaN where not measured or left out. */
  counts: Float64Array[];
  /** Factor of the expected counts of each pixel of the map (light that changes smoothly over it). */
  light: Float64Array;
  /** Pixels cell by cell, in order across; cell j is [cell[j], cell[j + 1]). */
  pixel: Int32Array;
  cell: Int32Array;
  /** Place across, and the share that the next point along has in the boundary at the pixel. */
  across: Float64Array;
  next: Float64Array;
  /** Running sums in this order, for each element, over the values n before: number, light, n and n² / light. */
  sums: { number: Float64Array[]; light: Float64Array[]; sum: Float64Array[]; square: Float64Array[] };
}

export function layerData(
  frame: LayerFrame,
  elements: string[],
  counts: Float64Array[],
  illumination: Float64Array | null = null,
): LayerData {
  const { s, t, along } = frame;
  const place = Float64Array.from(s, (v) => (Math.abs(v - Math.round(v)) < 1e-6 ? Math.round(v) : v));
  const pixel = Int32Array.from(place.keys()).sort(
    (a, b) => Math.floor(place[a]) - Math.floor(place[b]) || t[a] - t[b] || a - b,
  );
  const cell = new Int32Array(along + 1);
  for (const v of place) cell[Math.floor(v) + 1]++;
  for (let j = 0; j < along; j++) cell[j + 1] += cell[j];
  const geometry = {
    frame,
    elements,
    pixel,
    cell,
    across: Float64Array.from(pixel, (i) => t[i]),
    next: Float64Array.from(pixel, (i) => place[i] - Math.floor(place[i])),
  };
  const light = illumination ?? new Float64Array(s.length).fill(1);
  return { ...geometry, counts, light, sums: sumsOf(pixel, counts, light) };
}

/** The same map with other counts (pixels left out). */
export const withCounts = (data: LayerData, counts: Float64Array[]): LayerData => ({
  ...data,
  counts,
  sums: sumsOf(data.pixel, counts, data.light),
});

function sumsOf(pixel: Int32Array, counts: Float64Array[], light: Float64Array): LayerData['sums'] {
  const make = (of: (n: number, light: number) => number): Float64Array[] =>
    counts.map((c) => {
      const out = new Float64Array(pixel.length + 1);
      for (let k = 0; k < pixel.length; k++) {
        const n = c[pixel[k]];
        out[k + 1] = out[k] + (n >= 0 ? of(n, light[pixel[k]]) : 0);
      }
      return out;
    });
  return {
    number: make(() => 1),
    light: make((_, l) => l),
    sum: make((n) => n),
    square: make((n, l) => (n * n) / l),
  };
}

/** State of the layered model: levels[l][e], boundaries b[j * M + m] in units across, Gaussian blur sigma in units. */
export interface LayerState {
  levels: Float64Array[];
  boundaries: Float64Array;
  sigma: number;
}

/** Position of boundary b at the pixel with this cell and share of the next point. */
export function lineAt(boundaries: Float64Array, m: number, b: number, j: number, next: number): number {
  const here = boundaries[j * m + b];
  return next === 0 ? here : here + next * (boundaries[(j + 1) * m + b] - here);
}
