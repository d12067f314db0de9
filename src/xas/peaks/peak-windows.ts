import type { NormalizedSpectrum } from '../../measurement.js';
import { normalizeEdgeName } from '../../reference/edges.js';
import { indexNearest } from '../curve/grid.js';
import { featureWidth_eV } from '../curve/resolution.js';
import type { EdgeFeatures } from '../edge/edge-features.js';

/** A named peak and where on the calibrated axis its centre may lie. */
export interface PeakWindow {
  name: string;
  from_eV: number;
  to_eV: number;
  /** Largest full width at half maximum, eV. */
  maxFwhm_eV: number;
}

/**
 * Pre-edge features of indium and yttrium chlorides at the Cl K edge: a, weak and broad, near 2823.3 eV (Li3YCl6);
 * b, prominent, near 2824.5 eV (In3+ in chloride, as InCl3); c, beside b (In+, as InCl).
 */
const CL_K: readonly PeakWindow[] = [
  { name: 'a', from_eV: 2822.5, to_eV: 2823.9, maxFwhm_eV: 3 },
  { name: 'b', from_eV: 2823.9, to_eV: 2825.1, maxFwhm_eV: 2.5 },
  { name: 'c', from_eV: 2823.9, to_eV: 2825.6, maxFwhm_eV: 2.5 },
];

/** The named peaks that are looked for at an edge where the user names none; empty if none are known. */
export const defaultPeakWindows = (element: string, edge: string): readonly PeakWindow[] =>
  element === 'Cl' && normalizeEdgeName(edge) === 'K' ? CL_K : [];

/**
 * The windows to look in where the user names none. A prominent pre-edge peak outside the known windows (as in PdCl2, at
 * 2820.4 eV) is another compound's: it is fitted alone, as `pre`. Windows that begin on the edge itself are left out, as
 * nothing in them could be told from its flank.
 */
export function windowsFor(spectrum: NormalizedSpectrum, features: EdgeFeatures): readonly PeakWindow[] {
  const known = defaultPeakWindows(spectrum.element, spectrum.edge);
  if (known.length === 0) return known;
  const width = featureWidth_eV(spectrum.element, spectrum.edge);
  const crest = preEdgeCrest(spectrum, features);
  if (crest !== null && !known.some(({ from_eV, to_eV }) => crest >= from_eV - 0.3 && crest <= to_eV + 0.3))
    return [{ name: 'pre', from_eV: crest - 1.5 * width, to_eV: crest + 1.5 * width, maxFwhm_eV: 5 * width }];
  const edge = features.main?.energy_eV.value ?? Number.POSITIVE_INFINITY;
  return known.filter(({ from_eV }) => from_eV <= edge - 1.5 * width);
}

/** Top of a peak between the pre-edge inflection and the main one, if the curve falls again behind it. */
function preEdgeCrest(
  { energy_eV, norm, sigma }: NormalizedSpectrum,
  { preEdge, main }: EdgeFeatures,
): number | null {
  if (!preEdge || !main) return null;
  const from = indexNearest(energy_eV, preEdge.energy_eV.value);
  const to = indexNearest(energy_eV, main.energy_eV.value);
  let top = from;
  let valley = Number.POSITIVE_INFINITY;
  for (let i = from; i <= to; i++) {
    if (norm[i]! > norm[top]!) {
      // Rising again beyond the first crest is the edge.
      if (norm[top]! - valley > 0.1 + 5 * sigma[i]!) break;
      top = i;
      valley = norm[i]!;
    } else valley = Math.min(valley, norm[i]!);
  }
  return norm[top]! - valley > 0.1 + 5 * sigma[top]! ? energy_eV[top]! : null;
}
