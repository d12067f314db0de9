import type { LayerData } from './layer-data.js';

/**
 * First positions of the boundaries: for each line across the layers the most likely division into the given levels
 * (dynamic programming on log likelihoods pooled over neighbouring lines). Returns b[j * M + m] in pixels, at the
 * borders between pixels.
 */
export function startBoundaries(
  data: LayerData,
  levels: readonly Float64Array[],
  pool: number,
): Float64Array {
  const { across, along } = data;
  const layers = levels.length;
  const m = layers - 1;
  const cost = new Float64Array(along * across * layers);
  for (let e = 0; e < data.counts.length; e++) {
    const logs = levels.map((l) => Math.log(Math.max(l[e], 0.01)));
    const top = Math.max(...levels.map((l) => l[e]));
    for (let i = 0; i < along * across; i++) {
      const n = data.counts[e][i];
      if (!(n >= 0)) continue;
      // A hot pixel must not outvote its line.
      const held = Math.min(n, top + 5 * Math.sqrt(top) + 3);
      for (let l = 0; l < layers; l++) cost[i * layers + l] += held * logs[l] - levels[l][e];
    }
  }
  const out = new Float64Array(along * m);
  const measured = linesWithData(data, pool);
  for (let j = 0; j < along; j++) {
    if (!measured[j]) continue;
    const sum = new Float64Array(across * layers);
    for (let k = Math.max(0, j - pool); k <= Math.min(along - 1, j + pool); k++) {
      for (let i = 0; i < sum.length; i++) sum[i] += cost[k * across * layers + i];
    }
    out.set(divide(sum, across, layers), j * m);
  }
  for (let j = 0; j < along; j++) {
    const near = measured[j] ? -1 : nearestOf(measured, j);
    if (near >= 0) out.copyWithin(j * m, near * m, (near + 1) * m);
  }
  return out;
}

/** Lines that hold a measured pixel themselves or in their pool; the others say nothing about where a boundary lies. */
function linesWithData({ across, along, counts }: LayerData, pool: number): boolean[] {
  const own = Array.from({ length: along }, (_, j) =>
    counts.some((c) => c.subarray(j * across, (j + 1) * across).some((n) => n >= 0)),
  );
  return own.map((_, j) => own.slice(Math.max(0, j - pool), j + pool + 1).includes(true));
}

function nearestOf(measured: readonly boolean[], j: number): number {
  for (let d = 1; d < measured.length; d++) {
    if (measured[j - d]) return j - d;
    if (measured[j + d]) return j + d;
  }
  return -1;
}

function divide(cost: Float64Array, across: number, layers: number): Float64Array {
  // best[l][s]: highest sum over pixels before s that ends in layer l.
  const best = Array.from({ length: layers }, () => new Float64Array(across + 1).fill(-Infinity));
  const from = Array.from({ length: layers }, () => new Int32Array(across + 1));
  best[0][0] = 0;
  for (let l = 1; l < layers; l++) best[l][0] = 0;
  for (let s = 1; s <= across; s++) {
    for (let l = 0; l < layers; l++) {
      const stay = best[l][s - 1];
      const enter = l > 0 ? best[l - 1][s - 1] : -Infinity;
      best[l][s] = Math.max(stay, enter) + cost[(s - 1) * layers + l];
      from[l][s] = enter > stay ? 1 : 0;
    }
  }
  const out = new Float64Array(layers - 1);
  let l = layers - 1;
  for (let s = across; s > 0 && l > 0; s--) {
    if (from[l][s]) {
      out[l - 1] = s - 1.5;
      l--;
    }
  }
  for (; l > 0; l--) out[l - 1] = -0.5;
  return out;
}
