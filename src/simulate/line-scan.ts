import { InputError } from '../errors.js';
import { HC_EV_ANGSTROM } from '../formats/common/constants.js';
import type { Integration, Pattern } from '../measurement.js';
import { normalCdf } from '../numeric/error-function.js';
import { Random } from '../numeric/random.js';
import { attenuationLength_um } from '../reference/attenuation.js';
import { builtInPhase } from '../xrd/crystal/built-in-phases.js';
import type { CutCell } from './cell.js';
import { applyFaults } from './frame-faults.js';
import { type Instrument, type PhasePattern, phasePattern } from './phase-pattern.js';
import type { Settings } from './settings.js';

export interface SimulatedScan {
  patterns: Pattern[];
  positions_um: Float64Array;
  /** Volume fraction of anode, AEI and electrolyte that each pattern saw. */
  fractions: { anode: Float64Array; aei: Float64Array; electrolyte: Float64Array };
}

/** Simulates the diffraction line scan: one powder pattern a position. */
export function simulateLineScan(settings: Settings, cell: CutCell, seed: number): SimulatedScan {
  const grid = twoThetaGrid(settings['two-theta']);
  const instrument: Instrument = {
    wavelength_A: settings.wavelength,
    integration: settings.integration as Integration,
    fwhm_deg: settings.fwhm,
    size_um: settings.size,
    zero_deg: settings.zero,
  };
  const { anode, aei, electrolyte } = regionPhases(settings, cell, grid, instrument);
  const toCounts = settings.counts / peakHeight(electrolyte, '3 0 1');
  const positions_um = positionsOf(settings, seed);
  const fractions = regionFractions(positions_um, cell.edges_um, settings);
  const patterns = Array.from(positions_um, (_, i) => {
    const random = new Random(seed, `pattern ${i}`);
    const expected = backgroundOf(grid, settings.background, settings.noise ? random : null);
    const gain = settings.noise ? Math.exp(random.normal(0, settings.gain)) : 1;
    const scatter = settings.noise ? settings.grain : 0;
    for (const phase of anode)
      addPhase(expected, phase, gain * toCounts * fractions.anode[i]!, 2 * scatter, random);
    addPhase(expected, aei, gain * toCounts * fractions.aei[i]!, scatter, random);
    addPhase(expected, electrolyte, gain * toCounts * fractions.electrolyte[i]!, scatter, random);
    const intensity = settings.noise ? expected.map((mean) => random.poisson(mean)) : expected;
    const sigma = intensity.map((value) => Math.sqrt(Math.max(value, 1)));
    return { label: `scan_${String(i + 1).padStart(4, '0')}`, twoTheta_deg: grid, intensity, sigma };
  });
  return { patterns: applyFaults(patterns, settings.faults), positions_um, fractions };
}

function positionsOf({ patterns, start, step, positions }: Settings, seed: number): Float64Array {
  const random = new Random(seed, 'positions');
  let at = start;
  const even = Float64Array.from({ length: patterns }, (_, i) => start + i * step);
  if (positions === 'reversed') return even.reverse();
  if (positions === 'even') return even;
  return even.map((_, i) => {
    if (i > 0) at += step * random.uniform(0.4, 1.6);
    return Number(at.toFixed(3));
  });
}

function twoThetaGrid([first, last, step]: readonly number[]): Float64Array {
  const count = Math.round((last! - first!) / step!) + 1;
  if (!(first! > 0 && last! > first! && last! < 170 && step! > 0 && count <= 200_000))
    throw new InputError(
      `--set two-theta=${first},${last},${step} cannot be used`,
      null,
      'write first, last and step in degrees, such as 11,45,0.02',
    );
  return Float64Array.from({ length: count }, (_, i) => Number((first! + i * step!).toFixed(6)));
}

