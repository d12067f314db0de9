import type { ElementMap, Grid } from '../../measurement.js';
import { counted } from '../../words.js';
import { type CountImages, effectiveCounts } from '../image/noise.js';
import { removeOutliers } from '../image/outliers.js';
import { illuminationOf } from './illumination.js';
import { type Mixture, type MixtureOptions, mergeClasses, mixtureDefaults, startMixture } from './mixture.js';
import { nameRegions, type RegionName } from './naming.js';

export interface Region {
  name: string;
  area_um2: number;
  pixels: number;
  /** Mean signal per pixel, in the units of the map, with the standard error of the mean. */
  mean: Record<string, { value: number; sigma: number }>;
}

/** Label of a pixel without any measured element. */
export const notMeasured = 255;

export interface Segmentation {
  grid: Grid;
  regions: Region[];
  /** Index into `regions` per pixel, row-major; `notMeasured` where nothing was measured. */
  labels: Uint8Array;
  /** Probability of the label, by the model. */
  probability: Float64Array;
  /** Probability of every region, [pixel * regions.length + region]. */
  probabilities: Float32Array;
  /** The axis across the layers. */
  axis: 'x' | 'y';
  images: CountImages;
  /** Factor of the signal of all elements in each pixel by a smooth change of beam or sample; null where there is none. */
  illumination: Float64Array | null;
  /** Number of classes before classes of one name were joined, and the BIC of each number tried. */
  classes: number;
  bic: { classes: number; bic: number }[];
  statements: string[];
}

export interface SegmentOptions extends Partial<MixtureOptions> {
  /** Number of classes; found by the Bayesian information criterion when not stated. */
  classes?: number | null;
  maxClasses?: number;
}

/**
 * Regions of a cut cell from its element maps. Classes that are no wider than two pixels everywhere are transitions
 * made by the beam, not regions, and are dissolved (a thin layer is left to `measureLayer`, which knows the blur).
 */
export function segmentMap(map: ElementMap, options: SegmentOptions = {}): Segmentation {
  const { images, hot } = withoutHotPixels(effectiveCounts(map));
  const settings: MixtureOptions = { ...mixtureDefaults, ...withoutUndefined(options) };
  const { mixture, bic, illumination } = lightAndClasses(images, options, settings);
  const axis = acrossAxis(images, mixture);
  const names = nameRegions(profiles(images, mixture, axis));
  const segmentation = gather(map, images, mixture, names, axis, bic, illumination);
  if (hot > 0)
    segmentation.statements.push(
      `${counted(hot, 'value')} of single pixels far above all around them ${hot === 1 ? 'is' : 'are'} left out as hot pixels.`,
    );
  return segmentation;
}

/**
 * Classes of the counts as they would be under even light. Where the light changes, the classes that show it may be
 * divided by it, so they are sought again.
 */
function lightAndClasses(
  images: CountImages,
  options: SegmentOptions,
  settings: MixtureOptions,
): ReturnType<typeof chooseClasses> & { illumination: Float64Array | null } {
  const first = chooseClasses(images, options, settings);
  const light = lightOf(images, first.mixture);
  if (!light) return { ...first, illumination: null };
  const even = { ...images, counts: images.counts.map((c) => c.map((v, i) => v / light[i])) };
  const second = chooseClasses(even, options, settings);
  return { ...second, illumination: lightOf(images, second.mixture) ?? light };
}

/** The light by the pixels that have only their own kind around them: those of a transition change by place. */
function lightOf(images: CountImages, m: Mixture): Float64Array | null {
  const labels = hardLabels(m);
  const inside = Int16Array.from(labels, (k, i) => (isCore(labels, i, images) ? k : -1));
  return illuminationOf(images, inside, m.classes);
}

/** Far beyond counting (30 standard deviations above all neighbours) a single pixel is a fault that would make a class of its own. */
function withoutHotPixels(images: CountImages): { images: CountImages; hot: number } {
  let hot = 0;
  const counts = images.counts.map((values) => {
    const cleaned = removeOutliers(values, images.ny, images.nx, 1, 30);
    hot += cleaned.outliers.length;
    return cleaned.values;
  });
  return { images: { ...images, counts }, hot };
}

function withoutUndefined(options: SegmentOptions): Partial<MixtureOptions> {
  return Object.fromEntries(
    Object.entries(options).filter(([, v]) => v !== undefined && v !== null),
  ) as Partial<MixtureOptions>;
}

