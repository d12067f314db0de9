import type { SpectrumMap } from '../../measurement.js';
import { channelOf, type Detector, detectorDefaults, fwhm_eV } from './detector.js';
import { identifyElements } from './identify.js';
import { type GroupRequest, type LineGroup, lineGroup } from './line-groups.js';
import { axisFromScatter, findCalibration, refineDetector, sumFit } from './spectrum-calibration.js';
import type { ColumnOptions } from './spectrum-columns.js';
import type { FitterSetup } from './spectrum-fit.js';
import { channelsToSum } from './summed-channels.js';

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
  pixels: FitterSetup;
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
      const j = columnOf(fit.setup, group);
      return { group, counts: fit.c[j], sigma: fit.sigma[j] };
    }),
    reducedChi2: fit.chi2 / Math.max(1, fit.curve.length - fit.c.length),
    pixels: { ...fit.setup, summed: channelsToSum(fit.setup, fit.c, detector, columns) },
    identified: o.elements === null,
  };
}

/** Place of a group of lines among the components. */
export const columnOf = ({ columns }: FitterSetup, group: LineGroup): number =>
  columns.findIndex((c) => c.kind === 'element' && c.name === group.name);

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
