import { describe, expect, it } from 'vitest';
import { analyseScan } from '../../bench/line-scan/end-to-end.js';
import { simulated } from '../../bench/line-scan/simulated.js';
import {
  lineScanCurves,
  lineScanResult,
  patternCurves,
} from '../../src/interphase/answer/line-scan-result.js';
import { checkFrames } from '../../src/xrd/frames/check-frame.js';

const settings = ['x=0.2', 'edges=18.6,33.2', 'patterns=26', 'counts=1500', 'faults=dead:4,spike:20'];
const truth = { hypothesis: 'in-on-6h' as const, amount: 0.2, edges_um: [18.6, 33.2], settings };

describe('a simulated scan from raw patterns to its result', () => {
  const scan = simulated(truth, 11);
  const { answer, fits, models } = analyseScan(scan);
  const gathered = { scan, checks: checkFrames(scan), models, fits, answer };
  const result = lineScanResult(gathered);

  it('meets the truth', () => {
    expect(result.aei.present).toBe(true);
    const [low, high] = result.aei.x!.interval95;
    expect(low).toBeLessThan(0.2);
    expect(high).toBeGreaterThan(0.2);
    expect(Math.abs(result.boundaries[0].position_um - 18.6)).toBeLessThan(0.6);
    expect(Math.abs(result.boundaries[1].position_um - 33.2)).toBeLessThan(1);
    expect(result.hypotheses[0].name).toBe('in-on-6h');
    expect(answer.warnings).toEqual([]);
  });

  it('lists every pattern, the bad ones with their reason', () => {
    expect(result.patterns).toHaveLength(26);
    expect(result.patterns[4].status).toBe('excluded');
    expect(result.patterns[4].reason).toMatch(/dead/);
    expect(result.patterns[20].status).not.toBe('ok');
    expect(result.patterns[12].x!.value).toBeGreaterThan(0.1);
  });

  it('has the three estimators, close to each other', () => {
    for (const name of ['line-scan', 'pattern', 'double-ratio'] as const)
      expect(Math.abs(result.estimators[name]!.value - 0.2)).toBeLessThan(0.07);
  });

  it('leaves curves for the figures: profiles with a model through them, ticks, the plane of double ratios', () => {
    const curves = lineScanCurves(gathered);
    const pattern = patternCurves(12, gathered.scan.patterns[12], gathered.fits.at(12));
    expect(pattern.calculated.length).toBe(pattern.twoTheta_deg.length);
    expect(curves.ticks.map((t) => t.phase)).toEqual(['Li3YCl6', 'In', 'LiIn']);
    expect(curves.profiles.some((p) => p.model !== null)).toBe(true);
    expect(curves.ratioPlane!.hypotheses.map((h) => h.name)).toContain('y-migration');
    expect(curves.ratioPlane!.measured!.y.value).toBeLessThan(0.8);
  });
});
