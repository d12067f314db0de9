/**
 * Structure factors against the Rietveld program cryspy (PyPI): Li3YCl6 with dispersion and displacement, isotropic
 * and anisotropic, with cryspy's form factors and f', f'' on both sides. (Its own tables are coarse: f' of Y at 10 keV,
 * read across the K edge, is -1.18 where Cromer-Liberman and Chantler give -.59 and -.61.)
 *
 *   PEER_PYTHON=/path/to/python npx tsx bench/xrd/simulate-rietveld.ts
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { builtInPhase } from '../../src/xrd/crystal/built-in-phases.js';
import { buildLineTable, findLine, type LineTableOptions } from '../../src/xrd/crystal/line-table.js';
import type { PhaseStructure } from '../../src/xrd/crystal/structure.js';
import { type CryspyTables, tablesOf } from './cryspy-tables.js';
import { rcif } from './rcif.js';

interface Peer extends CryspyTables {
  hkl: [number, number, number][];
  multiplicity: number[];
  F2: number[];
  twoTheta_deg: number[];
}

const WAVELENGTH_A = 1.2398;
const RANGE: [number, number] = [10, 50];
const B_A2: Record<string, number> = { Li: 3, Y: 1.2, Cl: 1.8 };
/** Within the symmetry of site 6i. */
const U_CL = [0.03, 0.03, 0.02, -0.004, 0.004, 0.015] as const;

const plain: PhaseStructure = builtInPhase('Li3YCl6');
const anisotropic: PhaseStructure = {
  ...plain,
  sites: plain.sites.map((site) => (site.occupants[0]!.element === 'Cl' ? { ...site, U_A2: U_CL } : site)),
};

for (const [name, structure] of [
  ['isotropic', plain],
  ['anisotropic Cl', anisotropic],
] as const) {
  const peer = askCryspy(structure);
  const own: LineTableOptions = {
    wavelength_A: WAVELENGTH_A,
    twoThetaMin_deg: RANGE[0],
    twoThetaMax_deg: RANGE[1],
  };
  report(name, structure, { ...own, ...tablesOf(structure, peer) }, peer);
}

/** Largest differences over lines with more than .1 % of the strongest, intensities set to equal sums. */
function report(name: string, structure: PhaseStructure, options: LineTableOptions, peer: Peer): void {
  const table = buildLineTable(structure, options);
  const theirs = new Float64Array(table.count);
  let position = 0;
  peer.hkl.forEach((hkl, i) => {
    const line = findLine(table, ...hkl);
    if (line < 0) return;
    theirs[line]! += peer.multiplicity[i]! * peer.F2[i]!;
    position = Math.max(position, Math.abs(table.twoTheta_deg[line]! - peer.twoTheta_deg[i]!));
  });
  const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0);
  const factor = sum(theirs) / sum(table.i0);
  const top = Math.max(...theirs);
  let worst = 0;
  let lines = 0;
  for (let i = 0; i < table.count; i++) {
    if (theirs[i]! < 1e-3 * top) continue;
    lines++;
    worst = Math.max(worst, Math.abs((table.i0[i]! * factor) / theirs[i]! - 1));
  }
  console.log(
    `${name.padEnd(34)} ${lines} lines, worst position ${position.toExponential(1)} deg, worst intensity ${(100 * worst).toFixed(3)} %, overall ${(100 * (factor - 1)).toFixed(3)} %`,
  );
}

function askCryspy(structure: PhaseStructure): Peer {
  const sites = structure.sites.map((site) => ({ ...site, B_A2: B_A2[site.occupants[0]!.element]! }));
  const crystal = rcif({ ...structure, sites });
  const python = process.env.PEER_PYTHON ?? 'python3';
  const script = fileURLToPath(new URL('simulate_cryspy.py', import.meta.url));
  const input = JSON.stringify({ crystal, wavelength: WAVELENGTH_A, range: RANGE });
  const run = spawnSync(python, ['-W', 'ignore', script], { input, maxBuffer: 1 << 28 });
  if (run.status !== 0) throw new Error(`cryspy did not run (${python}): ${run.error ?? run.stderr}`);
  return JSON.parse(run.stdout.toString().slice(run.stdout.toString().indexOf('{'))) as Peer;
}
