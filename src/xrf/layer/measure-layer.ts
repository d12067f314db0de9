import { seededRandom } from '../image/random.js';
import { notMeasured, type Segmentation } from '../regions/segment.js';
import { findIntrusions, type Intrusion } from './intrusions.js';
import { type LayerData, layerData, turned } from './layer-data.js';
import { type LayerRegions, layerRegions } from './layer-labels.js';
import { startBoundaries } from './layer-start.js';
import { rmsOf } from './line-prior.js';
import { fitSurfaces, type SurfaceFit } from './surfaces.js';
import { alongNormals, quantileOf, roughness, slopes } from './thickness.js';

export interface BoundaryLine {
  /** The layer nearer the anode first: 'anode|aei'. */
  name: string;
  /** Position across the layer at each point along it, with its standard uncertainty. */
  position_um: Float64Array;
  sigma_um: Float64Array;
  mean_um: number;
  meanSigma_um: number;
  interval95_um: [number, number];
  roughness_um: { value: number; sigma: number };
  correlationLength_um: number | null;
}

export interface ThicknessResult {
  mean: number;
  sigma: number;
  interval95: [number, number];
  median: number;
  p5: number;
  p95: number;
  /** Local thickness along the normals at each point along the layer (posterior mean; NaN near the map's ends). */
  local_um: Float64Array;
  /** What other stretches of such a layer may give beyond the error of this one: block bootstrap along the layer. */
  samplingSigma: number;
}

export interface LayerMeasurement {
  axis: 'x' | 'y';
  /** Positions along the layer of the points of every line. */
  along_um: Float64Array;
  boundaries: BoundaryLine[];
  aeiPresent: boolean | null;
  deltaBic: number | null;
  thickness_um: ThicknessResult | null;
  /** Full width at half maximum of the Gaussian beam as found from the edges. */
  blurFwhm_um: { value: number; sigma: number };
  intrusions: (Omit<Intrusion, 'across' | 'along' | 'members' | 'depth'> & {
    x_um: number;
    y_um: number;
    area_um2: number;
    depth_um: number;
  })[];
  /** Regions with the pixels near boundaries put on their side of the line. */
  regions: LayerRegions;
  statements: string[];
}

export interface LayerOptions {
  /** Beam width (FWHM) if known. */
  beam_um?: number | null;
  draws?: number;
  seed?: number;
}

interface Hypothesis {
  order: string[];
  fit: SurfaceFit;
  intrusions: Intrusion[];
}

const known = ['anode', 'aei', 'electrolyte', 'cathode'];

/**
 * The interphase as a surface: boundary lines with the beam's blur taken out, whether there is a layer between anode
 * and electrolyte at all (two blurred edges against one, by evidence), and its thickness along the local normals.
 * Returns null when the map holds no two regions that form layers.
 */
export function measureLayer(
  segmentation: Segmentation,
  options: LayerOptions = {},
): LayerMeasurement | null {
  const found = layersOf(segmentation);
  if (found.length < 2) return null;
  const step = segmentation.axis === 'x' ? segmentation.grid.pixel_um.x : segmentation.grid.pixel_um.y;
  const data = turned(segmentation.images, segmentation.axis, keepMask(segmentation));
  const decided = decide(data, segmentation, found, options.beam_um ? options.beam_um / 2.3548 / step : null);
  return describe(segmentation, decided, options);
}

/** Named regions that are large enough to be layers, in the order in which they lie across the map. */
function layersOf(s: Segmentation): string[] {
  const { ny, nx } = s.grid;
  const along = s.axis === 'x' ? ny : nx;
  const place = new Map<string, { sum: number; n: number }>();
  for (let i = 0; i < s.labels.length; i++) {
    if (s.labels[i] === notMeasured) continue;
    const name = s.regions[s.labels[i]].name;
    if (!known.includes(name)) continue;
    const p = place.get(name) ?? { sum: 0, n: 0 };
    p.sum += s.axis === 'x' ? i % nx : Math.floor(i / nx);
    p.n++;
    place.set(name, p);
  }
  return [...place]
    .filter(([, p]) => p.n >= 1.5 * along)
    .sort((a, b) => a[1].sum / a[1].n - b[1].sum / b[1].n)
    .map(([name]) => name);
}

