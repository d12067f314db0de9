import { describe, expect, it } from 'vitest';
import type { Pattern } from '../../src/measurement.js';
import { simulateKim2024 } from '../../src/simulate/kim2024.js';

const scanOf = (seed: number, ...texts: string[]) => simulateKim2024(['parts=uxrd', ...texts], seed).scan!;
const ideal = ['noise=false', 'background=0', 'zero=0', 'texture=1'];

/** Counts between two angles. */
function area({ twoTheta_deg, intensity }: Pattern, from: number, to: number): number {
  let sum = 0;
  for (let i = 0; i < twoTheta_deg.length; i++)
    if (twoTheta_deg[i]! >= from && twoTheta_deg[i]! <= to) sum += intensity[i]!;
  return sum;
}
const I301 = (p: Pattern) => area(p, 24.7, 25.35);
const I302 = (p: Pattern) => area(p, 32.1, 33.1);
const I112 = (p: Pattern) => area(p, 26.6, 27.3);

describe('the simulated line scan', () => {
  it.each([
    ['6h', 1.221, 0.631],
    ['6g', 1.18, 0.632],
    ['y', 1.056, 1.08],
  ])('shows the double ratios of indium on %s that were computed for x = 0.2', (site, r302, r112) => {
    const { patterns } = scanOf(1, ...ideal, `site=${site}`, 'x=0.2');
    const [aei, pristine] = [patterns[16]!, patterns[29]!];
    const double302 = I302(aei) / I301(aei) / (I302(pristine) / I301(pristine));
    const double112 = I112(aei) / I302(aei) / (I112(pristine) / I302(pristine));
    // The tails of neighbouring lines and the default Debye-Waller factors leave a per cent.
    expect(double302 / r302).toBeCloseTo(1, 1);
    expect(Math.abs(double302 - r302)).toBeLessThan(0.02);
    expect(Math.abs(double112 - r112)).toBeLessThan(0.03);
  });

  it('has its lines where Bragg puts them, moved by the zero shift, and the stated height at 301', () => {
    const { patterns } = scanOf(1, 'noise=false', 'background=0', 'zero=0.05', 'counts=777');
    const { twoTheta_deg, intensity } = patterns[29]!;
    const top = intensity.reduce((best, value, i) => (value > intensity[best]! ? i : best), 0);
    expect(twoTheta_deg[top]).toBeCloseTo(25.098 + 0.05, 1);
    expect(intensity[top]! / 777).toBeCloseTo(1, 1);
  });

  it('blurs the boundaries by the beam about the stated edges', () => {
    const { fractions, positions_um } = scanOf(1, 'patterns=300', 'step=0.2', 'edges=20.1,39.9');
    const at = (values: Float64Array, position: number) =>
      values[positions_um.findIndex((p) => p >= position - 1e-9)]!;
    expect(at(fractions.anode, 20.2)).toBeCloseTo(0.5, 0);
    expect(at(fractions.aei, 20.2)).toBeGreaterThan(0.45);
    expect(at(fractions.aei, 30)).toBeCloseTo(1, 6);
    expect(at(fractions.electrolyte, 39.8)).toBeGreaterThan(0.4);
    const total = fractions.aei.reduce((sum, f) => sum + 0.2 * f, 0);
    expect(total).toBeCloseTo(19.8, 1);
    fractions.anode.forEach((a, i) => {
      expect(a + fractions.aei[i]! + fractions.electrolyte[i]!).toBeCloseTo(1, 9);
    });
  });

  it('scatters as counting and grains say', () => {
    const expected = scanOf(1, 'noise=false').patterns[29]!;
    const counted = scanOf(3, 'grain=0', 'gain=0').patterns[29]!;
    let chi2 = 0;
    for (let i = 200; i < expected.intensity.length; i++)
      chi2 += (counted.intensity[i]! - expected.intensity[i]!) ** 2 / expected.intensity[i]!;
    // The background is drawn anew in each pattern, which adds a little.
    expect(chi2 / (expected.intensity.length - 200)).toBeGreaterThan(0.85);
    expect(chi2 / (expected.intensity.length - 200)).toBeLessThan(1.4);

    const many = scanOf(4, 'patterns=150', 'start=100', 'grain=0.1', 'gain=0', 'counts=1e6', 'background=0');
    const ratios = many.patterns.map((p) => I302(p) / I301(p));
    const mean = ratios.reduce((a, b) => a + b, 0) / ratios.length;
    const spread = Math.sqrt(ratios.reduce((a, b) => a + (b / mean - 1) ** 2, 0) / ratios.length);
    // Both lines have twelve equivalents: their ratio scatters by sqrt(2) times the setting.
    expect(spread / (0.1 * Math.SQRT2)).toBeGreaterThan(0.85);
    expect(spread / (0.1 * Math.SQRT2)).toBeLessThan(1.15);
  });

  it('repeats with its seed and spoils frames as asked', () => {
    expect(scanOf(5, 'patterns=2').patterns).toEqual(scanOf(5, 'patterns=2').patterns);
    expect(scanOf(6, 'patterns=2').patterns[0]!.intensity).not.toEqual(
      scanOf(5, 'patterns=2').patterns[0]!.intensity,
    );
    const { patterns } = scanOf(5, 'patterns=4', 'faults=dead:0,nan:1,spike:2');
    expect(Math.max(...patterns[0]!.intensity)).toBe(0);
    expect(patterns[1]!.intensity.some(Number.isNaN)).toBe(true);
    expect(Math.max(...patterns[2]!.intensity)).toBe(50_000);
    expect(() => scanOf(5, 'faults=deaf:1')).toThrow("'deaf:1' cannot be used");
  });

  it('has no layer when there is none', () => {
    const { fractions } = scanOf(1, 'aei=false');
    expect(Math.max(...fractions.aei)).toBe(0);
  });
});
