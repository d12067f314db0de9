import { describe, expect, it } from 'vitest';
import { normalCdf } from '../../src/numeric/error-function.js';
import { blurredStep } from '../../src/xrf/image/blurred-step.js';
import { seededRandom } from '../../src/xrf/image/random.js';
import { addTo, banded, cholesky, logDeterminant, solve } from '../../src/xrf/layer/banded.js';
import { findPrior, priorFrom, rangeOf, rmsOf } from '../../src/xrf/layer/line-prior.js';
import { measureLayer } from '../../src/xrf/layer/measure-layer.js';
import { alongNormals, roughness, slopes } from '../../src/xrf/layer/thickness.js';
import { blockBootstrap } from '../../src/xrf/layer/thickness-result.js';
import { segmentMap } from '../../src/xrf/regions/segment.js';
import { phantom, phantomDefaults } from './phantom.js';

describe('thickness of the AEI', () => {
  it('is within 3 % and its interval holds the truth as often as it says', () => {
    let inside = 0;
    let close = 0;
    const cases = 9;
    for (let k = 0; k < cases; k++) {
      const { map, truth } = phantom({
        seed: 40 + k,
        counts: [5, 30, 300][k % 3],
        across: 44,
        along: 44,
        thickness_um: 45,
      });
      const t = measureLayer(segmentMap(map), { draws: 100 })!.thickness_um!;
      if (t.interval95[0] <= truth.meanThickness_um && truth.meanThickness_um <= t.interval95[1]) inside++;
      if (Math.abs(t.mean / truth.meanThickness_um - 1) < 0.03) close++;
    }
    // 95 % of 9 is 8.6; fewer than 6 would happen less than once in a thousand times.
    expect(inside).toBeGreaterThanOrEqual(6);
    expect(close).toBeGreaterThanOrEqual(cases - 1);
  });

  it('is measured across a tilted layer, not along the pixels', () => {
    const { map, truth } = phantom({
      tilt: 0.4,
      counts: 100,
      across: 70,
      along: 60,
      thickness_um: 40,
      roughness_um: 1,
    });
    const t = measureLayer(segmentMap(map), { draws: 100 })!.thickness_um!;
    expect(truth.meanThickness_um).toBeLessThan(41);
    expect(Math.abs(t.mean / truth.meanThickness_um - 1)).toBeLessThan(0.02);
  });

  it('does not take the noise of the edges for roughness', () => {
    const { map, truth } = phantom({
      counts: 4,
      roughness_um: 3,
      correlation_um: 60,
      seed: 3,
      along: 100,
      across: 50,
    });
    const r = measureLayer(segmentMap(map), { draws: 100 })!;
    const own = roughness(truth.anode_um).rms;
    expect(r.boundaries[0].name).toBe('anode|aei');
    expect(Math.abs(r.boundaries[0].roughness_um.value / own - 1)).toBeLessThan(0.3);
    const gaps = Array.from(truth.electrolyte_um, (b, j) => b - truth.anode_um[j]).sort((a, b) => a - b);
    expect(Math.abs(r.thickness_um!.p95 - gaps[Math.floor(0.95 * gaps.length)])).toBeLessThan(4);
  });

  it('finds the beam and boundary positions', () => {
    const { map, truth } = phantom({ counts: 300, blurFwhm_um: 8, across: 50, along: 50 });
    const r = measureLayer(segmentMap(map), { draws: 100 })!;
    expect(Math.abs(r.blurFwhm_um.value - 8)).toBeLessThan(0.6);
    const mean = truth.anode_um.reduce((a, b) => a + b, 0) / truth.anode_um.length;
    expect(Math.abs(r.boundaries[0].mean_um - mean)).toBeLessThan(0.3);
  });

  it.each([4, 400])('says that there is none when anode and electrolyte touch (%d counts)', (counts) => {
    const { map } = phantom({ thickness_um: 0, counts, across: 50, along: 50 });
    const r = measureLayer(segmentMap(map), { draws: 60 })!;
    expect(r.aeiPresent).toBe(false);
    expect(r.thickness_um).toBeNull();
    expect(r.boundaries.map((b) => b.name)).toContain('anode|electrolyte');
  });

  it('sees a layer as thin as a pixel', () => {
    const { map, truth } = phantom({ thickness_um: 5, counts: 200, roughness_um: 1, across: 50, along: 50 });
    const r = measureLayer(segmentMap(map), { draws: 60 })!;
    expect(r.aeiPresent).toBe(true);
    expect(Math.abs(r.thickness_um!.mean - truth.meanThickness_um)).toBeLessThan(0.5);
  });

  it('takes electrolyte with a little cathode for no body of AEI', () => {
    const levels = { ...phantomDefaults.levels, cathode: [0.05, 0.3, 0.1] as [number, number, number] };
    const { map } = phantom({ counts: 60, across: 60, along: 50, roughness_um: 2, blurFwhm_um: 9, levels });
    expect(measureLayer(segmentMap(map), { draws: 50 })!.intrusions).toEqual([]);
  });

  it('lists a dendrite of the anode in the electrolyte, and no other', () => {
    const { map } = phantom({ counts: 30, across: 60, along: 60, roughness_um: 2 });
    const clean = measureLayer(segmentMap(map), { draws: 60 })!;
    expect(clean.intrusions).toEqual([]);
    // 4 x 3 pixels of anode at column 40, row 30.
    for (let r = 30; r < 33; r++) {
      for (let c = 40; c < 44; c++) {
        map.images[0].values[r * 60 + c] = 1;
        map.images[1].values[r * 60 + c] = 30;
        map.images[2].values[r * 60 + c] = 1;
      }
    }
    const found = measureLayer(segmentMap(map), { draws: 60 })!;
    expect(found.intrusions.length).toBe(1);
    expect(found.intrusions[0]).toMatchObject({ material: 'anode', inside: 'electrolyte' });
    expect(Math.abs(found.intrusions[0].x_um - 41.5 * 5)).toBeLessThan(6);
    expect(Math.abs(found.intrusions[0].area_um2 - 300)).toBeLessThan(150);
    expect(Math.abs(found.thickness_um!.mean - clean.thickness_um!.mean)).toBeLessThan(1);
  });
});

