import type { LayerData, LayerState } from './layer-data.js';
import { lineAt } from './layer-data.js';
import type { LineNormals } from './line-normals.js';
import { pixelStep } from './pixel-step.js';

/** Log likelihood with its gradient and Fisher information, for boundaries (blocks) and global parameters (border). */
export interface LayerTerms {
  logLikelihood: number;
  /** By boundary, [j * M + m]. */
  gradient: Float64Array;
  /** M x M per point, [(j * M + m) * M + m2]. */
  information: Float64Array;
  /** Between a point (m) and the next one (m2), [(j * M + m) * M + m2]. */
  toNext: Float64Array;
  /** By global parameter: levels (l * E + e), then sigma. */
  globalGradient: Float64Array;
  globalInformation: Float64Array[];
  /** Boundary by global, [(j * M + m) * G + g]. */
  cross: Float64Array;
  /** Pearson chi square and number of values per group and element (`groupsOf`). */
  chi2: Float64Array;
  values: Float64Array;
}

/** Groups of pixels that share a dispersion: each layer away from its boundaries, then the reach of each boundary. */
export const groupsOf = (layers: number): number => 2 * layers - 1;

const floor = 0.01;

/**
 * Poisson terms (divided by the dispersion phi[group * E + e]) of all pixels. A pixel sees the layers with the fractions
 * f_l = rise_l - rise_(l+1), so mean_e = light * sum_l f_l level_le; `normals` say how the pixels lie to the lines.
 * With `spread` (the lines' standard uncertainty, one per boundary) all terms are means over lines that lie so far to either
 * side: levels and blur that are fitted to the most probable lines alone take the noise that these have followed for
 * contrast. Two boundaries move together in even cells and apart in odd ones.
 */
export function layerTerms(
  data: LayerData,
  state: LayerState,
  phi: Float64Array,
  normals: LineNormals,
  spread: Float64Array | null = null,
): LayerTerms {
  const layers = state.levels.length;
  const elements = data.counts.length;
  const m = layers - 1;
  const g = layers * elements + 1;
  const { along } = data.frame;
  const groups = groupsOf(layers) * elements;
  const terms: LayerTerms = {
    logLikelihood: 0,
    gradient: new Float64Array(along * m),
    information: new Float64Array(along * m * m),
    toNext: new Float64Array(along * m * m),
    globalGradient: new Float64Array(g),
    globalInformation: Array.from({ length: g }, () => new Float64Array(g)),
    cross: new Float64Array(along * m * g),
    chi2: new Float64Array(groups),
    values: new Float64Array(groups),
  };
  const shifts = shiftsOf(m, spread);
  const addMixed = mixedPixels(data, state, phi, normals, terms, 1 / shifts[0].length);
  const windows = new Int32Array(2 * m);
  for (let j = 0; j < along; j++) {
    const start = data.cell[j];
    const end = data.cell[j + 1];
    const count = edgeWindows(data, state, normals, spread, j, windows);
    for (let w = 0, k = start; w <= count; w++) {
      const stop = w < count ? windows[2 * w] : end;
      if (stop > k) addPlain(data, state, phi, terms, j, k, stop);
      k = w < count ? windows[2 * w + 1] : end;
    }
    for (let w = 0; w < count; w++)
      for (let k = windows[2 * w]; k < windows[2 * w + 1]; k++)
        for (const shift of shifts[j % 2]) addMixed(j, k, shift);
  }
  return terms;
}

/** Displacements of the boundaries over which pixels of even and of odd cells are averaged. */
function shiftsOf(m: number, spread: Float64Array | null): [Float64Array[], Float64Array[]] {
  if (!spread) return [[new Float64Array(m)], [new Float64Array(m)]];
  const apart = spread.map((v, b) => (b % 2 ? -v : v));
  return [
    [spread, spread.map((v) => -v)],
    [apart, apart.map((v) => -v)],
  ];
}

