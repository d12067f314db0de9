import { Piscina } from 'piscina';
import type { Cache } from './cache.js';
import { type Share, shareHere } from './share.js';
import type { AnyStage, StageContext } from './stage.js';
import { runTask, type Task, type TaskOutcome } from './task.js';

/** Where tasks run: this thread, or worker threads for the heavy ones. */
export interface TaskRunner {
  run(task: Task, stage: AnyStage, progress: StageContext['progress']): Promise<TaskOutcome>;
  close(): Promise<void>;
}

/** Runs every task in this thread. */
export const inThisThread = (cache: Cache): TaskRunner => ({
  run: (task, stage, progress) => runTask(task, stage, cache, { progress, share: shareHere }),
  close: async () => {},
});

/**
 * Runs heavy stages, and the parts of work that others share out, in worker threads. Workers find the stages in the module
 * at `registry` (it exports `stages`) and read their inputs from the cache themselves, so that nothing large passes
 * between threads.
 */
export function inWorkers(cache: Cache, registry: URL, threads: number): TaskRunner {
  const pool = workerThreads(threads, { registry: registry.href, cacheFolder: cache.folder });
  const module = new URL('./worker.js', import.meta.url).href;
  return {
    run: (task, stage, progress) =>
      stage.heavy
        ? pool.run({ task }, { filename: module, name: 'default' })
        : runTask(task, stage, cache, { progress, share: pool.share }),
    close: pool.close,
  };
}

export interface WorkerThreads {
  run: Piscina['run'];
  share: Share;
  close(): Promise<void>;
}

/** So much garbage a thread gathers before it is cleared away (MB): more would save no time. */
const YOUNG_MB = 12;

/** Worker threads, started when there is something to do. */
export function workerThreads(threads: number, workerData: unknown = null): WorkerThreads {
  let pool: Piscina | null = null;
  const run: Piscina['run'] = (given, options) => {
    pool ??= new Piscina({
      workerData,
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: 10_000,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    return pool.run(given, options);
  };
  return {
    run,
    share: ({ module, work }, parts) => parts.map((part) => run(part, { filename: module, name: work.name })),
    close: async () => {
      await pool?.destroy();
    },
  };
}
