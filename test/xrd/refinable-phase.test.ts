import { describe, expect, it } from 'vitest';
import { builtInPhase } from '../../src/xrd/crystal/built-in-phases.js';
import { buildLineTable } from '../../src/xrd/crystal/line-table.js';
import { substitute } from '../../src/xrd/crystal/substitution.js';
import { refinablePhase } from '../../src/xrd/pattern/refinable-phase.js';
import { refinePattern } from '../../src/xrd/refine/refine-pattern.js';
import { drawPattern, setup } from './powder-truth.js';

const range = { wavelength_A: 1.2398, twoThetaMin_deg: 5, twoThetaMax_deg: 50 };
const structure = builtInPhase('Li3YCl6');
const x = { name: 'x', substitution: { kind: 'in-on-6h' as const } };
const migration = { name: 'y_migration', substitution: { kind: 'y-migration' as const } };

describe('phases made ready for refinement', () => {
  it('x and migration together are quadratic, cross term included', () => {
    const { intensities } = refinablePhase(structure, { ...range, substitutions: [x, migration] });
    const out = new Float64Array(buildLineTable(structure, range).count);
    const derivatives = [new Float64Array(out.length), new Float64Array(out.length)];
    for (const [a, b] of [
      [0, 0],
      [0.17, 0.06],
      [0.25, 0],
    ] as const) {
      intensities.evaluate([a, b], out, derivatives);
      const both = substitute(substitute(structure, x.substitution, a), migration.substitution, b);
      const expected = buildLineTable(both, range).i0;
      const top = Math.max(...expected);
      out.forEach((value, i) => {
        expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-7 * top);
      });
      const ahead = new Float64Array(out.length);
      intensities.evaluate([a, b + 1e-6], ahead, null);
      out.forEach((value, i) => {
        expect(Math.abs((ahead[i]! - value) / 1e-6 - derivatives[1]![i]!)).toBeLessThan(1e-3 * top);
      });
    }
  });

  it('recovers x and migration together, and says how they hang together', () => {
    const phase = refinablePhase(structure, { ...range, substitutions: [x, migration] });
    const pattern = drawPattern(4, {
      phases: [phase],
      values: { 'Li3YCl6.peak': 20000, 'Li3YCl6.x': 0.15, 'Li3YCl6.y_migration': 0.05 },
    });
    const fit = refinePattern(pattern, [phase], setup);
    const found = fit.phases[0]!.composition;
    expect(Math.abs(found.x!.value - 0.15)).toBeLessThan(4 * found.x!.sigma);
    expect(Math.abs(found.y_migration!.value - 0.05)).toBeLessThan(4 * found.y_migration!.sigma);
    const at = (name: string): number => fit.correlated.indexOf(`Li3YCl6.${name}`);
    expect(fit.correlation[at('x') * fit.correlated.length + at('y_migration')]!).toBeLessThan(-0.4);
  });

  it('refines the occupancy of a single site and keeps it physical', () => {
    const free = refinablePhase(structure, { ...range, sites: ['occ:Y2', 'B:Cl1'] });
    const drawn = drawPattern(9, {
      phases: [free],
      values: { 'Li3YCl6.peak': 20000, 'Li3YCl6.occ:Y2': 0.45, 'Li3YCl6.B:Cl1': 1.2 },
    });
    const fit = refinePattern(drawn, [free], setup);
    const found = fit.phases[0]!.composition;
    expect(Math.abs(found['occ:Y2']!.value - 0.45)).toBeLessThan(4 * found['occ:Y2']!.sigma);
    expect(Math.abs(found['B:Cl1']!.value - 1.2)).toBeLessThan(4 * found['B:Cl1']!.sigma);
    expect(() => refinablePhase(structure, { ...range, sites: ['occ:Y9'] })).toThrow(/no site 'Y9'/);
    expect(() => refinablePhase(structure, { ...range, sites: ['q:Y2'] })).toThrow(/no site parameter/);
    expect(() => refinablePhase(structure, { ...range, sites: ['occ:Y2'], substitutions: [x] })).toThrow(
      /together/,
    );
  });
});