/** Pixels of unnamed regions and outliers far above or below all levels stay out of the fit. */
function keepMask(s: Segmentation): Uint8Array {
  const keep = new Uint8Array(s.labels.length).fill(1);
  for (let i = 0; i < keep.length; i++)
    if (s.labels[i] === notMeasured || s.regions[s.labels[i]].name === 'other') keep[i] = 0;
  s.images.counts.forEach((counts, e) => {
    const levels = s.regions
      .map((r) => r.mean[s.images.elements[e]].value / s.images.gain[e])
      .filter(Number.isFinite);
    const spread = s.regions.map((r) => scatter(r, s, e));
    const top = Math.max(...levels.map((l, k) => l + 7 * spread[k] + 5));
    const bottom = Math.min(...levels.map((l, k) => l - 7 * spread[k] - 5));
    for (let i = 0; i < keep.length; i++) if (counts[i] > top || counts[i] < bottom) keep[i] = 0;
  });
  return keep;
}

const scatter = (r: Segmentation['regions'][number], s: Segmentation, e: number): number => {
  const mean = r.mean[s.images.elements[e]].value / s.images.gain[e];
  const measured = (r.mean[s.images.elements[e]].sigma / s.images.gain[e]) * Math.sqrt(Math.max(r.pixels, 1));
  // Hot pixels inflate the measured scatter: hold it to twice the counting noise plus 15 %.
  return Math.min(Number.isFinite(measured) ? measured : Infinity, 2 * Math.sqrt(mean + 1) + 0.15 * mean);
};

interface Decision {
  hypothesis: Hypothesis;
  present: boolean | null;
  deltaBic: number | null;
  statements: string[];
}

function decide(data: LayerData, s: Segmentation, found: string[], blur_px: number | null): Decision {
  const level = (name: string): Float64Array =>
    Float64Array.from(s.images.elements, (symbol, e) =>
      Math.max((s.regions.find((r) => r.name === name)?.mean[symbol].value ?? NaN) / s.images.gain[e], 0.02),
    );
  const a = found.indexOf('anode');
  const b = found.indexOf('electrolyte');
  const plain = found.filter((n) => n !== 'aei');
  const testable = a >= 0 && b >= 0 && Math.abs(plain.indexOf('anode') - plain.indexOf('electrolyte')) === 1;
  if (!testable) {
    const hypothesis = run(data, found, found.map(level), blur_px, null, null);
    return {
      hypothesis,
      present: null,
      deltaBic: null,
      statements: [
        'Whether there is an AEI cannot be told: the map does not hold anode and electrolyte side by side.',
      ],
    };
  }
  const layered = plain.toSpliced(Math.max(plain.indexOf('anode'), plain.indexOf('electrolyte')), 0, 'aei');
  const aei = found.includes('aei')
    ? level('aei')
    : level('anode').map((v, e) => (v + level('electrolyte')[e]) / 2);
  const without = run(data, plain, plain.map(level), blur_px, null, null);
  const start = found.includes('aei') ? null : thinStart(without.fit, data.along, layered);
  const withAei = run(
    data,
    layered,
    layered.map((n) => (n === 'aei' ? aei : level(n))),
    blur_px,
    null,
    start,
  );
  // Both on one footing: the same dispersion per element in all layers, from the freer model, on the same pixels.
  const elements = data.counts.length;
  const shared = Float64Array.from(
    { length: elements },
    (_, e) => layered.reduce((t, _n, l) => t + withAei.fit.phi[l * elements + e], 0) / layered.length,
  );
  const held = (n: number): Float64Array =>
    Float64Array.from({ length: n * elements }, (_, i) => shared[i % elements]);
  const masked =
    without.intrusions.length > withAei.intrusions.length ? data : withoutMembers(data, withAei.intrusions);
  const one = refit(masked, without.fit, blur_px, held(plain.length));
  const two = refit(masked, withAei.fit, blur_px, held(layered.length));
  const deltaBic = 2 * (two.evidence - one.evidence);
  const statements: string[] = [];
  let present: boolean | null = deltaBic > 10 ? true : deltaBic > 2 ? null : false;
  if (present === true && looksLikeBlur(withAei.fit, layered, data.along)) {
    present = null;
    statements.push(
      'A layer thinner than the beam whose composition is a mixture of anode and electrolyte cannot be told from a blurred edge of another shape.',
    );
  }
  return { hypothesis: present === true ? withAei : without, present, deltaBic, statements };
}

