import type { NormalizedSpectrum } from '../../measurement.js';
import { edgeEnergy_eV } from '../../reference/edges.js';
import { mback } from '../../xas/normalize/mback.js';
import {
  correctOverAbsorption,
  overAbsorption,
  withoutOverAbsorption,
} from '../../xas/normalize/over-absorption.js';

/** The same spectrum, scaled to the tabulated absorption over the ranges of its first normalisation. */
export function applyMback(spectrum: NormalizedSpectrum): NormalizedSpectrum {
  const { energy_eV, mu, element, edge, ranges, e0_eV } = spectrum;
  const made = mback(energy_eV, mu, element, edgeEnergy_eV(element, edge), {
    e0_eV: e0_eV.value,
    pre_eV: [ranges.pre1_eV, ranges.pre2_eV],
    post_eV: [ranges.norm1_eV, ranges.norm2_eV],
  });
  const factor = spectrum.edgeStep.value / made.edgeStep;
  return {
    ...spectrum,
    norm: made.norm,
    flat: made.norm,
    sigma: spectrum.sigma.map((value) => value * factor),
    edgeStep: { value: made.edgeStep, sigma: Number.NaN },
    profile: `${spectrum.profile} ranges, MBACK`,
  } as NormalizedSpectrum;
}

/** The same spectrum without the over-absorption of a thick sample; tells how large it was. */
export function applyOverAbsorption(
  spectrum: NormalizedSpectrum,
  formula: string,
  [incidence_deg, exit_deg]: [number, number],
  tell: (message: string) => void,
): NormalizedSpectrum {
  const geometry = { incidence_deg, exit_deg };
  const { alpha } = overAbsorption(formula, spectrum.element, spectrum.edge, geometry);
  const { largestFactor } = correctOverAbsorption(spectrum.norm, spectrum.sigma, alpha);
  tell(
    `over-absorption of ${formula} at ${incidence_deg}/${exit_deg} degrees: alpha ${alpha.toFixed(3)}, largest factor ${largestFactor.toFixed(2)}`,
  );
  return withoutOverAbsorption(spectrum, formula, alpha);
}
