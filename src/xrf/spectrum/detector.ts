import { normalCdf } from '../../numeric/error-function.js';
import { massAttenuation_cm2_g } from '../../reference/attenuation.js';
import { edgeOf } from '../../reference/edges.js';

/** Response of a silicon energy-dispersive detector: energy_eV = offset + gain * channel. */
export interface Detector {
  offset_eV: number;
  gain_eV: number;
  /** Electronic noise, full width at half maximum. */
  noise_eV: number;
  fano: number;
}

export const detectorDefaults = { noise_eV: 90, fano: 0.115 };

/** Energy per electron-hole pair in silicon (eV); ICRU Report 31. */
const pair_eV = 3.65;

/** Full width at half maximum (eV): electronic noise and charge statistics in quadrature. */
export const fwhm_eV = (d: Detector, energy_eV: number): number =>
  Math.sqrt(d.noise_eV ** 2 + 2.3548 ** 2 * pair_eV * d.fano * Math.max(energy_eV, 0));

export const channelOf = (d: Detector, energy_eV: number): number => (energy_eV - d.offset_eV) / d.gain_eV;

/** Adds a Gaussian of the given area, integrated over each channel, to `out` whose first channel is `first`. */
export function addPeak(
  out: Float64Array,
  first: number,
  d: Detector,
  energy_eV: number,
  area: number,
  broadening = 1,
): void {
  const centre = channelOf(d, energy_eV);
  const sigma = (broadening * fwhm_eV(d, energy_eV)) / 2.3548 / d.gain_eV;
  const from = Math.max(first, Math.floor(centre - 5 * sigma));
  const to = Math.min(first + out.length - 1, Math.ceil(centre + 5 * sigma));
  let below = normalCdf((from - 0.5 - centre) / sigma);
  for (let k = from; k <= to; k++) {
    const above = normalCdf((k + 0.5 - centre) / sigma);
    out[k - first] += area * (above - below);
    below = above;
  }
}

const siliconKa_eV = 1740;

/**
 * Escape peak at E - 1.740 keV over the main peak, for normal incidence on thick silicon
 * (Reed and Ware, J. Phys. E 5 (1972) 582).
 */
export function escapeRatio(energy_eV: number): number {
  const edge = edgeOf('Si', 'K');
  if (energy_eV <= edge.energy_eV) return 0;
  const incident = massAttenuation_cm2_g('Si', energy_eV);
  const own = massAttenuation_cm2_g('Si', siliconKa_eV);
  const escaping =
    0.5 *
    edge.fluorescenceYield *
    (1 - 1 / edge.jumpRatio) *
    (1 - (own / incident) * Math.log(1 + incident / own));
  return escaping / (1 - escaping);
}

export const escapeEnergy_eV = (energy_eV: number): number => energy_eV - siliconKa_eV;

/** Energy after Compton scattering through `angle_deg`. */
export const comptonEnergy_eV = (energy_eV: number, angle_deg: number): number =>
  energy_eV / (1 + (energy_eV / 510998.95) * (1 - Math.cos((angle_deg * Math.PI) / 180)));
