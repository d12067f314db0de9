import { blurredStep } from '../image/blurred-step.js';
import type { CountImages } from '../image/noise.js';

/** A map turned so that s counts pixels across the layers and j pixels along them. */
export interface LayerData {
  across: number;
  along: number;
  elements: string[];
  /** counts[e][j * across + s]; NaN where not measured or left out. */
  counts: Float64Array[];
  /** Running sums along each line, made by `withSums`. */
  sums: RunningSums;
}

/** For each element and line: number, sum and sum of squares of the values before pixel s, [j * (across + 1) + s]. */
interface RunningSums {
  number: Float64Array[];
  sum: Float64Array[];
  square: Float64Array[];
}

export function layerData(
  across: number,
  along: number,
  elements: string[],
  counts: Float64Array[],
): LayerData {
  const make = (of: (v: number) => number): Float64Array[] =>
    counts.map((c) => {
      const out = new Float64Array(along * (across + 1));
      for (let j = 0; j < along; j++) {
        const at = j * (across + 1);
        for (let s = 0; s < across; s++) {
          const v = c[j * across + s];
          out[at + s + 1] = out[at + s] + (v >= 0 ? of(v) : 0);
        }
      }
      return out;
    });
  return {
    across,
    along,
    elements,
    counts,
    sums: { number: make(() => 1), sum: make((v) => v), square: make((v) => v * v) },
  };
}

export function turned(images: CountImages, axis: 'x' | 'y', keep: Uint8Array | null): LayerData {
  const { ny, nx } = images;
  const across = axis === 'x' ? nx : ny;
  const along = axis === 'x' ? ny : nx;
  const counts = images.counts.map((image) => {
    const out = new Float64Array(across * along);
    for (let j = 0; j < along; j++) {
      for (let s = 0; s < across; s++) {
        const i = axis === 'x' ? j * nx + s : s * nx + j;
        out[j * across + s] = keep && !keep[i] ? NaN : image[i];
      }
    }
    return out;
  });
  return layerData(across, along, images.elements, counts);
}

/** State of the layered model: levels[l][e], boundaries b[j * M + m] in pixels, Gaussian blur sigma in pixels. */
export interface LayerState {
  levels: Float64Array[];
  boundaries: Float64Array;
  sigma: number;
}

/** Log likelihood with its gradient and Fisher information, for boundaries (blocks) and global parameters (border). */
export interface LayerTerms {
  logLikelihood: number;
  /** By boundary, [j * M + m]. */
  gradient: Float64Array;
  /** M x M per line, [(j * M + m) * M + m2]. */
  information: Float64Array;
  /** By global parameter: levels (l * E + e), then sigma. */
  globalGradient: Float64Array;
  globalInformation: Float64Array[];
  /** Boundary by global, [(j * M + m) * G + g]. */
  cross: Float64Array;
  /** Pearson chi square and number of values per layer and element, by the layer that dominates a pixel. */
  chi2: Float64Array;
  values: Float64Array;
}

const floor = 0.01;

/**
 * Poisson terms (divided by the dispersion phi[l * E + e] of the dominant layer) of all pixels. A pixel sees the layers
 * with the fractions f_l = rise_l - rise_(l+1), so mean_e = sum_l f_l level_le.
 */