/** Adds the terms of one pixel within the reach of a boundary. */
function mixedPixels(
  data: LayerData,
  state: LayerState,
  phi: Float64Array,
  normals: LineNormals,
  terms: LayerTerms,
  share: number,
): (j: number, k: number, shift: Float64Array) => void {
  const { levels, boundaries, sigma } = state;
  const layers = levels.length;
  const m = layers - 1;
  const elements = data.counts.length;
  const g = layers * elements + 1;
  const step = new Float64Array(3);
  const rise = new Float64Array(layers + 1);
  rise[0] = 1;
  const slope = new Float64Array(m);
  const spread = new Float64Array(m);
  const byGlobal = new Float64Array(layers + 1);
  const byLine = new Float64Array(m);
  return (j, k, shift) => {
    const next = data.next[k];
    let nearest = 0;
    let least = Infinity;
    for (let b = 0; b < m; b++) {
      const c = normals.cosine[j * m + b];
      const d = c * (data.across[k] - lineAt(boundaries, m, b, j, next) - shift[b]);
      pixelStep(d, sigma, normals.wide[j * m + b], normals.narrow[j * m + b], step);
      rise[b + 1] = step[0];
      slope[b] = c * step[1];
      spread[b] = step[2];
      if (Math.abs(d) < least) {
        least = Math.abs(d);
        nearest = b;
      }
    }
    let dominant = 0;
    for (let l = 0; l < layers; l++) {
      byGlobal[l] = rise[l] - rise[l + 1];
      if (byGlobal[l] > byGlobal[dominant]) dominant = l;
    }
    const home = least < 0.5 + 2.5 * sigma ? layers + nearest : dominant;
    const light = data.light[data.pixel[k]];
    for (let e = 0; e < elements; e++) {
      const n = data.counts[e][data.pixel[k]];
      if (!(n >= 0)) continue;
      let mean = 0;
      for (let l = 0; l < layers; l++) mean += byGlobal[l] * levels[l][e];
      if (mean < floor) mean = floor;
      const group = home * elements + e;
      const weight = share / phi[group];
      terms.logLikelihood += weight * (n * Math.log(mean) - mean * light);
      const residual = n - mean * light;
      const score = (weight * residual) / mean;
      const info = (weight * light) / mean;
      terms.chi2[group] += (share * residual * residual) / (mean * light);
      terms.values[group] += share;
      let bySigma = 0;
      for (let b = 0; b < m; b++) {
        const contrast = levels[b + 1][e] - levels[b][e];
        bySigma += contrast * spread[b];
        byLine[b] = -contrast * slope[b];
      }
      byGlobal[layers] = bySigma;
      for (let p = 0; p <= layers; p++) {
        const dp = byGlobal[p];
        if (dp === 0) continue;
        const pp = p === layers ? g - 1 : p * elements + e;
        terms.globalGradient[pp] += score * dp;
        for (let q = 0; q <= layers; q++)
          terms.globalInformation[pp][q === layers ? g - 1 : q * elements + e] += info * dp * byGlobal[q];
      }
      for (let b = 0; b < m; b++) {
        if (byLine[b] === 0) continue;
        for (let end = 0; end < (next === 0 ? 1 : 2); end++) {
          const part = end === 0 ? 1 - next : next;
          const row = (j + end) * m + b;
          const db = part * byLine[b];
          terms.gradient[row] += score * db;
          for (let c = 0; c < m; c++) {
            terms.information[row * m + c] += info * db * part * byLine[c];
            if (end === 0 && next > 0) terms.toNext[row * m + c] += info * db * next * byLine[c];
          }
          for (let p = 0; p <= layers; p++)
            terms.cross[row * g + (p === layers ? g - 1 : p * elements + e)] += info * db * byGlobal[p];
        }
      }
    }
  };
}

/** First pixel of [from, to) that lies at `position` or beyond. */
function firstAt(across: Float64Array, from: number, to: number, position: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (across[middle] < position) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Stretches of pixels of cell j within reach of a boundary, merged and in order; returns their number. */
function edgeWindows(
  data: LayerData,
  { boundaries, levels, sigma }: LayerState,
  normals: LineNormals,
  spread: Float64Array | null,
  j: number,
  out: Int32Array,
): number {
  const m = levels.length - 1;
  const start = data.cell[j];
  const end = data.cell[j + 1];
  const last = (j + 1) * m < boundaries.length ? j + 1 : j;
  let count = 0;
  let highest = -Infinity;
  for (let b = 0; b < m; b++) {
    const at = j * m + b;
    const reach =
      ((normals.wide[at] + normals.narrow[at]) / 2 + 6 * sigma) / normals.cosine[at] + (spread?.[b] ?? 0);
    const low = Math.min(boundaries[j * m + b], boundaries[last * m + b]);
    // Boundaries that have crossed leave no plain layer between them.
    const from = firstAt(data.across, start, end, Math.min(low, highest) - reach);
    highest = Math.max(boundaries[j * m + b], boundaries[last * m + b], highest);
    const to = firstAt(data.across, start, end, highest + reach);
    let first = from;
    while (count > 0 && first <= out[2 * count - 1]) {
      first = Math.min(first, out[2 * count - 2]);
      count--;
    }
    out[2 * count] = first;
    out[2 * count + 1] = Math.max(to, first);
    count++;
  }
  return count;
}

/** Pixels [from, to) of cell j that see one layer only: sums serve for all of them. */
function addPlain(
  data: LayerData,
  state: LayerState,
  phi: Float64Array,
  terms: LayerTerms,
  j: number,
  from: number,
  to: number,
): void {
  const m = state.levels.length - 1;
  let layer = 0;
  for (let b = 0; b < m; b++) if (data.across[from] > state.boundaries[j * m + b]) layer = b + 1;
  const elements = data.counts.length;
  const { number, light, sum, square } = data.sums;
  for (let e = 0; e < elements; e++) {
    const n = number[e][to] - number[e][from];
    if (n === 0) continue;
    const lit = light[e][to] - light[e][from];
    const total = sum[e][to] - sum[e][from];
    const squares = square[e][to] - square[e][from];
    const mean = Math.max(state.levels[layer][e], floor);
    const at = layer * elements + e;
    const weight = 1 / phi[at];
    terms.logLikelihood += weight * (total * Math.log(mean) - lit * mean);
    terms.globalGradient[at] += weight * (total / mean - lit);
    terms.globalInformation[at][at] += (weight * lit) / mean;
    terms.chi2[at] += squares / mean - 2 * total + lit * mean;
    terms.values[at] += n;
  }
}
