import { coreWidth_eV, edgeEnergy_eV } from '../../reference/edges.js';

/** Energy spread of a Si(111) double-crystal monochromator, relative: its intrinsic width for sigma polarisation. */
export const SI_111 = 1.33e-4;

/**
 * The narrowest feature (eV, full width at half maximum) that an absorption edge can show: the width of the core hole
 * (Krause and Oliver 1979) and of a Si(111) monochromator in quadrature. Cl K 0.7, Y K 4.2, In K 8.7 eV.
 * An edge without a tabulated width counts as narrow as its monochromator.
 */
export function featureWidth_eV(element: string, edge: string): number {
  const energy = edgeEnergy_eV(element, edge);
  return Math.hypot(coreWidth_eV(element, edge) ?? 0.1, SI_111 * energy);
}
