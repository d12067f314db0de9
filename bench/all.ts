/**
 * Every side-by-side benchmark, one after the other: `npm run bench`. The peers live in a Python of your choice:
 *
 *     python3 -m venv peers && peers/bin/pip install -r bench/requirements.txt
 *     PEER_PYTHON=$PWD/peers/bin/python npm run bench
 *
 * Each prints our time, the peer's time and their ratio from one run on the same machine. What cannot run says why.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const benchmarks = [
  ['spectroscopy beside Larch', 'xas/compare-larch.ts'],
  ['simulated patterns beside pymatgen', 'xrd/simulate.ts'],
  ['structure factors beside a Rietveld program (cryspy)', 'xrd/simulate-rietveld.ts'],
  ['refinement beside easydiffraction', 'refine.ts'],
  ['fluorescence spectra beside PyMca', 'xrf/spectra-speed.ts'],
  ['energy stacks beside numpy', 'xrf/stack-speed.ts'],
] as const;

const failed: string[] = [];
for (const [title, script] of benchmarks) {
  console.log(`\n== ${title}`);
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', path], { stdio: 'inherit' });
  if (status !== 0) failed.push(title);
}
if (failed.length > 0) {
  console.log(`\nnot run to the end: ${failed.join('; ')}`);
  process.exitCode = 1;
}
