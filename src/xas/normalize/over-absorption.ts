import type { NormalizedSpectrum } from '../../measurement.js';
import { compoundAttenuation_cm2_g } from '../../reference/attenuation.js';
import { edgeEnergy_eV, normalizeEdgeName } from '../../reference/edges.js';
import { familyEnergy_eV } from '../../reference/lines.js';

/** Angles between the surface and the beam, and the surface and the detector. */
export interface FluorescenceGeometry {
  incidence_deg: number;
  exit_deg: number;
}

/** The strongest line that follows a hole in each level. */
const LINE_OF_EDGE: Record<string, string> = { K: 'Ka', L1: 'Lb', L2: 'Lb', L3: 'La', M5: 'Ma' };

export interface OverAbsorption {
  /** Ratio of what the edge does not add to the attenuation to what it adds: small means strong over-absorption. */
  alpha: number;
  fluorescence_eV: number;
}

/**
 * Strength of over-absorption in the fluorescence of an infinitely thick sample (D. Haskel, FLUO, 1999; L. Troger et al.,
 * Phys. Rev. B 46 (1992) 3283): alpha = (mu(E_f) sin(in)/sin(out) + mu(E_edge - 10 eV)) / (mu(E_edge + 10 eV) -
 * mu(E_edge - 10 eV)), with the total attenuation of the formula. For Cl K in Li3YCl6 at 45/45 degrees it is 1.52: a
 * true white line of 1.8 then shows as 1.3.
 *
 * @throws InputError for an unknown formula or edge, RangeError for an edge without a known line
 */
export function overAbsorption(
  formula: string,
  element: string,
  edge: string,
  { incidence_deg, exit_deg }: FluorescenceGeometry,
): OverAbsorption {
  const family = LINE_OF_EDGE[normalizeEdgeName(edge)];
  const fluorescence_eV = family ? familyEnergy_eV(element, family) : null;
  if (fluorescence_eV === null) throw new RangeError(`no fluorescence line is known for ${element} ${edge}`);
  const edge_eV = edgeEnergy_eV(element, edge);
  const radians = Math.PI / 180;
  const ratio = Math.sin(incidence_deg * radians) / Math.sin(exit_deg * radians);
  const below = compoundAttenuation_cm2_g(formula, edge_eV - 10);
  const above = compoundAttenuation_cm2_g(formula, edge_eV + 10);
  const out = compoundAttenuation_cm2_g(formula, fluorescence_eV);
  return { alpha: (out * ratio + below) / (above - below), fluorescence_eV };
}

/**
 * Undoes over-absorption of a normalised spectrum: norm alpha / (alpha + 1 - norm). The edge step stays one. The sigma
 * grows with the slope of the correction, alpha (alpha + 1) / (alpha + 1 - norm)^2.
 *
 * @throws RangeError where norm reaches alpha + 1, which no real sample of this composition can show
 */
export function correctOverAbsorption(
  norm: Float64Array,
  sigma: Float64Array,
  alpha: number,
): { norm: Float64Array; sigma: Float64Array; largestFactor: number } {
  const corrected = new Float64Array(norm.length);
  const corrigedSigma = new Float64Array(norm.length);
  let largestFactor = 1;
  for (let i = 0; i < norm.length; i++) {
    const rest = alpha + 1 - norm[i]!;
    if (!(rest > 0.02 * alpha))
      throw new RangeError(
        `normalised absorption of ${norm[i]!.toFixed(2)} cannot come from a thick sample with alpha ${alpha.toFixed(2)}`,
      );
    corrected[i] = (norm[i]! * alpha) / rest;
    const slope = (alpha * (alpha + 1)) / (rest * rest);
    corrigedSigma[i] = sigma[i]! * slope;
    largestFactor = Math.max(largestFactor, alpha / rest);
  }
  return { norm: corrected, sigma: corrigedSigma, largestFactor };
}

/** A normalised spectrum with its over-absorption undone; its profile says so. @throws RangeError as above */
export function withoutOverAbsorption(
  spectrum: NormalizedSpectrum,
  formula: string,
  alpha: number,
): NormalizedSpectrum {
  const corrected = correctOverAbsorption(spectrum.norm, spectrum.sigma, alpha);
  return {
    ...spectrum,
    norm: corrected.norm,
    sigma: corrected.sigma,
    flat: correctOverAbsorption(spectrum.flat, spectrum.sigma, alpha).norm,
    profile: `${spectrum.profile}, over-absorption of ${formula} corrected (alpha ${alpha.toFixed(3)})`,
  };
}
