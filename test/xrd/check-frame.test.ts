import { describe, expect, it } from 'vitest';
import type { Pattern } from '../../src/measurement.js';
import { checkFrames, typicalLineWidth } from '../../src/xrd/frames/check-frame.js';
import { drawPattern, testPhase } from './powder-truth.js';

const phases = [testPhase('Li3YCl6'), testPhase('In'), testPhase('LiIn')];

/** Twelve frames across an anode-electrolyte boundary; the anode is dimmer and has other lines. */
function scanOf(seed: number, background = 100): Pattern[] {
  return Array.from({ length: 12 }, (_, i) => {
    const anode = 1 / (1 + Math.exp(2 * (i - 5)));
    const level = background * (1 - 0.6 * anode);
    return drawPattern(100 * seed + i, {
      phases,
      values: {
        'Li3YCl6.peak': 1000 * (1 - anode),
        'In.peak': 300 * anode,
        'LiIn.peak': 200 * anode,
        W: i % 2 === 0 ? 12 : 8,
      },
      background: level,
      grain: 0.15,
    });
  });
}

const rows = new Int32Array(12);
const check = (patterns: Pattern[]) => checkFrames({ patterns, rows });
const withFrame = (patterns: Pattern[], index: number, change: (y: Float64Array) => void): Pattern[] =>
  patterns.map((pattern, i) => {
    if (i !== index) return pattern;
    const intensity = pattern.intensity.slice();
    change(intensity);
    return { ...pattern, intensity };
  });

/** Replaces every value. */
function edit(y: Float64Array, change: (value: number, index: number) => number): void {
  y.set(y.map(change));
}

