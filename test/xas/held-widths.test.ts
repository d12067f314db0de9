import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { CalibratedSpectrum } from '../../src/measurement.js';
import { edgeFeaturesOf } from '../../src/xas/edge/analyse-edge.js';
import { normalizeSpectrum } from '../../src/xas/normalize/normalize.js';
import { givenWidths, type HeldWidths } from '../../src/xas/peaks/given-widths.js';
import { voigt, voigtFwhm, voigtGauss } from '../../src/xas/peaks/lineshapes.js';
import { defaultPeakWindows } from '../../src/xas/peaks/peak-windows.js';
import { fitPreEdge, type PreEdgeFit } from '../../src/xas/peaks/pre-edge-fit.js';
import { preEdgeFrame } from '../../src/xas/peaks/pre-edge-frame.js';
import { interphase } from '../support/cli.js';
import { entryOf, runSpectroscopy } from './run-stages.js';
import { chlorideEnergies, chlorideNorm, chlorideTruth, randomSource } from './simulated.js';

const file = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/kim2024/xas/Cl_${name}.xdi.gz`, import.meta.url));

describe('the width of a Voigt profile', () => {
  it.each([
    [1, 0.1],
    [0.5, 0.64],
    [0.1, 1],
  ])('of %f and %f eV is where it has half its height, to 0.05 %%', (gauss, lorentz) => {
    const half = voigtFwhm(gauss, lorentz) / 2;
    const ratio = (d: number) => voigt(d, gauss, lorentz) / voigt(0, gauss, lorentz);
    expect(ratio(half * 0.9995)).toBeGreaterThan(0.5);
    expect(ratio(half * 1.0005)).toBeLessThan(0.5);
    expect(voigtGauss(2 * half, lorentz)).toBeCloseTo(gauss, 10);
  });

  it('leaves nothing for the Gaussian where the Lorentzian is as wide', () => {
    expect(voigtGauss(0.6, 0.64)).toBe(0);
  });
});

describe('given widths', () => {
  it('are those of the tables: Krause and Oliver, and Si(111)', () => {
    expect(givenWidths('free', 'Cl', 'K')).toBeNull();
    const widths = givenWidths('tables', 'Cl', 'K')!;
    expect(widths.core_eV).toBe(0.64);
    expect(widths.resolution_eV).toBeCloseTo(1.33e-4 * 2822, 6);
    expect(widths.mayBroaden).toBe(false);
    expect(givenWidths('core-hole', 'Y', 'K', { resolution_eV: 1.1 })).toEqual({
      core_eV: 3.52,
      resolution_eV: 1.1,
      mayBroaden: true,
    });
  });

  it('are refused where they are not held, or no widths', () => {
    expect(() => givenWidths('free', 'Cl', 'K', { resolution_eV: 0.4 })).toThrow(/all widths are free/);
    expect(() => givenWidths('tables', 'Cl', 'K', { core_eV: -1 })).toThrow(/positive/);
  });
});

/** Peaks a and b as Voigt profiles of a core hole of 0.64 and a Gaussian of 0.9 eV. */
const PEAKS = [
  { name: 'a', centre_eV: 2823.3, area: 0.12 },
  { name: 'b', centre_eV: 2824.5, area: 0.45 },
];

function fitted(held: HeldWidths, seed: number) {
  const noise = 0.01;
  const energy_eV = chlorideEnergies();
  const random = randomSource(seed);
  const edge = chlorideNorm(energy_eV, chlorideTruth({ peaks: [] }));
  const mu = energy_eV.map((e, i) => {
    const peaks = PEAKS.reduce((sum, p) => sum + p.area * voigt(e - p.centre_eV, 0.9, 0.64), 0);
    return 0.3 + edge[i]! + peaks + noise * random.normal();
  });
  const spectrum = {
    ...{ label: 'simulated', element: 'Cl', edge: 'K', energy_eV, mu, sigma: null, reference: null },
    source: 'fluorescence',
    shift_eV: { value: 0, sigma: 0 },
  } as unknown as CalibratedSpectrum;
  const { spectrum: normalized } = normalizeSpectrum(spectrum, edgeFeaturesOf(spectrum)!);
  const windows = defaultPeakWindows('Cl', 'K');
  const widths = givenWidths(held, 'Cl', 'K', held === 'free' ? {} : { resolution_eV: 0.9 });
  return fitPreEdge(normalized, windows, preEdgeFrame(normalized, windows, widths));
}

describe('peaks of held widths', () => {
  it('are found more surely and narrower than with free widths, and their intervals hold the truth', () => {
    let [inside, found] = [0, 0];
    let narrower = 0;
    for (const seed of [1, 2]) {
      const { peaks, model } = fitted('tables', seed);
      const free = fitted('free', seed);
      expect(model).toContain('Voigt peaks, core hole 0.640 eV, Gaussian 0.900 eV');
      for (const truth of PEAKS) {
        const peak = peaks.find(({ name }) => name === truth.name);
        if (!peak) continue;
        found++;
        const height = truth.area * voigt(0, 0.9, 0.64);
        const held = (value: { value: number; sigma: number }, true_: number): boolean =>
          Math.abs(value.value - true_) < 1.96 * value.sigma;
        expect(peak.fwhm_eV.value).toBeCloseTo(voigtFwhm(0.9, 0.64), 6);
        expect(peak.fwhm_eV.sigma).toBeCloseTo(0.1 * peak.fwhm_eV.value, 3);
        if (held(peak.area, truth.area) && held(peak.height, height)) inside++;
        const other = free.peaks.find(({ name }) => name === truth.name);
        if (!other || peak.area.sigma < 0.6 * other.area.sigma) narrower++;
      }
    }
    expect(found).toBe(4);
    expect(inside).toBeGreaterThanOrEqual(3);
    expect(narrower).toBeGreaterThanOrEqual(3);
  });

  it('may be broader than the instrument where only the core hole is held', () => {
    const { peaks } = fitted('core-hole', 4);
    const b = peaks.find(({ name }) => name === 'b')!;
    expect(b.fwhm_eV.value).toBeGreaterThanOrEqual(voigtFwhm(0.9, 0.64) - 1e-6);
    expect(Math.abs(b.area.value - 0.45)).toBeLessThan(1.96 * b.area.sigma);
  });

  it('are asked for by a flag', () => {
    const { stdout } = interphase(['xas', 'peaks', file('P5'), '--widths', 'core-hole', '--json']);
    const [row] = JSON.parse(stdout) as { model: string; peaks: { name: string }[] }[];
    expect(row!.model).toMatch(/core hole 0\.640 eV, Gaussian at least 0\.375 eV/);
    expect(row!.peaks.map(({ name }) => name)).toContain('b');
    const wrong = interphase(['xas', 'peaks', file('P5'), '--resolution', '0.4']);
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toMatch(/all widths are free/);
  });

  it('are asked for by the pipeline file', async () => {
    const { products } = await runSpectroscopy([entryOf(file('P5'), 'P5', 'Cl', 'sample', { edge: 'K' })], {
      'fit-peaks': { widths: 'tables', core_width_eV: 0.7, resolution_eV: 0.8 },
    });
    const [item] = products.get('peak-fits')!;
    expect((item!.value as { fit: PreEdgeFit }).fit.model).toContain('core hole 0.700 eV, Gaussian 0.800 eV');
  });
});