/** Levels of a thin layer within 12 % of a mixture of its neighbours, and thinner than the beam. */
function looksLikeBlur(fit: SurfaceFit, order: string[], along: number): boolean {
  const m = order.length - 1;
  const at = order.indexOf('aei');
  let thickness = 0;
  for (let j = 0; j < along; j++)
    thickness += (fit.boundaries[j * m + at] - fit.boundaries[j * m + at - 1]) / along;
  if (thickness > Math.max(2.3548 * fit.sigma, 0.5)) return false;
  const low = fit.levels[at - 1];
  const high = fit.levels[at + 1];
  let num = 0;
  let den = 0;
  low.forEach((l, e) => {
    const scale = 1 / Math.max(l, high[e]);
    num += (fit.levels[at][e] - l) * (high[e] - l) * scale * scale;
    den += (high[e] - l) ** 2 * scale * scale;
  });
  const share = Math.min(Math.max(num / Math.max(den, 1e-9), 0), 1);
  const off = low.map(
    (l, e) => Math.abs(fit.levels[at][e] - l - share * (high[e] - l)) / Math.max(l, high[e]),
  );
  return Math.max(...off) < 0.12;
}

function run(
  data: LayerData,
  order: string[],
  levels: Float64Array[],
  blur_px: number | null,
  phi: Float64Array | null,
  start: Float64Array | null,
): Hypothesis {
  const contrast = levels
    .slice(1)
    .map((l, k) => l.reduce((t, v, e) => t + (v - levels[k][e]) ** 2 / (v + levels[k][e]), 0));
  const pool = Math.min(6, Math.ceil(6 / Math.max(Math.min(...contrast), 0.5)));
  const blur = blur_px === null ? { value: 0.5, sigma: 1 } : { value: blur_px, sigma: 0.1 * blur_px + 0.02 };
  const settings = { blur, outerIterations: 5, phi };
  const boundaries = start ?? startBoundaries(data, levels, pool);
  const anodeFirst = order.indexOf('anode') <= order.indexOf('electrolyte');
  let fit = fitSurfaces(data, { levels, boundaries, sigma: Math.max(blur.value, 0.3) }, settings);
  let intrusions: Intrusion[] = [];
  if (!order.includes('anode')) return { order, fit, intrusions };
  for (let pass = 0; pass < 2; pass++) {
    const next = findIntrusions(data, fit, order, anodeFirst, fit.phi);
    if (next.length === 0 && intrusions.length === 0) break;
    intrusions = next;
    fit = fitSurfaces(withoutMembers(data, intrusions), fit, { ...settings, outerIterations: 3 });
  }
  return { order, fit, intrusions };
}

const refit = (data: LayerData, fit: SurfaceFit, blur_px: number | null, phi: Float64Array): SurfaceFit =>
  fitSurfaces(data, fit, {
    blur: blur_px === null ? { value: 0.5, sigma: 1 } : { value: blur_px, sigma: 0.1 * blur_px + 0.02 },
    outerIterations: 3,
    phi,
  });

