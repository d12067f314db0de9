import { describe, expect, it } from 'vitest';
import { type LineLevelTruth, randomTruth, simulateLines } from '../../bench/line-scan/line-level.js';
import { responsesFor } from '../../bench/line-scan/lines.js';
import { Tally } from '../../bench/line-scan/tally.js';
import { doubleRatio } from '../../src/interphase/answer/estimators.js';
import { coupleScan } from '../../src/interphase/coupled/couple-scan.js';
import {
  lineClass,
  logResponse,
  type ScanObservations,
} from '../../src/interphase/lines/scan-observations.js';
import { Random } from '../../src/numeric/random.js';

const truth: LineLevelTruth = {
  hypothesis: 'in-on-6h',
  variant: 'default',
  amount: 0.2,
  edges: [18.3, 37.4],
  widths: [0.5, 0.5],
  grain: 0.04,
  texture: 0.08,
  counts: 1000,
};

const answer = (scan: ScanObservations, prior: Float64Array) => coupleScan(scan, { prior, samples: 2500 });

describe('lines and their responses', () => {
  it('sorts lines into the classes of the hcp chloride', () => {
    expect(lineClass(3, 0, 2)).toBe('A-even');
    expect(lineClass(3, 0, 1)).toBe('A-odd');
    expect(lineClass(1, 1, 2)).toBe('B');
    expect(lineClass(1, 0, 1)).toBe('C');
  });

  it('gives the computed double ratios of indium on 6h, 6g and Y', () => {
    const { lines, responses } = responsesFor();
    const at = (id: string): number => lines.findIndex((l) => l.id === id);
    const ratio = (hypothesis: string, amount: number, a: string, b: string): number => {
      const response = responses.find((r) => r.hypothesis === hypothesis && r.variant === 'default')!;
      const out = new Float64Array(lines.length);
      logResponse(response, amount, out);
      return Math.exp(out[at(a)] - out[at(b)]);
    };
    // docs/line-scan.md, computed with the Debye-Waller factors of the structure.
    expect(ratio('in-on-6h', 0.2, '302', '301')).toBeCloseTo(1.221, 1);
    expect(ratio('in-on-6h', 0.2, '112', '302')).toBeCloseTo(0.631, 2);
    expect(ratio('in-on-6g', 0.2, '302', '301')).toBeCloseTo(1.18, 1);
    expect(ratio('in-on-y', 0.2, '112', '302')).toBeCloseTo(1.08, 1);
  });
});

