import { describe, expect, it } from 'vitest';
import { Random } from '../../src/numeric/random.js';
import { CellMetric } from '../../src/xrd/crystal/cell-metric.js';
import type { PhaseLines } from '../../src/xrd/pattern/phase-lines.js';
import { parameterOf } from '../../src/xrd/refine/pattern-fit.js';
import { refinePattern } from '../../src/xrd/refine/refine-pattern.js';
import { drawPattern, setup, testGrid, testPhase } from './powder-truth.js';

const PATTERNS = 16;
const GRID = testGrid(800, 15, 0.04);
const phases = [testPhase('In'), testPhase('LiIn')];
const [indium, alloy] = phases as [PhaseLines, PhaseLines];

/** Z M V of a tetragonal or cubic cell of these lengths. */
function weighing(phase: PhaseLines, a: number, c: number): number {
  const metric = new CellMetric([]);
  metric.set([a, a, c, 90, 90, 90]);
  return phase.cellMass([]) * metric.volume_A3;
}

/** Pulls (value - truth) / esd by quantity. The large study, on patterns of another program, is bench/xrd/refine-coverage.ts. */
function pullsOfPatterns(): Map<string, number[]> {
  const pulls = new Map<string, number[]>();
  const random = new Random(41);
  const between = (low: number, high: number): number => low + (high - low) * random.uniform();
  for (let seed = 1; seed <= PATTERNS; seed++) {
    const counts = 10 ** between(2.5, 4.5);
    const near = (value: number): number => value * (1 + between(-0.003, 0.003));
    const truth: Record<string, number> = {
      zero: between(-0.05, 0.05),
      W: between(10, 30),
      'In.a': near(indium.cell[0]),
      'In.c': near(indium.cell[2]),
      'LiIn.a': near(alloy.cell[0]),
      'In.B': between(-0.3, 0.7),
      'LiIn.B': between(-0.3, 0.7),
    };
    // Scales at which the strongest line of In has about these counts.
    const unit = drawPattern(seed, {
      phases,
      values: { ...truth, 'In.scale': 1 },
      background: 0,
      noiseless: true,
      grid: GRID,
    });
    const scale = counts / Math.max(...unit.intensity);
    truth['In.scale'] = scale;
    truth['LiIn.scale'] = scale * between(0.05, 0.3);
    const pattern = drawPattern(seed, {
      phases,
      values: { U: 0, ...truth },
      background: counts / 20,
      grid: GRID,
    });
    const fit = refinePattern(pattern, phases, {
      ...setup,
      refine: ['zero', 'W', 'X', '*.cell', '*.B'],
      backgroundTerms: 8,
    });
    const add = (name: string, pull: number): void => {
      pulls.set(name, [...(pulls.get(name) ?? []), pull]);
    };
    for (const [name, value] of Object.entries(truth)) {
      const found = parameterOf(fit, name)!;
      expect(found.varied, name).toBe(true);
      add(name, (found.value - value) / found.sigma);
    }
    const masses = [
      truth['In.scale'] * weighing(indium, truth['In.a']!, truth['In.c']!),
      truth['LiIn.scale'] * weighing(alloy, truth['LiIn.a']!, truth['LiIn.a']!),
    ] as const;
    const { value, sigma } = fit.phases[0]!.weightFraction!;
    add('weight', (value - masses[0] / (masses[0] + masses[1])) / sigma);
  }
  return pulls;
}

describe('error bars of single refinements', () => {
  const pulls = pullsOfPatterns();

  it('hold the truth as often as they say', () => {
    const all = [...pulls.values()].flat();
    const inside = all.filter((pull) => Math.abs(pull) < 1.96).length / all.length;
    expect(inside).toBeGreaterThan(0.92);
    expect(inside).toBeLessThan(0.98);
  });

  it('are neither too small nor too wide for any quantity, and no value is biased', () => {
    for (const [name, values] of pulls) {
      const mean = values.reduce((sum, pull) => sum + pull, 0) / PATTERNS;
      const rms = Math.sqrt(values.reduce((sum, pull) => sum + pull * pull, 0) / PATTERNS);
      // Three standard errors of as many normal pulls.
      expect(Math.abs(mean), name).toBeLessThan(3 / Math.sqrt(PATTERNS));
      expect(rms, name).toBeGreaterThan(1 - 3 / Math.sqrt(2 * PATTERNS));
      expect(rms, name).toBeLessThan(1 + 3 / Math.sqrt(2 * PATTERNS));
    }
  });
});
