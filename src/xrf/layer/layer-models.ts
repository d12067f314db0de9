import type { Segmentation } from '../regions/segment.js';
import { eachNeighbour, findIntrusions, type Intrusion } from './intrusions.js';
import { type LayerData, withCounts } from './layer-data.js';
import { startBoundaries } from './layer-start.js';
import { groupsOf } from './layer-terms.js';
import { fitSurfaces, type SurfaceFit } from './surfaces.js';
import { thinnestSeen } from './thinnest.js';

/** An order of layers fitted to a map, with the bodies that were left out of it. */
export interface LayerModel {
  order: string[];
  fit: SurfaceFit;
  intrusions: Intrusion[];
}

export interface LayerDecision {
  model: LayerModel;
  present: boolean | null;
  deltaBic: number | null;
  statements: string[];
}

/** Blur (standard deviation, units across) that is assumed: the stated beam, or half a pixel within a factor of a few. */
const blurPrior = (blur_px: number | null): { value: number; sigma: number } =>
  blur_px === null ? { value: 0.5, sigma: 1 } : { value: blur_px, sigma: 0.1 * blur_px + 0.02 };

/** Whether a layer lies between anode and electrolyte: one blurred edge against two. `found` is their order on the map. */
export function decideLayers(
  data: LayerData,
  s: Segmentation,
  found: string[],
  blur_px: number | null,
): LayerDecision {
  const level = (name: string): Float64Array =>
    Float64Array.from(s.images.elements, (symbol, e) =>
      Math.max((s.regions.find((r) => r.name === name)?.mean[symbol].value ?? NaN) / s.images.gain[e], 0.02),
    );
  const plain = found.filter((n) => n !== 'aei');
  const [a, b] = [plain.indexOf('anode'), plain.indexOf('electrolyte')];
  if (a < 0 || b < 0 || Math.abs(a - b) !== 1) {
    return {
      model: fitModel(data, found, found.map(level), blur_px, null),
      present: null,
      deltaBic: null,
      statements: [
        'Whether there is an AEI cannot be told: the map does not hold anode and electrolyte side by side.',
      ],
    };
  }
  const layered = plain.toSpliced(Math.max(a, b), 0, 'aei');
  const without = fitModel(data, plain, plain.map(level), blur_px, null);
  const withAei = found.includes('aei')
    ? fitModel(data, layered, layered.map(level), blur_px, null)
    : unseenLayer(data, layered, level, without, blur_px);
  const deltaBic = compare(data, without, withAei, blur_px);
  const thickness = meanGap(withAei, data.frame.along);
  let present: boolean | null = deltaBic > 10 ? true : deltaBic > 2 ? null : false;
  const statements: string[] = [];
  if (present === true && looksLikeBlur(withAei, thickness)) {
    present = null;
    statements.push(
      'A layer thinner than the beam whose composition is a mixture of anode and electrolyte cannot be told from a blurred edge of another shape.',
    );
  } else if (present === true && seenShare(data, withAei) < 0.1) {
    present = null;
    statements.push(
      'Two edges describe the map better than one, but the second lies outside it: whether there is an AEI cannot be told.',
    );
  } else if (present === true && thickness < 0.25) {
    present = null;
    statements.push(
      'The edge between anode and electrolyte is not that of a straight-sided step seen by the beam, but a layer behind it would be thinner than a quarter of a pixel: whether there is an AEI cannot be told.',
    );
  }
  if (present === false) {
    const seen = thinnestOf(data, without);
    const thinnest = seen === null ? null : seen * data.frame.across_um;
    if (seen === null || seen > 4) present = null;
    statements.push(
      thinnest === null
        ? 'Whether there is an AEI cannot be told: at these counts even one of eight pixels would not stand out.'
        : `No AEI is seen; one of ${thinnest.toPrecision(2)} um or more with a quarter of the anode's indium would have been${present === null ? ', which is too coarse to rule one out' : ''}.`,
    );
  }
  return { model: present === true ? withAei : without, present, deltaBic, statements };
}

/** The thinnest layer that would have been seen at the single edge of this model. */
function thinnestOf(data: LayerData, { fit, order }: LayerModel): number | null {
  const elements = data.counts.length;
  const [a, b] = [order.indexOf('anode'), order.indexOf('electrolyte')];
  const edge = (order.length + Math.min(a, b)) * elements;
  const m = order.length - 1;
  let lines = 0;
  for (let j = 0; j < data.frame.along; j++)
    if (data.frame.holds(j, fit.boundaries[j * m + Math.min(a, b)])) lines++;
  return thinnestSeen({
    anode: fit.levels[a],
    electrolyte: fit.levels[b],
    phi: fit.phi.subarray(edge, edge + elements),
    indium: data.elements.indexOf('In'),
    sigma: fit.sigma,
    lines,
    pixels: data.pixel.length,
  });
}

/**
 * A layer that the regions do not show may be a pixel or a few wide, or too faint for single pixels: it is sought from a
 * thin one of mixed composition at the single edge, and from one of electrolyte with a quarter of the anode's indium.
 */
