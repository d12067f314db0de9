import { describe, expect, it } from 'vitest';
import type { Column, Spectrum } from '../../src/measurement.js';
import { fCdf } from '../../src/numeric/statistics.js';
import type { SpectrumResult } from '../../src/result.js';
import { featureWidth_eV } from '../../src/xas/curve/resolution.js';
import { edgeFeaturesOf } from '../../src/xas/edge/analyse-edge.js';
import {
  componentRanges,
  principalComponents,
  resolveMixture,
  targetTransform,
} from '../../src/xas/mixture/components.js';
import { alignSeries, movedTogether } from '../../src/xas/scans/align-scans.js';
import { cleanSpectrum } from '../../src/xas/scans/clean.js';
import { deadTimeFactor, trueRate, withoutDeadTime } from '../../src/xas/scans/dead-time.js';
import { type Merged, mergeScans } from '../../src/xas/scans/merge.js';
import { rebin } from '../../src/xas/scans/rebin.js';
import { seriesOf } from '../../src/xas/series.js';
import {
  type ChlorideTruth,
  chlorideEnergies,
  chlorideNorm,
  chlorideTruth,
  randomSource,
} from './simulated.js';

const energy_eV = chlorideEnergies();
const clean = chlorideNorm(energy_eV, chlorideTruth());
const scan = (
  seed: number,
  noise = 0.01,
  energies = energy_eV,
  changes: Partial<ChlorideTruth> = {},
): Spectrum & { sigma: Float64Array } => {
  const random = randomSource(seed);
  const values = chlorideNorm(energies, chlorideTruth(changes));
  return {
    label: `scan ${seed}`,
    element: 'Cl',
    edge: 'K',
    energy_eV: energies,
    mu: values.map((v) => v + noise * random.normal()),
    sigma: new Float64Array(energies.length).fill(noise),
    source: 'fluorescence',
    reference: null,
  };
};
const width_eV = featureWidth_eV('Cl', 'K');
const withGain = (spectrum: Spectrum, gain: number): Spectrum => ({
  ...spectrum,
  mu: spectrum.mu.map((v) => gain * v),
});

describe('merging', () => {
  const rmsPull = ({ spectrum }: Merged): number => {
    const pulls = Array.from(
      spectrum.mu,
      (v, i) => (v - clean[energy_eV.indexOf(spectrum.energy_eV[i]!)]!) / spectrum.sigma[i]!,
    );
    return Math.sqrt(pulls.reduce((sum, p) => sum + p * p, 0) / pulls.length);
  };

  it('gives the mean on the common range with its standard error', () => {
    const short = energy_eV.slice(10, -10);
    const merged = mergeScans([scan(1), scan(2), scan(3, 0.01, short), scan(4)], { width_eV });
    expect(merged.spectrum.energy_eV[0]).toBeGreaterThanOrEqual(short[0]!);
    expect(merged.spectrum.energy_eV.at(-1)).toBeLessThanOrEqual(short.at(-1)!);
    expect(rmsPull(merged)).toBeGreaterThan(0.85);
    expect(rmsPull(merged)).toBeLessThan(1.1);
    expect(merged.scans.map(({ outlier }) => outlier)).toEqual([false, false, false, false]);
    for (const { weight, misfit } of merged.scans) {
      expect(weight).toBeCloseTo(0.25, 1);
      expect(misfit).toBeLessThan(1.4);
    }
  });

  it('weighs by noise, or all alike', () => {
    const scans = [scan(1), scan(2, 0.03)];
    expect(mergeScans(scans, { width_eV }).scans[0]!.weight).toBeCloseTo(0.9, 1);
    const equal = mergeScans(scans, { width_eV, weights: 'equal' });
    expect(equal.scans[0]!.weight).toBeCloseTo(0.5, 6);
    expect(rmsPull(equal)).toBeLessThan(1.15);
  });

  it('names the scan that does not belong, by its shape or its gain, and leaves it out if asked', () => {
    const shape = scan(9, 0.01, energy_eV, { e0_eV: 2826.9 });
    const others = [scan(1), scan(2), scan(4)];
    for (const odd of [shape, withGain(scan(9), 1.2)]) {
      const scans = [others[0]!, others[1]!, odd, others[2]!];
      const merged = mergeScans(scans, { width_eV, outliers: 'leave-out' });
      expect(merged.scans.map(({ outlier }) => outlier)).toEqual([false, false, true, false]);
      expect(merged.scans[2]!.weight).toBe(0);
      expect(rmsPull(merged)).toBeLessThan(1.1);
      const three = mergeScans([others[0]!, odd, others[2]!], { width_eV });
      expect(three.scans.map(({ outlier }) => outlier)).toEqual([false, true, false]);
      expect(three.scans[1]!.weight).toBeGreaterThan(0.2);
    }
  });

  it('measures the gain and the drift of each scan, and a small one makes no outlier', () => {
    const drifted = withGain(
      scan(
        5,
        0.005,
        energy_eV.map((e) => e - 0.05),
      ),
      1.03,
    );
    const late = { ...drifted, energy_eV };
    const [, , report] = mergeScans([scan(1, 0.005), scan(2, 0.005), late], { width_eV }).scans;
    expect(report!.outlier).toBe(false);
    expect(Math.abs(report!.gain.value - 1.03)).toBeLessThan(4 * report!.gain.sigma);
    expect(Math.abs(report!.drift_eV.value - 0.05)).toBeLessThan(4 * report!.drift_eV.sigma);
  });

  it('gives the glitch of one scan no weight where another has the point, and says so', () => {
    const spoiled = scan(2);
    spoiled.mu[150]! += 0.4;
    const merged = mergeScans([scan(1), spoiled, scan(3)], { width_eV });
    expect(merged.scans[1]!.glitches.map(({ index }) => index)).toEqual([150]);
    expect(Math.abs(merged.spectrum.mu[150]! - clean[150]!)).toBeLessThan(0.04);
  });

  it('takes the drift of aligned scans out and keeps their mean axis', () => {
    const moved = (seed: number, by: number) => ({
      ...scan(
        seed,
        0.004,
        energy_eV.map((e) => e - by),
      ),
      energy_eV,
    });
    const scans = [moved(1, 0.1), moved(2, -0.2), moved(3, 0.1)];
    const aligned = movedTogether(scans, alignSeries(scans));
    const { scans: reports, spectrum } = mergeScans(aligned, { width_eV });
    for (const { drift_eV } of reports) expect(Math.abs(drift_eV.value)).toBeLessThan(0.03);
    const edge = (s: Spectrum) => edgeFeaturesOf(s)!.main!.energy_eV;
    expect(Math.abs(edge(spectrum).value - edge(scan(7, 0.001)).value)).toBeLessThan(0.05);
  });
});

