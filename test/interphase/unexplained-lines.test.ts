import { describe, expect, it } from 'vitest';
import { analyseScan } from '../../bench/line-scan/end-to-end.js';
import { simulated } from '../../bench/line-scan/simulated.js';
import type { LineScan } from '../../src/measurement.js';

const settings = ['x=0.2', 'edges=8.6,20.2', 'patterns=16', 'counts=1500'];
const scan = simulated({ hypothesis: 'in-on-6h', amount: 0.2, edges_um: [8.6, 20.2], settings }, 5);

/** LiCl (111), (200) and (220) in the layer, though nobody names the phase. */
function withLithiumChloride(plain: LineScan): LineScan {
  const lines = [
    [24.165, 250],
    [27.97, 200],
    [39.98, 120],
  ];
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

describe('lines that no named phase explains', () => {
  it('are named with their places and with the phase that has them', () => {
    const { answer } = analyseScan(withLithiumChloride(scan));
    const told = answer.warnings.filter((w) => /belong to no named phase/.test(w));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/24\.1\d/);
    expect(told[0]).toMatch(/LiCl/);
    expect(Math.abs(answer.aei.x!.value - 0.2)).toBeLessThan(0.04);
  });
});
