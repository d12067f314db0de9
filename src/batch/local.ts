import { spawn } from 'node:child_process';
import PQueue from 'p-queue';
import { type Engine, program } from './engine.js';
import { readStatus, type TaskStatus, writeStatus } from './task.js';

/**
 * Runs tasks of a manifest on this machine, each in a process of its own: one that crashes or runs out of memory takes
 * nothing with it.
 */
export const runLocally: Engine = async ({ manifestPath, manifest, indices, jobs, onEnd, signal }) => {
  const processes = Math.min(jobs, Math.max(1, indices.length));
  const threads = Math.max(1, Math.floor(jobs / processes));
  const queue = new PQueue({ concurrency: processes });
  await Promise.all(
    indices.map((index) =>
      queue.add(async () => {
        if (signal?.aborted) return;
        const task = manifest.tasks[index];
        const before = await readStatus(task);
        const message = await childProcess(
          [program, 'batch-task', manifestPath, String(index), '--jobs', String(threads)],
          signal,
        );
        let status = await readStatus(task);
        if (signal?.aborted) return;
        if (!status || (message !== null && status.finished === before?.finished)) {
          status = crashed(message ?? 'the process ended without a status');
          await writeStatus(task, status);
        }
        onEnd(index, status);
      }),
    ),
  );
};

const crashed = (message: string): TaskStatus => ({
  state: 'failed',
  message,
  fingerprint: '',
  seconds: 0,
  finished: new Date().toISOString(),
});

/** Runs node with arguments; null when it ended by itself with status 0, else what happened. */
function childProcess(args: string[], signal?: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'], signal });
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(-2000);
    });
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, killedBy) => {
      if (code === 0) resolve(null);
      else
        resolve(
          killedBy
            ? `the process was ended by ${killedBy}`
            : complaint.trim().split('\n').at(-1) || `exit status ${code}`,
        );
    });
  });
}
