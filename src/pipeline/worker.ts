import { workerData } from 'piscina';
import { Cache } from './cache.js';
import type { AnyStage } from './stage.js';
import { runTask, type Task, type TaskOutcome } from './task.js';

const { registry, cacheFolder } = workerData as { registry: string; cacheFolder: string };
const { stages } = (await import(registry)) as { stages: AnyStage[] };
const cache = new Cache(cacheFolder);

/** Entry point of a worker thread: one task at a time. */
export default async function work({ task }: { task: Task }): Promise<TaskOutcome> {
  const stage = stages.find(({ name }) => name === task.stage);
  if (!stage) throw new Error(`worker knows no stage '${task.stage}'`);
  return runTask(task, stage, cache);
}
