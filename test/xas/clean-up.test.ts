import { describe, expect, it } from 'vitest';
import { fCdf } from '../../src/numeric/statistics.js';
import type { SpectrumResult } from '../../src/result.js';
import { principalComponents, resolveMixture, targetTransform } from '../../src/xas/mixture/components.js';
import { deadTimeFactor, trueRate } from '../../src/xas/scans/dead-time.js';
import { mergeScans } from '../../src/xas/scans/merge.js';
import { rebin } from '../../src/xas/scans/rebin.js';
import { seriesOf } from '../../src/xas/series.js';
import { chlorideEnergies, chlorideNorm, chlorideTruth, randomSource } from './simulated.js';

const energy_eV = chlorideEnergies();
const clean = chlorideNorm(energy_eV, chlorideTruth());
const scan = (seed: number, noise = 0.01, energies = energy_eV) => {
  const random = randomSource(seed);
  const values = chlorideNorm(energies, chlorideTruth());
  return {
    energy_eV: energies,
    mu: values.map((v) => v + noise * random.normal()),
    sigma: new Float64Array(energies.length).fill(noise),
  };
};

describe('merging', () => {
  it('gives the mean on the common range with its standard error', () => {
    const short = energy_eV.slice(10, -10);
    const merged = mergeScans([scan(1), scan(2), scan(3, 0.01, short), scan(4)]);
    expect(merged.energy_eV[0]).toBeGreaterThanOrEqual(short[0]!);
    expect(merged.energy_eV.at(-1)).toBeLessThanOrEqual(short.at(-1)!);
    const pulls = [...merged.mu].map(
      (v, i) => (v - clean[energy_eV.indexOf(merged.energy_eV[i]!)]!) / merged.sigma[i]!,
    );
    const rms = Math.sqrt(pulls.reduce((sum, p) => sum + p * p, 0) / pulls.length);
    expect(rms).toBeGreaterThan(0.75);
    expect(rms).toBeLessThan(1.1);
    expect(merged.outliers).toEqual([]);
  });

  it('names the scan that does not belong', () => {
    const odd = scan(9);
    odd.mu.forEach((v, i) => {
      odd.mu[i] = v * 1.2;
    });
    expect(mergeScans([scan(1), scan(2), odd, scan(4)]).outliers).toEqual([2]);
  });
});

describe('rebinning', () => {
  it('keeps the mean and shrinks the error with the square root of the points', () => {
    const dense = Float64Array.from({ length: 4000 }, (_, i) => 2800 + 0.025 * i);
    const out = rebin(scan(5, 0.02, dense), { e0_eV: 2826 });
    const at = out.energy_eV.findIndex((e) => e > 2830);
    expect(out.sigma[at]).toBeCloseTo(0.02 / Math.sqrt(20), 4);
    expect(out.mu[at]! - chlorideNorm(out.energy_eV.slice(at, at + 1), chlorideTruth())[0]!).toBeLessThan(
      0.03,
    );
    for (let i = 1; i < out.energy_eV.length; i++)
      expect(out.energy_eV[i]).toBeGreaterThan(out.energy_eV[i - 1]!);
  });
});

describe('dead time', () => {
  it('inverts a paralysable detector and knows its limit', () => {
    const tau = 1e-6;
    expect(trueRate(2e5 * Math.exp(-0.2), tau)).toBeCloseTo(2e5, 3);
    expect(trueRate(1 / (Math.E * tau) + 1, tau)).toBeNaN();
    expect(deadTimeFactor(2e5, 1.6e5)).toBeCloseTo(1.25);
  });
});

describe('components of a series', () => {
  const pure = [
    clean,
    chlorideNorm(
      energy_eV,
      chlorideTruth({ e0_eV: 2826.6, whiteLine: { centre_eV: 2828.3, area: 1.4, fwhm_eV: 2.6 }, peaks: [] }),
    ),
  ];
  const random = randomSource(3);
  const weights = [0, 0.1, 0.25, 0.4, 0.6, 0.8, 0.9, 1];
  const series = weights.map((w) =>
    clean.map((_, i) => (1 - w) * pure[0]![i]! + w * pure[1]![i]! + 0.003 * random.normal()),
  );

  it('counts two components and accepts the pure spectra as targets, not a third', () => {
    const found = principalComponents(series, fCdf);
    expect(found.count).toBe(2);
    expect(targetTransform(found, 2, pure[1]!, 0.003).misfit).toBeLessThan(1.5);
    const other = chlorideNorm(energy_eV, chlorideTruth({ e0_eV: 2824 }));
    expect(targetTransform(found, 2, other, 0.003).misfit).toBeGreaterThan(5);
  });

  it('resolves the weights by alternating least squares where the series holds the pure ends', () => {
    const { weights: found } = resolveMixture(series, 2, 60);
    const shares = found.map((w) => w[0]!);
    const direct = Math.abs(shares[7]! - 1) < Math.abs(shares[0]! - 1);
    weights.forEach((w, k) => {
      expect(Math.abs((direct ? shares[k]! : 1 - shares[k]!) - w)).toBeLessThan(0.05);
    });
  });
});

describe('a series along a line', () => {
  const at = (x_um: number, area: number | null): SpectrumResult => ({
    label: `x${x_um}`,
    edge: 'Cl K',
    role: 'sample',
    at: { x_um, y_um: 150 },
    e0_eV: { value: 2826, sigma: 0.05 },
    calibration_shift_eV: null,
    edge_shift_eV: null,
    edge_step: 1,
    inflections: [],
    white_line_eV: null,
    peaks:
      area === null
        ? []
        : [
            {
              name: 'b',
              center_eV: { value: 2824.5, sigma: 0.1 },
              height: { value: 1, sigma: 0.1 },
              fwhm_eV: { value: 1, sigma: 0.1 },
              area: { value: area, sigma: 0.02 },
            },
          ],
    absent_peaks: area === null ? [{ name: 'b', area_limit95: 0.0329 }] : [],
    lcf: null,
  });

  it('is sorted by place, keeps the axis’ coordinates, and counts an absent peak as zero within its limit', () => {
    const series = seriesOf([at(300, null), at(100, 0.4), at(200, 0.3)], 'Cl K')!;
    expect([...series.distance_um]).toEqual([100, 200, 300]);
    const b = series.observables.find(({ name }) => name === 'area of peak b')!;
    expect(b.values.map((v) => v!.value)).toEqual([0.4, 0.3, 0]);
    expect(b.values[2]!.sigma).toBeCloseTo(0.02);
    expect(seriesOf([at(1, 1), at(2, 1)], 'Cl K')).toBeNull();
  });
});
