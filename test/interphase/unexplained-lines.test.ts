import { describe, expect, it } from 'vitest';
import { analyseScan } from '../../bench/line-scan/end-to-end.js';
import { simulated } from '../../bench/line-scan/simulated.js';
import type { LineScan } from '../../src/measurement.js';

const settings = ['x=0.2', 'edges=8.6,20.2', 'patterns=16', 'counts=1500'];
const scan = simulated({ hypothesis: 'in-on-6h', amount: 0.2, edges_um: [8.6, 20.2], settings }, 5);

/** The first of LiCl (111), (200) and (220) in the layer, though nobody names the phase. */
function withLithiumChloride(plain: LineScan, shown: number): LineScan {
  const lines = [
    [24.165, 250],
    [27.97, 200],
    [39.98, 120],
  ].slice(0, shown);
  const patterns = plain.patterns.map((pattern, i) => {
    const inLayer = plain.positions_um[i] > 9 && plain.positions_um[i] < 20;
    const intensity = pattern.intensity.map((y, k) => {
      const t = pattern.twoTheta_deg[k];
      const more = lines.reduce((sum, [at, height]) => sum + height * Math.exp(-(((t - at) / 0.08) ** 2)), 0);
      return inLayer ? y + Math.round(more) : y;
    });
    return { ...pattern, intensity };
  });
  return { ...plain, patterns };
}

const toldOf = (warnings: string[]): string[] => warnings.filter((w) => /belong to no named phase/.test(w));

describe('lines that no named phase explains', () => {
  it('are taken for those of a built-in phase where three of its lines stand alone, and x is as sharp as with it', () => {
    const { answer } = analyseScan(withLithiumChloride(scan, 3));
    const told = toldOf(answer.warnings);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/24\.1\d, 27\.9\d, 39\.9\d deg .*LiCl would explain them/);
    expect(told[0]).toMatch(/Add LiCl/);
    expect(Math.abs(answer.aei.x!.value - 0.2)).toBeLessThan(0.03);
    expect(answer.aei.x!.sigma).toBeLessThan(0.02);
  });

  it('are named and doubted where but two of them are to be seen: x is less sure', () => {
    const { answer } = analyseScan(withLithiumChloride(scan, 2));
    const told = toldOf(answer.warnings);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(
      /fitted worse than the electrolyte.*24\.1\d.*LiCl would have its strongest line there/,
    );
    const { x } = answer.aei;
    expect(x === null || (x.sigma > 0.012 && x.interval95[0] < 0.2 && x.interval95[1] > 0.2)).toBe(true);
  });
});
