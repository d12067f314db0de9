import { describe, expect, it } from 'vitest';
import { leastSquares } from '../../src/fit/least-squares.js';
import { readSpectrumScans } from '../../src/formats/spectra/spectrum-file.js';
import { spectrumFromScan } from '../../src/formats/spectra/spectrum-from-scan.js';
import type { CalibratedSpectrum } from '../../src/measurement.js';
import { edgeFeaturesOf } from '../../src/xas/edge/analyse-edge.js';
import { larchNormalization } from '../../src/xas/normalize/larch-normalization.js';
import { normalizeSpectrum } from '../../src/xas/normalize/normalize.js';
import type { Component } from '../../src/xas/peaks/components.js';
import { gaussian, lorentzian, step, stepSlope, voigt } from '../../src/xas/peaks/lineshapes.js';
import { buildPeakModel } from '../../src/xas/peaks/peak-model.js';
import { defaultPeakWindows } from '../../src/xas/peaks/peak-windows.js';
import { fitPreEdge } from '../../src/xas/peaks/pre-edge-fit.js';
import { preEdgeFrame } from '../../src/xas/peaks/pre-edge-frame.js';
import { fitPreEdgeSeries, fitSeriesMember, type SeriesMember } from '../../src/xas/peaks/pre-edge-series.js';
import { describeReal, sharedData } from '../support/shared-data.js';
import { type ChlorideTruth, chlorideSpectrum, chlorideTruth } from './simulated.js';

describe('line shapes', () => {
  it('have unit area, and steps the stated slope', () => {
    for (const shape of [gaussian, lorentzian]) {
      let area = 0;
      for (let d = -400; d < 400; d += 0.01) area += 0.01 * shape(d, 1.3);
      expect(area).toBeGreaterThan(0.995);
      expect(area).toBeLessThan(1.0001);
    }
    const h = 1e-5;
    for (const d of [-1.1, 0.2, 0.9])
      for (const form of ['arctan', 'erf'] as const)
        expect(stepSlope(form, d, 1.3)).toBeCloseTo(
          (step(form, d + h, 1.3) - step(form, d - h, 1.3)) / (2 * h),
          7,
        );
  });

  it('agree with scipy’s Voigt profile', () => {
    expect(voigt(0.3, 1, 0.7)).toBeCloseTo(0.47385359494909135, 10);
  });
});

