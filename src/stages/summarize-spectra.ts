import * as v from 'valibot';
import { defineStage, type Keyed } from '../pipeline/stage.js';
import type { SpectrumCurves, SpectrumResult } from '../result.js';
import { derivative } from '../xas/curve/grid.js';
import { featureEnergy } from '../xas/edge/edge-features.js';
import { REPEATABILITY } from '../xas/edge/energy-drift.js';
import { shiftStatement } from '../xas/edge/statements.js';
import { need } from './products.js';
import type { CalibratedItem, MixtureItem, NormalizedItem, PeakFitItem } from './spectrum-items.js';

export const summarizeSpectraStage = defineStage({
  name: 'summarize-spectra',
  version: 1,
  summary: 'Joins what was found in each spectrum: energies, edge shift, edge step, peaks, mixture.',
  needs: {
    item: need('calibrated', 'each'),
    all: need('calibrated', 'all'),
    normalized: need('normalized', 'same'),
    peaks: need('peak-fits', 'same'),
    mixture: need('mixture-fits', 'same'),
  },
  gives: 'spectrum-results',
  params: v.strictObject({}),
  run: ({ item, all, normalized, peaks, mixture }) => ({
    result: resultOf(item, all, normalized, peaks, mixture),
    curves: curvesOf(item, normalized, peaks, mixture),
  }),
});

function resultOf(
  item: CalibratedItem,
  all: Keyed<CalibratedItem>[],
  normalized: NormalizedItem | undefined,
  peaks: PeakFitItem | undefined,
  mixture: MixtureItem | undefined,
): SpectrumResult {
  const { entry, spectrum, features, e0, calibratedBy } = item;
  const statements: string[] = [];
  const edgeShift = edgeShiftOf(item, all, statements);
  if (isThickChloride(item) && !normalized?.spectrum.profile.includes('over-absorption'))
    statements.push(
      'Measured in fluorescence: a thick chloride over-absorbs (Li3YCl6 at 45/45 degrees: alpha 1.52, a true norm of 1.5 shows as 1.25); peak heights of samples and references compare only if all are alike, or corrected (over_absorption of normalize-spectra).',
    );
  return {
    label: entry.label,
    edge: `${entry.element} ${entry.edge}`,
    role: entry.role,
    at: entry.at,
    e0_eV: e0?.energy_eV ?? null,
    e0_feature: e0?.feature ?? null,
    calibration_shift_eV: calibratedBy === null ? null : spectrum.shift_eV,
    calibrated_by: calibratedBy,
    edge_shift_eV: edgeShift,
    edge_step: normalized?.spectrum.edgeStep.value ?? null,
    normalization: normalizationOf(normalized),
    inflections: features.inflections.map(({ energy_eV, prominence }) => ({ energy_eV, prominence })),
    white_line_eV: features.whiteLine,
    peaks:
      peaks?.fit.peaks.map(({ name, center_eV, height, fwhm_eV, area }) => ({
        name,
        center_eV,
        height,
        fwhm_eV,
        area,
      })) ?? [],
    absent_peaks: peaks?.fit.absent.map(({ name, areaLimit95 }) => ({
      name,
      area_limit95: Number.isFinite(areaLimit95) ? areaLimit95 : null,
    })),
    lcf: lcfOf(mixture),
    statements,
  };
}

/** Light edges of main components are the ones that over-absorb. */
const isThickChloride = ({ entry, spectrum }: CalibratedItem): boolean =>
  entry.role === 'sample' && entry.element === 'Cl' && spectrum.source === 'fluorescence';

/**
 * This spectrum's edge minus that of the calibrant of its edge (or of its own reference channel, if there is no
 * calibrant): from the whole edge where both have one shape, else between the same feature of both. The calibration
 * cancels in the difference: what counts is how well the edges, and one axis on the other, could be read.
 */
