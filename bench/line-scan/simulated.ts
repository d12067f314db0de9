/** Random scans from the project's own simulator, with their truth. */
import type { LineScan } from '../../src/measurement.js';
import type { Random } from '../../src/numeric/random.js';
import { cutCell } from '../../src/simulate/cell.js';
import { simulateLineScan } from '../../src/simulate/line-scan.js';
import { parseSettings } from '../../src/simulate/settings.js';

export interface ScanTruth {
  hypothesis: 'in-on-6h' | 'in-on-6g' | 'in-on-y' | 'y-migration' | 'none';
  amount: number;
  edges_um: number[];
  settings: string[];
}

const SITE = {
  'in-on-6h': '6h',
  'in-on-6g': '6g',
  'in-on-y': 'y',
  'y-migration': 'y-migration',
  none: 'none',
};

export function randomSettings(random: Random, hypothesis: ScanTruth['hypothesis']): ScanTruth {
  const inner = random.uniform(8, 26);
  const edges_um = hypothesis === 'none' ? [inner] : [inner, inner + random.uniform(5, 24)];
  const amount =
    hypothesis === 'none'
      ? 0
      : hypothesis === 'y-migration'
        ? random.uniform(0.05, 0.25)
        : random.uniform(0.08, 0.5);
  const counts = Math.exp(random.uniform(Math.log(400), Math.log(4000)));
  const settings = Object.entries({
    site: SITE[hypothesis],
    x: amount.toFixed(4),
    edges: edges_um.map((e) => e.toFixed(4)).join(','),
    variant: ['default', 'default', 'ordered', 'swapped', 'asano', 'obelix'][random.integer(6)],
    width: random.uniform(0.1, 1.4).toFixed(3),
    'beam-shape': random.uniform() < 0.7 ? 'box' : 'gaussian',
    counts: counts.toFixed(0),
    background: (counts * random.uniform(0.03, 0.4)).toFixed(0),
    texture: random.uniform(0.8, 1.2).toFixed(3),
    'anode-texture': random.uniform(0.7, 1.3).toFixed(3),
    grain: random.uniform(0, 0.08).toFixed(3),
    gain: random.uniform(0, 0.1).toFixed(3),
    zero: random.uniform(-0.03, 0.03).toFixed(4),
    fwhm: random.uniform(0.06, 0.2).toFixed(3),
    size: random.uniform(0.1, 1).toFixed(2),
    liin: random.uniform(0.2, 0.8).toFixed(2),
  }).map(([key, value]) => `${key}=${value}`);
  return { hypothesis, amount, edges_um: edges_um.map((e) => Number(e.toFixed(4))), settings };
}

export function simulated(truth: ScanTruth, seed: number): LineScan {
  const { settings, given } = parseSettings(truth.settings);
  const { patterns, positions_um } = simulateLineScan(settings, cutCell(settings, given), seed);
  return {
    name: `scan ${seed}`,
    wavelength_A: settings.wavelength,
    integration: 'mean-per-pixel',
    beam_um: settings.beam,
    positions_um,
    rows: new Int32Array(patterns.length),
    patterns,
    phases: ['Li3YCl6', 'In', 'LiIn'].map((name) => ({ name, cif: null })),
    dopant: { element: 'In', into: 'Li3YCl6' },
  };
}
