import type { LayerData } from './layer-data.js';

/**
 * First positions of the boundaries: for each line across the layers the most likely division into the given levels
 * (dynamic programming on log likelihoods pooled over neighbouring lines). Returns b[j * M + m] in pixels, at the
 * borders between pixels, in units across the frame. Where a boundary leaves the map it takes its nearest position on it.
 */
export function startBoundaries(
  data: LayerData,
  levels: readonly Float64Array[],
  pool: number,
): Float64Array {
  const { along, t } = data.frame;
  const layers = levels.length;
  const m = layers - 1;
  const lowest = t.reduce((low, v) => Math.min(low, v), Infinity);
  const bins = Math.round(t.reduce((high, v) => Math.max(high, v), -Infinity) - lowest) + 1;
  const cost = costs(data, levels, lowest, bins);
  const out = new Float64Array(along * m);
  const certain = Array.from({ length: m }, () => new Array<boolean>(along).fill(false));
  const sum = new Float64Array(bins * layers);
  for (let j = 0; j < along; j++) {
    sum.fill(0);
    for (let k = Math.max(0, j - pool); k <= Math.min(along - 1, j + pool); k++)
      for (let i = 0; i < sum.length; i++) sum[i] += cost[k * sum.length + i];
    const positions = divide(sum, bins, layers);
    positions.forEach((position, b) => {
      out[j * m + b] = position + lowest;
      certain[b][j] = stands(sum, layers, positions, b);
    });
  }
  for (let b = 0; b < m; b++) {
    for (let j = 0; j < along; j++) {
      const near = certain[b][j] ? -1 : nearestOf(certain[b], j);
      if (near >= 0) out[j * m + b] = out[near * m + b];
    }
  }
  return out;
}

/** Log likelihood of each layer for the pixels at each point along and place across, [(j * bins + bin) * layers + l]. */
function costs(data: LayerData, levels: readonly Float64Array[], lowest: number, bins: number): Float64Array {
  const { along, s, t } = data.frame;
  const layers = levels.length;
  const cost = new Float64Array(along * bins * layers);
  for (let e = 0; e < data.counts.length; e++) {
    const logs = levels.map((l) => Math.log(Math.max(l[e], 0.01)));
    const top = Math.max(...levels.map((l) => l[e]));
    for (let i = 0; i < s.length; i++) {
      const n = data.counts[e][i];
      if (!(n >= 0)) continue;
      // A hot pixel must not outvote its line.
      const light = data.light[i];
      const held = Math.min(n, light * top + 5 * Math.sqrt(light * top) + 3);
      const at = (Math.min(Math.round(s[i]), along - 1) * bins + Math.round(t[i] - lowest)) * layers;
      for (let l = 0; l < layers; l++) cost[at + l] += held * logs[l] - light * levels[l][e];
    }
  }
  return cost;
}

/**
 * Whether the pixels next to a boundary speak for it on both sides: where a boundary lies outside the map, the most likely
 * division still puts it somewhere.
 */
function stands(cost: Float64Array, layers: number, positions: Float64Array, b: number): boolean {
  const bins = cost.length / layers;
  const side = (from: number, to: number, own: number, other: number): number => {
    let gain = 0;
    for (let i = Math.max(0, from); i < Math.min(bins, to); i++)
      gain += cost[i * layers + own] - cost[i * layers + other];
    return gain;
  };
  const at = positions[b] + 0.5;
  const before = Math.max(at - 8, b > 0 ? positions[b - 1] + 0.5 : 0);
  const after = Math.min(at + 8, b + 1 < positions.length ? positions[b + 1] + 0.5 : bins);
  return side(before, at, b, b + 1) > 5 && side(at, after, b + 1, b) > 5;
}

function nearestOf(certain: readonly boolean[], j: number): number {
  for (let d = 1; d < certain.length; d++) {
    if (certain[j - d]) return j - d;
    if (certain[j + d]) return j + d;
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
  return out.map((position, b) => midGap(cost, across, layers, position, b));
}

/** Where nothing was measured on either side of a boundary it may lie anywhere in the gap, and starts in the middle. */
function midGap(cost: Float64Array, bins: number, layers: number, position: number, b: number): number {
  const empty = (bin: number): boolean =>
    bin >= 0 && bin < bins && cost[bin * layers + b] === 0 && cost[bin * layers + b + 1] === 0;
  let first = position + 0.5;
  let last = first;
  while (empty(first - 1)) first--;
  while (empty(last)) last++;
  return first > 0 && last < bins ? (first + last) / 2 - 0.5 : position;
}