function chooseClasses(
  images: CountImages,
  options: SegmentOptions,
  settings: MixtureOptions,
): { mixture: Mixture; bic: { classes: number; bic: number }[] } {
  const stated = options.classes ?? null;
  let current = startMixture(images, stated ?? options.maxClasses ?? 6, settings);
  const bic = [{ classes: current.classes, bic: current.bic }];
  if (stated !== null) return { mixture: current, bic };
  let best = current;
  while (current.classes > 1) {
    const [a, b] = closestPair(images, current);
    current = mergeClasses(images, current, a, b, settings);
    bic.push({ classes: current.classes, bic: current.bic });
    if (current.bic < best.bic) best = current;
  }
  return { mixture: dissolveTransitions(images, best, settings), bic: bic.reverse() };
}

/** The pair whose joining costs least: distance of the means in units of their noise, times the smaller size. */
function closestPair(images: CountImages, m: Mixture): [number, number] {
  const size = sizes(m);
  let best: [number, number] = [0, 1];
  let least = Infinity;
  for (let a = 0; a < m.classes; a++) {
    for (let b = a + 1; b < m.classes; b++) {
      let d = 0;
      for (let e = 0; e < images.counts.length; e++) {
        const variance = (m.mean[a][e] * m.dispersion[a][e] + m.mean[b][e] * m.dispersion[b][e]) / 2 + 0.05;
        d += (m.mean[a][e] - m.mean[b][e]) ** 2 / variance;
      }
      const cost = d * ((size[a] * size[b]) / (size[a] + size[b] + 1e-9));
      if (cost < least) {
        least = cost;
        best = [a, b];
      }
    }
  }
  return best;
}

const sizes = (m: Mixture): number[] => {
  const size = new Array<number>(m.classes).fill(0);
  for (let i = 0; i < m.q.length; i++) size[i % m.classes] += m.q[i];
  return size;
};

/** Removes classes without a core: fewer than a seventh of their pixels have only their own kind around them. */
function dissolveTransitions(images: CountImages, mixture: Mixture, settings: MixtureOptions): Mixture {
  let m = mixture;
  while (m.classes > 2) {
    const { core, total } = cores(images, m);
    const thin = total.findIndex((t, k) => core[k] < t / 7);
    if (thin < 0) return m;
    const others = [...total.keys()].filter((k) => k !== thin);
    const distance = (k: number): number =>
      images.counts.reduce((s, _, e) => s + (Math.sqrt(m.mean[k][e]) - Math.sqrt(m.mean[thin][e])) ** 2, 0);
    const into = others.reduce((a, b) => (distance(b) < distance(a) ? b : a));
    m = mergeClasses(images, m, Math.min(into, thin), Math.max(into, thin), settings);
  }
  return m;
}

function cores(images: CountImages, m: Mixture): { core: number[]; total: number[] } {
  const label = hardLabels(m);
  const core = new Array<number>(m.classes).fill(0);
  const total = new Array<number>(m.classes).fill(0);
  label.forEach((k, i) => {
    total[k]++;
    if (isCore(label, i, images)) core[k]++;
  });
  return { core, total };
}

/** Whether all eight neighbours have the label of pixel i. */
function isCore(label: Uint8Array, i: number, { ny, nx }: { ny: number; nx: number }): boolean {
  const c = i % nx;
  const r = (i - c) / nx;
  for (let rr = Math.max(r - 1, 0); rr <= Math.min(r + 1, ny - 1); rr++)
    for (let cc = Math.max(c - 1, 0); cc <= Math.min(c + 1, nx - 1); cc++)
      if (label[rr * nx + cc] !== label[i]) return false;
  return true;
}

function hardLabels(m: Mixture): Uint8Array {
  const n = m.q.length / m.classes;
  const labels = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    let best = 0;
    for (let k = 1; k < m.classes; k++) if (m.q[i * m.classes + k] > m.q[i * m.classes + best]) best = k;
    labels[i] = best;
  }
  return labels;
}

/** Layers lie across the axis along which the classes separate more: share of the coordinate's variance between them. */
function acrossAxis(images: CountImages, m: Mixture): 'x' | 'y' {
  const separation = (coordinate: (i: number) => number): number => {
    const n = images.ny * images.nx;
    const sum = new Array<number>(m.classes).fill(0);
    const weight = sizes(m);
    let mean = 0;
    let square = 0;
    for (let i = 0; i < n; i++) {
      const s = coordinate(i);
      mean += s / n;
      square += (s * s) / n;
      for (let k = 0; k < m.classes; k++) sum[k] += m.q[i * m.classes + k] * s;
    }
    const between =
      sum.reduce((t, s, k) => t + (weight[k] > 0 ? weight[k] * (s / weight[k] - mean) ** 2 : 0), 0) / n;
    return between / Math.max(square - mean * mean, 1e-9);
  };
  const alongX = separation((i) => i % images.nx);
  const alongY = separation((i) => Math.floor(i / images.nx));
  return alongX >= alongY ? 'x' : 'y';
}

