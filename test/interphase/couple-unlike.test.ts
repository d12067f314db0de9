import { describe, expect, it } from 'vitest';
import { type LineLevelTruth, simulateLines } from '../../bench/line-scan/line-level.js';
import { coupleScan } from '../../src/interphase/coupled/couple-scan.js';
import { beamShare, blurredShare } from '../../src/interphase/edges/transition.js';
import { isMetallic } from '../../src/interphase/lines/observe-scan.js';
import type { PatternObservation, ScanObservations } from '../../src/interphase/lines/scan-observations.js';
import { Random } from '../../src/numeric/random.js';
import { builtInPhase } from '../../src/xrd/crystal/built-in-phases.js';

const truth: LineLevelTruth = {
  hypothesis: 'in-on-6h',
  variant: 'default',
  amount: 0.25,
  edges: [18.3, 37.4],
  widths: [0.5, 0.5],
  grain: 0.02,
  texture: 0.05,
  counts: 2000,
};

const answer = (scan: ScanObservations, prior: Float64Array) => coupleScan(scan, { prior, samples: 2500 });
const scaled = (p: PatternObservation, by: number): PatternObservation => ({
  ...p,
  intensity: p.intensity.map((v) => v * by),
  covariance: p.covariance.map((v) => v * by * by),
  anode: p.anode && { value: p.anode.value * by, sigma: p.anode.sigma * by },
  electrolyte: { value: p.electrolyte.value * by, sigma: p.electrolyte.sigma * by },
});
const covers = ([low, high]: [number, number], value: number): boolean => low <= value && value <= high;

describe('scans that other people make', () => {
  it('counts no salt as anode', () => {
    expect(['In', 'LiIn', 'Y', 'Li'].map((name) => isMetallic(builtInPhase(name)))).toEqual(
      Array(4).fill(true),
    );
    expect(['YCl3', 'LiCl', 'InCl3', 'Li3YCl6'].map((name) => isMetallic(builtInPhase(name)))).toEqual(
      Array(4).fill(false),
    );
  });

  it('lets the beam be narrower than stated, down to a step', () => {
    expect(blurredShare(0.4, 0.3, 2)).toBe(beamShare(0.4, 0.3, 2));
    // Somewhere between a box of 1 um and a Gaussian of the same variance.
    const [box, gaussian] = [beamShare(0.4, 0, 1), beamShare(0.4, 1 / Math.sqrt(12), 0)];
    const narrow = blurredShare(0.4, -1, 2);
    expect(narrow).toBeGreaterThan(Math.min(box, gaussian));
    expect(narrow).toBeLessThan(Math.max(box, gaussian));
    expect([-0.01, 0.01].map((d) => blurredShare(d, -2, 2))).toEqual([0, 1]);
    expect([-0.01, 0.01].map((d) => blurredShare(d, -5, 2))).toEqual([0, 1]);
  });

  it('covers sharp edges between two points though a beam of a step is stated', () => {
    const { scan, prior } = simulateLines({ ...truth, widths: [0, 0] }, new Random(12));
    // Every pattern is pure: what saw 18.3 and 37.4 through the beam is made to see one side only.
    const sharp = scan.patterns.filter((p) => p.position_um !== 18 && p.position_um !== 38);
    const result = answer({ ...scan, patterns: sharp }, prior);
    const [inner, outer] = result.boundaries;
    expect(covers(inner.interval95_um, 17.2) && covers(inner.interval95_um, 18.8)).toBe(true);
    expect(covers(outer.interval95_um, 37.2) && covers(outer.interval95_um, 38.8)).toBe(true);
  });

  it('knows less of the anode edge where every pattern was scaled to the same top', () => {
    const { scan, prior } = simulateLines({ ...truth, widths: [1.5, 1.5] }, new Random(13));
    const tops = scan.patterns.map((p) => p.anode!.value * 5 + p.electrolyte.value);
    const patterns = scan.patterns.map((p, i) => scaled(p, 1 / tops[i]));
    const result = answer({ ...scan, patterns, normalised: true }, prior);
    const plain = answer(scan, prior);
    expect(covers(result.boundaries[0].interval95_um, truth.edges[0])).toBe(true);
    expect(result.boundaries[0].sigma_um).toBeGreaterThan(2 * plain.boundaries[0].sigma_um);
  });

  it('does not take a strong layer through half of the scan for scatter', () => {
    const strong = {
      ...truth,
      amount: 0.4,
      edges: [8.2, 34.1] as [number, number],
      grain: 0.001,
      counts: 20000,
    };
    const { scan, prior } = simulateLines(strong, new Random(14));
    const result = answer(scan, prior);
    expect(result.deltaBic).toBeGreaterThan(2000);
    expect(result.hypotheses[0].name).toBe('in-on-6h');
    expect(covers(result.x!.interval95, 0.4)).toBe(true);
  });

  it('finds x from the other lines where indium on both sites puts those of odd l between', () => {
    const { scan, prior } = simulateLines({ ...truth, amount: 0.3, grain: 0.01 }, new Random(15));
    const patterns = scan.patterns.map((p) => ({
      ...p,
      intensity: p.intensity.map((v, j) =>
        scan.lines[j].hkl[2] % 2 === 0 || p.position_um > 37
          ? v
          : v * (scan.lines[j].hkl[0] === 0 ? 6 : 1.15),
      ),
    }));
    const result = answer({ ...scan, patterns }, prior);
    expect(result.hypotheses[0].name).toMatch(/^in-on-6/);
    expect(covers(result.x!.interval95, 0.3)).toBe(true);
  });

  it('does not call it "no layer" where the layer reaches beyond the scan', () => {
    const { scan, prior } = simulateLines({ ...truth, texture: 0, edges: [18.3, 90] }, new Random(16));
    const result = answer(scan, prior);
    expect(result.present).not.toBe(false);
    expect(result.reasons.join(' ')).toMatch(/no pattern of the scan shows pristine electrolyte/);
    expect(result.x).toBeNull();
  });

  it('calls a faint drift of texture no layer', () => {
    const none = {
      ...truth,
      hypothesis: 'none' as const,
      amount: 0,
      edges: [18.3, 18.3] as [number, number],
    };
    const { scan, prior } = simulateLines({ ...none, grain: 0.001, counts: 20000 }, new Random(17));
    const patterns = scan.patterns.map((p) => ({
      ...p,
      intensity: p.intensity.map(
        (v, j) => v * (1 + 0.03 * (p.position_um / 60) * (3 * scan.lines[j].cos2FromC - 1)),
      ),
    }));
    expect(answer({ ...scan, patterns }, prior).present).not.toBe(true);
  });
});
