import { normalCdf } from '../../numeric/error-function.js';
import type { Region, Segmentation } from '../regions/segment.js';
import { notMeasured } from '../regions/segment.js';
import type { Intrusion } from './intrusions.js';
import { type LayerData, lineAt } from './layer-data.js';
import { lineNormals } from './line-normals.js';

/** Regions after the boundary lines are known. */
export interface LayerRegions {
  regions: Pick<Region, 'name' | 'area_um2' | 'pixels'>[];
  labels: Uint8Array;
  probability: Float64Array;
}

/**
 * Within the beam's reach of a boundary a pixel is a mixture, which can look like a third region (electrolyte with a little
 * cathode like AEI): there the side of the line decides, with the share of the pixel on that side as probability.
 * Elsewhere the mixture model's label stays, and the pixels of a
 * body that intrudes into another layer are of its material. A layer too thin for the mixture model gets its pixels from the lines.
 * `order` names the layers across the map, `boundaries` are positions in the frame, [j * (order.length - 1) + m].
 */
export function layerRegions(
  s: Segmentation,
  data: LayerData,
  order: readonly string[],
  boundaries: Float64Array,
  sigma: number,
  intrusions: readonly Pick<Intrusion, 'material' | 'members'>[],
): LayerRegions {
  const names = [
    ...s.regions.map((r) => r.name),
    ...order.filter((n) => !s.regions.some((r) => r.name === n)),
  ];
  const index = order.map((n) => names.indexOf(n));
  const m = order.length - 1;
  const reach = 1 + 2.5 * sigma;
  const labels = s.labels.slice();
  const probability = s.probability.slice();
  const { cosine } = lineNormals(boundaries, m, data.frame);
  for (let j = 0; j < data.frame.along; j++) {
    for (let k = data.cell[j]; k < data.cell[j + 1]; k++) {
      const i = data.pixel[k];
      if (labels[i] === notMeasured) continue;
      let layer = 0;
      let nearest = Infinity;
      for (let b = 0; b < m; b++) {
        const d = cosine[j * m + b] * (data.across[k] - lineAt(boundaries, m, b, j, data.next[k]));
        if (d > 0) layer = b + 1;
        nearest = Math.min(nearest, Math.abs(d));
      }
      const unseen = index[layer] >= s.regions.length;
      if (nearest > reach && !unseen) continue;
      labels[i] = index[layer];
      probability[i] = normalCdf(nearest / Math.hypot(sigma, 0.29));
    }
  }
  for (const { material, members } of intrusions)
    if (material !== null) for (const i of members) labels[i] = names.indexOf(material);
  const pixels = new Array<number>(names.length).fill(0);
  for (const l of labels) if (l !== notMeasured) pixels[l]++;
  const area = s.grid.pixel_um.x * s.grid.pixel_um.y;
  return {
    regions: names.map((name, k) => ({ name, pixels: pixels[k], area_um2: pixels[k] * area })),
    labels,
    probability,
  };
}