function regionPhases(settings: Settings, cell: CutCell, grid: Float64Array, instrument: Instrument) {
  const energy_eV = HC_EV_ANGSTROM / settings.wavelength;
  const host = builtInPhase(settings.variant === 'default' ? 'Li3YCl6' : `Li3YCl6:${settings.variant}`);
  const depth = (formula: string, density: number) => attenuationLength_um(formula, density, energy_eV);
  const reference = depth('Li3YCl6', 2.4);
  const kind = cell.kind === 'none' ? null : cell.kind;
  const make = (name: string, weight: number, march: number) =>
    phasePattern(
      { name, structure: builtInPhase(name), substitution: null, march, weight },
      grid,
      instrument,
    );
  const electrolyte = (weight: number, amount: number) =>
    phasePattern(
      {
        name: 'Li3YCl6',
        structure: host,
        substitution: kind ? { kind, amount } : null,
        march: settings.texture,
        weight,
      },
      grid,
      instrument,
    );
  const x = cell.kind === 'y-migration' ? 0 : cell.amount;
  const aeiFormula = cell.kind === 'in-on-y' ? `Li3Y${1 - x}In${x}Cl6` : `Li${3 - 3 * x}YIn${x}Cl6`;
  return {
    // A thick sample scatters in proportion to the depth that its absorption leaves.
    anode: [
      make('In', ((1 - settings.liin) * depth('In', 7.31)) / reference, settings['anode-texture']),
      make('LiIn', (settings.liin * depth('LiIn', 5.18)) / reference, settings['anode-texture']),
    ],
    aei: electrolyte(cell.present && x > 0 ? depth(aeiFormula, 2.5) / reference : 1, cell.amount),
    electrolyte: electrolyte(1, 0),
  };
}

/** Volume seen in each region: the beam's profile over boundaries that are error functions of the intrinsic width. */
export function regionFractions(
  positions_um: Float64Array,
  edges_um: readonly number[],
  settings: Pick<Settings, 'beam' | 'beam-shape' | 'width'>,
) {
  const steps = 81;
  const half = settings['beam-shape'] === 'box' ? settings.beam / 2 : 1.5 * settings.beam;
  const beyond = (edge: number, position: number): number => {
    let sum = 0;
    let weight = 0;
    for (let k = 0; k < steps; k++) {
      const off = half * ((2 * k + 1) / steps - 1);
      const w = settings['beam-shape'] === 'box' ? 1 : Math.exp(-4 * Math.LN2 * (off / settings.beam) ** 2);
      sum += w * normalCdf((position + off - edge) / settings.width);
      weight += w;
    }
    return sum / weight;
  };
  const first = positions_um.map((p) => beyond(edges_um[0]!, p));
  const second = edges_um.length > 1 ? positions_um.map((p) => beyond(edges_um[1]!, p)) : first;
  return {
    anode: first.map((f) => 1 - f),
    aei: first.map((f, i) => Math.max(0, f - second[i]!)),
    electrolyte: second,
  };
}

function peakHeight({ hkl, intensity, shapes }: PhasePattern, wanted: string): number {
  const line = hkl.indexOf(wanted);
  if (line >= 0) return intensity[line]! * Math.max(...shapes[line]!);
  // Outside the range (or another variant's naming): the strongest line serves.
  return Math.max(...intensity.map((value, i) => value * Math.max(...shapes[i]!)));
}

/**
 * Adds a phase; with scatter, each line is multiplied by a gamma variate of mean one whose variance falls with the
 * number of equivalents, as the number of grains that meet the Bragg condition is Poisson distributed.
 */
function addPhase(
  out: Float64Array,
  phase: PhasePattern,
  weight: number,
  scatter: number,
  random: Random,
): void {
  if (!(weight > 0)) return;
  phase.shapes.forEach((shape, line) => {
    const variance = (scatter * scatter * 12) / phase.multiplicity[line]!;
    const factor = variance > 0 ? random.gamma(1 / variance, variance) : 1;
    const area = weight * factor * phase.intensity[line]!;
    for (let i = 0; i < out.length; i++) out[i]! += area * shape[i]!;
  });
}

/** Air and glass scattering that falls with angle, and a broad halo near 19 degrees. */
function backgroundOf(grid: Float64Array, level: number, random: Random | null): Float64Array {
  const tilt = 1 + (random ? random.normal(0, 0.03) : 0);
  const halo = 0.35 * (1 + (random ? random.normal(0, 0.05) : 0));
  return grid.map(
    (angle) =>
      level *
      (0.75 + 0.9 * tilt * Math.exp(-(angle - 10) / 9) + halo * Math.exp(-0.5 * ((angle - 19) / 3.5) ** 2)),
  );
}
