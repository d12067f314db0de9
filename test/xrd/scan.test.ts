import { describe, expect, it } from 'vitest';
import type { LineScan, Pattern } from '../../src/measurement.js';
import { builtInPhase } from '../../src/xrd/crystal/built-in-phases.js';
import { checkFrames } from '../../src/xrd/frames/check-frame.js';
import { parameterOf } from '../../src/xrd/refine/pattern-fit.js';
import { buildScanModels, meanPattern, scanPhases } from '../../src/xrd/refine/scan-start.js';
import { measurable, refineScanPattern, type ScanPatternFit } from '../../src/xrd/refine/sequential.js';
import { drawPattern, testPhase } from './powder-truth.js';

const names = ['Li3YCl6', 'In', 'LiIn'];
const phases = names.map(testPhase);

function scanOf(patterns: Pattern[]): LineScan {
  return {
    name: 'scan',
    wavelength_A: 1.2398,
    integration: 'mean-per-pixel',
    beam_um: 2,
    positions_um: Float64Array.from(patterns, (_, i) => 2 * i),
    rows: new Int32Array(patterns.length),
    patterns,
    phases: names.map((name) => ({ name, cif: null })),
    dopant: { element: 'In', into: 'Li3YCl6' },
  };
}

/** Anode, a layer with x = .25, pristine electrolyte; zero .05 and a cell .3 % off the tabulated one. */
const patterns = Array.from({ length: 10 }, (_, i) => {
  const anode = i < 4 ? 1 : 0;
  return drawPattern(50 + i, {
    phases,
    values: {
      'Li3YCl6.peak': 1200 * (1 - anode),
      'In.peak': 700 * anode,
      'LiIn.peak': 500 * anode,
      'Li3YCl6.x': i < 7 ? 0.25 : 0,
      'Li3YCl6.a': 11.243,
      zero: 0.05,
    },
    grain: 0.05,
  });
});

function refineAll(scan: LineScan, order: number[]): ScanPatternFit[] {
  const checks = checkFrames(scan);
  const tables = scanPhases(scan, names.map(builtInPhase), { kind: 'in-on-6h' });
  const models = buildScanModels(scan, checks, tables, {}, 6);
  const fits: ScanPatternFit[] = [];
  for (const i of order)
    fits[i] = refineScanPattern(
      { index: i, position_um: 2 * i, pattern: scan.patterns[i]! },
      models,
      checks[i]!,
    );
  return fits;
}

