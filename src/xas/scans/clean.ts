import type { Spectrum } from '../../measurement.js';
import { findGlitches, type Glitch } from '../curve/glitches.js';
import { estimateNoise } from '../curve/noise.js';
import { featureWidth_eV } from '../curve/resolution.js';
import { type RebinOptions, rebin } from './rebin.js';

export interface CleanOptions {
  /** Points outside are cut off, eV. */
  from_eV?: number | null;
  to_eV?: number | null;
  /** Energies of points to leave out; the nearest point to each, within half of the local step. */
  drop_eV?: readonly number[];
  /** Leave out every proposed glitch. */
  dropGlitches?: boolean;
  /** Average points into these bins. */
  rebin?: RebinOptions | null;
}

export interface Cleaned {
  spectrum: Spectrum;
  /** Single points that no edge can make, of what is left of the range: proposed, and only left out if asked for. */
  glitches: Glitch[];
  /** Energies that were left out as single points. */
  dropped_eV: number[];
  /** Asked for, but no point lies there. */
  missed_eV: number[];
  cutPoints: number;
}

/**
 * Cuts a spectrum to a range, leaves out named points and glitches, and rebins it, in this order. Nothing is filled in:
 * a point that is left out is gone.
 *
 * @throws RangeError where fewer than 8 points are left
 */
export function cleanSpectrum(spectrum: Spectrum, options: CleanOptions): Cleaned {
  const { from_eV = null, to_eV = null, drop_eV = [], dropGlitches = false } = options;
  const inRange = kept(spectrum, (e) => e >= (from_eV ?? -Infinity) && e <= (to_eV ?? Infinity));
  if (inRange.energy_eV.length < 8)
    throw new RangeError(
      `only ${inRange.energy_eV.length} of ${spectrum.energy_eV.length} points lie between ${from_eV ?? 'the start'} and ${to_eV ?? 'the end'}`,
    );
  const width = featureWidth_eV(spectrum.element, spectrum.edge);
  const glitches = findGlitches(inRange.energy_eV, inRange.mu, inRange.sigma, width);
  const out = new Set(dropGlitches ? glitches.map(({ index }) => index) : []);
  const missed_eV: number[] = [];
  for (const energy of drop_eV) {
    const index = pointAt(inRange.energy_eV, energy);
    if (index === null) missed_eV.push(energy);
    else out.add(index);
  }
  const dropped_eV = [...out].sort((a, b) => a - b).map((i) => inRange.energy_eV[i]!);
  const left = out.size === 0 ? inRange : kept(inRange, (_, i) => !out.has(i));
  if (left.energy_eV.length < 8) throw new RangeError(`only ${left.energy_eV.length} points are left`);
  return {
    spectrum: options.rebin ? rebinned(left, options.rebin) : left,
    glitches,
    dropped_eV,
    missed_eV,
    cutPoints: spectrum.energy_eV.length - inRange.energy_eV.length,
  };
}

function kept(spectrum: Spectrum, keep: (energy: number, index: number) => boolean): Spectrum {
  const { energy_eV, mu, sigma, reference } = spectrum;
  const rows = Array.from(energy_eV.keys()).filter((i) => keep(energy_eV[i]!, i));
  if (rows.length === energy_eV.length) return spectrum;
  const of = (values: Float64Array): Float64Array => Float64Array.from(rows, (i) => values[i]!);
  return {
    ...spectrum,
    energy_eV: of(energy_eV),
    mu: of(mu),
    sigma: sigma && of(sigma),
    reference: reference && of(reference),
  };
}

function pointAt(energy: Float64Array, at: number): number | null {
  let nearest = 0;
  for (let i = 1; i < energy.length; i++)
    if (Math.abs(energy[i]! - at) < Math.abs(energy[nearest]! - at)) nearest = i;
  const step = Math.max(
    energy[nearest]! - (energy[nearest - 1] ?? Number.NEGATIVE_INFINITY),
    (energy[nearest + 1] ?? Number.NEGATIVE_INFINITY) - energy[nearest]!,
  );
  return Math.abs(energy[nearest]! - at) <= 0.5 * step ? nearest : null;
}

/** The reference channel is averaged in the same bins as the spectrum, with its weights. */
function rebinned(spectrum: Spectrum, options: RebinOptions): Spectrum {
  const { energy_eV, mu, reference } = spectrum;
  const { sigma } = estimateNoise(energy_eV, mu, spectrum.sigma);
  const made = rebin({ energy_eV, mu, sigma }, options);
  return {
    ...spectrum,
    ...made,
    reference: reference && rebin({ energy_eV, mu: reference, sigma }, options).mu,
  };
}
