import type { ElementImage, ElementMap } from '../../measurement.js';

/**
 * Element maps come as counts, as counts per second or as fitted areas. Everything that follows works on effective
 * counts n = value / gain, whose variance is n (times a dispersion that is estimated per region).
 */
export interface CountImages {
  ny: number;
  nx: number;
  elements: string[];
  /** Effective counts per element, row-major; NaN where not measured. */
  counts: Float64Array[];
  /** Value of one effective count, per element. */
  gain: number[];
  /** How each gain was found. */
  source: ('integer counts' | 'given sigma' | 'quantum of the values' | 'local scatter')[];
}

export function effectiveCounts(map: ElementMap): CountImages {
  const { ny, nx } = map.grid;
  const found = map.images.map((image) => gainOf(image, nx));
  return {
    ny,
    nx,
    elements: map.images.map((image) => image.element),
    counts: map.images.map((image, e) =>
      image.values.map((v) => (Number.isFinite(v) ? Math.max(v, 0) / found[e].gain : NaN)),
    ),
    gain: found.map((f) => f.gain),
    source: found.map((f) => f.source),
  };
}

/** No detector counts as many in one pixel: whole numbers beyond are rates, areas or amounts. */
const mostCounts = 1e9;

function gainOf(image: ElementImage, nx: number): { gain: number; source: CountImages['source'][number] } {
  const { values, sigma } = image;
  if (values.every((v) => !Number.isFinite(v) || (Number.isInteger(v) && v < mostCounts)))
    return { gain: 1, source: 'integer counts' };
  if (sigma) {
    const ratios: number[] = [];
    for (let i = 0; i < values.length; i++) {
      if (values[i] > 0 && sigma[i] > 0) ratios.push((sigma[i] * sigma[i]) / values[i]);
    }
    if (ratios.length > 0) return { gain: median(ratios), source: 'given sigma' };
  }
  const quantum = quantumOf(values);
  if (quantum !== null) return { gain: quantum, source: 'quantum of the values' };
  return { gain: scatterGain(values, nx), source: 'local scatter' };
}

/** Rates made by dividing counts by one dwell time are multiples of a quantum: the smallest positive value and gap. */
function quantumOf(values: Float64Array): number | null {
  const sample = [...new Set(Array.from(values).filter((v) => Number.isFinite(v) && v > 0))].sort(
    (a, b) => a - b,
  );
  if (sample.length < 2 || sample.length > 5000) return null;
  let quantum = sample[0];
  for (let i = 1; i < sample.length; i++) {
    const gap = sample[i] - sample[i - 1];
    if (gap > 1e-6 * sample[i] && gap < quantum) quantum = gap;
  }
  const largest = sample[sample.length - 1] / quantum;
  if (largest > 1e5) return null;
  const off = sample.filter((v) => Math.abs(v / quantum - Math.round(v / quantum)) > 0.02);
  return off.length === 0 ? quantum : null;
}

/**
 * Gain from second differences along the rows: var(v[i-1] - 2 v[i] + v[i+1]) = 6 (gain mean + r^2 mean^2), taken
 * robustly in bins of the local mean; r is real small-scale structure, the lower envelope is counting.
 */
function scatterGain(values: Float64Array, nx: number): number {
  const pairs: { mean: number; square: number }[] = [];
  const step = Math.max(1, Math.floor(values.length / 200000));
  for (let i = 1; i < values.length - 1; i += step) {
    const column = i % nx;
    if (column === 0 || column === nx - 1) continue;
    const mean = (values[i - 1] + values[i] + values[i + 1]) / 3;
    const d = values[i - 1] - 2 * values[i] + values[i + 1];
    if (Number.isFinite(d) && mean > 0) pairs.push({ mean, square: (d * d) / 6 });
  }
  if (pairs.length < 20) return 1;
  pairs.sort((a, b) => a.mean - b.mean);
  const bins = Math.min(20, Math.floor(pairs.length / 20));
  const gains: number[] = [];
  for (let b = 0; b < bins; b++) {
    const slice = pairs.slice(
      Math.floor((b * pairs.length) / bins),
      Math.floor(((b + 1) * pairs.length) / bins),
    );
    // Median of chi-square with one degree of freedom is 0.4549.
    const variance = median(slice.map((p) => p.square)) / 0.4549;
    const mean = median(slice.map((p) => p.mean));
    if (variance > 0 && mean > 0) gains.push(variance / mean);
  }
  if (gains.length === 0) return 1;
  gains.sort((a, b) => a - b);
  return gains[Math.floor(gains.length / 4)];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  if (sorted.length === 0) return NaN;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