describe('frame checks', () => {
  const good = scanOf(1);

  it('raise no alarm on good frames, not at the change of phases either', () => {
    for (const seed of [1, 2, 3, 4])
      for (const background of [100, 15])
        expect(check(scanOf(seed, background)).map(({ reason }) => reason)).toEqual(new Array(12).fill(null));
  });

  it.each([
    ['all zero', (y: Float64Array) => y.fill(0), /dead/],
    ['one value', (y: Float64Array) => y.fill(65535), /saturated/],
    ['not a number', (y: Float64Array) => y.fill(Number.NaN), /not finite/],
    ['a few stray counts', (y: Float64Array) => edit(y, (_, i) => (i % 97 === 0 ? 1 : 0)), /dead|dropped/],
    ['30 % of the intensity', (y: Float64Array) => edit(y, (v) => Math.round(0.3 * v)), /dropped/],
  ] as const)('leave out a frame with %s', (_name, change, reason) => {
    for (const index of [0, 2, 8, 11]) {
      const checks = check(withFrame(good, index, change));
      expect(checks[index]!.status, `frame ${index}`).toBe('excluded');
      expect(checks[index]!.reason).toMatch(reason);
      expect(checks.filter(({ status }) => status !== 'ok')).toHaveLength(1);
    }
  });

  it('leave out a frame with 70 % of the intensity, with many and with few counts', () => {
    for (const background of [100, 15])
      for (const index of [2, 9, 10]) {
        const frames = withFrame(scanOf(1, background), index, (y) => edit(y, (v) => Math.round(0.7 * v)));
        const checks = check(frames);
        expect(checks[index]!.reason, `frame ${index}`).toMatch(/dropped to \d\d %/);
        expect(checks.filter(({ status }) => status !== 'ok')).toHaveLength(1);
      }
  });

  it('take neither a step of absorption nor a darker layer of two frames for a fault', () => {
    const scaled = (factor: (i: number) => number) =>
      check(good.map((p, i) => ({ ...p, intensity: p.intensity.map((y) => Math.round(y * factor(i))) })));
    for (const factor of [
      (i: number) => (i < 6 ? 0.5 : 1),
      (i: number) => (i < 6 ? 1 : 0.6),
      (i: number) => 1 - 0.04 * i,
      (i: number) => (i === 6 || i === 7 ? 0.75 : 1),
    ])
      expect(scaled(factor).map(({ reason }) => reason)).toEqual(new Array(12).fill(null));
  });

  it('repair single spikes, on lines and beside them, and leave the neighbours alone', () => {
    for (const [channel, width] of [
      [500, 1],
      [1085, 2],
      [707, 1],
      [1300, 1],
    ] as const) {
      const checks = check(
        withFrame(good, 9, (y) => {
          for (let k = 0; k < width; k++) y[channel + k] = y[channel + k]! + 4000;
        }),
      );
      expect(checks[9]!.status, `channel ${channel}`).toBe('repaired');
      expect(checks[9]!.reason).toMatch(/spike/);
      for (let k = 0; k < width; k++) expect(checks[9]!.mask[channel + k]).toBe(0);
      expect(checks[9]!.mask.filter((keep) => keep === 0).length).toBeLessThan(9);
      expect(checks[8]!.status).toBe('ok');
      expect(checks[10]!.status).toBe('ok');
    }
  });

  it('do not call channels dead where there is no background and nothing between the lines', () => {
    // broad lines that fade into zeros
    const bare = scanOf(3).map((pattern) => {
      const intensity = new Float64Array(pattern.intensity.length);
      for (let line = 40; line < intensity.length; line += 76)
        for (let i = 0; i < intensity.length; i++)
          intensity[i] = Math.round(intensity[i]! + 900 * Math.exp(-0.5 * ((i - line) / 7) ** 2));
      return { ...pattern, intensity };
    });
    expect(
      check(bare.slice(0, 1).concat(bare)).some(({ reason }) => /constant value/.test(reason ?? '')),
    ).toBe(false);
  });

  it('repair a dead channel and gaps of a few channels', () => {
    const dead = check(withFrame(good, 9, (y) => y.fill(0, 700, 701)));
    expect(dead[9]!.status).toBe('repaired');
    const gap = check(withFrame(good, 9, (y) => y.fill(Number.NaN, 700, 760)));
    expect(gap[9]).toMatchObject({
      status: 'repaired',
      reason: expect.stringContaining('60 channels not finite'),
    });
    const module = check(withFrame(good, 9, (y) => y.fill(0, 700, 760)));
    expect(module[9]!.status).toBe('repaired');
    expect(module[9]!.reason).toMatch(/dead/);
  });

  it('repair a frame that clips its strong lines', () => {
    const checks = check(withFrame(good, 9, (y) => edit(y, (v) => Math.min(v, 400))));
    expect(checks[9]!.status).toBe('repaired');
    expect(checks[9]!.reason).toMatch(/saturated/);
  });

  const cutTo = (from: number, to: number) =>
    good.map((pattern, i) =>
      i === 9
        ? {
            ...pattern,
            twoTheta_deg: pattern.twoTheta_deg.slice(from, to),
            intensity: pattern.intensity.slice(from, to),
          }
        : pattern,
    );

  it('see that a frame is cut short, and use it where enough is left', () => {
    const n = good[9]!.intensity.length;
    const others = (i: number) => i !== 9;
    for (const [from, to, status] of [
      [0, 100, 'excluded'],
      [0, Math.round(0.8 * n), 'repaired'],
      [Math.round(0.2 * n), n, 'repaired'],
    ] as const) {
      const checks = check(cutTo(from, to));
      expect(checks[9]).toMatchObject({
        status,
        reason: expect.stringMatching(/cut short: .* of the others/),
      });
      expect(checks.filter((_, i) => others(i)).every((one) => one.status === 'ok')).toBe(true);
    }
    // half of the frames on a shorter range is a choice, not a fault
    const halves = good.map((pattern, i) =>
      i % 2 === 0
        ? pattern
        : {
            ...pattern,
            twoTheta_deg: pattern.twoTheta_deg.slice(0, n >> 1),
            intensity: pattern.intensity.slice(0, n >> 1),
          },
    );
    expect(check(halves).every(({ reason }) => !/cut/.test(reason ?? ''))).toBe(true);
  });

  it('leave out a frame that was written twice, and take equal curves without noise for what they are', () => {
    const twice = check(withFrame(good, 9, (y) => y.set(good[4]!.intensity)));
    expect(twice[9]).toMatchObject({ status: 'excluded', reason: expect.stringContaining('pattern 4') });
    expect(twice[4]!.status).toBe('ok');
    const smooth = Float64Array.from(
      good[9]!.twoTheta_deg,
      (t) => 100 + 900 * Math.exp(-(((t - 25) / 0.2) ** 2)),
    );
    for (const y of [smooth, smooth.map(Math.round)]) {
      const alike = check(good.map((pattern) => ({ ...pattern, intensity: y })));
      expect(alike.some(({ reason }) => /twice/.test(reason ?? ''))).toBe(false);
    }
  });

  it.each([0.2, -0.12])(
    'see that all lines of a frame are moved by %s deg, as no neighbour is',
    (degrees) => {
      const by = Math.round(degrees / 0.02);
      for (const index of [0, 9]) {
        const original = good[index]!.intensity;
        const last = original.length - 1;
        const moved = check(
          withFrame(good, index, (y) => edit(y, (_, i) => original[Math.min(last, Math.max(0, i - by))]!)),
        );
        expect(moved[index]).toMatchObject({ status: 'repaired', reason: expect.stringMatching(/moved by/) });
        expect(Math.abs(moved[index]!.shift_deg! - degrees)).toBeLessThan(0.02);
        expect(moved.filter((_, i) => i !== index).every((one) => one.status === 'ok')).toBe(true);
      }
    },
  );

  it('judge a row by its own frames', () => {
    const dim = good.map((pattern) => ({
      ...pattern,
      intensity: pattern.intensity.map((y) => Math.round(y * 0.2)),
    }));
    const two = checkFrames({
      patterns: [...good, ...dim],
      rows: Int32Array.from({ length: 24 }, (_, i) => (i < 12 ? 0 : 1)),
    });
    expect(two.every(({ status }) => status === 'ok')).toBe(true);
  });

  it('know how wide lines are', () => {
    // FWHM about .12 degrees in steps of .02
    const width = typicalLineWidth(good)!;
    expect(width).toBeGreaterThan(4);
    expect(width).toBeLessThan(9);
  });

  it('is the same for frames that are read one by one', () => {
    const patterns = withFrame(scanOf(11), 4, (y) => edit(y, (value) => 0.3 * value));
    const read = (i: number): Pattern => structuredClone(patterns[i]!);
    const streamed = {
      length: patterns.length,
      at: read,
      *[Symbol.iterator]() {
        for (let i = 0; i < patterns.length; i++) yield read(i);
      },
    };
    const checks = checkFrames({ patterns: streamed, rows });
    expect(checks).toEqual(check(patterns));
    expect(checks[4]!.status).toBe('excluded');
  });
});
