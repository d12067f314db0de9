import { describe, expect, it } from 'vitest';
import { randomTruth, simulateLines } from '../../bench/line-scan/line-level.js';
import { withOneLithium } from '../../src/interphase/answer/one-lithium.js';
import { coupleScan } from '../../src/interphase/coupled/couple-scan.js';
import { logOfSegments, logResponse } from '../../src/interphase/lines/scan-observations.js';
import { Random } from '../../src/numeric/random.js';

describe('x with one lithium gone for each dopant ion', () => {
  const random = new Random(4, 'one lithium');
  const { scan, prior } = simulateLines(
    { ...randomTruth(random, 'in-on-6h'), amount: 0.3, grain: 0.02 },
    random,
  );
  const { detail, x } = coupleScan(scan, { prior, samples: 600 });

  it('is the amount that makes the same lines', () => {
    const other = withOneLithium(detail!, x!)!;
    const J = detail!.lines.length;
    const [meant, own] = [new Float64Array(J), new Float64Array(J)];
    logResponse(detail!.response, x!.value, meant);
    logOfSegments(detail!.response.oneLithium!, other.value, own);
    const strong = detail!.lines
      .map((l, j) => ({ id: l.id, d: own[j] - meant[j] }))
      .filter(({ id }) => /302|112|301|330/.test(id));
    expect(strong.length).toBeGreaterThanOrEqual(3);
    for (const { d } of strong) expect(Math.abs(d - strong[0].d)).toBeLessThan(0.01);
    // In3+ and Li+ have 46 and 2 electrons: (46 - 3 * 2) / (46 - 2) of x, less as angles grow.
    expect(other.value / x!.value).toBeGreaterThan(0.88);
    expect(other.value / x!.value).toBeLessThan(0.94);
    expect(other.sigma / other.value).toBeCloseTo(x!.sigma / x!.value, 9);
  });

  it('is not given where the amount counts something else', () => {
    const response = detail!.responses.find((r) => r.hypothesis === 'in-on-y')!;
    expect(withOneLithium({ ...detail!, response }, x!)).toBeNull();
  });
});
