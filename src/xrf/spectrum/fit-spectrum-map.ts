import type { ElementImage, SpectrumMap } from '../../measurement.js';
import { channelOf, type Detector, detectorDefaults, fwhm_eV } from './detector.js';
import { identifyElements } from './identify.js';
import { type GroupRequest, type LineGroup, lineGroup } from './line-groups.js';
import { axisFromScatter, findCalibration, refineDetector, sumFit } from './spectrum-calibration.js';
import type { ColumnOptions } from './spectrum-columns.js';
import type { SpectrumFitter } from './spectrum-fit.js';

export interface SpectrumFitOptions {
  elements: readonly string[] | null;
  incident_eV: number | null;
  /** Ends of the fitted range; the upper one is just above the incident energy when not given. */
  lowest_eV: number;
  highest_eV: number | null;
  scatterAngle_deg: number;
  escape: boolean;
  pileUp: boolean;
  backgroundPieces: number;
  /** Fit offset, gain and resolution to the sum spectrum; otherwise the given calibration is held. */
  refine: boolean;
  detector: Partial<Detector>;
}

export const spectrumFitDefaults: SpectrumFitOptions = {
  elements: null,
  incident_eV: null,
  lowest_eV: 1000,
  highest_eV: null,
  scatterAngle_deg: 90,
  escape: true,
  pileUp: true,
  backgroundPieces: 4,
  refine: true,
  detector: {},
};

/** How every pixel of a map will be fitted: found once from the sum spectrum. */
export interface SpectrumPlan {
  detector: Detector;
  groups: LineGroup[];
  refused: { element: string; reason: string }[];
  columns: ColumnOptions;
  sum: Float64Array;
  /** Fit of the sum spectrum over the fitted channels. */
  curve: Float64Array;
  areas: { group: LineGroup; counts: number; sigma: number }[];
  reducedChi2: number;
  /** Fitter for pixels: weights from the mean spectrum. */
  fitter: SpectrumFitter;
  identified: boolean;
}

/**
 * Energy axis, lines and fitter from a sum spectrum. Returns a reason instead when the axis is not known and cannot be
 * found.
 */
export function planSpectra(
  sum: Float64Array,
  calibration: SpectrumMap['calibration'],
  options: Partial<SpectrumFitOptions> = {},
): SpectrumPlan | { impossible: string } {
  const o = { ...spectrumFitDefaults, ...options };
  const wide = {
    incident_eV: o.incident_eV,
    lowest_eV: o.lowest_eV,
    highest_eV: Math.min(o.incident_eV ?? 40000, o.highest_eV ?? Infinity),
  };
  const asked = (o.elements ?? []).map((element) => ({ element, group: lineGroup(element, wide) }));
  const known = asked.flatMap(({ group }) => ('refused' in group ? [] : [group]));
  const stated = calibration ?? (o.elements === null ? null : findCalibration(sum, known, o.incident_eV));
  // Too few named lines stand out: the axis then comes from the scatter and from all lines that the spectrum shows.
  const found = stated ?? (o.incident_eV === null ? null : axisFromScatter(sum, o.incident_eV));
  if (!found)
    return {
      impossible:
        'the file holds no energy calibration, and the named elements and the incident energy do not let one be found',
    };
  const axis = stated === null && o.elements !== null ? refinedOnAllLines(sum, found, wide, o) : found;
  let detector: Detector = { ...detectorDefaults, ...axis, ...o.detector };
  const columns = range(sum, detector, o);
  const request = {
    ...wide,
    highest_eV: Math.min(wide.highest_eV, detector.offset_eV + detector.gain_eV * columns.lastChannel),
  };
  const refused = asked.flatMap(({ element }) => {
    const group = lineGroup(element, request);
    return 'refused' in group ? [{ element, reason: group.refused }] : [];
  });
  let groups = asked.flatMap(({ element }) => {
    const group = lineGroup(element, request);
    return 'refused' in group ? [] : [group];
  });
  if (o.elements === null) groups = identifyElements(sum, detector, request, columns);
  if (o.refine && groups.length > 0) detector = refineDetector(sum, groups, detector, columns);
  const fit = sumFit(sum, groups, detector, columns);
  return {
    detector,
    groups,
    refused,
    columns,
    sum,
    curve: fit.curve,
    areas: groups.map((group) => {
      const j = fit.fitter.columns.findIndex((c) => c.kind === 'element' && c.name === group.name);
      return { group, counts: fit.c[j], sigma: fit.sigma[j] };
    }),
    reducedChi2: fit.chi2 / Math.max(1, fit.curve.length - fit.c.length),
    fitter: fit.fitter,
    identified: o.elements === null,
  };
}

/** An axis good to a percent, refined on the lines of whatever elements the spectrum shows. */
function refinedOnAllLines(
  sum: Float64Array,
  axis: { offset_eV: number; gain_eV: number },
  request: GroupRequest,
  o: SpectrumFitOptions,
): Detector {
  const detector: Detector = { ...detectorDefaults, ...axis, ...o.detector };
  const columns = range(sum, detector, o);
  const groups = identifyElements(sum, detector, request, columns);
  return groups.length > 0 ? refineDetector(sum, groups, detector, columns) : detector;
}

