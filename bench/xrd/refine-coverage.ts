/**
 * Do the error bars of single refinements hold the truth? Patterns of known truth (random cells, zero, widths, displacement,
 * weight fractions, background, counts of 300 to 30000 in the strongest channel, Poisson noise) come from refine_coverage.py:
 * cryspy's structure factors and a profile written apart from ours. Printed for every quantity are the part of the 95 %
 * intervals that hold the truth, mean and standard deviation of the pulls (value - truth) / esd, and how many there were.
 * Form factors and dispersion are cryspy's on both sides, as its tables are coarse.
 *
 *   PEER_PYTHON=/path/to/python npx tsx bench/xrd/refine-coverage.ts [patterns per sample, 100] [seed]
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { molarMass_g_mol } from '../../src/reference/formula.js';
import { builtInPhase } from '../../src/xrd/crystal/built-in-phases.js';
import { cellVolume_A3 } from '../../src/xrd/crystal/cell.js';
import { freeCellParameters } from '../../src/xrd/crystal/cell-metric.js';
import { compositionOf } from '../../src/xrd/crystal/composition.js';
import type { PhaseStructure } from '../../src/xrd/crystal/structure.js';
import type { PhaseLines } from '../../src/xrd/pattern/phase-lines.js';
import { refinablePhase } from '../../src/xrd/pattern/refinable-phase.js';
import { type PatternFit, parameterOf } from '../../src/xrd/refine/pattern-fit.js';
import { refinePattern } from '../../src/xrd/refine/refine-pattern.js';
import { type CryspyTables, tablesOf } from './cryspy-tables.js';
import { rcif } from './rcif.js';

const WAVELENGTH_A = 1.2398;
const GRID: [number, number, number] = [11, 50, 0.02];
const TOP: [number, number] = [300, 30000];
/** Phases of a sample; `minor` is the range of the second one's weight fraction where it is an impurity. */
const SAMPLES: { names: string[]; minor: [number, number] | null }[] = [
  { names: ['Li3YCl6'], minor: null },
  { names: ['LiCl', 'YCl3'], minor: null },
  { names: ['In', 'LiIn'], minor: null },
  { names: ['Li3YCl6', 'LiCl'], minor: [0.003, 0.05] },
];

type PhaseTruth = { scale: number; weight: number; B: number } & Record<string, number>;

interface Drawn {
  tables: CryspyTables[];
  grid: number[];
  patterns: {
    zero: number;
    W: number;
    X: number;
    top: number;
    phases: PhaseTruth[];
    counts: number[];
  }[];
}

const count = Number(process.argv[2] ?? 100);
const seed = Number(process.argv[3] ?? 1);
for (const { names, minor } of SAMPLES) study(names.map(withDisplacement), minor);

/** The same displacement everywhere, stated on both sides. */
function withDisplacement(name: string): PhaseStructure {
  const structure = builtInPhase(name);
  return { ...structure, sites: structure.sites.map((site) => ({ ...site, B_A2: 1.2 })) };
}

function study(structures: PhaseStructure[], minor: [number, number] | null): void {
  const drawn = draw(structures, minor);
  const phases = structures.map((structure, k) => preparePhase(structure, drawn.tables[k]!));
  const pulls = new Map<string, number[]>();
  const add = (name: string, pull: number): void => {
    pulls.set(name, [...(pulls.get(name) ?? []), pull]);
  };
  let gof = 0;
  for (const [i, truth] of drawn.patterns.entries()) {
    const fit = refinePattern(
      {
        label: `${i}`,
        twoTheta_deg: Float64Array.from(drawn.grid),
        intensity: Float64Array.from(truth.counts),
        sigma: null,
      },
      phases,
      {
        wavelengths: [{ lambda_A: WAVELENGTH_A, weight: 1 }],
        lorentzPolarisation: { integration: 'mean-per-pixel' },
        refine: ['zero', 'W', 'X', '*.cell', '*.B'],
        backgroundTerms: 8,
      },
    );
    gof += fit.r.gof / count;
    collect(fit, truth, structures, add);
  }
  console.log(
    `\n${structures.map(({ name }) => name).join(' + ')}${minor ? ` of ${minor.join(' to ')}` : ''}: ${count} patterns, mean GOF ${gof.toFixed(3)}`,
  );
  for (const [name, values] of pulls) console.log(summary(name, values));
}

