import { InputError } from '../../errors.js';
import type { CalibratedSpectrum, NormalizedSpectrum } from '../../measurement.js';
import type { ScaleErrors } from '../../xas/curve/curve-change.js';
import { edgeFeaturesOf } from '../../xas/edge/analyse-edge.js';
import type { EdgeFeatures } from '../../xas/edge/edge-features.js';
import type { NormalizationChoices } from '../../xas/normalize/larch-normalization.js';
import { normalizeSpectrum } from '../../xas/normalize/normalize.js';
import type { SpectrumFlags } from './flags.js';
import type { LoadedSpectrum } from './load.js';

export interface Normalized {
  spectrum: NormalizedSpectrum;
  features: EdgeFeatures;
  /** How uncertain the scale is; null for profiles that do not say. */
  scale: ScaleErrors | null;
}

/** What the flags say; in Athena's profile before that what its project stored. */
function choicesOf(flags: SpectrumFlags, stored: NormalizationChoices): NormalizationChoices {
  const given: NormalizationChoices = {
    e0_eV: flags.e0,
    pre1_eV: flags.pre?.[0],
    pre2_eV: flags.pre?.[1],
    norm1_eV: flags.post?.[0],
    norm2_eV: flags.post?.[1],
    degree: flags.degree,
    victoreen: flags.victoreen,
  };
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return flags.profile === 'athena-0.9.26' ? { ...stored, ...said } : said;
}

export async function normalizeOne(
  { spectrum, file, stored }: LoadedSpectrum,
  flags: SpectrumFlags,
): Promise<Normalized> {
  const features = edgeFeaturesOf(spectrum)!;
  const calibrated = {
    ...spectrum,
    shift_eV: { value: flags.energyShift ?? 0, sigma: spectrum.axisSigma_eV ?? 0 },
  } as CalibratedSpectrum;
  const told = (warning: string): void => console.error(`${spectrum.label}: ${warning}`);
  try {
    const outcome = normalizeSpectrum(calibrated, features, flags.profile, choicesOf(flags, stored));
    outcome.warnings.forEach(told);
    let made = outcome.spectrum;
    const { applyMback, applyOverAbsorption } = await import('./corrections.js');
    if (flags.mback) made = applyMback(made);
    if (flags.overAbsorption)
      made = applyOverAbsorption(made, flags.overAbsorption, flags.angles ?? [45, 45], told);
    return { spectrum: made, features, scale: outcome.scale };
  } catch (thrown) {
    if (thrown instanceof RangeError) throw new InputError(thrown.message, { path: file });
    throw thrown;
  }
}
