import { normalizeEdgeName } from '../reference/edges.js';

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