describe('coupleScan', () => {
  it('finds layer, boundaries, site and x', () => {
    const { scan, prior } = simulateLines(truth, new Random(2));
    const result = answer(scan, prior);
    expect(result.present).toBe(true);
    expect(result.hypotheses[0].name).toBe('in-on-6h');
    expect(Math.abs(result.x!.value - 0.2)).toBeLessThan(0.03);
    expect(result.boundaries.map((b) => b.name)).toEqual(['anode|aei', 'aei|electrolyte']);
    expect(Math.abs(result.boundaries[0].position_um - 18.3)).toBeLessThan(0.5);
    expect(Math.abs(result.boundaries[1].position_um - 37.4)).toBeLessThan(1);
    const ratio = doubleRatio(result.detail!, '112', '302')!;
    expect(Math.abs(ratio.value - 0.63)).toBeLessThan(4 * ratio.sigma + 0.03);
  });

  it('knows other coordinates by the pristine lines: they move x by 4 %', () => {
    const own = { ...truth, variant: 'obelix', amount: 0.35, grain: 0.01 };
    const { scan, prior } = simulateLines(own, new Random(9));
    const { variants, x } = answer(scan, prior);
    expect(variants.find((v) => v.name === 'obelix')!.weight).toBeGreaterThan(0.9);
    expect(x!.interval95[0]).toBeLessThan(0.35);
    expect(x!.interval95[1]).toBeGreaterThan(0.35);
    expect(x!.sigma).toBeLessThan(0.02);
  });

  it('covers: x, boundaries and no false layers, on a small study', () => {
    const tally = new Tally();
    const kinds = [
      'in-on-6h',
      'none',
      'in-on-6h',
      'in-on-6g',
      'in-on-y',
      'y-migration',
      'none',
      'in-on-6h',
    ] as const;
    for (let k = 0; k < 10; k++) {
      const random = new Random(700 + k, 'small study');
      const own = randomTruth(random, kinds[k % kinds.length]);
      const { scan, prior } = simulateLines(own, random);
      const result = coupleScan(scan, { prior, seed: k + 1, samples: 1500 });
      tally.add(
        { ...result, hypotheses: result.hypotheses.map((h) => h.name) },
        { ...own, edges_um: own.edges },
      );
    }
    expect(tally.falseLayers).toBe(0);
    expect(tally.found).toBeGreaterThanOrEqual(tally.layers - 1);
    expect(tally.rightOrLithium).toBeGreaterThanOrEqual(tally.found - 1);
    expect(tally.x.fraction).toBeGreaterThanOrEqual(0.75);
    expect(tally.inner.fraction).toBeGreaterThanOrEqual(0.85);
    expect(tally.outer.fraction).toBeGreaterThanOrEqual(0.8);
    expect(tally.x.medianError).toBeLessThan(0.02);
    expect(tally.outer.medianError).toBeLessThan(0.6);
  }, 180_000);

  it('gives the same answer for a scan measured backwards, and mirrored positions', () => {
    const { scan, prior } = simulateLines(truth, new Random(3));
    const forward = answer(scan, prior);
    const mirrored = answer(
      { ...scan, patterns: scan.patterns.map((p) => ({ ...p, position_um: 100 - p.position_um })).reverse() },
      prior,
    );
    expect(mirrored.x!.value).toBeCloseTo(forward.x!.value, 2);
    expect(mirrored.boundaries.map((b) => b.name)).toEqual(['aei|electrolyte', 'anode|aei']);
    expect(100 - mirrored.boundaries[1].position_um).toBeCloseTo(forward.boundaries[0].position_um, 0);
    expect(100 - mirrored.boundaries[0].position_um).toBeCloseTo(forward.boundaries[1].position_um, 0);
  });

  it('bears missing patterns, a spot in one line, and a line that was never measured', () => {
    const { scan, prior } = simulateLines(truth, new Random(4));
    const J = scan.lines.length;
    const patterns = scan.patterns
      .filter((_, i) => i !== 12 && i !== 25)
      .map((p, i) => {
        const intensity = p.intensity.slice();
        if (i === 16) intensity[scan.lines.findIndex((l) => l.id === '112')] *= 6;
        intensity[J - 1] = Number.NaN;
        return { ...p, intensity };
      });
    const result = answer({ ...scan, patterns }, prior);
    expect(result.present).toBe(true);
    expect(Math.abs(result.x!.value - 0.2)).toBeLessThan(4 * result.x!.sigma);
    expect(Math.abs(result.boundaries[1].position_um - 37.4)).toBeLessThan(1.2);
  });

  it('sees the outer boundary of a scan that starts inside the layer, and says that the thickness is unknown', () => {
    const { scan, prior } = simulateLines(truth, new Random(5));
    const patterns = scan.patterns
      .filter((p) => p.position_um > 21)
      .map((p) => ({ ...p, anode: { value: 0, sigma: 0.004 } }));
    const result = answer({ ...scan, patterns }, prior);
    expect(result.present).toBe(true);
    expect(result.thickness).toBeNull();
    expect(result.boundaries.map((b) => b.name)).toEqual(['aei|electrolyte']);
    expect(result.reasons.join(' ')).toMatch(/thickness is not known/);
  });

  it('gives neither x nor thickness where the scan ends before the pristine electrolyte', () => {
    const { scan, prior } = simulateLines({ ...truth, amount: 0.3 }, new Random(8));
    const patterns = scan.patterns.filter((p) => p.position_um < 39);
    const result = answer({ ...scan, patterns }, prior);
    expect(result.x).toBeNull();
    expect(result.thickness).toBeNull();
    expect(result.boundaries.map((b) => b.name)).not.toContain('aei|electrolyte');
    expect(result.reasons.length + Number(result.present === false)).toBeGreaterThan(0);
  });

  it('cannot tell where the electrolyte is hardly seen, and says so', () => {
    const { scan, prior } = simulateLines(truth, new Random(6));
    const result = answer({ ...scan, patterns: scan.patterns.slice(0, 11) }, prior);
    expect(result.present).toBeNull();
    expect(result.x).toBeNull();
    expect(result.reasons.length).toBeGreaterThan(0);
  });

  it('gives no x when another hypothesis explains the lines', () => {
    const { scan, prior } = simulateLines({ ...truth, hypothesis: 'in-on-y', amount: 0.4 }, new Random(7));
    const result = answer(scan, prior);
    expect(result.hypotheses[0].name).toBe('in-on-y');
    expect(result.x).toBeNull();
    expect(Math.abs(result.hypotheses[0].amount!.value - 0.4)).toBeLessThan(0.1);
  });
});