describe('parts of the surface fit', () => {
  it('integrates a blurred step over a pixel, with its derivatives', () => {
    const out = new Float64Array(3);
    const up = new Float64Array(3);
    for (const d of [-1.2, -0.3, 0, 0.7]) {
      blurredStep(d, 0.6, out);
      let sum = 0;
      for (let i = 0; i < 400; i++) sum += normalCdf((d - 0.5 + (i + 0.5) / 400) / 0.6) / 400;
      expect(out[0]).toBeCloseTo(sum, 5);
      blurredStep(d + 1e-3, 0.6, up);
      expect((up[0] - out[0]) / 1e-3).toBeCloseTo(out[1], 2);
      blurredStep(d, 0.601, up);
      expect((up[0] - out[0]) / 1e-3).toBeCloseTo(out[2], 2);
    }
  });

  it('solves band systems', () => {
    const m = banded(6, 2);
    for (let i = 0; i < 6; i++) {
      addTo(m, i, i, 4);
      if (i > 0) addTo(m, i, i - 1, -1);
      if (i > 1) addTo(m, i - 2, i, 0.5);
    }
    const l = cholesky(m);
    const x = solve(l, Float64Array.of(1, 2, 3, 4, 5, 6));
    const row3 = 0.5 * x[1] - x[2] + 4 * x[3] - x[4] + 0.5 * x[5];
    expect(row3).toBeCloseTo(4, 10);
    expect(logDeterminant(cholesky({ n: 2, width: 1, a: Float64Array.of(2, 0, 3, 1) }))).toBeCloseTo(
      Math.log(5),
      10,
    );
  });

  it('finds the roughness behind noisy edges', () => {
    const random = seededRandom(4);
    const prior = priorFrom(1.5, 20);
    expect(rmsOf(prior)).toBeCloseTo(1.5, 10);
    expect(rangeOf(prior)).toBeCloseTo(20, 10);
    const n = 400;
    const truth = Float64Array.from({ length: n }, (_, i) => 2 * Math.sin(i / 13) * Math.cos(i / 37));
    const noisy = truth.map((v) => v + 1.0 * random.normal());
    const found = findPrior(noisy, new Float64Array(n).fill(1));
    const own = roughness(truth).rms;
    expect(rmsOf(found) / own).toBeGreaterThan(0.6);
    expect(rmsOf(found) / own).toBeLessThan(1.7);
    expect(
      rmsOf(
        findPrior(
          truth.map(() => random.normal()),
          new Float64Array(n).fill(1),
        ),
      ),
    ).toBeLessThan(0.3);
  });

  it('measures between parallel tilted lines exactly', () => {
    const a = Float64Array.from({ length: 30 }, (_, j) => 0.5 * j * 2);
    const out = new Float64Array(30);
    alongNormals(
      a,
      a.map((v) => v + 10),
      slopes(a, 2, 1),
      2,
      out,
    );
    expect(out[15]).toBeCloseTo(10 / Math.sqrt(1.25), 6);
    // Beyond its ends a line goes straight on.
    expect(out[0]).toBeCloseTo(10 / Math.sqrt(1.25), 6);
  });

  it('gives white noise the standard error of its mean', () => {
    const random = seededRandom(9);
    const values = Float64Array.from({ length: 400 }, () => random.normal());
    expect(blockBootstrap(values, 1)).toBeGreaterThan(0.035);
    expect(blockBootstrap(values, 1)).toBeLessThan(0.075);
  });
});
