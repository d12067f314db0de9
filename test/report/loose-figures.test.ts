import { describe, expect, it } from 'vitest';
import type { Identifiability } from '../../src/interphase/coupled/identifiability.js';
import { cycleSeries } from '../../src/interphase/together/cycle-series.js';
import { cycleFigure } from '../../src/report/figures/cycle-series.js';
import { planFigure } from '../../src/report/figures/plan.js';
import { refinedPattern } from '../../src/report/figures/refined-pattern.js';
import { simulatedPatterns } from '../../src/report/figures/simulated-patterns.js';

const wordsOf = (svg: string): string[] =>
  [...svg.matchAll(/<text[^>]*>([^<]*)/g)].map(([, words]) => words!);

describe('figures of single commands', () => {
  it('draws growth over cycling, with samples that have no value', () => {
    const thickness = cycleSeries(
      [0, 50, 100, 500, 1000].map((cycles) => ({
        sample: `S${cycles}`,
        cycles,
        value: cycles < 100 ? null : { value: 50 * (1 - Math.exp(-cycles / 200)), sigma: 1 },
        present: cycles === 0 ? false : null,
      })),
    );
    const empty = { points: [], fits: [], statements: [] };
    const svg = cycleFigure([
      { label: 'thickness (µm)', series: thickness },
      { label: 'x', series: empty },
    ]).draw();
    expect(wordsOf(svg)).toEqual(
      expect.arrayContaining(['thickness (µm)', 'cycles', 'no values', 'a', 'b', '×', '?']),
    );
    expect(svg.match(/a2\.2 2\.2 0 1 0 4\.4 0/g)).toHaveLength(3);
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

  it('draws a refined pattern with its phases, and the angles that were left out in grey', () => {
    const twoTheta_deg = Float64Array.from({ length: 200 }, (_, i) => 10 + 0.1 * i);
    const observed = twoTheta_deg.map((t) => 100 + 900 * Math.exp(-(((t - 20) / 0.3) ** 2)));
    const mask = new Uint8Array(200).fill(1);
    mask.fill(0, 40, 60); // a region
    mask[150] = 0; // a spike
    observed[150] = 1e6;
    const pattern = {
      label: 'scan <3>',
      summary: 'Rwp 8.0 %, GOF 1.10',
      twoTheta_deg,
      observed,
      calculated: observed.map((y, i) => (i === 150 ? 100 : y + 1)),
      background: new Float64Array(200).fill(100),
      mask,
      phases: Array.from({ length: 9 }, (_, i) => ({
        name: `phase ${i}`,
        label: `phase ${i}, 11.1 wt%`,
        twoTheta_deg: Float64Array.of(12 + i, 20),
      })),
    };
    const svg = refinedPattern(pattern).draw();
    expect(wordsOf(svg)).toEqual(
      expect.arrayContaining([
        'measured',
        'phase 8, 11.1 wt%',
        'scan &lt;3&gt;, Rwp 8.0 %, GOF 1.10',
        '2θ (°)',
        '1,000',
      ]),
    );
    expect(svg.match(/fill-opacity="0.35"/g)).toHaveLength(2); // one region in two panels, no spike
    expect(svg).not.toMatch(/NaN|Infinity/);
    const empty = { ...pattern, mask: new Uint8Array(200), phases: [] };
    expect(refinedPattern(empty).draw()).not.toMatch(/NaN|Infinity/);
  });
});
