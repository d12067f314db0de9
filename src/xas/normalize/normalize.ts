import type { CalibratedSpectrum, NormalizedSpectrum } from '../../measurement.js';
import type { ScaleErrors } from '../curve/curve-change.js';
import { estimateNoise } from '../curve/noise.js';
import { featureWidth_eV } from '../curve/resolution.js';
import { edgeEnergyOf } from '../edge/calibration.js';
import type { EdgeFeatures } from '../edge/edge-features.js';
import { athenaNormalization } from './athena-normalization.js';
import { larchNormalization, type Normalization, type NormalizationChoices } from './larch-normalization.js';
import { strictNormalization } from './strict-normalization.js';

/** `larch-2026` and `athena-0.9.26` reproduce those programs; `strict` is our own. */
export type NormalizationProfile = 'strict' | 'larch-2026' | 'athena-0.9.26';

export interface NormalizationOutcome {
  spectrum: NormalizedSpectrum;
  /** How uncertain the scale is, for sums of several spectra; null for profiles that do not say. */
  scale: ScaleErrors | null;
  warnings: string[];
}

/**
 * Normalises a calibrated spectrum by a named profile. `features` are those of the calibrated spectrum; the strict
 * profile takes e0 and the onset from them, the others find their own e0 as those programs do.
 *
 * @throws RangeError where the spectrum does not reach both sides of its edge
 */
export function normalizeSpectrum(
  spectrum: CalibratedSpectrum,
  features: EdgeFeatures,
  profile: NormalizationProfile = 'strict',
  choices: NormalizationChoices = {},
): NormalizationOutcome {
  const { energy_eV, mu } = spectrum;
  const noise = estimateNoise(energy_eV, mu, spectrum.sigma);
  const width_eV = featureWidth_eV(spectrum.element, spectrum.edge);
  // The same energy that stands for the edge elsewhere: of a metal, the foot of its edge.
  const found = edgeEnergyOf(features, spectrum.element, spectrum.edge)?.energy_eV;
  const e0 = choices.e0_eV ?? found?.value;
  const e0Sigma = choices.e0_eV === undefined ? (found?.sigma ?? 0) : 0;
  const warnings: string[] = [];
  let made: Normalization;
  let stepSigma: number;
  let scale: NormalizationOutcome['scale'] = null;
  if (profile === 'strict') {
    if (e0 === undefined) throw new RangeError('no edge stands out from the noise');
    const onset_eV = Math.min(e0, lowestInflection(features) ?? e0);
    const strict = strictNormalization(
      energy_eV,
      mu,
      noise.sigma,
      { e0_eV: e0, onset_eV, width_eV },
      choices,
    );
    made = strict;
    stepSigma = strict.step.sigma;
    scale = { noise: strict.stepNoise, changes: strict.stepChanges };
    warnings.push(...strict.warnings);
  } else {
    made = (profile === 'larch-2026' ? larchNormalization : athenaNormalization)(energy_eV, mu, choices);
    stepSigma = Number.NaN;
  }
  const step = made.edgeStep;
  return {
    warnings,
    scale,
    spectrum: {
      label: spectrum.label,
      element: spectrum.element,
      edge: spectrum.edge,
      energy_eV,
      norm: made.norm,
      flat: made.flat,
      sigma: noise.sigma.map((value) => value / Math.abs(step)),
      preEdge: made.preEdge,
      postEdge: made.postEdge,
      mu,
      e0_eV: { value: made.e0_eV, sigma: e0Sigma },
      edgeStep: { value: step, sigma: stepSigma },
      shift_eV: spectrum.shift_eV,
      profile,
      ranges: made.ranges,
    } as NormalizedSpectrum,
  };
}

/** The lowest inflection that stands out by a tenth of the highest derivative. */
const lowestInflection = (features: EdgeFeatures): number | null =>
  features.inflections.find(({ prominence }) => prominence >= 0.1)?.energy_eV.value ?? null;
