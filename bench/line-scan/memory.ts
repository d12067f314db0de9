/**
 * Memory and time of whole runs on scans of 60 um in more and more patterns, each in a process of its own: what a pattern more costs.
 *
 *   npm run build && npx tsx bench/line-scan/memory.ts [patterns ...]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const lengths = process.argv.slice(2).map(Number);
const work = mkdtempSync(join(tmpdir(), 'interphase-memory-'));
/** Loaded into each run: tells the largest resident size (kB) when it ends. */
const tell =
  'data:text/javascript,process.on("exit",()=>console.error("peak",process.resourceUsage().maxRSS))';

console.log('patterns   peak MB   seconds');
try {
  for (const patterns of lengths.length > 0 ? lengths : [30, 500, 2000]) {
    const folder = join(work, String(patterns));
    const settings = ['parts=uxrd', `patterns=${patterns}`, `step=${60 / patterns}`, 'scan-file=h5'];
    const made = ['simulate', 'kim2024', '--out', folder, ...settings.flatMap((s) => ['--set', s])];
    run(made);
    const start = performance.now();
    const peak = /peak (\d+)/.exec(run(['run', folder, '--quiet']))?.[1];
    const seconds = (performance.now() - start) / 1000;
    console.log(
      [
        String(patterns).padStart(8),
        (Number(peak) / 1024).toFixed(0).padStart(9),
        seconds.toFixed(1).padStart(9),
      ].join(' '),
    );
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

function run(words: string[]): string {
  const { status, stderr } = spawnSync(process.execPath, ['--import', tell, program, ...words], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stderr;
}
