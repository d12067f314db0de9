import { describe, expect, it } from 'vitest';
import { CubicSpline, interpolateAt } from '../../src/numeric/interpolate.js';
import { simulateKim2024 } from '../../src/simulate/kim2024.js';
import type { SimulatedSpectrum } from '../../src/simulate/spectrum-scan.js';
import { inflectionsOf, mainInflection } from '../../src/simulate/xanes-shape.js';

const spectraOf = (seed: number, ...texts: string[]) =>
  simulateKim2024(['parts=xas', ...texts], seed).spectra;
const find = (spectra: SimulatedSpectrum[], edge: string, label: string) =>
  spectra.find((s) => `${s.element} ${s.edge}` === edge && s.label === label)!;
const column = ({ columns }: SimulatedSpectrum, role: string) => columns.find((c) => c.role === role)!.values;

/** Absorption as a smooth function of the measured energy, made from the raw columns alone. */
function absorption(spectrum: SimulatedSpectrum, kind: 'transmission' | 'fluorescence' | 'reference') {
  const energy = column(spectrum, 'energy');
  const [top, bottom] =
    kind === 'transmission'
      ? ['i0', 'itrans']
      : kind === 'reference'
        ? ['itrans', 'irefer']
        : ['fluorescence', 'i0'];
  const ratio = column(spectrum, top!).map((value, i) => value / column(spectrum, bottom!)[i]!);
  const spline = new CubicSpline(energy, kind === 'fluorescence' ? ratio : ratio.map(Math.log));
  return (e: number) => spline.at(e);
}

describe('simulated spectra', () => {
  const clean = spectraOf(1, 'noise=false');

  it('puts the calibration features where the experiment file says, less the shift', () => {
    const foil = inflectionsOf(absorption(find(clean, 'Y K', 'Y foil'), 'transmission'), 17_020, 17_065);
    expect(foil[0]!.energy_eV + 0.6).toBeCloseTo(17_038, 0);
    expect(Math.abs(foil[0]!.energy_eV + 0.6 - 17_038)).toBeLessThan(0.15);
    expect(foil[0]!.prominence).toBeLessThan(0.95);
    expect(foil[1]!.energy_eV - foil[0]!.energy_eV).toBeGreaterThan(7);
    const KCl = find(clean, 'Cl K', 'KCl');
    const stated = Number.parseFloat(KCl.entry.e0!);
    expect(mainInflection(absorption(KCl, 'fluorescence'), 2820, 2828) + 0.4).toBeCloseTo(stated, 1);
    const indium = mainInflection(absorption(find(clean, 'In K', 'In foil'), 'transmission'), 27_915, 27_965);
    expect(Math.abs(indium + 3.5 - 27_940)).toBeLessThan(0.3);
  });

  it('moves the In edge of the cycled anode by the stated shift; its own reference foil stays', () => {
    const [before, after] = [find(clean, 'In K', 'anode pristine'), find(clean, 'In K', 'anode cycled')];
    const main = (s: SimulatedSpectrum, kind: 'transmission' | 'reference') =>
      mainInflection(absorption(s, kind), 27_915, 27_965);
    expect(main(after, 'transmission') - main(before, 'transmission')).toBeCloseTo(1, 1);
    expect(main(after, 'reference')).toBeCloseTo(main(before, 'reference'), 6);
    expect((after.truth.edge_shift_eV as { value: number }).value).toBeCloseTo(1, 2);
    const weights = after.truth.weights as Record<string, number>;
    expect(weights['In foil']! + weights.InCl3!).toBeCloseTo(1, 9);
    expect(weights.InCl3).toBeGreaterThan(0.2);
    const far = find(spectraOf(1, 'noise=false', 'edge-shift.in=6'), 'In K', 'anode cycled');
    expect((far.truth.edge_shift_eV as { value: number }).value).toBeCloseTo(6, 2);
  });

  it('mixes the AEI point from its references with the stated weights', () => {
    const mu = (label: string) => absorption(find(clean, 'Cl K', label), 'fluorescence');
    const at = 2824.1;
    const norm = (label: string) => (mu(label)(at) - mu(label)(2776)) / (mu(label)(2905) - mu(label)(2776));
    expect(find(clean, 'Cl K', 'P5').truth.weights).toEqual({ LYC: 1 - 0.38, InCl3: 0.38 });
    expect(norm('P5')).toBeCloseTo(0.62 * norm('LYC') + 0.38 * norm('InCl3'), 2);
    expect(find(spectraOf(1, 'aei=false'), 'Cl K', 'P5').truth.weights).toEqual({ LYC: 1, InCl3: 0 });
  });

  it('counts with Poisson noise, and over-absorbs only when told', () => {
    const [a, b] = [2, 3].map((seed) =>
      column(find(spectraOf(seed, 'shift-jitter=0'), 'Cl K', 'LYC'), 'fluorescence'),
    );
    const energy = column(find(clean, 'Cl K', 'LYC'), 'energy');
    let chi2 = 0;
    let n = 0;
    for (let i = 1; i < energy.length - 1; i++) {
      // Second differences of the difference are free of the slow drift of the beam.
      const d = (k: number) => a![k]! - b![k]!;
      chi2 += (d(i - 1) - 2 * d(i) + d(i + 1)) ** 2 / (6 * (a![i]! + b![i]!));
      n++;
    }
    expect(chi2 / n).toBeGreaterThan(0.75);
    expect(chi2 / n).toBeLessThan(1.35);
    const flat = spectraOf(1, 'noise=false', 'cl.over-absorption=1.5');
    const top = (s: SimulatedSpectrum[]) => {
      const mu = absorption(find(s, 'Cl K', 'P3'), 'fluorescence');
      return (mu(2826.5) - mu(2776)) / (mu(2900) - mu(2776));
    };
    expect(top(flat)).toBeLessThan(0.85 * top(clean));
    expect(interpolateAt(energy, energy, 2800)).toBe(2800);
  });
});
