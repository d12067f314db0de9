import { describe, expect, it } from 'vitest';
import { PatternModel } from '../../src/xrd/pattern/pattern-model.js';
import type { PhaseLines } from '../../src/xrd/pattern/phase-lines.js';
import { fixedIntensities, quadraticIntensities } from '../../src/xrd/pattern/phase-lines.js';
import { lineWidths, pseudoVoigt, pseudoVoigtShape, SHAPE } from '../../src/xrd/pattern/profile.js';

const hkl: [number, number, number][] = [];
for (let h = 0; h < 4; h++)
  for (let k = 0; k <= h; k++) for (let l = 0; l < 4; l++) if (h + k + l > 0) hkl.push([h, k, l]);
const strength = hkl.map((_, i) => 50 + ((i * 37) % 100));

const phase = (name: string): PhaseLines => ({
  name,
  cell: [11.2, 11.2, 6.05, 90, 90, 120],
  system: 'hexagonal',
  hkl,
  equivalents: () => hkl.map(([h, k, l]) => [[h, k, l] as const, [k, h, -l] as const]),
  intensities: quadraticIntensities(
    [
      { name: 'x', value: 0.1, min: 0, max: 0.5 },
      { name: 'm', value: 0.05, min: 0, max: 1 },
    ],
    ([x, m]) => strength.map((s, i) => s * (1 + x! * Math.sin(i) + 0.3 * x! * x! + 0.5 * m! + 0.7 * x! * m!)),
  ),
  cellMass: () => 1,
});

const grid = Float64Array.from({ length: 1200 }, (_, i) => 11 + i * 0.025);
const lorentz = (angle: number): number => 1 / Math.sin((angle * Math.PI) / 360) ** 2;
const options = {
  wavelengths: [
    { lambda_A: 1.2398, weight: 2 },
    { lambda_A: 1.243, weight: 1 },
  ],
  lorentzPolarisation: lorentz,
  backgroundTerms: 4,
  textureAxes: { A: [0, 0, 1] as const },
  deviatingLines: [[7, 9, 12]],
};
const values: Record<string, number> = {
  zero: 0.03,
  displacement: -0.02,
  U: 20,
  V: -10,
  W: 20,
  X: 3,
  Y: 2,
  'SH/L': 0.04,
  'background.0': 10,
  'A.scale': 0.5,
  'A.B': 0.4,
  'A.texture': 0.8,
  'A.line.7': 0.1,
};

function prepared(model: PatternModel, given: Record<string, number>): Float64Array {
  const p = model.parameters.start.slice();
  for (const [name, value] of Object.entries(given)) {
    expect(model.indexOf(name)).toBeGreaterThanOrEqual(0);
    p[model.indexOf(name)] = value;
  }
  return p;
}

describe('pattern model', () => {
  const model = new PatternModel(grid, [phase('A')], options);
  model.vary.fill(1);

  it('has the derivatives of its own curve by every parameter', () => {
    const p = prepared(model, values);
    const columns = model.createColumns();
    const curve = new Float64Array(grid.length);
    const [up, down] = [new Float64Array(grid.length), new Float64Array(grid.length)];
    model.evaluate(p, curve, columns);
    // Far tails and the smearing's weights are left out of some derivatives on purpose: a few percent at most.
    const loose = /^([XYZ]|A\.[XYZ]|SH\/L|A\.line\.\d+|A\.[ac])$/;
    const slopes = columns.map((column) => column.slice());
    model.parameters.names.forEach((name, j) => {
      const step = 1e-5 * Math.max(1, Math.abs(p[j]!));
      const moved = (by: number, out: Float64Array): void => {
        const q = p.slice();
        q[j] = p[j]! + by;
        model.evaluate(q, out, null);
      };
      moved(step, up);
      moved(-step, down);
      let missed = 0;
      let size = 0;
      for (let i = 0; i < grid.length; i++) {
        const slope = (up[i]! - down[i]!) / (2 * step);
        missed += (slope - slopes[j]![i]!) ** 2;
        size += slope * slope;
      }
      expect(Math.sqrt(missed / size), name).toBeLessThan(loose.test(name) ? 0.04 : 0.005);
    });
  });

  it('loses nothing to its windows: the full sum of pseudo-Voigts within 3e-4 of the strongest line', () => {
    const plain: PhaseLines = { ...phase('A'), intensities: fixedIntensities(strength) };
    const one = new PatternModel(grid, [plain], {
      ...options,
      wavelengths: [{ lambda_A: 1.2398, weight: 1 }],
      deviatingLines: [],
    });
    const widths = { U: 20, V: -10, W: 20, X: 12, Y: 3, Z: 0 };
    const p = prepared(one, { ...widths, 'A.scale': 1 });
    const curve = new Float64Array(grid.length);
    one.evaluate(p, curve, null);
    const shape = new Float64Array(SHAPE.length);
    const full = new Float64Array(grid.length);
    for (const [line, [h, k, l]] of hkl.entries()) {
      const q = (4 / 3) * ((h * h + h * k + k * k) / 11.2 ** 2) + (l / 6.05) ** 2;
      const angle = (360 / Math.PI) * Math.asin((1.2398 * Math.sqrt(q)) / 2);
      if (angle < grid[0]! - 5) continue;
      const { gauss_deg, lorentz_deg } = lineWidths(widths, angle);
      pseudoVoigtShape(gauss_deg, lorentz_deg, shape);
      for (let i = 0; i < grid.length; i++)
        full[i] =
          full[i]! +
          strength[line]! *
            lorentz(angle) *
            pseudoVoigt(grid[i]! - angle, shape[SHAPE.H]!, shape[SHAPE.eta]!);
    }
    const top = Math.max(...full);
    let worst = 0;
    for (let i = 0; i < grid.length; i++) worst = Math.max(worst, Math.abs(full[i]! - curve[i]!));
    expect(worst / top).toBeLessThan(3e-4);
  });

  it('adds up: background and phases alone make the whole', () => {
    const p = prepared(model, values);
    const whole = new Float64Array(grid.length);
    const background = whole.slice();
    const alone = whole.slice();
    model.evaluate(p, whole, null);
    model.backgroundCurve(p, background);
    model.phaseCurve(p, 0, alone);
    for (let i = 0; i < grid.length; i++) expect(background[i]! + alone[i]!).toBeCloseTo(whole[i]!, 8);
  });

  it('does not change its answer by having been used before', () => {
    const p = prepared(model, values);
    const first = new Float64Array(grid.length);
    const again = first.slice();
    model.evaluate(p, first, model.createColumns());
    model.evaluate(prepared(model, { 'A.scale': 3, zero: -0.2 }), again, null);
    model.evaluate(p, again, null);
    expect(again).toEqual(first);
  });
});
