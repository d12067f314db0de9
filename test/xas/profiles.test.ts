import { describe, expect, it } from 'vitest';
import { readSpectrumScans } from '../../src/formats/spectra/spectrum-file.js';
import { spectrumFromScan } from '../../src/formats/spectra/spectrum-from-scan.js';
import { changeOf } from '../../src/xas/curve/curve-change.js';
import { larchE0 } from '../../src/xas/edge/larch-e0.js';
import { athenaNormalization } from '../../src/xas/normalize/athena-normalization.js';
import { larchNormalization } from '../../src/xas/normalize/larch-normalization.js';
import { strictNormalization } from '../../src/xas/normalize/strict-normalization.js';
import { describeReal, sharedData } from '../support/shared-data.js';
import { chlorideSpectrum, chlorideTruth } from './simulated.js';

const arctanEdge = (energy: Float64Array, e0: number, width: number): Float64Array =>
  energy.map((e) => 0.2 - 1e-4 * (e - e0) + 0.5 + Math.atan((e - e0) / width) / Math.PI);
const grid = (from: number, to: number, step: number): Float64Array =>
  Float64Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => from + i * step);

describe('Larch profile', () => {
  it('takes a grid point as e0, and Larch’s default ranges', () => {
    const energy = grid(7000, 7500, 1);
    const made = larchNormalization(energy, arctanEdge(energy, 7112, 1.5));
    expect(made.e0_eV).toBe(7112);
    expect(made.ranges).toEqual({ pre1_eV: -110, pre2_eV: -55, norm1_eV: 25, norm2_eV: 388, degree: 2 });
  });

  it('refuses what Larch cannot do: fewer than 13 points without an e0', () => {
    const energy = grid(17000, 17100, 10);
    expect(() => larchE0(energy, arctanEdge(energy, 17045, 3))).toThrow(/13 points/);
    const made = larchNormalization(energy, arctanEdge(energy, 17045, 3), { e0_eV: 17045 });
    expect(made.ranges.degree).toBe(1);
  });

  it('gives a falling edge a positive step and a norm that runs to -1', () => {
    const energy = grid(7000, 7500, 1);
    const falling = arctanEdge(energy, 7112, 1.5).map((value) => -value);
    const made = larchNormalization(energy, falling, { e0_eV: 7112 });
    expect(made.edgeStep).toBeGreaterThan(0.8);
    expect(made.norm.at(-1)).toBeCloseTo(-1, 1);
  });
});

describe('Athena profile', () => {
  it('uses 150 to 100 eV before the end with three terms, and its XANES ranges on short data', () => {
    const wide = grid(6900, 7900, 1);
    expect(athenaNormalization(wide, arctanEdge(wide, 7112, 1.5)).ranges).toEqual({
      pre1_eV: -150,
      pre2_eV: -30,
      norm1_eV: 150,
      norm2_eV: 688,
      degree: 2,
    });
    const short = grid(7050, 7200, 0.5);
    const made = athenaNormalization(short, arctanEdge(short, 7112, 1.5));
    expect(made.ranges).toMatchObject({ pre2_eV: -30, norm1_eV: 15, norm2_eV: 88, degree: 1 });
  });
});

describe('strict profile', () => {
  it('works on ten energies over 100 eV', () => {
    const energy = grid(17000, 17100, 11);
    const mu = arctanEdge(energy, 17045, 2);
    const sigma = new Float64Array(energy.length).fill(1e-4);
    const made = strictNormalization(energy, mu, sigma, { e0_eV: 17045, onset_eV: 17045, width_eV: 4 });
    // An arctangent reaches only 0.97 of its step within the range.
    expect(Math.abs(made.step.value - 1)).toBeLessThan(0.08);
    expect(made.step.sigma).toBeLessThan(0.1);
    expect(made.norm.at(-1)).toBeCloseTo(1, 1);
  });

  it('covers the true step of a chloride with its uncertainty, and tells an inverted signal', () => {
    const { energy_eV, mu } = chlorideSpectrum(chlorideTruth({ peaks: [] }), 3);
    const sigma = new Float64Array(mu.length).fill(0.004);
    const anchors = { e0_eV: 2826, onset_eV: 2826, width_eV: 0.74 };
    const made = strictNormalization(energy_eV, mu, sigma, anchors);
    expect(Math.abs(made.step.value - 1)).toBeLessThan(4 * made.step.sigma);
    const inverted = strictNormalization(
      energy_eV,
      mu.map((v) => -v),
      sigma,
      anchors,
    );
    expect(inverted.warnings.join()).toMatch(/inverted/);
  });

  it('tells how another choice changes the whole curve', () => {
    const { energy_eV, mu } = chlorideSpectrum(chlorideTruth({ peaks: [] }), 9);
    const sigma = new Float64Array(mu.length).fill(0.004);
    const anchors = { e0_eV: 2826, onset_eV: 2826, width_eV: 0.74 };
    const made = strictNormalization(energy_eV, mu, sigma, anchors);
    const { norm1_eV, norm2_eV } = made.ranges;
    const others = {
      norm2: { norm2_eV: norm2_eV - (norm2_eV - norm1_eV) / 4 },
      preDegree: { preDegree: 0 as const },
    };
    for (const [name, choices] of Object.entries(others)) {
      const other = strictNormalization(energy_eV, mu, sigma, anchors, choices);
      const told = changeOf(made.stepChanges[name]![0]!, energy_eV, made.norm, 1);
      const change = other.norm.map((value, i) => value - made.norm[i]!);
      const largest = Math.max(...change.map(Math.abs));
      expect(largest).toBeGreaterThan(0.001);
      change.forEach((value, i) => {
        expect(Math.abs(value - told[i]!)).toBeLessThan(0.1 * largest);
      });
    }
  });

  it('refuses a spectrum without a pre-edge', () => {
    const energy = grid(7120, 7300, 1);
    const flat = new Float64Array(energy.length).fill(1);
    expect(() =>
      strictNormalization(energy, flat, flat, { e0_eV: 7112, onset_eV: 7112, width_eV: 1.5 }),
    ).toThrow(/below the edge/);
  });
});

// e0 and edge step as xraylarch 2026.3.1 gives them for these files (bench/xas/compare-larch.ts compares whole curves).
describeReal('Larch profile on real spectra', () => {
  it.each([
    ['KCl', 2824.02, 0.9942830416664152],
    ['NaCl', 2824.5, 0.9320134952968187],
    ['CoCl2', 2824.47, 0.6157952775180955],
    ['PdCl2', 2819.67, 0.249507015203988],
    ['PbCl2', 2821.01, 0.23505718257275765],
    ['CoCl2_oxidized', 2823.9, 0.8125912625708778],
  ])('%s of the chlorine project', async (name, e0, step) => {
    const scans = await readSpectrumScans(`${sharedData}xas/cl-k/Cl_CAMD.prj`);
    const scan = scans.find(({ title }) => title.trim() === name)!;
    const { energy_eV, mu } = spectrumFromScan(scan, { element: 'Cl', edge: 'K', label: name });
    const made = larchNormalization(energy_eV, mu);
    expect(made.e0_eV).toBeCloseTo(e0, 6);
    expect(Math.abs(made.edgeStep / step - 1)).toBeLessThan(1e-9);
  });
});
