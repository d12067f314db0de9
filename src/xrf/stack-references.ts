import { interpolateAt } from '../numeric/interpolate.js';
import type { StackReference } from './stack-fractions.js';

/** What a stack needs of a normalised spectrum. */
export interface ReferenceSpectrum {
  label: string;
  energy_eV: Float64Array;
  norm: Float64Array;
  sigma: Float64Array;
}

/**
 * A normalised reference at the energies of a stack, by linear interpolation; its uncertainty is that of the two points
 * used. Energies outside the spectrum by no more than `margin_eV` take its end value (the pre-edge and the far
 * post-edge are flat); beyond that the reference is refused.
 * @throws RangeError naming the range when the stack reaches further
 */
export function referenceAt(
  spectrum: ReferenceSpectrum,
  energies_eV: Float64Array,
  margin_eV = 15,
): StackReference {
  const { energy_eV, norm, sigma } = spectrum;
  const first = energy_eV[0];
  const last = energy_eV[energy_eV.length - 1];
  const low = Math.min(...energies_eV);
  const high = Math.max(...energies_eV);
  if (low < first - margin_eV || high > last + margin_eV) {
    throw new RangeError(
      `reference ${spectrum.label} covers ${first.toFixed(0)} to ${last.toFixed(0)} eV, the stack ${low.toFixed(0)} to ${high.toFixed(0)} eV`,
    );
  }
  const held = energies_eV.map((e) => Math.min(Math.max(e, first), last));
  return {
    name: spectrum.label,
    norm: held.map((e) => interpolateAt(energy_eV, norm, e)),
    sigma: held.map((e) => interpolateAt(energy_eV, sigma, e)),
  };
}