describe('peak model', () => {
  const energy = Float64Array.from({ length: 60 }, (_, i) => 2818 + 0.2 * i);
  const components: Component[] = [
    {
      kind: 'peak',
      name: 'p',
      shape: 'pseudo-voigt',
      area: { value: 0.5 },
      centre: { value: 2822 },
      fwhm: { value: 1.2 },
      eta: { value: 0.3 },
    },
    {
      kind: 'peak',
      name: 'q',
      shape: 'gaussian',
      area: { value: 0.2 },
      centre: { value: 2824 },
      fwhm: { tie: 'p.fwhm' },
    },
    {
      kind: 'step',
      name: 's',
      shape: 'erf',
      height: { value: 1 },
      centre: { value: 2826 },
      fwhm: { value: 2 },
    },
    {
      kind: 'peak',
      name: 'v',
      shape: 'voigt',
      area: { value: 0.3 },
      centre: { value: 2823 },
      fwhm: { value: 0.9 },
      lorentz: { value: 0.64 },
    },
    {
      kind: 'peak',
      name: 'l',
      shape: 'lorentzian',
      area: { value: 0.3 },
      centre: { value: 2827 },
      fwhm: { value: 0.9 },
    },
    { kind: 'polynomial', name: 'b', reference_eV: 2818, coefficients: [{ value: 0.1 }, { value: 0.01 }] },
  ];

  it('gives the derivative of every parameter, tied ones together', () => {
    const { parameters, model, derivative } = buildPeakModel(energy, components);
    const p = Float64Array.from(parameters, ({ value }) => value);
    const [low, high, exact] = [0, 1, 2].map(() => new Float64Array(energy.length)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    parameters.forEach(({ name }, j) => {
      if (name === 'q.eta' || name === 'l.eta') return;
      const h = 1e-5;
      model(
        p.map((v, k) => v - (k === j ? h : 0)),
        low,
      );
      model(
        p.map((v, k) => v + (k === j ? h : 0)),
        high,
      );
      expect(derivative(p, j, exact)).toBe(true);
      exact.forEach((value, i) => {
        expect(value).toBeCloseTo((high[i]! - low[i]!) / (2 * h), 5);
      });
    });
    expect(parameters.map(({ name }) => name)).not.toContain('q.fwhm');
  });

  it('refuses a tie to a parameter that does not exist', () => {
    const broken: Component = {
      kind: 'peak',
      name: 'x',
      shape: 'gaussian',
      area: { value: 1 },
      centre: { value: 2822 },
      fwhm: { tie: 'y.fwhm' },
    };
    expect(() => buildPeakModel(energy, [broken])).toThrow(/y\.fwhm/);
  });
});

describe('pre-edge peaks', () => {
  const windows = defaultPeakWindows('Cl', 'K');
  const fitted = (changes: Partial<ChlorideTruth>, seed: number) => {
    const spectrum = {
      ...chlorideSpectrum(chlorideTruth(changes), seed),
      shift_eV: { value: 0, sigma: 0 },
    } as CalibratedSpectrum;
    const { spectrum: normalized } = normalizeSpectrum(spectrum, edgeFeaturesOf(spectrum)!);
    return fitPreEdge(normalized, windows, preEdgeFrame(normalized, windows));
  };
  const [a, b] = chlorideTruth().peaks as [ChlorideTruth['peaks'][0], ChlorideTruth['peaks'][0]];

  it('invents no peak where there is none, and limits it instead', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const { peaks, absent } = fitted({ peaks: [] }, seed);
      expect(peaks).toEqual([]);
      expect(absent.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
      for (const { areaLimit95 } of absent) expect(areaLimit95).toBeGreaterThan(0);
    }
  });

  it('finds a alone, and b alone, under their names and within their errors', () => {
    const onlyA = fitted({ peaks: [a] }, 2);
    expect(onlyA.peaks.map(({ name }) => name)).toEqual(['a']);
    expect(Math.abs(onlyA.peaks[0]!.area.value - a.area)).toBeLessThan(3 * onlyA.peaks[0]!.area.sigma);
    const onlyB = fitted({ peaks: [b] }, 4);
    expect(onlyB.peaks.map(({ name }) => name)).toEqual(['b']);
    expect(Math.abs(onlyB.peaks[0]!.center_eV.value - b.centre_eV)).toBeLessThan(
      4 * onlyB.peaks[0]!.center_eV.sigma,
    );
    expect(onlyB.peaks[0]!.areaSystematic).toBeGreaterThan(0);
  });

  it('limits a peak too weak to be seen above its true area', () => {
    let seen = 0;
    let held = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const weak = { ...a, area: 0.35 * a.area };
      const { absent } = fitted({ peaks: [weak, b] }, seed);
      const limit = absent.find(({ name }) => name === 'a')?.areaLimit95;
      if (limit === undefined) continue;
      seen++;
      if (limit > weak.area) held++;
    }
    expect(seen).toBeGreaterThan(3);
    expect(held).toBeGreaterThanOrEqual(seen - 1);
  });

  it('holds the area of b in its 95 % interval in at least 17 of 20 spectra', () => {
    let inside = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const found = fitted({}, seed).peaks.find(({ name }) => name === 'b')!;
      if (Math.abs(found.area.value - b.area) < 1.96 * found.area.sigma) inside++;
    }
    expect(inside).toBeGreaterThanOrEqual(17);
  });

  it('holds the area of b, with a wider interval, on an edge that no description meets', () => {
    const shoulder = { name: 'shoulder', centre_eV: 2825.9, area: 0.3, fwhm_eV: 0.8, eta: 0.2 };
    const plain = fitted({ noise: 0.002 }, 1).peaks.find(({ name }) => name === 'b')!;
    for (let seed = 1; seed <= 3; seed++) {
      const fit = fitted({ noise: 0.002, peaks: [...chlorideTruth().peaks, shoulder] }, seed);
      const found = fit.peaks.find(({ name }) => name === 'b')!;
      expect(Math.abs(found.area.value - b.area)).toBeLessThan(2.6 * found.area.sigma);
      expect(found.area.sigma).toBeGreaterThan(1.5 * plain.area.sigma);
      expect(fit.reducedChi2).toBeLessThan(2.5);
    }
  });
});