function profiles(
  images: CountImages,
  m: Mixture,
  axis: 'x' | 'y',
): { mean: Record<string, number>; pixels: number; across: number }[] {
  const size = sizes(m);
  const across = new Array<number>(m.classes).fill(0);
  for (let i = 0; i < images.ny * images.nx; i++) {
    const s = axis === 'x' ? i % images.nx : Math.floor(i / images.nx);
    for (let k = 0; k < m.classes; k++) across[k] += (m.q[i * m.classes + k] * s) / Math.max(size[k], 1e-9);
  }
  return m.mean.map((mean, k) => ({
    mean: Object.fromEntries(images.elements.map((symbol, e) => [symbol, mean[e]])),
    pixels: size[k],
    across: across[k],
  }));
}

function gather(
  map: ElementMap,
  images: CountImages,
  m: Mixture,
  names: RegionName[],
  axis: 'x' | 'y',
  bic: { classes: number; bic: number }[],
  illumination: Float64Array | null,
): Segmentation {
  const unnamed = names.every((n) => n === 'other');
  const titles = unnamed ? names.map((_, k) => `class ${k + 1}`) : names.map(String);
  const order = ['cathode', 'electrolyte', 'aei', 'anode', 'other'];
  const unique = [...new Set(titles)].sort(
    (a, b) => order.indexOf(a) - order.indexOf(b) || a.localeCompare(b),
  );
  const to = titles.map((t) => unique.indexOf(t));
  const n = images.ny * images.nx;
  const probabilities = new Float32Array(n * unique.length);
  const labels = new Uint8Array(n).fill(notMeasured);
  const probability = new Float64Array(n).fill(NaN);
  const pixels = new Array<number>(unique.length).fill(0);
  const sums = unique.map(() => images.counts.map(() => ({ n: 0, sum: 0, square: 0 })));
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < m.classes; k++) probabilities[i * unique.length + to[k]] += m.q[i * m.classes + k];
    if (!map.images.some(({ values }) => Number.isFinite(values[i]))) continue;
    let best = 0;
    for (let k = 1; k < unique.length; k++) {
      if (probabilities[i * unique.length + k] > probabilities[i * unique.length + best]) best = k;
    }
    labels[i] = best;
    probability[i] = probabilities[i * unique.length + best];
    pixels[best]++;
    for (let e = 0; e < images.counts.length; e++) {
      const v = map.images[e].values[i];
      if (!Number.isFinite(images.counts[e][i])) continue;
      sums[best][e].n++;
      sums[best][e].sum += v;
      sums[best][e].square += v * v;
    }
  }
  const area = map.grid.pixel_um.x * map.grid.pixel_um.y;
  const regions = unique.map((name, k) => ({
    name,
    pixels: pixels[k],
    area_um2: pixels[k] * area,
    mean: Object.fromEntries(
      images.elements.map((symbol, e) => {
        const s = sums[k][e];
        const mean = s.n > 0 ? s.sum / s.n : NaN;
        const variance = s.n > 1 ? Math.max(s.square / s.n - mean * mean, 0) : NaN;
        return [symbol, { value: mean, sigma: Math.sqrt(variance / Math.max(s.n, 1)) }];
      }),
    ),
  }));
  const statements = unnamed ? [unnamedBecause(pixels)] : [];
  if (illumination) {
    const [low, high] = illumination.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, 0]);
    statements.push(
      `The signal of all elements together changes smoothly over the map, from ${low.toFixed(2)} to ${high.toFixed(2)} of its mean (beam or sample): regions and boundaries allow for it.`,
    );
  }
  return {
    grid: map.grid,
    regions,
    labels,
    probability,
    probabilities,
    axis,
    images,
    illumination,
    classes: m.classes,
    bic,
    statements,
  };
}

/** Why no region has a name, by the number of pixels of each. */
function unnamedBecause(pixels: readonly number[]): string {
  if (pixels.every((n) => n === 0)) return 'No pixel of the map was measured.';
  if (pixels.length === 1) return 'The map is the same all over: no regions stand out.';
  return 'The regions could not be named: that needs maps of In and of Y or Cl, with In seen somewhere.';
}
