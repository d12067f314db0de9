import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtInPhase } from '../../src/xrd/crystal/built-in-phases.js';
import { inverseD2, reciprocalMetric } from '../../src/xrd/crystal/cell.js';
import { CellMetric, type CellParameters, freeCellParameters } from '../../src/xrd/crystal/cell-metric.js';
import { cellParameters, latticeSystem } from '../../src/xrd/pattern/structure-phase.js';

const length = fc.double({ min: 3, max: 20, noNaN: true });
const angle = fc.double({ min: 75, max: 115, noNaN: true });
const index = fc.integer({ min: -6, max: 6 });

describe('lattice metric', () => {
  it('gives the 1/d^2 of the structure code and its derivatives by all six parameters', () => {
    fc.assert(
      fc.property(
        fc.tuple(length, length, length, angle, angle, angle),
        index,
        index,
        index,
        (cell, h, k, l) => {
          if (h === 0 && k === 0 && l === 0) return;
          const free = freeCellParameters('triclinic', cell as unknown as CellParameters);
          const metric = new CellMetric(free);
          metric.set(cell);
          const derivatives = new Float64Array(6);
          const q = metric.q(h, k, l, derivatives);
          const [a_A, b_A, c_A, alpha_deg, beta_deg, gamma_deg] = cell;
          expect(
            q / inverseD2(reciprocalMetric({ a_A, b_A, c_A, alpha_deg, beta_deg, gamma_deg }), h, k, l),
          ).toBeCloseTo(1, 9);
          cell.forEach((value, j) => {
            const step = 1e-5 * value;
            const at = (v: number): number => {
              metric.set(cell.map((old, i) => (i === j ? v : old)));
              return metric.q(h, k, l, null);
            };
            const slope = (at(value + step) - at(value - step)) / (2 * step);
            expect(Math.abs(slope - derivatives[j]!)).toBeLessThan(
              1e-6 * Math.abs(q) + 1e-5 * Math.abs(slope),
            );
          });
        },
      ),
      { seed: 4, numRuns: 60 },
    );
  });

  it.each([
    ['Li3YCl6', 'hexagonal', 2],
    ['In', 'tetragonal', 2],
    ['LiIn', 'cubic', 1],
    ['YCl3', 'monoclinic', 4],
  ])('finds the free cell parameters of %s: %s', (name, system, count) => {
    const { operations, cell } = builtInPhase(name);
    expect(latticeSystem(operations, cell)).toBe(system);
    expect(freeCellParameters(system, cellParameters(cell))).toHaveLength(count);
  });
});
