import { seededRandom } from '../image/random.js';
import { notMeasured, type Segmentation } from '../regions/segment.js';
import { beyondModel } from './beyond-model.js';
import { type BoundaryLine, boundaryLine } from './boundary-line.js';
import type { LayerFrame } from './frame.js';
import type { Intrusion } from './intrusions.js';
import { type LayerData, layerData } from './layer-data.js';
import { frameOf } from './layer-direction.js';
import { type LayerRegions, layerRegions } from './layer-labels.js';
import { decideLayers, type LayerDecision } from './layer-models.js';
import { rmsOf } from './line-prior.js';
import { type ThicknessResult, thicknessOf } from './thickness-result.js';

export interface LayerMeasurement {
  axis: 'x' | 'y';
  /** Direction across the layers, from x towards y. */
  angle_deg: number;
  boundaries: BoundaryLine[];
  aeiPresent: boolean | null;
  deltaBic: number | null;
  thickness_um: ThicknessResult | null;
  /** Full width at half maximum of the Gaussian beam as found from the edges. */
  blurFwhm_um: { value: number; sigma: number };
  intrusions: (Pick<Intrusion, 'inside' | 'pixels' | 'gain'> & {
    material: string;
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

const known = ['anode', 'aei', 'electrolyte', 'cathode'];

/**
 * The interphase as a surface: boundary lines with the beam's blur taken out, whether there is a layer between anode
 * and electrolyte at all (two blurred edges against one, by evidence), and its thickness along the local normals. The
 * layers may run in any direction over the map.
 * Returns null when the map holds no two regions that form layers.
 */
export function measureLayer(
  segmentation: Segmentation,
  options: LayerOptions = {},
): LayerMeasurement | null {
  const frame = frameOf(segmentation);
  const found = layersOf(segmentation, frame);
  if (found.length < 2) return null;
  const data = layerData(
    frame,
    segmentation.images.elements,
    keptCounts(segmentation),
    segmentation.illumination,
  );
  const blur_px = options.beam_um ? options.beam_um / 2.3548 / frame.across_um : null;
  return describe(segmentation, data, decideLayers(data, segmentation, found, blur_px), options);
}

/** Named regions that are large enough to be layers, in the order in which they lie across the map. */
function layersOf(s: Segmentation, frame: LayerFrame): string[] {
  const short = Math.min(s.grid.ny, s.grid.nx);
  const along = Math.min(frame.along, short);
  const place = new Map<string, { sum: number; n: number }>();
  for (let i = 0; i < s.labels.length; i++) {
    if (s.labels[i] === notMeasured) continue;
    const name = s.regions[s.labels[i]].name;
    if (!known.includes(name)) continue;
    const p = place.get(name) ?? { sum: 0, n: 0 };
    p.sum += frame.t[i];
    p.n++;
    place.set(name, p);
  }
  return [...place]
    .filter(([, p]) => p.n >= 1.5 * along)
    .sort((a, b) => a[1].sum / a[1].n - b[1].sum / b[1].n)
    .map(([name]) => name);
}

/** Counts without the pixels of unnamed regions and outliers far above or below all levels. */
function keptCounts(s: Segmentation): Float64Array[] {
  const keep = new Uint8Array(s.labels.length).fill(1);
  for (let i = 0; i < keep.length; i++)
    if (s.labels[i] === notMeasured || s.regions[s.labels[i]].name === 'other') keep[i] = 0;
  s.images.counts.forEach((counts, e) => {
    const levels = s.regions
      .map((r) => r.mean[s.images.elements[e]].value / s.images.gain[e])
      .filter(Number.isFinite);
    const light = s.illumination;
    const spread = s.regions.map((r) => scatter(r, s, e));
    const top = Math.max(...levels.map((l, k) => l + 7 * spread[k] + 5));
    const bottom = Math.min(...levels.map((l, k) => l - 7 * spread[k] - 5));
    for (let i = 0; i < keep.length; i++) {
      const even = counts[i] / (light?.[i] ?? 1);
      if (even > top || even < bottom) keep[i] = 0;
    }
  });
  return s.images.counts.map((counts) => counts.map((v, i) => (keep[i] ? v : NaN)));
}

const scatter = (r: Segmentation['regions'][number], s: Segmentation, e: number): number => {
  const mean = r.mean[s.images.elements[e]].value / s.images.gain[e];
  const measured = (r.mean[s.images.elements[e]].sigma / s.images.gain[e]) * Math.sqrt(Math.max(r.pixels, 1));
  // Hot pixels inflate the measured scatter: hold it to twice the counting noise plus 15 %.
  return Math.min(Number.isFinite(measured) ? measured : Infinity, 2 * Math.sqrt(mean + 1) + 0.15 * mean);
};

function describe(
  s: Segmentation,
  data: LayerData,
  decision: LayerDecision,
  options: LayerOptions,
): LayerMeasurement {
  const { order, fit, intrusions } = decision.model;
  const { frame } = data;
  const m = order.length - 1;
  const anodeFirst = known.indexOf(order[0]) <= known.indexOf(order[order.length - 1]);
  const random = seededRandom(options.seed ?? 1);
  const line = (all: Float64Array, b: number): Float64Array =>
    Float64Array.from({ length: frame.along }, (_, j) => all[j * m + b]);
  const draws = Array.from({ length: options.draws ?? 300 }, () => fit.draw(random));
  const boundaries = Array.from({ length: m }, (_, b) =>
    boundaryLine(
      anodeFirst ? `${order[b]}|${order[b + 1]}` : `${order[b + 1]}|${order[b]}`,
      frame,
      line(fit.boundaries, b),
      draws.map((z) => line(z, b)),
    ),
  );
  const statements = [...decision.statements];
  fit.priors.forEach((p, b) => {
    if (rmsOf(p) * frame.across_um > frame.along * frame.along_um)
      statements.push(
        `The boundary ${boundaries[b].name} wanders as much as the map is long; its roughness is not a stationary one.`,
      );
  });
  const aei = decision.present === true ? order.indexOf('aei') : -1;
  const beyond = aei > 0 ? beyondModel(data, s, decision.model) : null;
  if (beyond) statements.push(beyond);
  const pair = (all: Float64Array): [Float64Array, Float64Array] => [line(all, aei - 1), line(all, aei)];
  const thickness =
    aei > 0 && !beyond ? thicknessOf(frame, pair(fit.boundaries), draws.map(pair), options.seed ?? 1) : null;
  const width = 2.3548 * frame.across_um;
  const { x, y } = s.grid.pixel_um;
  return {
    axis: frame.axis,
    angle_deg: frame.angle_deg,
    boundaries: anodeFirst ? boundaries : boundaries.reverse(),
    aeiPresent: decision.present,
    deltaBic: decision.deltaBic,
    thickness_um: thickness,
    blurFwhm_um: { value: width * fit.sigma, sigma: width * fit.sigmaError },
    intrusions: intrusions.flatMap(({ material, inside, pixels, gain, column, row, depth }) =>
      material === null
        ? []
        : {
            material,
            inside,
            pixels,
            gain,
            x_um: column * x,
            y_um: row * y,
            area_um2: pixels * x * y,
            depth_um: depth * frame.across_um,
          },
    ),
    regions: layerRegions(s, data, order, fit.boundaries, fit.sigma, intrusions),
    statements,
  };
}
