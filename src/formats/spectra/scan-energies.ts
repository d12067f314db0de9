import { InputError, type Place } from '../../errors.js';
import type { Column } from '../../measurement.js';
import { rangeOf } from '../common/range.js';
import { unitFactor } from '../common/units.js';
import { braggEnergy_eV } from './angle-scans.js';
import { monoSpacing_A } from './mono-spacing.js';

/** Energies of a scan in eV, and what had to be assumed about them. */
export interface ScanEnergies {
  energies: Float64Array;
  assumption: string | null;
}

/** Below this (eV) no edge is scanned that a K edge in keV could be mistaken for: Li K is at 55 eV, Pr K at 42 keV. */
export const LEAST_EV = 45;

/** A scan covers an edge that lies no further outside it: tables and monochromators differ. */
export const COVERED_WITHIN_EV = 10;

/** The K edge of uranium lies at 116 keV. */
const MOST_KEV = 150;

/**
 * Energies in eV of a scan, from its energy column (eV, or keV where the header or the values themselves say so) or from
 * mono angles and the d-spacing that the header states by Bragg's law.
 * @param edge_eV the edge that the scan is said to be of: energies that cover it only when multiplied by 1000 are keV.
 * @throws InputError where there is neither.
 */
export function scanEnergies(
  columns: Column[],
  metadata: Record<string, string>,
  place: Place,
  edge_eV: number | null = null,
): ScanEnergies {
  const energy = columns.find(({ role }) => role === 'energy');
  if (energy !== undefined) return energiesOfColumn(energy, edge_eV);
  const angle = columns.find(({ role }) => role === 'angle');
  if (angle === undefined) {
    throw new InputError(
      'has no energy column that can be told from its header',
      place,
      'name it: columns: { energy: 1, i0: 2, it: 3 } in the experiment file, or --columns energy=1,i0=2,it=3',
    );
  }
  const spacing = monoSpacing_A(metadata);
  if (spacing === null) {
    throw new InputError(
      'gives mono angles without a d-spacing, so no energies can be made of them',
      place,
      'add # Mono.d_spacing: 3.1356 to its header',
    );
  }
  const factor = unitFactor(angle.unit ?? 'deg', 'angle') ?? 1;
  const energies = angle.values.map((value) => braggEnergy_eV((value * factor * Math.PI) / 180, spacing));
  return { energies, assumption: null };
}

function energiesOfColumn({ unit, values, name }: Column, edge_eV: number | null): ScanEnergies {
  const stated = unit === null ? null : unitFactor(unit, 'energy');
  if (stated !== null) {
    return { energies: stated === 1 ? values : values.map((value) => value * stated), assumption: null };
  }
  const [low, high] = rangeOf(values) ?? [Number.NaN, Number.NaN];
  const covers = (factor: number): boolean =>
    edge_eV !== null && low * factor - 10 <= edge_eV && high * factor + 10 >= edge_eV;
  const keV = edge_eV === null ? high < LEAST_EV : high < MOST_KEV && covers(1000) && !covers(1);
  if (!(keV && low > 0.1)) return { energies: values, assumption: null };
  return {
    energies: values.map((value) => value * 1000),
    assumption: `column '${name}' has no unit; its values, ${low} to ${high}, are taken as keV`,
  };
}