describe('refinement along a scan', () => {
  const forward = refineAll(scanOf(patterns), [...patterns.keys()]);

  it('finds x where the doped phase is, and null where it is not', () => {
    for (const { index, x, fit, status } of forward) {
      expect(status).toBe('ok');
      expect(fit!.converged, `${index}: ${fit!.reason}`).toBe(true);
      if (index < 4) expect(x).toBeNull();
      else expect(Math.abs(x!.value - (index < 7 ? 0.25 : 0)), `pattern ${index}`).toBeLessThan(4 * x!.sigma);
      expect(fit!.phases.map(({ present }) => present)).toEqual(
        index < 4 ? [false, true, true] : [true, false, false],
      );
    }
  });

  it('starts all patterns from zero and cells that the scan itself shows', () => {
    const { cell } = forward[8]!.fit!.phases[0]!;
    expect(cell[0]).toBeCloseTo(11.243, 2);
    expect(forward[8]!.fit!.parameters.find(({ name }) => name === 'zero')!.value).toBeCloseTo(0.05, 2);
  });

  it('gives the same numbers in any order', () => {
    const backward = refineAll(scanOf(patterns), [...patterns.keys()].reverse());
    forward.forEach(({ x, fit }, i) => {
      expect(backward[i]!.x).toEqual(x);
      expect(backward[i]!.fit!.r).toEqual(fit!.r);
    });
  });

  it('does not let bad frames touch their neighbours', () => {
    const spoiled = patterns.map((pattern, i) =>
      i === 5 || i === 8
        ? { ...pattern, intensity: pattern.intensity.map((y) => (i === 5 ? Number.NaN : y * 0.05)) }
        : pattern,
    );
    const fits = refineAll(scanOf(spoiled), [...patterns.keys()]);
    expect(fits[5]).toMatchObject({ status: 'excluded', fit: null, x: null });
    expect(fits[8]).toMatchObject({ status: 'excluded', fit: null, x: null });
    for (const i of [4, 6, 7, 9])
      expect(Math.abs(fits[i]!.x!.value - forward[i]!.x!.value), `pattern ${i}`).toBeLessThan(
        0.5 * forward[i]!.x!.sigma,
      );
  });

  it('refines a frame whose lines are all moved with a zero of its own, and finds the same x', () => {
    const by = 12;
    const moved = patterns.map((pattern, i) =>
      i === 5
        ? { ...pattern, intensity: pattern.intensity.map((_, k, y) => y[Math.max(0, k - by)]!) }
        : pattern,
    );
    const fit = refineAll(scanOf(moved), [...moved.keys()])[5]!;
    expect(fit).toMatchObject({ status: 'repaired', reason: expect.stringMatching(/moved by 0\.2/) });
    expect(Math.abs(parameterOf(fit.fit!, 'zero')!.value - 0.05 - 0.02 * by)).toBeLessThan(0.01);
    expect(Math.abs(fit.x!.value - forward[5]!.x!.value)).toBeLessThan(2 * forward[5]!.x!.sigma);
  });

  it('measures the diagnostic lines freely, with their covariance', () => {
    const { measuredLines, measuredCovariance } = forward[8]!.fit!;
    const names = measuredLines.map(({ hkl }) => hkl.map(Math.abs).join(''));
    for (const wanted of [/^(301|031)$/, /^(302|032)$/, /^112$/, /^222$/, /^330$/, /^410$/])
      expect(
        names.some((name) => wanted.test(name)),
        String(wanted),
      ).toBe(true);
    const n = measuredLines.length;
    measuredLines.forEach(({ sigma }, i) => {
      expect(sigma).toBeCloseTo(Math.sqrt(measuredCovariance[i * n + i]!), 10);
      expect(sigma).toBeGreaterThan(0);
    });
    // The double ratio of 112 and 302 falls as science has it: .6 at x = .25 over pristine.
    const ratio = (fit: ScanPatternFit): number => {
      const area = (name: RegExp): number =>
        fit.fit!.measuredLines.find(({ hkl }) => name.test(hkl.map(Math.abs).join('')))!.area;
      return area(/^112$/) / area(/^(302|032)$/);
    };
    const mean = (fits: ScanPatternFit[]): number =>
      fits.reduce((sum, fit) => sum + ratio(fit), 0) / fits.length;
    expect(mean(forward.slice(4, 7)) / mean(forward.slice(7))).toBeCloseTo(0.56, 1);
  });

  it('reports a scan without a single usable frame instead of failing', () => {
    const dead = scanOf(
      patterns.map((pattern) => ({ ...pattern, intensity: pattern.intensity.map(() => 0) })),
    );
    const checks = checkFrames(dead);
    expect(meanPattern(dead.patterns, checks)).toBeNull();
    const fits = refineAll(dead, [0, 1]);
    expect(fits[0]!.status).toBe('excluded');
  });

  it('measures no line that neither pristine nor doped electrolyte shows', () => {
    const scan = scanOf(patterns);
    const tables = scanPhases(scan, names.map(builtInPhase), { kind: 'in-on-6h' });
    const chosen = measurable(buildScanModels(scan, checkFrames(scan), tables, {}, 6));
    expect(chosen.length).toBeGreaterThan(15);
    expect(chosen.length).toBeLessThan(0.7 * tables[0]!.table.count);
  });
});
