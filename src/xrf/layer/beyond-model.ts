import { notMeasured, type Segmentation } from '../regions/segment.js';
import { eachNeighbour } from './intrusions.js';
import { type LayerData, lineAt } from './layer-data.js';
import type { LayerModel } from './layer-models.js';
import { lineNormals } from './line-normals.js';

/**
 * Why lines do not describe these layers, or null. Lines must be single-valued along the layer: where a layer folds back,
 * closes upon itself or sends out arms, many pixels that surely belong to one region lie on the wrong side of a line;
 * and where a line runs nearly across, its position is not determined by what lies along it.
 */
export function beyondModel(data: LayerData, s: Segmentation, model: LayerModel): string | null {
  const { order, fit } = model;
  const m = order.length - 1;
  const normals = lineNormals(fit.boundaries, m, data.frame);
  const steep = steepShare(data, model, normals.cosine);
  if (steep > 0.1)
    return `A boundary of the layer runs more than 63 degrees off the direction along it over ${(100 * steep).toFixed(0)} % of its points: layers that turn so far are not described by lines, and their thickness is not told.`;
  const astray = strayPixels(data, s, model, normals.cosine);
  if (astray.stray > 12 && astray.stray > 0.15 * astray.layer)
    return `${astray.stray} pixels of one region lie beyond the lines of another (the layer itself has ${astray.layer}): the layers fold or branch, which lines do not describe, and the thickness is not told.`;
  return null;
}

function steepShare(data: LayerData, { order, fit }: LayerModel, cosine: Float64Array): number {
  const m = order.length - 1;
  let steep = 0;
  let seen = 0;
  for (let j = 0; j < data.frame.along; j++) {
    for (let b = 0; b < m; b++) {
      if (![order[b], order[b + 1]].includes('aei')) continue;
      if (!data.frame.holds(j, fit.boundaries[j * m + b])) continue;
      seen++;
      if (cosine[j * m + b] < 0.447) steep++;
    }
  }
  return seen > 0 ? steep / seen : 0;
}

/** Pixels that are surely of a region whose layer they are not in, away from all lines and listed bodies; and the AEI's pixels. */
function strayPixels(
  data: LayerData,
  s: Segmentation,
  { order, fit, intrusions }: LayerModel,
  cosine: Float64Array,
): { stray: number; layer: number } {
  const { ny, nx } = s.grid;
  const m = order.length - 1;
  const excused = new Uint8Array(ny * nx);
  for (const { members } of intrusions)
    for (const i of members)
      eachNeighbour(i, ny, nx, (k) => eachNeighbour(k, ny, nx, (n) => (excused[n] = 1)));
  const reach = 1.5 + 2.5 * fit.sigma;
  const shown = order.map((name) => s.regions.some((r) => r.name === name));
  let stray = 0;
  let layer = 0;
  for (let j = 0; j < data.frame.along; j++) {
    for (let k = data.cell[j]; k < data.cell[j + 1]; k++) {
      const i = data.pixel[k];
      if (s.labels[i] === notMeasured) continue;
      let home = 0;
      let nearest = Infinity;
      for (let b = 0; b < m; b++) {
        const d = cosine[j * m + b] * (data.across[k] - lineAt(fit.boundaries, m, b, j, data.next[k]));
        if (d > 0) home = b + 1;
        nearest = Math.min(nearest, Math.abs(d));
      }
      if (order[home] === 'aei') layer++;
      const name = s.regions[s.labels[i]].name;
      if (!shown[home] || nearest < reach || excused[i] || s.probability[i] < 0.95) continue;
      if (order.includes(name) && name !== order[home]) stray++;
    }
  }
  return { stray, layer };
}