function range(sum: Float64Array, detector: Detector, o: SpectrumFitOptions): ColumnOptions {
  let last = sum.length - 1;
  while (last > 0 && sum[last] === 0) last--;
  if (o.incident_eV !== null)
    last = Math.min(
      last,
      Math.ceil(channelOf(detector, o.incident_eV + 1.5 * fwhm_eV(detector, o.incident_eV))),
    );
  if (o.highest_eV !== null) last = Math.min(last, Math.floor(channelOf(detector, o.highest_eV)));
  const firstChannel = Math.max(0, Math.floor(channelOf(detector, o.lowest_eV)));
  return {
    firstChannel,
    lastChannel: Math.max(last, firstChannel + 10),
    incident_eV: o.incident_eV,
    scatterAngle_deg: o.scatterAngle_deg,
    escape: o.escape,
    pileUp: o.pileUp,
    backgroundPieces: o.backgroundPieces,
  };
}

/** Sum over all pixels. */
export function sumSpectrum(counts: ArrayLike<number>, channels: number): Float64Array {
  const sum = new Float64Array(channels);
  for (let at = 0; at < counts.length; at += channels)
    for (let k = 0; k < channels; k++) sum[k] += counts[at + k];
  return sum;
}

/** Element images (counts and standard uncertainties) in the order of `plan.groups`, while they are made. */
export interface PixelFits {
  values: Float64Array[];
  sigma: Float64Array[];
  /** Pixels whose spectrum holds no count in any channel. */
  empty: number[];
}

export const newPixelFits = (plan: SpectrumPlan, pixels: number): PixelFits => ({
  values: plan.groups.map(() => new Float64Array(pixels)),
  sigma: plan.groups.map(() => new Float64Array(pixels)),
  empty: [],
});

/** Fits a block of spectra, whose first is that of pixel `at`. */
export function fitBlock(
  plan: SpectrumPlan,
  counts: ArrayLike<number>,
  channels: number,
  { values, sigma, empty }: PixelFits,
  at = 0,
): void {
  const { fitter } = plan;
  const c = new Float64Array(fitter.count);
  const s = new Float64Array(fitter.count);
  const index = plan.groups.map((g) =>
    fitter.columns.findIndex((column) => column.kind === 'element' && column.name === g.name),
  );
  const pixels = counts.length / channels;
  for (let i = 0; i < pixels; i++) {
    fitter.fit(counts, i * channels + plan.columns.firstChannel, c, s);
    for (let g = 0; g < index.length; g++) {
      values[g][at + i] = c[index[g]];
      sigma[g][at + i] = s[index[g]];
    }
    if (c.every((v) => v === 0) && isEmpty(counts, i * channels, channels)) empty.push(at + i);
  }
}

function isEmpty(counts: ArrayLike<number>, from: number, channels: number): boolean {
  for (let k = from; k < from + channels; k++) if (counts[k] !== 0) return false;
  return true;
}

/** A pixel without a single count was not measured where the others hold this many: chance would leave e^-20 of them empty. */
const COUNTS_OF_A_MEASURED_PIXEL = 20;

export interface PixelCorrections {
  /** Variance of dead-time corrected counts over their number. */
  variance: Float64Array | null;
  /** Relative beam intensity by which the images are divided. */
  i0: Float64Array | null;
}

/**
 * Element images from the fits: errors widened by the dead-time correction, divided by the beam intensity, and NaN where
 * nothing was measured (`unmeasured` pixels in all).
 */
export function elementImages(
  plan: SpectrumPlan,
  { values, sigma, empty }: PixelFits,
  { variance, i0 }: PixelCorrections,
): { images: ElementImage[]; unmeasured: number } {
  const pixels = values[0]?.length ?? 0;
  const counts = plan.sum.reduce((a, b) => a + b, 0);
  const unmeasured = counts > COUNTS_OF_A_MEASURED_PIXEL * (pixels - empty.length) ? empty : [];
  const images = plan.groups.map((group, g): ElementImage => {
    const v = i0 === null ? values[g] : values[g].map((value, i) => value / i0[i]);
    const s = sigma[g].map((value, i) => (value * Math.sqrt(variance?.[i] ?? 1)) / (i0?.[i] ?? 1));
    for (const i of unmeasured) v[i] = s[i] = Number.NaN;
    return { element: group.name, values: v, sigma: s };
  });
  return { images, unmeasured: unmeasured.length };
}

/** Element images of a whole map in memory. */
export function fitSpectrumMap(
  map: Pick<SpectrumMap, 'grid' | 'channels' | 'counts' | 'deadTime' | 'i0'>,
  plan: SpectrumPlan,
): { images: ElementImage[]; unmeasured: number } {
  const fits = newPixelFits(plan, map.grid.ny * map.grid.nx);
  fitBlock(plan, map.counts, map.channels, fits);
  return elementImages(plan, fits, { variance: map.deadTime?.variance ?? null, i0: map.i0 ?? null });
}
