/**
 * Scans unlike those of `interphase simulate`: texture line by line and not quite the same in the layer, grains that
 * neighbouring patterns share, a gradient of x, a cell that shrinks with x, count rates instead of counts, a hump and a
 * drifting background, irregular, reversed or missing positions, bad frames, a Gaussian beam, indium left in the layer.
 */
import { layerShares } from '../../src/interphase/edges/transition.js';
import type { LineScan, Pattern } from '../../src/measurement.js';
import { Random } from '../../src/numeric/random.js';
import { type PhasePattern, phasePattern } from '../../src/simulate/phase-pattern.js';
import { builtInPhase } from '../../src/xrd/crystal/built-in-phases.js';
import type { PhaseStructure } from '../../src/xrd/crystal/structure.js';
import type { ScanTruth } from './simulated.js';

export interface UnlikeScan {
  scan: LineScan;
  truth: ScanTruth;
}

interface Recipe {
  pattern: PhasePattern;
  texture: Float64Array;
}

export function unlikeScan(seed: number, hypothesis: ScanTruth['hypothesis']): UnlikeScan {
  const random = new Random(seed, 'unlike');
  const n = 24 + random.integer(14);
  const step = random.uniform(1.5, 3);
  const inner = random.uniform(0.2, 0.4) * n * step;
  const none = hypothesis === 'none';
  const outer = none ? inner : inner + random.uniform(0.15, 0.35) * n * step;
  const amount = none
    ? 0
    : hypothesis === 'y-migration'
      ? random.uniform(0.08, 0.25)
      : random.uniform(0.12, 0.45);
  const beam = random.uniform(1, 2.5);
  const positions = positionsOf(random, n, step);
  const gaussian = random.uniform() < 0.5;
  const width = random.uniform(0.2, 1.2);
  const shares = new Float64Array(3 * n);
  // A Gaussian beam of this FWHM adds its variance to that of the boundary.
  const own = gaussian ? Math.hypot(width, beam / 2.355) : width;
  layerShares(positions, none ? [inner, inner] : [inner, outer], [own, own], gaussian ? 0 : beam, shares);
  const grid = Float64Array.from({ length: 1550 + random.integer(400) }, (_, i) => 11.5 + 0.02 * i);
  const phases = phasesOf(random, grid, hypothesis, amount);
  const counts = Math.exp(random.uniform(Math.log(500), Math.log(4000)));
  const rate = random.uniform() < 0.5 ? 1 : random.uniform(0.05, 20);
  const grain = random.uniform(0.01, 0.07);
  const shared = random.uniform(0, 0.5);
  const gradient = random.uniform(-0.15, 0.15);
  const leftover = random.uniform() < 0.3 ? random.uniform(0, 0.1) : 0;
  const background = counts * random.uniform(0.05, 0.5);
  const hump = [random.uniform(13, 30), random.uniform(2, 8), random.uniform(0, 0.6)];
  const drift = random.uniform(-0.3, 0.3);
  const toCounts = counts / peakOf(phases.electrolyte);
  const memory = new Map<string, Float64Array>();
  const patterns: Pattern[] = Array.from(positions, (position, i) => {
    const [anode, layer, rest] = shares.subarray(3 * i, 3 * i + 3);
    const tilt = 1 + (drift * i) / n;
    const expected = grid.map(
      (a) =>
        background *
        tilt *
        (0.5 + 0.4 * Math.exp((11 - a) / 12) + hump[2] * Math.exp(-0.5 * ((a - hump[0]) / hump[1]) ** 2)),
    );
    const gain = toCounts * Math.exp(random.normal(0, 0.06));
    const along = none ? 0 : (2 * (position - inner)) / Math.max(outer - inner, 1e-6) - 1;
    const part = 0.5 + 0.5 * Math.max(-1, Math.min(1, gradient * along * 2));
    const add = (key: string, recipe: Recipe, weight: number, spread: number): void =>
      addPhase(
        expected,
        recipe,
        weight * gain,
        grains(random, memory, key, recipe.pattern.intensity.length, spread, shared),
      );
    add('In', phases.anode[0], (anode + leftover * layer) * 0.3, 2.5 * grain);
    add('LiIn', phases.anode[1], anode * 0.4, 2 * grain);
    add('low', phases.layer[0], layer * (1 - part) * 0.9, grain);
    add('high', phases.layer[1], layer * part * 0.9, grain);
    add('rest', phases.electrolyte, rest, grain);
    const measured = expected.map((mean) => random.poisson(mean));
    return {
      label: `frame ${i}`,
      twoTheta_deg: grid,
      intensity: measured.map((c) => c * rate),
      sigma: measured.map((c) => rate * Math.sqrt(Math.max(1, c))),
    };
  });
  spoil(random, patterns);
  return {
    scan: {
      name: `unlike ${seed}`,
      wavelength_A: 1.2398,
      integration: 'mean-per-pixel',
      beam_um: beam,
      positions_um: positions,
      rows: new Int32Array(n),
      patterns,
      phases: ['Li3YCl6', 'In', 'LiIn'].map((name) => ({ name, cif: null })),
      dopant: { element: 'In', into: 'Li3YCl6' },
    },
    truth: {
      hypothesis,
      amount,
      edges_um: none ? [inner] : [inner, outer],
      settings: [
        `n=${n} step=${step.toFixed(2)} beam=${beam.toFixed(2)} counts=${counts.toFixed(0)} bg=${background.toFixed(0)} grain=${grain.toFixed(3)} shared=${shared.toFixed(2)} gradient=${gradient.toFixed(2)} leftover=${leftover.toFixed(2)} x=${amount.toFixed(3)} edges=${inner.toFixed(2)},${outer.toFixed(2)} width=${width.toFixed(2)}`,
      ],
    },
  };
}