/** Leaves out the pixels of intrusions with a margin of one pixel, through which the beam mixes them. */
function withoutMembers(data: LayerData, intrusions: readonly Intrusion[]): LayerData {
  if (intrusions.length === 0) return data;
  const counts = data.counts.map((c) => c.slice());
  for (const { members } of intrusions) {
    for (const i of members) {
      const s = i % data.across;
      const j = (i - s) / data.across;
      for (let dj = -1; dj <= 1; dj++) {
        for (let ds = -1; ds <= 1; ds++) {
          const ss = s + ds;
          const jj = j + dj;
          if (ss < 0 || jj < 0 || ss >= data.across || jj >= data.along) continue;
          for (const c of counts) c[jj * data.across + ss] = NaN;
        }
      }
    }
  }
  return layerData(data.across, data.along, data.elements, counts);
}

/** A layer two pixels thick about the single edge of the simpler model. */
function thinStart(fit: SurfaceFit, along: number, layered: string[]): Float64Array {
  const m = layered.length - 1;
  const at = layered.indexOf('aei');
  const out = new Float64Array(along * m);
  for (let j = 0; j < along; j++) {
    for (let b = 0; b < m; b++) {
      const from = b < at ? b : b - 1;
      out[j * m + b] = fit.boundaries[j * (m - 1) + from] + (b === at - 1 ? -1 : b === at ? 1 : 0);
    }
  }
  return out;
}

function describe(s: Segmentation, d: Decision, options: LayerOptions): LayerMeasurement {
  const { order, fit, intrusions } = d.hypothesis;
  const { x, y } = s.grid.pixel_um;
  const across_um = s.axis === 'x' ? x : y;
  const step_um = s.axis === 'x' ? y : x;
  const m = order.length - 1;
  const along = fit.boundaries.length / m;
  const anodeFirst = known.indexOf(order[0]) <= known.indexOf(order[order.length - 1]);
  const random = seededRandom(options.seed ?? 1);
  const draws = Array.from({ length: options.draws ?? 300 }, () => {
    const z = fit.draw(random);
    return Array.from({ length: m }, (_, b) =>
      Float64Array.from({ length: along }, (_, j) => z[j * m + b] * across_um),
    );
  });
  const lines = Array.from({ length: m }, (_, b) =>
    Float64Array.from({ length: along }, (_, j) => fit.boundaries[j * m + b] * across_um),
  );
  const boundaries = lines.map((position_um, b) => {
    const name = anodeFirst ? `${order[b]}|${order[b + 1]}` : `${order[b + 1]}|${order[b]}`;
    return lineResult(
      name,
      position_um,
      draws.map((z) => z[b]),
      step_um,
    );
  });
  const aei = d.present === true ? order.indexOf('aei') : -1;
  const width = 2.3548 * across_um;
  const statements = [...d.statements];
  fit.priors.forEach((p, b) => {
    if (rmsOf(p) * across_um > along * step_um)
      statements.push(
        `The boundary ${boundaries[b].name} wanders as much as the map is long; its roughness is not a stationary one.`,
      );
  });
  return {
    axis: s.axis,
    along_um: Float64Array.from({ length: along }, (_, j) => j * step_um),
    boundaries: anodeFirst ? boundaries : boundaries.reverse(),
    aeiPresent: d.present,
    deltaBic: d.deltaBic,
    thickness_um:
      aei > 0
        ? thicknessOf(
            lines[aei - 1],
            lines[aei],
            draws.map((z) => [z[aei - 1], z[aei]]),
            step_um,
            options.seed ?? 1,
          )
        : null,
    blurFwhm_um: { value: width * fit.sigma, sigma: width * fit.sigmaError },
    intrusions: intrusions.map(({ across, along: j, members: _, depth, ...rest }) => ({
      ...rest,
      x_um: s.axis === 'x' ? across * x : j * x,
      y_um: s.axis === 'x' ? j * y : across * y,
      area_um2: rest.pixels * x * y,
      depth_um: depth * across_um,
    })),
    regions: layerRegions(s, order, fit.boundaries, fit.sigma),
    statements,
  };
}