function collect(
  fit: PatternFit,
  truth: Drawn['patterns'][number],
  structures: PhaseStructure[],
  add: (name: string, pull: number) => void,
): void {
  const parameter = (name: string, true_: number): void => {
    const found = parameterOf(fit, name);
    if (found?.varied && !found.atBound) add(name, (found.value - true_) / found.sigma);
  };
  for (const name of ['zero', 'W', 'X'] as const) parameter(name, truth[name]);
  structures.forEach(({ name }, k) => {
    const { weight, ...values } = truth.phases[k]!;
    for (const [what, value] of Object.entries(values)) parameter(`${name}.${what}`, value);
    for (const angle of ['alpha', 'beta', 'gamma'] as const)
      parameter(`${name}.${angle}`, structures[k]!.cell[`${angle}_deg`]);
    const fraction = fit.phases[k]!.weightFraction;
    if (structures.length > 1 && fraction && fit.phases[k]!.present)
      add(`${name} weight`, (fraction.value - weight) / fraction.sigma);
  });
}

function summary(name: string, pulls: number[]): string {
  const n = pulls.length;
  const mean = pulls.reduce((a, b) => a + b, 0) / n;
  const sd = Math.sqrt(pulls.reduce((a, b) => a + (b - mean) ** 2, 0) / (n - 1));
  const inside = pulls.filter((pull) => Math.abs(pull) < 1.96).length / n;
  return `  ${name.padEnd(16)} 95 % interval holds ${(100 * inside).toFixed(0).padStart(3)} %   pull ${mean.toFixed(2).padStart(5)} +- ${sd.toFixed(2)}   of ${n}`;
}

function preparePhase(structure: PhaseStructure, peer: CryspyTables): PhaseLines {
  const options = tablesOf(structure, peer);
  return refinablePhase(structure, {
    wavelength_A: WAVELENGTH_A,
    twoThetaMin_deg: GRID[0] - 3,
    twoThetaMax_deg: GRID[1] + 3,
    ...options,
  });
}

function draw(structures: PhaseStructure[], minor: [number, number] | null): Drawn {
  const python = process.env.PEER_PYTHON ?? 'python3';
  const script = fileURLToPath(new URL('refine_coverage.py', import.meta.url));
  const phases = structures.map((structure) => {
    const { a_A, b_A, c_A } = structure.cell;
    const cell = refinablePhase(structure, {
      wavelength_A: WAVELENGTH_A,
      twoThetaMin_deg: GRID[0],
      twoThetaMax_deg: GRID[1],
    });
    return {
      crystal: rcif(structure, { a: '{a}', b: '{b}', c: '{c}' }),
      lengths: { a: a_A, b: b_A, c: c_A },
      free: freeCellParameters(cell.system, cell.cell)
        .filter(({ drives }) => drives[0]! < 3)
        .map(({ name }) => name),
      shape: cellVolume_A3(structure.cell) / (a_A * b_A * c_A),
      mass: structure.formulaUnits * molarMass_g_mol(compositionOf(structure)),
    };
  });
  const input = JSON.stringify({
    seed,
    count,
    wavelength: WAVELENGTH_A,
    grid: GRID,
    top: TOP,
    minor,
    phases,
  });
  const run = spawnSync(python, ['-W', 'ignore', script], { input, maxBuffer: 1 << 30 });
  if (run.status !== 0) throw new Error(`cryspy did not run (${python}): ${run.error ?? run.stderr}`);
  const text = run.stdout.toString();
  return JSON.parse(text.slice(text.indexOf('{"tables"'))) as Drawn;
}