describeReal('peaks of real spectra', () => {
  it('Fe2O3: three Gaussians and an erf at the published energies', async () => {
    const [scan] = await readSpectrumScans(`${sharedData}xas/pre-edge-fe2o3/doc_example2.dat`);
    const { energy_eV, mu } = spectrumFromScan(scan!, {
      element: 'Fe',
      edge: 'K',
      label: 'Fe2O3',
      mu: { column: 'xmu' },
    });
    const from = energy_eV.findIndex((e) => e >= 7105);
    const to = energy_eV.findIndex((e) => e > 7125);
    const energy = energy_eV.slice(from, to);
    expect(energy).toHaveLength(51);
    const peak = (name: string, area: number, centre: number, fwhm: number): Component => ({
      kind: 'peak',
      name,
      shape: 'gaussian',
      area: { value: area, min: 0 },
      centre: { value: centre, min: centre - 3, max: centre + 3 },
      fwhm: { value: fwhm, min: 0.1 },
    });
    const model = buildPeakModel(energy, [
      peak('p1', 0.1, 7113, 1.6),
      peak('p2', 0.4, 7115, 6),
      peak('p3', 0.1, 7122, 2),
      {
        kind: 'step',
        name: 's',
        shape: 'erf',
        height: { value: 0.5, min: 0 },
        centre: { value: 7123, min: 7120, max: 7129 },
        fwhm: { value: 3, min: 0.1 },
      },
      { kind: 'polynomial', name: 'o', reference_eV: 7115, coefficients: [{ value: 0 }] },
    ]);
    const fit = leastSquares({ ...model, y: larchNormalization(energy_eV, mu).norm.slice(from, to) });
    const value = (name: string): number => fit.parameters.find((p) => p.name === name)!.value;
    expect(Math.abs(value('p1.centre') - 7113.2346)).toBeLessThan(0.005);
    expect(Math.abs(value('p2.centre') - 7115.417)).toBeLessThan(0.005);
    expect(Math.abs(value('p3.centre') - 7122.3)).toBeLessThan(0.005);
    expect(Math.abs(value('s.centre') - 7123.374)).toBeLessThan(0.005);
    expect(value('p1.fwhm') / 2.354820045).toBeCloseTo(0.7026, 3);
    expect(value('p2.area') / value('p1.area')).toBeCloseTo(4.8, 1);
  });
});

describe('a series with shared peaks', () => {
  const windows = defaultPeakWindows('Cl', 'K');
  const [a, b] = chlorideTruth().peaks as [ChlorideTruth['peaks'][0], ChlorideTruth['peaks'][0]];
  const shares = [0.2, 0.5, 0.75, 1];
  const member = (share: number, seed: number): SeriesMember => {
    const peaks = [
      { ...a, area: a.area * (1.2 - share) },
      { ...b, area: b.area * share },
    ];
    const spectrum = {
      ...chlorideSpectrum(chlorideTruth({ peaks, noise: 0.01 }), seed),
      shift_eV: { value: 0, sigma: 0 },
    } as CalibratedSpectrum;
    const { spectrum: normalized } = normalizeSpectrum(spectrum, edgeFeaturesOf(spectrum)!);
    return { spectrum: normalized, windows, frame: preEdgeFrame(normalized, windows) };
  };

  it('tightens the areas, and they still hold', () => {
    let [inside, found, alone, together] = [0, 0, 0, 0];
    for (const seed of [10, 20]) {
      const members = shares.map((share, k) => member(share, seed + k));
      const free = fitPreEdgeSeries(members, []);
      const tied = fitPreEdgeSeries(members, ['width', 'centre']);
      shares.forEach((share, k) => {
        const before = free[k]!.peaks.find(({ name }) => name === 'b');
        const after = tied[k]!.peaks.find(({ name }) => name === 'b');
        if (!before || !after) return;
        found++;
        alone += before.area.sigma;
        together += after.area.sigma;
        if (Math.abs(after.area.value - share * b.area) < 1.96 * after.area.sigma) inside++;
      });
    }
    expect(found).toBeGreaterThanOrEqual(6);
    expect(together).toBeLessThan(0.8 * alone);
    expect(inside).toBeGreaterThanOrEqual(found - 1);
  });

  it('is, for one member, the same as in the whole series', () => {
    const members = shares.slice(1).map((share, k) => member(share, 30 + k));
    const whole = fitPreEdgeSeries(members, ['width']);
    expect(fitSeriesMember(members, 2, ['width']).peaks).toEqual(whole[2]!.peaks);
  });
});