export function layerTerms(data: LayerData, state: LayerState, phi: Float64Array): LayerTerms {
  const layers = state.levels.length;
  const elements = data.counts.length;
  const m = layers - 1;
  const g = layers * elements + 1;
  const { along, across } = data;
  const terms: LayerTerms = {
    logLikelihood: 0,
    gradient: new Float64Array(along * m),
    information: new Float64Array(along * m * m),
    globalGradient: new Float64Array(g),
    globalInformation: Array.from({ length: g }, () => new Float64Array(g)),
    cross: new Float64Array(along * m * g),
    chi2: new Float64Array(layers * elements),
    values: new Float64Array(layers * elements),
  };
  const step = new Float64Array(3);
  const rise = new Float64Array(layers + 1);
  const slope = new Float64Array(m);
  const spread = new Float64Array(m);
  const fraction = new Float64Array(layers);
  const dGlobal = new Float64Array(layers + 1);
  const windows = new Int32Array(2 * m);
  for (let j = 0; j < along; j++) {
    const count = edgeWindows(state, j, m, across, windows);
    for (let w = 0, s = 0; w <= count; w++) {
      const stop = w < count ? windows[2 * w] : across;
      if (stop > s) addPlain(data, state, phi, terms, j, s, stop, m);
      s = w < count ? windows[2 * w + 1] : across;
    }
    for (let w = 0; w < count; w++)
      for (let s = windows[2 * w]; s < windows[2 * w + 1]; s++) {
        rise[0] = 1;
        rise[layers] = 0;
        let mixed = false;
        for (let b = 0; b < m; b++) {
          blurredStep(s - state.boundaries[j * m + b], state.sigma, step);
          rise[b + 1] = step[0];
          slope[b] = step[1];
          spread[b] = step[2];
          if (step[1] > 1e-9) mixed = true;
        }
        let dominant = 0;
        for (let l = 0; l < layers; l++) {
          fraction[l] = rise[l] - rise[l + 1];
          if (fraction[l] > fraction[dominant]) dominant = l;
        }
        for (let e = 0; e < elements; e++) {
          const n = data.counts[e][j * across + s];
          if (!(n >= 0)) continue;
          let mean = 0;
          for (let l = 0; l < layers; l++) mean += fraction[l] * state.levels[l][e];
          if (mean < floor) mean = floor;
          const at = dominant * elements + e;
          const weight = 1 / phi[at];
          terms.logLikelihood += weight * (n * Math.log(mean) - mean);
          const residual = n - mean;
          const score = (weight * residual) / mean;
          const info = weight / mean;
          terms.chi2[at] += (residual * residual) / mean;
          terms.values[at]++;
          if (!mixed) {
            const p = dominant * elements + e;
            terms.globalGradient[p] += score;
            terms.globalInformation[p][p] += info;
            continue;
          }
          let dSigma = 0;
          for (let b = 0; b < m; b++) dSigma += (state.levels[b + 1][e] - state.levels[b][e]) * spread[b];
          for (let l = 0; l < layers; l++) dGlobal[l] = fraction[l];
          dGlobal[layers] = dSigma;
          for (let p = 0; p <= layers; p++) {
            const dp = dGlobal[p];
            if (dp === 0) continue;
            const pp = p === layers ? g - 1 : p * elements + e;
            terms.globalGradient[pp] += score * dp;
            for (let q = 0; q <= layers; q++) {
              const qq = q === layers ? g - 1 : q * elements + e;
              terms.globalInformation[pp][qq] += info * dp * dGlobal[q];
            }
          }
          for (let b = 0; b < m; b++) {
            const db = -(state.levels[b + 1][e] - state.levels[b][e]) * slope[b];
            if (db === 0) continue;
            const row = j * m + b;
            terms.gradient[row] += score * db;
            for (let c = 0; c < m; c++) {
              terms.information[row * m + c] +=
                info * db * -(state.levels[c + 1][e] - state.levels[c][e]) * slope[c];
            }
            for (let p = 0; p <= layers; p++) {
              const pp = p === layers ? g - 1 : p * elements + e;
              terms.cross[row * g + pp] += info * db * dGlobal[p];
            }
          }
        }
      }
  }
  return terms;
}

/** Stretches [from, to) of a line within reach of a boundary, merged and in order; returns their number. */
function edgeWindows(state: LayerState, j: number, m: number, across: number, out: Int32Array): number {
  const reach = 0.5 + 6 * state.sigma;
  let count = 0;
  let highest = -Infinity;
  for (let b = 0; b < m; b++) {
    const at = state.boundaries[j * m + b];
    // Boundaries that have crossed leave no plain layer between them.
    const low = Math.min(at, highest);
    highest = Math.max(at, highest);
    const from = Math.min(Math.max(Math.ceil((b === 0 ? at : low === at ? low : at) - reach), 0), across);
    const to = Math.min(Math.max(Math.floor(highest + reach) + 1, 0), across);
    let start = from;
    while (count > 0 && start <= out[2 * count - 1]) {
      start = Math.min(start, out[2 * count - 2]);
      count--;
    }
    out[2 * count] = start;
    out[2 * count + 1] = Math.max(to, start);
    count++;
  }
  return count;
}

/** Pixels [from, to) of a line that see one layer only: sums serve for all of them. */
function addPlain(
  data: LayerData,
  state: LayerState,
  phi: Float64Array,
  terms: LayerTerms,
  j: number,
  from: number,
  to: number,
  m: number,
): void {
  let layer = 0;
  for (let b = 0; b < m; b++) if (from > state.boundaries[j * m + b]) layer = b + 1;
  const row = j * (data.across + 1);
  const elements = data.counts.length;
  for (let e = 0; e < elements; e++) {
    const { number, sum, square } = data.sums;
    const n = number[e][row + to] - number[e][row + from];
    if (n === 0) continue;
    const total = sum[e][row + to] - sum[e][row + from];
    const squares = square[e][row + to] - square[e][row + from];
    const mean = Math.max(state.levels[layer][e], floor);
    const at = layer * elements + e;
    const weight = 1 / phi[at];
    terms.logLikelihood += weight * (total * Math.log(mean) - n * mean);
    terms.globalGradient[at] += weight * (total / mean - n);
    terms.globalInformation[at][at] += (weight * n) / mean;
    terms.chi2[at] += squares / mean - 2 * total + n * mean;
    terms.values[at] += n;
  }
}
