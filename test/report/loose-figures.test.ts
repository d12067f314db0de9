import { describe, expect, it } from 'vitest';
import { cycleSeries } from '../../src/interphase/cycle-series.js';
import type { Identifiability } from '../../src/interphase/identifiability.js';
import { cycleFigure } from '../../src/report/figures/cycle-series.js';
import { planFigure } from '../../src/report/figures/plan.js';
import { simulatedPatterns } from '../../src/report/figures/simulated-patterns.js';

const wordsOf = (svg: string): string[] =>
  [...svg.matchAll(/<text[^>]*>([^<]*)/g)].map(([, words]) => words!);

describe('figures of single commands', () => {
  it('draws growth over cycling, with samples that have no value', () => {
    const thickness = cycleSeries(
      [0, 50, 100, 500, 1000].map((cycles) => ({
        sample: `S${cycles}`,
        cycles,
        value: cycles === 50 ? null : { value: 50 * (1 - Math.exp(-cycles / 200)), sigma: 1 },
      })),
    );
    const empty = { points: [], fits: [], statements: [] };
    const svg = cycleFigure([
      { label: 'thickness (µm)', series: thickness },
      { label: 'x', series: empty },
    ]).draw();
    expect(wordsOf(svg)).toEqual(expect.arrayContaining(['thickness (µm)', 'cycles', 'no values', 'a', 'b']));
    expect(svg.match(/a2\.2 2\.2 0 1 0 4\.4 0/g)).toHaveLength(4);
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  it('draws what a scan can reach, and leaves out what it cannot tell', () => {
    const plan: Identifiability = {
      sigma: {
        x: 0.008,
        'anode|aei': 0.1,
        'aei|electrolyte': 0.15,
        'inner width': 0.2,
        'outer width': Number.NaN,
      },
      thicknessSigma_um: Number.POSITIVE_INFINITY,
      freed: [{ name: 'yttrium migration', sigmaX: 0.021, correlation: -0.93 }],
      correlations: [{ name: 'aei|electrolyte', correlation: 0.12 }],
      countingSigmaX: 0.004,
    };
    const svg = planFigure(plan).draw();
    expect(wordsOf(svg)).toEqual(
      expect.arrayContaining([
        'counting alone: 0.004',
        'yttrium migration free: 0.021',
        'AEI | electrolyte: 0.15',
        'yttrium migration: −0.93',
      ]),
    );
    expect(svg).not.toMatch(/thickness:|NaN|Infinity/);
  });

  it('draws simulated patterns with their labels beside the frame', () => {
    const twoTheta_deg = Float64Array.from({ length: 50 }, (_, i) => 10 + i);
    const pattern = (label: string) => ({ label, twoTheta_deg, intensity: twoTheta_deg.map((t) => t % 7) });
    const svg = simulatedPatterns([
      { heading: 'In on <6h>', patterns: [pattern('x = 0'), pattern('x = 0.1')] },
    ]).draw();
    expect(wordsOf(svg)).toEqual(expect.arrayContaining(['In on &lt;6h&gt;', 'x = 0', 'x = 0.1']));
  });
});
