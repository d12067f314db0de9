/** A line of the radiation. */
export interface Wavelength {
  lambda_A: number;
  /** Relative intensity; weights are normalised to sum 1. */
  weight: number;
}
/**
 * Wavelengths of laboratory tubes (angstrom): K alpha 1 and 2 after G. Hoelzer et al., Phys. Rev. A 56 (1997) 4554
 * (Cr to Cu), and J. A. Bearden, Rev. Mod. Phys. 39 (1967) 78, brought to the same scale (Mo, Ag). Alpha 2 has half the
 * intensity of alpha 1.
 */

const K_ALPHA: Record<string, [number, number]> = {
  Cr: [2.289726, 2.293651],
  Fe: [1.936041, 1.939973],
  Co: [1.788996, 1.792835],
  Cu: [1.5405929, 1.5444274],
  Mo: [0.7093171, 0.713607],
  Ag: [0.5594218, 0.563813],
};

export const TUBES = Object.keys(K_ALPHA);

/** 'Cu Ka' (the doublet) or 'Cu Ka1' (a monochromator has taken alpha 2 away); null for anything else. */
export function tubeWavelengths(text: string): Wavelength[] | null {
  const match = /^\s*([A-Za-z]{2})[\s-]*(?:K)?[\s-]*(?:a|alpha)?\s*(1|12)?\s*$/i.exec(text);
  if (!match) return null;
  const element = match[1]![0]!.toUpperCase() + match[1]![1]!.toLowerCase();
  const pair = K_ALPHA[element];
  if (!pair) return null;
  const first = { lambda_A: pair[0], weight: 1 };
  return match[2] === '1' ? [first] : [first, { lambda_A: pair[1], weight: 0.5 }];
}