describe('cleaning', () => {
  const spoiled = scan(2, 0.004);
  spoiled.mu[150]! += 0.2;

  it('proposes glitches and drops only what it is told to', () => {
    const kept = cleanSpectrum(spoiled, {});
    expect(kept.glitches.map(({ index }) => index)).toEqual([150]);
    expect(kept.spectrum.energy_eV).toEqual(energy_eV);
    const dropped = cleanSpectrum(spoiled, { dropGlitches: true });
    expect(dropped.dropped_eV).toEqual([energy_eV[150]]);
    expect(dropped.spectrum.energy_eV.length).toBe(energy_eV.length - 1);
  });

  it('cuts the range, drops named points, and tells which are not there', () => {
    const [low, high] = [energy_eV[20]!, energy_eV[250]!];
    const { spectrum, cutPoints, dropped_eV, missed_eV } = cleanSpectrum(spoiled, {
      from_eV: low,
      to_eV: high,
      drop_eV: [energy_eV[100]! + 0.01, 9000],
    });
    expect([spectrum.energy_eV[0], spectrum.energy_eV.at(-1)]).toEqual([low, high]);
    expect(cutPoints).toBe(energy_eV.length - 231);
    expect(dropped_eV).toEqual([energy_eV[100]]);
    expect(missed_eV).toEqual([9000]);
    expect(() => cleanSpectrum(spoiled, { from_eV: high, to_eV: high + 1 })).toThrow(/only \d+ of/u);
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

  const column = (name: string, role: Column['role'], values: number[]): Column => ({
    name,
    unit: null,
    role,
    values: Float64Array.from(values),
  });

  it('is taken out of counts, whose uncertainty then covers the truth as often as it should', () => {
    const random = randomSource(7);
    const [tau, dwell, rate] = [1.5e-6, 0.5, 2.2e5];
    const counted = Array.from({ length: 2000 }, () => {
      const mean = rate * Math.exp(-rate * tau) * dwell;
      return Math.round(mean + Math.sqrt(mean) * random.normal());
    });
    const [, made] = withoutDeadTime(
      [column('energy', 'energy', counted), column('if', 'fluorescence', counted)],
      {
        deadTime_s: tau,
        dwell_s: dwell,
      },
    );
    const inside = made!.values.filter((v, i) => Math.abs(v - rate * dwell) < 1.96 * made!.sigma![i]!).length;
    expect(inside / counted.length).toBeGreaterThan(0.93);
    expect(inside / counted.length).toBeLessThan(0.97);
  });

  it('takes the counting time of each point from the file, and counts only for counts', () => {
    const times = column('time', 'other', [1, 1, 2]);
    const counts = column('if', 'fluorescence', [1e5, 2e5, 2e5]);
    const detector = { deadTime_s: 1e-6, dwell_s: null };
    const [, made] = withoutDeadTime([times, counts], detector);
    expect(made!.values[2]! / 2).toBeCloseTo(made!.values[0]!, 6);
    expect(made!.values[1]!).toBeGreaterThan(2 * made!.values[0]!);
    expect(() => withoutDeadTime([counts], detector)).toThrow(/counting time/);
    expect(() => withoutDeadTime([times], detector)).toThrow(/no fluorescence counts/);
    const ratio = column('if', 'fluorescence', [0.11, 0.2, 0.3]);
    expect(() => withoutDeadTime([times, ratio], detector)).toThrow(/'if' does not hold counts/);
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

describe('ranges of a resolved series', () => {
  it('hold the truth where no spectrum of the series is pure', () => {
    const other = chlorideNorm(
      energy_eV,
      chlorideTruth({ e0_eV: 2826.6, whiteLine: { centre_eV: 2828.3, area: 1.4, fwhm_eV: 2.6 }, peaks: [] }),
    );
    const random = randomSource(8);
    const weights = [0.25, 0.4, 0.55, 0.75];
    const series = weights.map((w) =>
      clean.map((v, i) => (1 - w) * v + w * other[i]! + 0.002 * random.normal()),
    );
    const resolved = resolveMixture(series, 2, 60);
    const ranges = componentRanges(series, resolved, 0.002);
    const rising = resolved.weights[3]![0]! > resolved.weights[0]![0]!;
    weights.forEach((w, k) => {
      const [low, high] = ranges[k]![rising ? 0 : 1]!;
      expect(low - 0.02).toBeLessThan(w);
      expect(high + 0.02).toBeGreaterThan(w);
      expect(high - low).toBeGreaterThan(0.1);
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
