/**
 * Our lines against pymatgen's XRDCalculator, side by side in one run: positions, intensities (with pymatgen's form
 * factors on both sides, no dispersion, atoms at rest), and time for one pattern from a structure.
 *
 *   PEER_PYTHON=/path/to/python npx tsx bench/xrd/simulate.ts [repeats]
 *
 * Times: the same structure object, the same range, and the same result: positions, and intensities with
 * Lorentz-polarisation, scaled to 100. The smallest and the median of the repeats, since other work on the machine can
 * only add. 'first' is a pattern of a structure not seen before, with a cell of its own (its sites are expanded, too,
 * which pymatgen is spared; what depends on the space group alone is known from the structures before it), 'again' a
 * further one of the same structure (reflections and phase factors are kept). Below: a further composition by the
 * parabolas, and the full profile of 2001 points, which XRDCalculator does not compute.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { structureFromCif } from '../../src/formats/crystal/cif.js';
import { element } from '../../src/reference/elements.js';
import { builtInPhase } from '../../src/xrd/crystal/built-in-phases.js';
import { buildLineTable, lineIntensitiesAt } from '../../src/xrd/crystal/line-table.js';
import { siteCopies } from '../../src/xrd/crystal/site-orbit.js';
import type { PhaseStructure } from '../../src/xrd/crystal/structure.js';
import { substitute } from '../../src/xrd/crystal/substitution.js';
import { lorentzPolarisation } from '../../src/xrd/pattern/lorentz-polarisation.js';
import { angleGrid, simulatePattern } from '../../src/xrd/pattern/simulate-pattern.js';
import { QUARTZ } from './quartz.js';

const WAVELENGTH_A = 1.2398;
const RANGE: [number, number] = [10, 50];
const repeats = Number(process.argv[2] ?? 30);

const structures: PhaseStructure[] = [
  ...['Li3YCl6', 'YCl3', 'LiIn', 'In', 'Y', 'Li3InCl6'].map(builtInPhase),
  { ...substitute(builtInPhase('Li3YCl6'), { kind: 'in-on-6h' }, 0.2), name: 'Li2.4In0.2YCl6' },
  structureFromCif(QUARTZ).structure,
];

interface Peer {
  answers: { name: string; x: number[]; y: number[]; times_ms: number[] }[];
  form_factors: Record<string, [number, number][]>;
}

const peer = askPymatgen();
const parity = {
  wavelength_A: WAVELENGTH_A,
  twoThetaMin_deg: RANGE[0],
  twoThetaMax_deg: RANGE[1],
  debyeWaller: 'none' as const,
  dispersion: false,
  formFactors: (symbol: string, _charge: number, s2: number) =>
    element(symbol).atomicNumber -
    41.78214 * s2 * peer.form_factors[symbol]!.reduce((sum, [a, b]) => sum + a * Math.exp(-b * s2), 0),
};

console.log(
  'phase             lines  worst position  worst intensity   pymatgen ms (min, median)  first ms (min,med)  again ms (min,med)  ratio first  ratio again',
);
for (const [i, structure] of structures.entries()) compare(structure, peer.answers[i]!);
profileTimes();

function compare(structure: PhaseStructure, theirs: Peer['answers'][number]): void {
  const table = buildLineTable(structure, parity);
  const ours = Array.from(table.twoTheta_deg, (angle, line) => ({
    angle,
    intensity: table.i0[line]! * lorentzPolarisation(angle, { integration: 'lab' }),
  }));
  const top = Math.max(...theirs.y);
  let position = 0;
  let intensity = 0;
  let shown = 0;
  theirs.x.forEach((x, j) => {
    // pymatgen merges what lies within 1e-5 degrees
    const mine = ours.filter(({ angle }) => Math.abs(angle - x) < 2e-4);
    const sum = mine.reduce((total, line) => total + line.intensity, 0);
    if (theirs.y[j]! < 1e-3 * top) return;
    shown++;
    position = Math.max(position, ...mine.map(({ angle }) => Math.abs(angle - x)));
    intensity = Math.max(intensity, Math.abs(sum / theirs.y[j]! - 1));
  });
  const count = repeats * 60;
  const strangers = Array.from({ length: count }, (_, index) => unseen(structure, index));
  let next = 0;
  const first = timed(() => powderLines(strangers[next++]!), count);
  const again = timed(() => powderLines(structure), count);
  const peerTime = summary(theirs.times_ms);
  const ratio = (own: { min: number; median: number }) =>
    `${(peerTime.min / own.min).toFixed(0)}, ${(peerTime.median / own.median).toFixed(0)}`;
  console.log(
    [
      structure.name.padEnd(16),
      String(shown).padStart(6),
      `${position.toExponential(1)} deg`.padStart(15),
      `${(100 * intensity).toFixed(4)} %`.padStart(16),
      `${peerTime.min.toFixed(2)}, ${peerTime.median.toFixed(2)}`.padStart(26),
      `${first.min.toFixed(3)}, ${first.median.toFixed(3)}`.padStart(19),
      `${again.min.toFixed(3)}, ${again.median.toFixed(3)}`.padStart(19),
      ratio(first).padStart(12),
      ratio(again).padStart(12),
    ].join(' '),
  );
}

/** Positions and intensities as XRDCalculator gives them, scaled to 100. */
function powderLines(structure: PhaseStructure): { twoTheta_deg: Float64Array; intensity: Float64Array } {
  const { twoTheta_deg, i0, count } = buildLineTable(structure, { ...parity, formFactors: 'neutral' });
  const intensity = new Float64Array(count);
  let top = 0;
  for (let i = 0; i < count; i++) {
    intensity[i] = i0[i]! * lorentzPolarisation(twoTheta_deg[i]!, { integration: 'lab' });
    if (intensity[i]! > top) top = intensity[i]!;
  }
  for (let i = 0; i < count; i++) intensity[i]! *= 100 / top;
  return { twoTheta_deg, intensity };
}

