import { Piscina } from 'piscina';
import type { Cache } from './cache.js';
import type { AnyStage } from './stage.js';
import { runTask, type Task, type TaskOutcome } from './task.js';

/** Where tasks run: this thread, or worker threads for the heavy ones. */
export interface TaskRunner {
  run(task: Task, stage: AnyStage, progress: (fraction: number) => void): Promise<TaskOutcome>;
  close(): Promise<void>;
}

/** Runs every task in this thread. */
export const inThisThread = (cache: Cache): TaskRunner => ({
  run: (task, stage, progress) => runTask(task, stage, cache, progress),
  close: async () => {},
});

/**
 * Runs heavy stages in worker threads. Workers find the stages in the module at `registry` (it exports `stages`) and
 * read their inputs from the cache themselves, so that nothing large passes between threads.
 */
export function inWorkers(cache: Cache, registry: URL, threads: number): TaskRunner {
  const here = inThisThread(cache);
  let pool: Piscina<{ task: Task }, TaskOutcome> | null = null;
  const start = (): Piscina<{ task: Task }, TaskOutcome> =>
    new Piscina({
      filename: new URL('./worker.js', import.meta.url).href,
      workerData: { registry: registry.href, cacheFolder: cache.folder },
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: 10_000,
    });
  return {
    run(task, stage, progress) {
      if (!stage.heavy) return here.run(task, stage, progress);
      pool ??= start();
      return pool.run({ task });
    },
    close: async () => {
      await pool?.destroy();
    },
  };
}
