import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { openOutputFolder } from '../formats/common/atomic.js';
import { loadPipeline } from '../run/load-pipeline.js';
import { runLocally } from './local.js';
import { planBatch, writeManifest } from './manifest.js';
import { runOnSlurm } from './slurm.js';
import { type Summary, writeSummary } from './summary.js';
import { isFinished, type TaskStatus } from './task.js';

export interface BatchOptions {
  out: string;
  engine: 'local' | 'slurm';
  pipeline?: string;
  jobs?: number;
  signal?: AbortSignal;
  onProgress?: (event: { name: string; done: number; total: number; status: TaskStatus | 'skipped' }) => void;
}

/**
 * Runs many experiments; those that are finished and unchanged are left alone.
 *
 * @throws InputError when the pipeline cannot be used; an experiment that cannot is a row of the summary.
 */
export async function runBatch(experiments: string[], options: BatchOptions): Promise<Summary> {
  await loadPipeline(options.pipeline); // a fault in it would fail every experiment alike: say it once, before any
  const out = resolve(options.out);
  const manifest = await planBatch(experiments, out, options.pipeline ?? null);
  await openOutputFolder(out);
  const manifestPath = await writeManifest(out, manifest);
  const total = manifest.tasks.length;
  let done = 0;
  const todo: number[] = [];
  for (const [index, task] of manifest.tasks.entries())
    if (await isFinished(task, manifest.pipeline))
      options.onProgress?.({ name: task.name, done: ++done, total, status: 'skipped' });
    else todo.push(index);
  const engine = options.engine === 'slurm' ? runOnSlurm : runLocally;
  await engine({
    manifestPath,
    manifest,
    indices: todo,
    jobs: options.jobs ?? availableParallelism(),
    onEnd: (index, status) =>
      options.onProgress?.({ name: manifest.tasks[index].name, done: ++done, total, status }),
    signal: options.signal,
  });
  return writeSummary(out, manifest);
}
