/**
 * Scans on the level of line intensities, with known truth: no profiles, no refinement. Fast enough to measure coverage
 * over thousands of scans; bench/line-scan/coverage.ts does the same from raw patterns.
 */

import { layerShares } from '../../src/interphase/edges/transition.js';
import {
  type LineResponse,
  logResponse,
  type PatternObservation,
  type ScanObservations,
} from '../../src/interphase/lines/scan-observations.js';
import type { Random } from '../../src/numeric/random.js';
import { responsesFor } from './lines.js';

export interface LineLevelTruth {
  hypothesis: 'in-on-6h' | 'in-on-6g' | 'in-on-y' | 'y-migration' | 'none';
  variant: string;
  amount: number;
  edges: [number, number];
  widths: [number, number];
  grain: number;
  texture: number;
  counts: number;
}

export function randomTruth(random: Random, hypothesis: LineLevelTruth['hypothesis']): LineLevelTruth {
  const inner = random.uniform(10, 24);
  const thickness = hypothesis === 'none' ? 0 : random.uniform(6, 24);
  return {
    hypothesis,
    variant: ['default', 'ordered', 'swapped', 'obelix'][random.integer(4)],
    amount:
      hypothesis === 'none'
        ? 0
        : hypothesis === 'y-migration'
          ? random.uniform(0.05, 0.25)
          : random.uniform(0.08, 0.5),
    edges: [inner, inner + thickness],
    widths: [random.uniform(0.1, 1.5), random.uniform(0.1, 1.5)],
    grain: random.uniform(0.01, 0.1),
    texture: random.uniform(0, 0.15),
    counts: Math.exp(random.uniform(Math.log(300), Math.log(5000))),
  };
}

export function simulateLines(
  truth: LineLevelTruth,
  random: Random,
): { scan: ScanObservations; prior: Float64Array } {
  const { lines, responses, prior } = responsesFor();
  const J = lines.length;
  const n = 30;
  const position = Float64Array.from({ length: n }, (_, i) => 2 * i);
  const shares = new Float64Array(3 * n);
  layerShares(position, truth.edges, truth.widths, 2, shares);
  const own = responses.find(
    (r) => r.variant === truth.variant && (r.hypothesis === truth.hypothesis || truth.hypothesis === 'none'),
  ) as LineResponse;
  const logRatio = new Float64Array(J);
  if (truth.hypothesis !== 'none') logResponse(own, truth.amount, logRatio);
  const reference = responses[0].segments[0].i0;
  const level = Float64Array.from(
    prior,
    (p, j) => p + Math.log(own.segments[0].i0[j] / reference[j]) + random.normal(0, truth.texture),
  );
  const top = Math.max(...level);
  const pair = random.normal(0, 0.2);
  const patterns: PatternObservation[] = [];
  for (let i = 0; i < n; i++) {
    const [anode, layer, rest] = shares.subarray(3 * i, 3 * i + 3);
    const scale = Math.exp(random.normal(0, 0.1));
    const intensity = new Float64Array(J);
    const covariance = new Float64Array(J * J);
    for (let j = 0; j < J; j++) {
      const relative = Math.exp(level[j] - top) * (rest + layer * Math.exp(logRatio[j]));
      const area = 13 * truth.counts * relative * scale * Math.exp(random.normal(0, truth.grain));
      const variance = area + 3 * truth.counts;
      covariance[j * J + j] = variance;
      intensity[j] = area + random.normal(0, Math.sqrt(variance));
    }
    const electrolyte = scale * (layer + rest) * Math.exp(random.normal(0, truth.grain / 2));
    const material = 0.4 * Math.exp(pair) * scale * anode * Math.exp(random.normal(0, 2 * truth.grain));
    patterns.push({
      index: i,
      position_um: position[i],
      row: 0,
      intensity,
      covariance,
      anode: { value: material + random.normal(0, 0.004), sigma: 0.004 },
      electrolyte: { value: electrolyte + random.normal(0, 0.004), sigma: 0.004 },
      x: null,
    });
  }
  return { scan: { beam_um: 2, normalised: false, lines, patterns, responses }, prior };
}
