import { Random } from '../numeric/random.js';
import type { CutCell } from './cell.js';
import { chlorineShapes } from './reference-shapes.js';
import type { Settings } from './settings.js';
import { energyGrid, fluorescenceColumns, type SimulatedSpectrum } from './spectrum-scan.js';
import { mainInflection, mixtureAt } from './xanes-shape.js';

type Mixture = Partial<Record<keyof typeof chlorineShapes, number>>;

/** Chlorine K spectra: the calibrant KCl, five references and the points P1 to P6 across the cell. */
export function simulateChlorine(
  settings: Settings,
  cell: CutCell,
  points: Record<string, { x_um: number; y_um: number }>,
  seed: number,
): SimulatedSpectrum[] {
  const w = cell.indiumShare;
  // P6, in the anode, holds what chloride was dragged along: reduced indium where there is an interphase.
  const mixtures: Record<string, Mixture> = {
    P1: { LYC: 1 },
    P2: { LYC: 1 },
    P3: { LYC: 1 },
    P4: { LYC: 1 },
    P5: { LYC: 1 - w, InCl3: w },
    P6: w > 0 ? { LYC: 0.45, InCl3: 0.3, InCl: 0.25 } : { LYC: 1 },
  };
  const dilution: Record<string, number> = { P1: 0.3, P6: 0.25 };
  const spectra = (['KCl', 'LYC', 'YCl3', 'InCl3', 'InCl', 'LiCl'] as const).map((name) =>
    spectrum(name, { [name]: 1 }, name === 'KCl' ? 'calibrant' : 'reference', 2, settings, seed),
  );
  for (const [label, mixture] of Object.entries(mixtures)) {
    const made = spectrum(label, mixture, 'sample', dilution[label] ?? 1, settings, seed);
    const { x_um, y_um } = points[label]!;
    made.entry.at = `{ x: ${x_um} um, y: ${y_um} um }`;
    spectra.push(made);
  }
  return spectra;
}

function spectrum(
  label: string,
  mixture: Mixture,
  role: SimulatedSpectrum['role'],
  dose: number,
  settings: Settings,
  seed: number,
): SimulatedSpectrum {
  const random = settings.noise ? new Random(seed, `Cl K ${label}`) : null;
  const shift = settings['shift.cl'] + (random ? random.normal(0, settings['shift-jitter']) : 0);
  const parts = Object.entries(mixture).map(([name, weight]) => ({
    shape: chlorineShapes[name as keyof typeof chlorineShapes],
    weight: weight!,
  }));
  const at = (energy: number) => mixtureAt(parts, energy);
  const energy = energyGrid([
    [2775, 2815, 0.5],
    [2815, 2820, 0.2],
    [2820, 2835, 0.1],
    [2835, 2850, 0.25],
    [2850, 2910, 0.75],
  ]);
  const mu = energy.map((measured) => at(measured + shift));
  const e0 = mainInflection(at, 2818, 2832);
  const alpha = role === 'sample' ? settings['cl.over-absorption'] : 0;
  return {
    file: `xas/Cl_${label}.xdi`,
    label,
    element: 'Cl',
    edge: 'K',
    role,
    columns: fluorescenceColumns(energy, mu, settings['cl.counts'] * dose, alpha, random),
    header: { 'Mono.name': 'Si(111)', 'Mono.d_spacing': '3.13560', 'Sample.name': label },
    entry: role === 'calibrant' ? { e0: `${e0.toFixed(2)} eV`, feature: 'main-inflection' } : {},
    truth: {
      e0_eV: e0,
      calibration_shift_eV: shift,
      peaks: parts.length === 1 ? parts[0]!.shape.peaks : undefined,
      weights: mixture,
      over_absorption_alpha: alpha,
    },
  };
}
