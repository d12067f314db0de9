import type { Spectrum } from '../../src/measurement.js';
import { gaussian, pseudoVoigt, step } from '../../src/xas/peaks/lineshapes.js';

/** A small seeded generator (mulberry32) with normal deviates, so that tests never depend on the library under test. */
export function randomSource(seed: number): { uniform(): number; normal(): number } {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}

export interface ChlorideTruth {
  e0_eV: number;
  edgeFwhm_eV: number;
  whiteLine: { centre_eV: number; area: number; fwhm_eV: number };
  peaks: { name: string; centre_eV: number; area: number; fwhm_eV: number; eta: number }[];
  step: number;
  offset: number;
  slope: number;
  noise: number;
}

export const chlorideTruth = (changes: Partial<ChlorideTruth> = {}): ChlorideTruth => ({
  e0_eV: 2826,
  edgeFwhm_eV: 1.2,
  whiteLine: { centre_eV: 2827.6, area: 2.2, fwhm_eV: 2.2 },
  peaks: [
    { name: 'a', centre_eV: 2823.3, area: 0.12, fwhm_eV: 1.7, eta: 0.3 },
    { name: 'b', centre_eV: 2824.5, area: 0.45, fwhm_eV: 1.1, eta: 0.3 },
  ],
  step: 1,
  offset: 0.3,
  slope: -0.0005,
  noise: 0.004,
  ...changes,
});

/** Energies of a usual Cl K scan: 0.1 eV over the edge, coarser beside it. */
export function chlorideEnergies(): Float64Array {
  const energies: number[] = [];
  for (let e = 2790; e < 2815; e += 1) energies.push(e);
  for (let i = 0; i < 200; i++) energies.push(2815 + i / 10);
  for (let e = 2835; e <= 2900; e += 0.8) energies.push(e);
  return Float64Array.from(energies);
}

/** Normalised absorption without noise. */
export function chlorideNorm(energy: Float64Array, truth: ChlorideTruth): Float64Array {
  return energy.map((e) => {
    let value = step('arctan', e - truth.e0_eV, truth.edgeFwhm_eV);
    value += truth.whiteLine.area * gaussian(e - truth.whiteLine.centre_eV, truth.whiteLine.fwhm_eV);
    value += 1.2 * gaussian(e - truth.e0_eV - 7, 5) - 1 * gaussian(e - truth.e0_eV - 13, 5);
    for (const peak of truth.peaks)
      value += peak.area * pseudoVoigt(e - peak.centre_eV, peak.fwhm_eV, peak.eta);
    return value;
  });
}

export function chlorideSpectrum(truth: ChlorideTruth, seed: number, label = 'simulated'): Spectrum {
  const energy_eV = chlorideEnergies();
  const random = randomSource(seed);
  const norm = chlorideNorm(energy_eV, truth);
  const mu = norm.map(
    (value, i) =>
      truth.offset +
      truth.slope * (energy_eV[i]! - 2820) +
      truth.step * (value + truth.noise * random.normal()),
  );
  return {
    label,
    element: 'Cl',
    edge: 'K',
    energy_eV,
    mu,
    sigma: null,
    source: 'fluorescence',
    reference: null,
  };
}
