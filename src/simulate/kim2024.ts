import { type CutCell, cutCell } from './cell.js';
import { simulateChlorine } from './chlorine-points.js';
import { type SimulatedMap, simulateElementMap } from './element-map.js';
import { type SimulatedStack, simulateStack } from './energy-stack.js';
import { simulateHardXanes } from './hard-xanes.js';
import { type SimulatedScan, simulateLineScan } from './line-scan.js';
import { parseSettings, type Settings } from './settings.js';
import type { SimulatedSpectrum } from './spectrum-scan.js';

/** The measurements of one simulated experiment, before they become files. Absent parts are null or empty. */
export interface SimulatedExperiment {
  preset: 'kim2024';
  seed: number;
  settings: Settings;
  cell: CutCell;
  scan: SimulatedScan | null;
  spectra: SimulatedSpectrum[];
  map: SimulatedMap | null;
  stack: SimulatedStack | null;
}

/**
 * The experiment of Kim et al. 2024 (Li3YCl6 against Li-In): a diffraction line scan, chlorine points, hard XANES,
 * an XRF map and a ten-energy yttrium stack, all of one cut cell. The same seed and settings give the same numbers.
 * @param assignments `key=value` texts, as `--set` takes them
 * @throws InputError for settings that cannot be used
 */
export function simulateKim2024(assignments: readonly string[], seed: number): SimulatedExperiment {
  const { settings, given } = parseSettings(assignments);
  const cell = cutCell(settings, given);
  const parts = new Set(settings.parts.split(/[,;]/).map((part) => part.trim()));
  const spectra = parts.has('xas')
    ? [
        ...simulateChlorine(settings, cell, pointsOn(settings, cell), seed),
        ...simulateHardXanes(settings, cell, seed),
      ]
    : [];
  return {
    preset: 'kim2024',
    seed,
    settings,
    cell,
    scan: parts.has('uxrd') ? simulateLineScan(settings, cell, seed) : null,
    spectra,
    map: parts.has('xrf') ? simulateElementMap(settings, cell, seed) : null,
    stack: parts.has('stack') ? simulateStack(settings, cell, seed) : null,
  };
}

/** Where P1 (cathode) to P6 (anode) lie on the map. */
function pointsOn(settings: Settings, cell: CutCell): Record<string, { x_um: number; y_um: number }> {
  const pixel = settings['map.pixel'];
  const y_um = Math.round((settings['map.ny'] / 2) * pixel);
  const start = settings['map.start'];
  const end = start + cell.mapThickness_um;
  const cathode = 0.84 * settings['map.nx'] * pixel;
  const at = (x_um: number) => ({ x_um: Math.round(x_um), y_um });
  return {
    P1: at(cathode + 40),
    P2: at(cathode),
    P3: at(end + 0.6 * (cathode - end)),
    P4: at(end + 0.3 * (cathode - end)),
    P5: at((start + end) / 2),
    P6: at(0.5 * start),
  };
}