function positionsOf(random: Random, n: number, step: number): Float64Array {
  const irregular = random.uniform() < 0.5 ? 0.3 * step : 0;
  const positions = Float64Array.from(
    { length: n },
    (_, i) => i * step + random.uniform(-irregular, irregular),
  );
  return random.uniform() < 0.3 ? positions.reverse() : positions;
}

function phasesOf(random: Random, grid: Float64Array, hypothesis: ScanTruth['hypothesis'], amount: number) {
  const variant = ['Li3YCl6', 'Li3YCl6', 'Li3YCl6:ordered', 'Li3YCl6:swapped'][random.integer(4)];
  const host = builtInPhase(variant);
  const instrument = {
    wavelength_A: 1.2398,
    integration: 'mean-per-pixel' as const,
    fwhm_deg: random.uniform(0.06, 0.2),
    size_um: random.uniform(0.15, 0.8),
    zero_deg: random.uniform(-0.03, 0.03),
  };
  const shrink = 1 - random.uniform(0, 0.02) * amount;
  const smaller: PhaseStructure = {
    ...host,
    cell: {
      ...host.cell,
      a_A: host.cell.a_A * shrink,
      b_A: host.cell.b_A * shrink,
      c_A: host.cell.c_A * shrink,
    },
  };
  const make = (
    name: string,
    structure: PhaseStructure,
    march: number,
    kind: ScanTruth['hypothesis'],
    x: number,
  ): PhasePattern =>
    phasePattern(
      { name, structure, substitution: kind === 'none' ? null : { kind, amount: x }, march, weight: 1 },
      grid,
      instrument,
    );
  const electrolyte = make('LYC', host, random.uniform(0.85, 1.15), hypothesis, 0);
  // Texture of no known form, the same along the scan, and a little of it that the layer has for itself.
  const texture = electrolyte.intensity.map(() => Math.exp(random.normal(0, 0.12)));
  const change = random.uniform(0, 0.04);
  const inLayer = texture.map((t) => t * Math.exp(random.normal(0, change)));
  const layer = [0.85, 1.15].map((factor) => ({
    pattern: make('AEI', smaller, 1, hypothesis, amount * factor),
    texture: inLayer,
  }));
  const march = electrolyte.intensity.map(() => 1);
  const anode = ['In', 'LiIn'].map((name) => {
    const pattern = make(name, builtInPhase(name), random.uniform(0.7, 1.3), 'none', 0);
    return { pattern, texture: pattern.intensity.map(() => Math.exp(random.normal(0, 0.3))) };
  });
  const flat = make('LYC', host, 1, hypothesis, 0);
  return { electrolyte: { pattern: flat, texture: texture.map((t, i) => t * march[i]) }, layer, anode };
}

const peakOf = ({ pattern }: Recipe): number =>
  Math.max(
    ...pattern.intensity.map((value, i) => value * pattern.shapes[i].reduce((a, b) => Math.max(a, b), 0)),
  );

/** Factors of the lines in this pattern: grains that the neighbour saw too keep part of theirs. */
function grains(
  random: Random,
  memory: Map<string, Float64Array>,
  key: string,
  count: number,
  spread: number,
  shared: number,
): Float64Array {
  const before = memory.get(key) ?? Float64Array.from({ length: count }, () => random.normal());
  const now = before.map((z) => shared * z + Math.sqrt(1 - shared * shared) * random.normal());
  memory.set(key, now);
  return now.map((z) => Math.exp(spread * z - 0.5 * spread * spread));
}

function addPhase(
  out: Float64Array,
  { pattern, texture }: Recipe,
  weight: number,
  factor: Float64Array,
): void {
  if (!(weight > 1e-9)) return;
  pattern.shapes.forEach((shape, line) => {
    const area = weight * factor[line] * (texture[line] ?? 1) * pattern.intensity[line];
    for (let i = 0; i < out.length; i++) out[i] += area * shape[i];
  });
}

function spoil(random: Random, patterns: Pattern[]): void {
  const pick = (): Float64Array => patterns[random.integer(patterns.length)].intensity;
  if (random.uniform() < 0.3) pick().fill(0);
  if (random.uniform() < 0.3) {
    const y = pick();
    for (let k = 0; k < 3; k++) y[random.integer(y.length)] *= 60;
  }
  if (random.uniform() < 0.2) {
    const y = pick();
    for (let i = 0; i < y.length; i++) y[i] *= 0.2;
  }
  if (random.uniform() < 0.2) {
    const y = pick();
    for (let i = 700; i < 708; i++) y[i] = Number.NaN;
  }
}