function edgeShiftOf(
  {
    entry,
    e0,
    calibratedBy,
    referenceFeatures,
    ownSigma_eV,
    sameShapeShift_eV,
    axisSigma_eV,
  }: CalibratedItem,
  all: Keyed<CalibratedItem>[],
  statements: string[],
): SpectrumResult['edge_shift_eV'] {
  if (!e0 || calibratedBy === null || calibratedBy === entry.label) return null;
  const foil = all.find(
    ({ value }) =>
      value.entry.role === 'calibrant' &&
      value.entry.element === entry.element &&
      value.entry.edge === entry.edge,
  )?.value;
  const relative_to = foil?.entry.label ?? calibratedBy;
  const ownChannel = referenceFeatures !== null;
  if (sameShapeShift_eV) {
    statements.push(shiftStatement(sameShapeShift_eV, relative_to, 'whole edge, same shape', ownChannel));
    return { ...sameShapeShift_eV, relative_to };
  }
  const onFoil = foil && (!ownChannel || axisSigma_eV !== null);
  const standard = onFoil ? foil.features : (referenceFeatures ?? foil?.features);
  const reference = standard && featureEnergy(standard, e0.feature);
  if (!reference) return null;
  const shift = {
    value: e0.energy_eV.value - reference.value,
    sigma: Math.hypot(
      ownSigma_eV ?? 0,
      reference.sigma,
      onFoil ? (axisSigma_eV ?? REPEATABILITY * reference.value) : 0,
    ),
  };
  statements.push(shiftStatement(shift, relative_to, e0.feature, ownChannel));
  return { ...shift, relative_to };
}

function normalizationOf(normalized: NormalizedItem | undefined): SpectrumResult['normalization'] {
  if (!normalized) return null;
  const { profile, ranges, edgeStep } = normalized.spectrum;
  const round = (value: number): string => value.toFixed(1);
  return {
    profile,
    ranges:
      `pre-edge ${round(ranges.pre1_eV)} to ${round(ranges.pre2_eV)} eV, ` +
      `post-edge ${round(ranges.norm1_eV)} to ${round(ranges.norm2_eV)} eV, degree ${ranges.degree}`,
    edge_step_sigma: Number.isFinite(edgeStep.sigma) ? edgeStep.sigma : null,
  };
}

function lcfOf(mixture: MixtureItem | undefined): SpectrumResult['lcf'] {
  if (!mixture) return null;
  const { labels, weights, limits95, statistics } = mixture.fit;
  return {
    weights: Object.fromEntries(labels.map((label, j) => [label, weights[j]!])),
    limits95: Object.fromEntries(labels.map((label, j) => [label, limits95[j]!])),
    r_factor: statistics.rFactor,
    r_factor_about_mean: statistics.rFactorAboutMean,
    r_factor_absolute: statistics.rFactorAbsolute,
    reduced_chi2: statistics.reducedChi2,
    aic: statistics.aic,
    bic: statistics.bic,
    range_eV: mixture.range_eV,
  };
}

function curvesOf(
  { entry, spectrum }: CalibratedItem,
  normalized: NormalizedItem | undefined,
  peaks: PeakFitItem | undefined,
  mixture: MixtureItem | undefined,
): SpectrumCurves {
  const missing = (): Float64Array => new Float64Array(spectrum.mu.length).fill(Number.NaN);
  const made = normalized?.spectrum;
  return {
    label: entry.label,
    edge: `${entry.element} ${entry.edge}`,
    energy_eV: spectrum.energy_eV,
    mu: spectrum.mu,
    norm: made?.norm ?? missing(),
    flat: made?.flat ?? missing(),
    sigma: made?.sigma ?? missing(),
    preEdge: made?.preEdge ?? missing(),
    postEdge: made?.postEdge ?? missing(),
    derivative: made ? derivative(made.energy_eV, made.norm) : missing(),
    peaks: peaks?.fit.describes ? peaks.fit.curves : null,
    lcf: mixture
      ? {
          energy_eV: mixture.fit.energy_eV,
          data: mixture.fit.data,
          fit: mixture.fit.fit,
          components: mixture.fit.labels.map((name, j) => ({ name, values: mixture.fit.components[j]! })),
        }
      : null,
  };
}