/** A like structure in new objects and another cell, so that nothing kept for the old ones is found. */
function unseen(structure: PhaseStructure, index: number): PhaseStructure {
  const { a_A, b_A, c_A } = structure.cell;
  const scale = 1 + 0.004 * Math.sin(index);
  return {
    ...structure,
    cell: { ...structure.cell, a_A: a_A * scale, b_A: b_A * scale, c_A: c_A * scale },
    operations: [...structure.operations],
    sites: structure.sites.map((site) => ({
      ...site,
      position: [...site.position] as [number, number, number],
    })),
  };
}

function profileTimes(): void {
  const structure = builtInPhase('Li3YCl6');
  const table = buildLineTable(structure, {
    ...parity,
    formFactors: 'itc',
    substitution: { kind: 'in-on-6h' },
  });
  const out = new Float64Array(table.count);
  let x = 0;
  const next = timed(() => {
    for (let i = 0; i < 100; i++) {
      x = (x + 0.001) % 0.5;
      lineIntensitiesAt(table, x, out);
    }
  }, repeats * 60);
  const grid = angleGrid(RANGE[0], RANGE[1], 0.02);
  const profile = timed(
    () =>
      simulatePattern([{ structure }], {
        wavelength_A: WAVELENGTH_A,
        integration: 'lab',
        twoTheta_deg: grid,
      }),
    repeats * 10,
  );
  console.log(`\nnext composition, lines only: ${(next.min * 10).toFixed(2)} us`);
  console.log(
    `full profile, ${grid.length} points: ${profile.min.toFixed(3)} ms (median ${profile.median.toFixed(3)})`,
  );
}

function timed(work: () => unknown, count: number): { min: number; median: number } {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    work();
    times.push(performance.now() - start);
  }
  return summary(times.slice(Math.floor(count / 4)));
}

function summary(times: number[]): { min: number; median: number } {
  const sorted = [...times].sort((a, b) => a - b);
  return { min: sorted[0]!, median: sorted[sorted.length >> 1]! };
}

function askPymatgen(): Peer {
  const request = {
    wavelength: WAVELENGTH_A,
    range: RANGE,
    repeats,
    structures: structures.map((structure) => {
      const { a_A, b_A, c_A, alpha_deg, beta_deg, gamma_deg } = structure.cell;
      const species: Record<string, number>[] = [];
      const coords: number[][] = [];
      for (const site of structure.sites) {
        const orbit = siteCopies(structure, site);
        const occupants = site.occupants
          .filter((o) => o.occupancy > 1e-9)
          .map((o) => [o.element, o.occupancy]);
        if (occupants.length === 0) continue;
        for (let i = 0; i < orbit.length; i += 3) {
          species.push(Object.fromEntries(occupants) as Record<string, number>);
          coords.push([...orbit.slice(i, i + 3)]);
        }
      }
      return { name: structure.name, cell: [a_A, b_A, c_A, alpha_deg, beta_deg, gamma_deg], species, coords };
    }),
  };
  const python = process.env.PEER_PYTHON ?? 'python3';
  const script = fileURLToPath(new URL('simulate_pymatgen.py', import.meta.url));
  const run = spawnSync(python, ['-W', 'ignore', script], {
    input: JSON.stringify(request),
    maxBuffer: 1 << 28,
  });
  if (run.status !== 0) throw new Error(`pymatgen did not run (${python}): ${run.error ?? run.stderr}`);
  return JSON.parse(run.stdout.toString()) as Peer;
}
