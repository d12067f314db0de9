import { mkdir, readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { InputError, messageOf } from '../errors.js';
import type { Experiment } from '../experiment.js';
import { writeFileAtomic } from '../formats/common/atomic.js';
import { readExperiment } from '../formats/experiment/experiment.js';
import { hashOf } from '../pipeline/hash.js';
import { filesOf } from '../run/sources.js';
import type { BatchTask } from './manifest.js';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

/** How a task ended. It is written only when the results are complete, so a killed task has none. */
export interface TaskStatus {
  state: 'done' | 'partial' | 'failed';
  message: string | null;
  /** Stands for the program, the pipeline, and size and time of every input; equal means nothing to do. */
  fingerprint: string;
  seconds: number;
  finished: string;
}

const statusFile = (task: BatchTask): string => join(task.out, 'status.json');

export async function readStatus(task: BatchTask): Promise<TaskStatus | null> {
  try {
    return JSON.parse(await readFile(statusFile(task), 'utf8')) as TaskStatus;
  } catch {
    return null;
  }
}

export async function writeStatus(task: BatchTask, status: TaskStatus): Promise<void> {
  await mkdir(task.out, { recursive: true });
  await writeFileAtomic(statusFile(task), `${JSON.stringify(status, null, 2)}\n`);
}

/** A finished task whose inputs have not changed since is not run again; a failed one is. */
export async function isFinished(task: BatchTask, pipeline: string | null): Promise<boolean> {
  const status = await readStatus(task);
  if (!status || status.state === 'failed') return false;
  if (!(await exists(join(task.out, 'result.json')))) return false;
  return status.fingerprint === (await fingerprintOf(task, pipeline).catch(() => null));
}

/** Runs one task in this process and records how it ended. Never throws: a failure is a status. */
export async function runTask(task: BatchTask, pipeline: string | null, jobs: number): Promise<TaskStatus> {
  const start = performance.now();
  const end = (state: TaskStatus['state'], message: string | null, fingerprint: string): TaskStatus => ({
    state,
    message,
    fingerprint,
    seconds: Number(((performance.now() - start) / 1000).toFixed(2)),
    finished: new Date().toISOString(),
  });
  let status: TaskStatus;
  try {
    const fingerprint = await fingerprintOf(task, pipeline);
    const { runExperiment } = await import('../run/run-experiment.js');
    const { result } = await runExperiment(task.experiment, {
      pipeline: pipeline ?? undefined,
      out: task.out,
      jobs,
    });
    const { status: state, problems } = result;
    const errors = problems.filter(({ severity }) => severity === 'error');
    status = end(state === 'ok' ? 'done' : 'partial', errors[0]?.message ?? null, fingerprint);
  } catch (thrown) {
    status = end(
      'failed',
      thrown instanceof InputError ? thrown.message : `stopped unexpectedly: ${messageOf(thrown)}`,
      '',
    );
  }
  await writeStatus(task, status);
  return status;
}

async function fingerprintOf(task: BatchTask, pipeline: string | null): Promise<string> {
  const experiment: Experiment = await readExperiment(task.experiment);
  const files = [task.experiment, ...(pipeline ? [pipeline] : []), ...filesOf(experiment)];
  const stats = await Promise.all(
    files.map(async (path) => {
      const found = await stat(path).catch(() => null);
      return [path, found?.size ?? -1, found?.mtimeMs ?? -1];
    }),
  );
  return hashOf({ version, stats });
}

const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => null)) !== null;
