import type { Measured, Spectrum } from '../../measurement.js';
import { findGlitches, withoutGlitches } from '../curve/glitches.js';
import { estimateNoise } from '../curve/noise.js';
import { featureWidth_eV } from '../curve/resolution.js';
import { type EdgeFeatures, findEdgeFeatures } from './edge-features.js';

/** Features of a spectrum, or of its reference channel (null where it carries none). */
export function edgeFeaturesOf(
  spectrum: Spectrum,
  channel: 'sample' | 'reference' = 'sample',
): EdgeFeatures | null {
  const mu = channel === 'sample' ? spectrum.mu : spectrum.reference;
  if (!mu) return null;
  const stated = channel === 'sample' ? spectrum.sigma : null;
  const { energy_eV } = spectrum;
  const width = featureWidth_eV(spectrum.element, spectrum.edge);
  const { sigma } = estimateNoise(energy_eV, mu, stated);
  const glitches = findGlitches(energy_eV, mu, stated, width);
  return findEdgeFeatures(energy_eV, mu, withoutGlitches(sigma, glitches), width);
}

/** The same features on an axis that has been moved by `shift_eV`. */
export function shiftFeatures(features: EdgeFeatures, shift_eV: number): EdgeFeatures {
  const moved = <T extends Measured | null>(value: T): T =>
    (value && { ...value, value: value.value + shift_eV }) as T;
  const inflections = features.inflections.map((item) => ({ ...item, energy_eV: moved(item.energy_eV) }));
  const same = (item: EdgeFeatures['main']): EdgeFeatures['main'] =>
    item && inflections[features.inflections.indexOf(item)]!;
  return {
    inflections,
    main: same(features.main),
    preEdge: same(features.preEdge),
    preEdgeIsFoot: features.preEdgeIsFoot,
    halfStep: moved(features.halfStep),
    whiteLine: moved(features.whiteLine),
  };
}