function lineResult(
  name: string,
  position_um: Float64Array,
  draws: Float64Array[],
  step_um: number,
): BoundaryLine {
  const sigma_um = position_um.map((p, j) =>
    Math.sqrt(draws.reduce((t, z) => t + (z[j] - p) ** 2, 0) / draws.length),
  );
  const means = draws.map(meanOf).sort((a, b) => a - b);
  const rough = draws.map(roughness);
  const correlation = rough.map((r) => r.correlation).filter((c) => c !== null);
  return {
    name,
    position_um,
    sigma_um,
    mean_um: meanOf(position_um),
    meanSigma_um: deviation(means),
    interval95_um: [quantileOf(means, 0.025), quantileOf(means, 0.975)],
    roughness_um: { value: meanOf(rough.map((r) => r.rms)), sigma: deviation(rough.map((r) => r.rms)) },
    correlationLength_um: correlation.length > rough.length / 2 ? meanOf(correlation) * step_um : null,
  };
}

/**
 * Thickness along the normals of the layer's middle line. Every draw of the posterior has its own lines and normals,
 * so the spread that is reported is the layer's own and not that of the edge positions. The interval holds for the
 * mean over the mapped stretch; how much it changes with the normals of the most probable line, which is smoother
 * than any draw, is added as a uniform systematic uncertainty.
 */
function thicknessOf(
  a: Float64Array,
  b: Float64Array,
  draws: [Float64Array, Float64Array][],
  step_um: number,
  seed: number,
): ThicknessResult {
  const best = throughMiddle(a, b, step_um);
  const stats = draws.map(([one, two]) => {
    const values = throughMiddle(one, two, step_um).filter(Number.isFinite).sort();
    return {
      mean: meanOf(values),
      median: quantileOf(values, 0.5),
      p5: quantileOf(values, 0.05),
      p95: quantileOf(values, 0.95),
    };
  });
  const means = stats.map((t) => t.mean);
  const own = meanOf(means);
  const smooth = meanOf(best.filter(Number.isFinite));
  // Near the ends of the map normals leave it, and it is a matter of taste which of those points count.
  const inner = best.length > 20 ? meanOf(best.slice(3, -3).filter(Number.isFinite)) : smooth;
  const mean = (own + smooth) / 2 + (inner - smooth) / 2;
  const sigma = Math.hypot(
    deviation(means),
    (own - smooth) / Math.sqrt(12),
    (inner - smooth) / Math.sqrt(12),
  );
  return {
    mean,
    sigma,
    interval95: [Math.max(0, mean - 1.96 * sigma), mean + 1.96 * sigma],
    median: meanOf(stats.map((t) => t.median)),
    p5: Math.max(0, meanOf(stats.map((t) => t.p5))),
    p95: meanOf(stats.map((t) => t.p95)),
    local_um: best,
    samplingSigma: blockBootstrap(best.filter(Number.isFinite), seed),
  };
}

/** Length of the layer along the normals of its middle line, at each of its points. */
function throughMiddle(a: Float64Array, b: Float64Array, step_um: number): Float64Array {
  const middle = a.map((v, j) => (v + b[j]) / 2);
  const slope = slopes(middle, step_um, 1);
  const up = new Float64Array(a.length);
  const down = new Float64Array(a.length);
  alongNormals(middle, b, slope, step_um, up);
  alongNormals(middle, a, slope, step_um, down);
  return up.map((v, j) => v - down[j]);
}

/** Standard error of the mean of a correlated series by the moving block bootstrap (Kunsch 1989). */
export function blockBootstrap(values: Float64Array, seed: number, draws = 400): number {
  const n = values.length;
  if (n < 8) return NaN;
  const { correlation } = roughness(values);
  const block = Math.min(Math.max(Math.round(3 * (correlation ?? n / 6)), 1), Math.floor(n / 3));
  const random = seededRandom(seed);
  const means = Array.from({ length: draws }, () => {
    let sum = 0;
    let k = 0;
    while (k < n) {
      const from = Math.floor(random.uniform() * (n - block + 1));
      for (let i = 0; i < block && k < n; i++, k++) sum += values[from + i];
    }
    return sum / n;
  });
  return deviation(means);
}

const meanOf = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
};

const deviation = (values: ArrayLike<number>): number => {
  const mean = meanOf(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] - mean) ** 2;
  return Math.sqrt(sum / Math.max(values.length - 1, 1));
};
