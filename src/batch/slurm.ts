import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { InputError, messageOf } from '../errors.js';
import { writeFileAtomic } from '../formats/common/atomic.js';
import { type Engine, program } from './engine.js';
import { readStatus, type TaskStatus, writeStatus } from './task.js';

const run = promisify(execFile);
/** Slurm refuses longer arrays by default (MaxArraySize 1001). */
const longestArray = 1000;
const poll_ms = 1000;

/**
 * Runs tasks of a manifest as one Slurm job array and waits for it. Each element runs a bundle of tasks, each task
 * writes its own status file, and those files alone say what is finished: accounting may be absent, and this process
 * may be killed and started again.
 *
 * @throws InputError when Slurm is not there or refuses the job.
 */
export const runOnSlurm: Engine = async ({ manifestPath, manifest, indices, jobs, onEnd, signal }) => {
  if (indices.length === 0) return;
  const folder = join(dirname(manifestPath), 'slurm');
  await mkdir(folder, { recursive: true });
  const bundles = bundle(indices, Math.min(longestArray, indices.length));
  const script = join(folder, 'array.sh');
  await writeFileAtomic(script, arrayScript(manifestPath, bundles, folder));
  const before = new Map<number, string>();
  for (const index of indices) before.set(index, (await readStatus(manifest.tasks[index]))?.finished ?? '');
  const job = await submit(script, bundles.length, jobs);

  const waiting = new Set(indices);
  const collect = async (): Promise<void> => {
    for (const index of waiting) {
      const status = await readStatus(manifest.tasks[index]);
      if (!status || status.finished === before.get(index)) continue;
      waiting.delete(index);
      onEnd(index, status);
    }
  };
  while (waiting.size > 0 && !signal?.aborted) {
    const alive = await isAlive(job);
    await collect();
    if (!alive) break;
    await sleep(poll_ms);
  }
  if (signal?.aborted) {
    await run('scancel', [job]).catch(() => {});
    return;
  }
  for (const index of waiting) {
    const status = lost(job);
    await writeStatus(manifest.tasks[index], status);
    onEnd(index, status);
  }
};

function bundle(indices: number[], count: number): number[][] {
  const bundles: number[][] = Array.from({ length: count }, () => []);
  indices.forEach((index, position) => {
    bundles[position % count].push(index);
  });
  return bundles;
}

function arrayScript(manifestPath: string, bundles: number[][], folder: string): string {
  const cases = bundles.map((tasks, element) => `  ${element}) tasks="${tasks.join(' ')}" ;;`);
  return [
    '#!/bin/sh',
    '#SBATCH --job-name=interphase',
    `#SBATCH --output=${folder}/%a.log`,
    'case "$SLURM_ARRAY_TASK_ID" in',
    ...cases,
    'esac',
    'for task in $tasks; do',
    `  ${quote(process.execPath)} ${quote(program)} batch-task ${quote(manifestPath)} "$task" --jobs "\${SLURM_CPUS_PER_TASK:-1}"`,
    'done',
    '',
  ].join('\n');
}

/** A word for the shell, whatever is in it. */
const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

async function submit(script: string, elements: number, jobs: number): Promise<string> {
  try {
    const { stdout } = await run('sbatch', ['--parsable', `--array=0-${elements - 1}%${jobs}`, script]);
    return stdout.trim().split(';')[0];
  } catch (thrown) {
    const absent = (thrown as NodeJS.ErrnoException).code === 'ENOENT';
    throw absent
      ? new InputError('Slurm is not on this machine: sbatch was not found', null, 'use --engine local')
      : new InputError(`Slurm refused the job: ${messageOf(thrown).split('\n').at(-1)}`, { path: script });
  }
}

/** Whether any element still waits or runs. A silent controller counts as alive: it may come back. */
async function isAlive(job: string): Promise<boolean> {
  try {
    return (await run('squeue', ['--noheader', '--jobs', job, '--format=%T'])).stdout.trim() !== '';
  } catch (thrown) {
    return !/invalid job id/i.test(messageOf(thrown));
  }
}

const lost = (job: string): TaskStatus => ({
  state: 'failed',
  message: `Slurm job ${job} ended before this task was finished (see slurm/*.log)`,
  fingerprint: '',
  seconds: 0,
  finished: new Date().toISOString(),
});
