import type { Measured, Spectrum } from '../../measurement.js';
import { estimateNoise } from '../curve/noise.js';
import { featureWidth_eV } from '../curve/resolution.js';
import { alignIfSameShape, type NoisyCurve } from '../edge/align.js';
import { edgeFeaturesOf } from '../edge/analyse-edge.js';

/** What has to be added to the energies of each spectrum; null where it cannot be told. */
export interface SeriesAlignment {
  shifts_eV: (Measured | null)[];
  /** Reduced chi square of each comparison; NaN for the fixed spectrum and where there is none. */
  reducedChi2: number[];
  /** What was compared: the simultaneous references, or the spectra themselves. */
  by: 'reference channels' | 'spectra';
}

/**
 * Shifts that lay a series on one of its members, from the whole edge: by the simultaneous references where all members
 * carry one, else by the spectra themselves, which must then have one shape (scans of one sample, or one foil).
 *
 * @throws RangeError where the fixed spectrum has no edge
 */
export function alignSeries(spectra: readonly Spectrum[], fixed = 0): SeriesAlignment {
  const by = spectra.every(({ reference }) => reference !== null) ? 'reference channels' : 'spectra';
  const channel = by === 'spectra' ? 'sample' : 'reference';
  const standard = spectra[fixed]!;
  const edge = edgeFeaturesOf(standard, channel)?.main;
  if (!edge) throw new RangeError(`no edge of ${standard.label} stands out from the noise`);
  const width = featureWidth_eV(standard.element, standard.edge);
  const target = curveOf(standard, by);
  const found = spectra.map((spectrum, k) =>
    k === fixed ? null : alignIfSameShape(curveOf(spectrum, by), target, edge.energy_eV.value, width),
  );
  return {
    shifts_eV: found.map((one, k) => (k === fixed ? { value: 0, sigma: 0 } : (one?.shift_eV ?? null))),
    reducedChi2: found.map((one) => one?.reducedChi2 ?? Number.NaN),
    by,
  };
}

function curveOf({ energy_eV, mu, sigma, reference }: Spectrum, by: SeriesAlignment['by']): NoisyCurve {
  const values = by === 'spectra' ? mu : reference!;
  const noise = estimateNoise(energy_eV, values, by === 'spectra' ? sigma : null);
  return { energy_eV, mu: values, sigma: noise.sigma };
}

/**
 * Repeated scans, each moved by its shift less the mean of all: the drift goes out, and the axis stays the one that the
 * scans have on average. Scans without a shift stay where they are.
 */
export function movedTogether(spectra: readonly Spectrum[], { shifts_eV }: SeriesAlignment): Spectrum[] {
  const known = shifts_eV.filter((shift) => shift !== null);
  const mean = known.reduce((sum, { value }) => sum + value, 0) / Math.max(1, known.length);
  return spectra.map((spectrum, k) => {
    const shift = shifts_eV[k];
    if (!shift) return spectrum;
    return { ...spectrum, energy_eV: spectrum.energy_eV.map((e) => e + shift.value - mean) };
  });
}