function unseenLayer(
  data: LayerData,
  layered: string[],
  level: (name: string) => Float64Array,
  without: LayerModel,
  blur_px: number | null,
): LayerModel {
  const [anode, electrolyte] = [level('anode'), level('electrolyte')];
  const mixed = (share: (symbol: string) => number): Float64Array =>
    anode.map((v, e) => electrolyte[e] + share(data.elements[e]) * (v - electrolyte[e]));
  const from = (aei: Float64Array, start: Float64Array | null): LayerModel =>
    fitModel(
      data,
      layered,
      layered.map((n) => (n === 'aei' ? aei : level(n))),
      blur_px,
      start,
    );
  const thin = from(
    mixed(() => 0.5),
    thinStart(without.fit, data.frame.along, layered),
  );
  const faint = from(
    mixed((symbol) => (symbol === 'In' ? 0.25 : 0)),
    null,
  );
  return seenShare(data, faint) > 0.3 && compare(data, thin, faint, blur_px) > 0 ? faint : thin;
}

/** Evidence for one model over another (as a difference of BIC), with the same pixels and the same dispersion per element. */
function compare(data: LayerData, without: LayerModel, withAei: LayerModel, blur_px: number | null): number {
  const elements = data.counts.length;
  const phi = withAei.fit.phi;
  const groups = phi.length / elements;
  const shared = Float64Array.from({ length: elements }, (_, e) => {
    let sum = 0;
    for (let k = 0; k < groups; k++) sum += phi[k * elements + e] / groups;
    return sum;
  });
  const pixels =
    without.intrusions.length > withAei.intrusions.length
      ? data
      : withoutMembers(data, withAei.intrusions, withAei.fit.sigma);
  const evidence = ({ fit, order }: LayerModel): number =>
    fitSurfaces(pixels, fit, {
      blur: blurPrior(blur_px),
      outerIterations: 8,
      phi: Float64Array.from({ length: groupsOf(order.length) * elements }, (_, i) => shared[i % elements]),
    }).evidence;
  return 2 * (evidence(withAei) - evidence(without));
}

/** Share of the points along at which both lines of the AEI lie on the map, in order. */
function seenShare({ frame }: LayerData, { fit, order }: LayerModel): number {
  const m = order.length - 1;
  const at = order.indexOf('aei');
  let seen = 0;
  for (let j = 0; j < frame.along; j++) {
    const [a, b] = [fit.boundaries[j * m + at - 1], fit.boundaries[j * m + at]];
    if (b > a - 1 && frame.holds(j, a) && frame.holds(j, b)) seen++;
  }
  return seen / frame.along;
}

function meanGap({ fit, order }: LayerModel, along: number): number {
  const m = order.length - 1;
  const at = order.indexOf('aei');
  let gap = 0;
  for (let j = 0; j < along; j++)
    gap += (fit.boundaries[j * m + at] - fit.boundaries[j * m + at - 1]) / along;
  return gap;
}

/** Levels of a thin layer within 12 % of a mixture of its neighbours, and thinner than the beam. */
function looksLikeBlur({ fit, order }: LayerModel, thickness: number): boolean {
  if (thickness > Math.max(2.3548 * fit.sigma, 0.5)) return false;
  const at = order.indexOf('aei');
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

function fitModel(
  data: LayerData,
  order: string[],
  levels: Float64Array[],
  blur_px: number | null,
  start: Float64Array | null,
): LayerModel {
  const contrast = levels
    .slice(1)
    .map((l, k) => l.reduce((t, v, e) => t + (v - levels[k][e]) ** 2 / (v + levels[k][e]), 0));
  const pool = Math.min(6, Math.ceil(6 / Math.max(Math.min(...contrast), 0.5)));
  const blur = blurPrior(blur_px);
  const settings = { blur, outerIterations: 15, phi: null };
  const boundaries = start ?? startBoundaries(data, levels, pool);
  const anodeFirst = order.indexOf('anode') <= order.indexOf('electrolyte');
  let fit = fitSurfaces(
    data,
    { levels, boundaries, sigma: Math.max(blur.value, 0.3) },
    { ...settings, coarseStart: start === null },
  );
  let intrusions: Intrusion[] = [];
  if (!order.includes('anode')) return { order, fit, intrusions };
  for (let pass = 0; pass < 2; pass++) {
    const next = findIntrusions(data, fit, order, anodeFirst, fit.phi);
    if (next.length === 0 && intrusions.length === 0) break;
    intrusions = next;
    fit = fitSurfaces(withoutMembers(data, intrusions, fit.sigma), fit, settings);
  }
  return { order, fit, intrusions };
}

/** Leaves out the pixels of intrusions with a margin as wide as the beam mixes them, and their roots. */
function withoutMembers(data: LayerData, intrusions: readonly Intrusion[], sigma: number): LayerData {
  if (intrusions.length === 0) return data;
  const counts = data.counts.map((c) => c.slice());
  const { ny, nx } = data.frame.grid;
  const leaveOut = (i: number): void => {
    for (const c of counts) c[i] = NaN;
  };
  for (const { members, root } of intrusions) {
    for (const i of members)
      if (sigma < 0.4) eachNeighbour(i, ny, nx, leaveOut);
      else eachNeighbour(i, ny, nx, (k) => eachNeighbour(k, ny, nx, leaveOut));
    for (const i of root) eachNeighbour(i, ny, nx, leaveOut);
  }
  return withCounts(data, counts);
}

/** A layer two units thick about the single edge of the simpler model. */
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
