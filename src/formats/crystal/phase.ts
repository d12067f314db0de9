import { InputError } from '../../errors.js';
import type { PhaseSource } from '../../measurement.js';
import { builtInPhase } from '../../xrd/crystal/built-in-phases.js';
import { type CifStructure, structureFromCif } from './cif.js';

/**
 * The structure of a phase that an experiment names: a built-in one, or the first in its CIF under the given name.
 * Throws InputError for an unknown name or a CIF that cannot be used.
 */
export function resolvePhase({ name, cif }: PhaseSource): CifStructure {
  if (cif === null) return { structure: builtInPhase(name), warnings: [] };
  try {
    const { structure, warnings } = structureFromCif(cif, name);
    return { structure: { ...structure, name }, warnings };
  } catch (thrown) {
    throw thrown instanceof InputError && !thrown.place ? thrown.at({ path: name }) : thrown;
  }
}
