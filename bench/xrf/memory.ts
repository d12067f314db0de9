/**
 * Memory and time of whole runs on maps of growing size, each in a process of its own: what a pixel more costs beside the
 * numbers that are written about it.
 *
 *   npm run build && PEER_PYTHON=.../python npx tsx bench/xrf/memory.ts [spectra|stacks] [side ...]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const maker = fileURLToPath(new URL('make_spectra.py', import.meta.url));
const [kind = 'spectra', ...sides] = process.argv.slice(2);
const work = mkdtempSync(join(tmpdir(), 'interphase-memory-'));
/** Loaded into each run: tells the largest resident size (kB) when it ends. */
const tell =
  'data:text/javascript,process.on("exit",()=>console.error("peak",process.resourceUsage().maxRSS))';

console.log('what                  side      pixels   file MB   peak MB   seconds');
try {
  for (const side of sides.length > 0 ? sides.map(Number) : [100, 300, 600]) {
    const folder = join(work, String(side));
    mkdirSync(folder);
    if (kind === 'stacks') stacks(folder, side);
    else spectra(folder, side);
    rmSync(folder, { recursive: true });
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

function spectra(folder: string, side: number): void {
  const file = join(folder, 'map.h5');
  execFileSync(process.env.PEER_PYTHON ?? 'python3', [maker, file, String(side)]);
  writeFileSync(
    join(folder, 'experiment.yaml'),
    'sample: map\nmaps:\n  - { file: map.h5, role: xrf, energy: 10 keV, pixel: 1 um, elements: [Ca, Fe, Cu] }\n',
  );
  const megabytes = statSync(file).size / 1e6;
  const loose = ['xrf', 'map', file, '--elements', 'Ca,Fe,Cu', '--energy', '10 keV', '--pixel', '1 um'];
  measured('xrf map', side, side * side, megabytes, loose);
  measured('run', side, side * side, megabytes, ['run', folder, '--quiet']);
}

/** Stacks of ten energies, with the spectra that are their references. */
function stacks(folder: string, side: number): void {
  const settings = ['parts=xas,stack', `stack.nx=${side}`, `stack.ny=${side}`];
  spawnSync(process.execPath, [
    program,
    'simulate',
    'kim2024',
    '--out',
    folder,
    ...settings.flatMap((s) => ['--set', s]),
  ]);
  measured('run, energy stack', side, side * side, (40 * side * side) / 1e6, ['run', folder, '--quiet']);
}

function measured(what: string, side: number, pixels: number, megabytes: number, words: string[]): void {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['--import', tell, program, ...words], {
    encoding: 'utf8',
  });
  const peak = /peak (\d+)/.exec(stderr)?.[1];
  if (status === 2 || peak === undefined) throw new Error(stderr);
  const seconds = (performance.now() - start) / 1000;
  const cells = [
    String(side).padStart(8),
    String(pixels).padStart(11),
    megabytes.toFixed(0).padStart(9),
    (Number(peak) / 1024).toFixed(0).padStart(9),
    seconds.toFixed(1).padStart(9),
  ];
  console.log(what.padEnd(18), ...cells);
}
