import { InputError, type Place } from '../../errors.js';
import type { Column } from '../../measurement.js';
import { unitFactor } from '../common/units.js';
import { braggEnergy_eV } from './angle-scans.js';

/**
 * Energies in eV of a scan, from its energy column (eV, or keV where the header says so) or from mono angles and the
 * header's d-spacing by Bragg's law.
 * @throws InputError where there is neither.
 */
export function scanEnergies(
  columns: Column[],
  metadata: Record<string, string>,
  place: Place,
): Float64Array {
  const energy = columns.find(({ role }) => role === 'energy');
  if (energy !== undefined) {
    const factor = energy.unit === null ? 1 : (unitFactor(energy.unit, 'energy') ?? 1);
    return factor === 1 ? energy.values : energy.values.map((value) => value * factor);
  }
  const angle = columns.find(({ role }) => role === 'angle');
  if (angle === undefined) {
    throw new InputError(
      'has no energy column that can be told from its header',
      place,
      'name it in the experiment file: columns: { energy: 1, i0: 2, it: 3 }',
    );
  }
  const spacing = Number.parseFloat(metadata['Mono.d_spacing'] ?? metadata['mono.d_spacing'] ?? '');
  if (!(spacing > 0)) {
    throw new InputError(
      'gives mono angles without a d-spacing, so no energies can be made of them',
      place,
      'add # Mono.d_spacing: 3.1356 to its header',
    );
  }
  const factor = unitFactor(angle.unit ?? 'deg', 'angle') ?? 1;
  return angle.values.map((value) => braggEnergy_eV((value * factor * Math.PI) / 180, spacing));
}
