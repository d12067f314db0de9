import type { NormalizedSpectrum } from '../../measurement.js';
import { normalCdf } from '../../numeric/error-function.js';
import { unseenWidths } from './given-widths.js';
import { buildPeakModel } from './peak-model.js';
import type { PeakWindow } from './peak-windows.js';
import { finiteOr } from './pre-edge-average.js';
import { type FitData, fitTo, startOf, weightsOf } from './pre-edge-trial.js';
import { EDGE_VARIANTS, preEdgeComponents, type Variant } from './pre-edge-variants.js';

/**
 * One-sided 95 % limit on the area of a peak in the middle of its window (or where other spectra have it): the area below which 95 % of the probability
 * lies, over all descriptions of the edge and a range of widths, each with all else refitted and weighted as the trials
 * are. One description alone may take a weak peak for the flank of the edge, and would limit it too low.
 */
export function areaLimit(
  data: FitData,
  peaks: readonly PeakWindow[],
  window: PeakWindow,
  spectrum: NormalizedSpectrum,
): number {
  const fits = EDGE_VARIANTS.flatMap((variant) => {
    const known = data.known(variant).get(`${window.name}.fwhm`);
    const widths = known ? [Math.min(known.value, window.maxFwhm_eV)] : unseenWidths(data.frame, window);
    return [...new Set(widths)].map((fwhm) => withPeak(data, peaks, window, variant, fwhm));
  }).filter(({ area }) => Number.isFinite(area.sigma) && area.sigma > 0);
  if (fits.length === 0) return Number.POSITIVE_INFINITY;
  const weights = weightsOf(fits);
  const relative = finiteOr(spectrum.edgeStep.sigma / Math.abs(spectrum.edgeStep.value), 0);
  return (
    quantile95(
      fits.map(({ area }) => area),
      weights,
    ) *
    (1 + 1.645 * relative)
  );
}

/** The fit with a peak of this width, whose area may come out negative. */
function withPeak(
  data: FitData,
  peaks: readonly PeakWindow[],
  window: PeakWindow,
  variant: Variant,
  fwhm: number,
) {
  const known = data.known(variant).get(`${window.name}.centre`);
  const centre_eV = known?.value ?? (window.from_eV + window.to_eV) / 2;
  const starts = [...peaks.map((known) => startOf(data, known)), { window, centre_eV, height: 0.02 }];
  const components = preEdgeComponents(data.frame, starts, variant).map((component) =>
    component.kind === 'peak' && component.name === window.name
      ? {
          ...component,
          area: { value: 0 },
          centre: { value: centre_eV, vary: false },
          fwhm: { value: fwhm, vary: false },
        }
      : component,
  );
  const model = buildPeakModel(data.energy, components);
  const fit = fitTo(data, model, new Map());
  return { variant, fit, area: fit.parameters.find(({ name }) => name === `${window.name}.area`)! };
}

/** Where 95 % of the probability lies below, in a weighted sum of normal distributions; no area counts as less than zero. */
function quantile95(areas: readonly { value: number; sigma: number }[], weights: readonly number[]): number {
  const known = areas.map(({ value, sigma }) => ({ value: Math.max(0, value), sigma }));
  const below = (limit: number): number =>
    known.reduce((sum, { value, sigma }, k) => sum + weights[k]! * normalCdf((limit - value) / sigma), 0);
  let low = 0;
  let high = Math.max(...known.map(({ value, sigma }) => value + 8 * sigma));
  for (let turn = 0; turn < 50; turn++) {
    const middle = (low + high) / 2;
    if (below(middle) < 0.95) low = middle;
    else high = middle;
  }
  return high;
}
