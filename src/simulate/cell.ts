import { InputError } from '../errors.js';
import type { SettingKey, Settings } from './settings.js';

/**
 * The cut through the simulated cell: what all its measurements have in common.
 * After 50 cycles the AEI is 2-3 um thick, 5 um after 100, about 50 um (map, SEM) after 500 and 1000; the diffraction
 * line scan of the same cells shows 15 um. The two are kept apart, as published.
 */
export interface CutCell {
  present: boolean;
  /** Boundaries on the line scan: anode|aei and aei|electrolyte, or anode|electrolyte alone. */
  edges_um: number[];
  /** In per formula unit in the AEI (or the fraction of Y moved); 0 without AEI. */
  amount: number;
  kind: 'in-on-6h' | 'in-on-6g' | 'in-on-y' | 'y-migration' | 'none';
  mapThickness_um: number;
  /** InCl3-like share of the chlorine spectrum of the AEI. */
  indiumShare: number;
}

const CYCLES = [0, 50, 100, 500];
const ON_MAP = [0, 2.5, 5, 48];
const ON_SCAN = [0, 2.5, 5, 14.9];

function thicknessAfter(cycles: number, table: readonly number[]): number {
  const i = CYCLES.findIndex((c) => cycles < c);
  if (i < 0) return table.at(-1)!;
  const share = (cycles - CYCLES[i - 1]!) / (CYCLES[i]! - CYCLES[i - 1]!);
  return table[i - 1]! + share * (table[i]! - table[i - 1]!);
}

/** @throws InputError for edges that are not one or two ascending positions */
export function cutCell(settings: Settings, given: ReadonlySet<SettingKey>): CutCell {
  const edges = edgesOf(settings, given);
  const present = settings.aei && settings.site !== 'none' && settings.x > 0 && edges.length === 2;
  const kind = present ? KINDS[settings.site] : 'none';
  const holdsIndium = kind.startsWith('in-on');
  return {
    present,
    edges_um: present ? edges : edges.slice(0, 1),
    amount: present ? settings.x : 0,
    kind,
    mapThickness_um: !present
      ? 0
      : settings['map.thickness'] >= 0
        ? settings['map.thickness']
        : thicknessAfter(settings.cycles, ON_MAP),
    indiumShare: !holdsIndium
      ? 0
      : settings['cl.weight'] >= 0
        ? settings['cl.weight']
        : Math.min(1, 1.9 * settings.x),
  };
}

const KINDS = {
  '6h': 'in-on-6h',
  '6g': 'in-on-6g',
  y: 'in-on-y',
  'y-migration': 'y-migration',
  none: 'none',
} as const;

function edgesOf(settings: Settings, given: ReadonlySet<SettingKey>): number[] {
  const edges = settings.edges;
  if (edges.length < 1 || edges.length > 2 || (edges.length === 2 && !(edges[1]! > edges[0]!)))
    throw new InputError(
      `--set edges=${edges.join(',')} cannot be used`,
      null,
      'write one or two ascending positions',
    );
  if (given.has('edges') || edges.length === 1) return [...edges];
  const thickness = thicknessAfter(settings.cycles, ON_SCAN);
  return thickness > 0 ? [edges[0]!, edges[0]! + thickness] : [edges[0]!];
}
