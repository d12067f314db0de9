import type { NormalizationChoices } from './larch-normalization.js';

const NUMBERS = ['e0_eV', 'pre1_eV', 'pre2_eV', 'norm1_eV', 'norm2_eV', 'degree'] as const;

/**
 * The normalisation that a project stored with a spectrum; the edge step only where it was fixed there.
 * @param shift_eV by how much its energies have been moved since
 */
export function storedChoices(stored: Record<string, string>, shift_eV = 0): NormalizationChoices {
  const choices: NormalizationChoices = {};
  for (const name of NUMBERS) {
    const value = Number(stored[name] ?? Number.NaN);
    if (Number.isFinite(value)) choices[name] = value;
  }
  if (choices.e0_eV !== undefined) choices.e0_eV += shift_eV;
  const step = Number(stored.edgeStep);
  if (stored.fixedStep === 'true' && step > 0) choices.step = step;
  return choices;
}
