import type { MapArrays } from '../../../result.js';

type Layer = MapArrays['layers'][number];

/** The elements of the cell in the order of their lights. */
const ofTheCell = ['In', 'Y', 'Cl'];
const blocks = 24;

/**
 * Up to three layers that tell most together: the elements of the cell where the map has two of them; then the ones whose
 * images have structure beyond their pixel noise, each as unlike those before it as can be.
 */
export function overlayLayers(layers: readonly Layer[], { grid }: MapArrays, most = 3): Layer[] {
  const own = ofTheCell.flatMap((name) => layers.find((layer) => layer.name === name) ?? []);
  const chosen = own.length >= 2 ? own.slice(0, most) : [];
  const rest = layers
    .filter((layer) => !chosen.includes(layer))
    .map((layer) => ({ layer, ...structureOf(layer.values, grid.ny, grid.nx) }))
    .sort((a, b) => b.structure - a.structure);
  const seen = chosen.map(({ values }) => structureOf(values, grid.ny, grid.nx).image);
  // Where no image has structure, those that have the least noise stand for all.
  const clear = rest.filter(({ structure }) => structure > 2);
  const pool = clear.length + chosen.length >= Math.min(most, layers.length) ? clear : rest;
  while (chosen.length < most && pool.length > 0) {
    const novelty = pool.map(({ image, structure }) =>
      seen.length === 0
        ? structure
        : 1 - Math.max(...seen.map((other) => Math.abs(correlation(image, other)))),
    );
    const [next] = pool.splice(novelty.indexOf(Math.max(...novelty)), 1);
    chosen.push(next!.layer);
    seen.push(next!.image);
  }
  return chosen;
}

/** Means over blocks of the map, and their variance over the one that the differences of neighbouring pixels lead to expect. */
function structureOf(
  values: ArrayLike<number>,
  ny: number,
  nx: number,
): { image: Float64Array; structure: number } {
  const [rows, columns] = [Math.min(blocks, ny), Math.min(blocks, nx)];
  const sum = new Float64Array(rows * columns);
  const count = new Float64Array(rows * columns);
  let squares = 0;
  let pairs = 0;
  for (let i = 0; i < ny * nx; i++) {
    const v = values[i]!;
    if (!Number.isFinite(v)) continue;
    const [r, c] = [Math.floor(i / nx), i % nx];
    const k = Math.floor((r * rows) / ny) * columns + Math.floor((c * columns) / nx);
    sum[k]! += v;
    count[k]!++;
    const next = values[i + 1]!;
    if (c + 1 < nx && Number.isFinite(next)) {
      squares += (next - v) ** 2 / 2;
      pairs++;
    }
  }
  const image = sum.map((s, k) => s / count[k]!);
  const known = image.filter(Number.isFinite);
  const mean = known.reduce((s, v) => s + v, 0) / known.length;
  const variance = known.reduce((s, v) => s + (v - mean) ** 2, 0) / known.length;
  const noise = squares / Math.max(pairs, 1) / Math.max((ny * nx) / (rows * columns), 1);
  return { image, structure: noise > 0 ? variance / noise : 0 };
}

function correlation(a: Float64Array, b: Float64Array): number {
  const both = [...a.keys()].filter((k) => Number.isFinite(a[k]) && Number.isFinite(b[k]));
  const mean = (v: Float64Array): number => both.reduce((s, k) => s + v[k]!, 0) / both.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (const k of both) {
    ab += (a[k]! - ma) * (b[k]! - mb);
    aa += (a[k]! - ma) ** 2;
    bb += (b[k]! - mb) ** 2;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 1;
}
