import { setMaxListeners } from 'node:events';
import PQueue from 'p-queue';
import { InputError } from '../errors.js';
import type { Problem } from '../result.js';
import type { Cache, ItemRef } from './cache.js';
import { hashOf } from './hash.js';
import type { Pipeline, Step } from './pipeline-file.js';
import type { TaskRunner } from './pool.js';
import { selectItems } from './select.js';
import type { Task } from './task.js';

/**
 * A thing from outside the pipeline. `hash` stands for all that matters in it: the bytes of the files that its value
 * refers to and what is asked of them, but not where they lie.
 */
export interface SourceItem {
  key: string;
  value: unknown;
  hash: string;
}

/** What a step did, for the record. */
export interface StepReport {
  stage: string;
  version: number;
  params: unknown;
  /** Items that the stage ran for, and how many of them came from the cache. */
  runs: number;
  fromCache: number;
  failed: number;
  milliseconds: number;
}

export interface PipelineProgress {
  stage: string;
  done: number;
  total: number;
}

export interface PipelineOutcome {
  items(product: string): ItemRef[];
  problems: Problem[];
  steps: StepReport[];
}

export interface RunOptions {
  cache: Cache;
  runner: TaskRunner;
  jobs: number;
  onProgress?: (progress: PipelineProgress) => void;
  signal?: AbortSignal;
}

/**
 * Runs a pipeline: every step as soon as its inputs are complete, every item of a step on its own. What was computed
 * before from the same inputs, parameters and stage version is taken from the cache. A failing item is reported and
 * left out; nothing else suffers.
 */
export async function runPipeline(
  pipeline: Pipeline,
  sources: Record<string, SourceItem[]>,
  options: RunOptions,
): Promise<PipelineOutcome> {
  const { cache, signal } = options;
  const queue = new PQueue({ concurrency: options.jobs });
  if (signal) setMaxListeners(0, signal); // every waiting task listens
  const products = new Map<string, Promise<ItemRef[]>>();
  const finished = new Map<string, ItemRef[]>();
  for (const [product, items] of Object.entries(sources))
    products.set(product, storeSources(product, items, cache));

  const reports = new Map<Step, { report: StepReport; problems: Problem[] }>();
  const productOf = (name: string): Promise<ItemRef[]> => {
    const known = products.get(name);
    if (known) return known;
    const step = pipeline.steps.find((candidate) => candidate.gives === name);
    if (!step) throw new Error(`no step gives '${name}'`);
    const items = runStep(step);
    products.set(name, items);
    return items;
  };

  async function runStep(step: Step): Promise<ItemRef[]> {
    const inputs: Record<string, ItemRef[]> = {};
    await Promise.all(
      Object.entries(step.inputs).map(async ([input, product]) => {
        inputs[input] = await productOf(product);
      }),
    );
    const tasks = tasksOf(step, inputs);
    const outcome = { report: newReport(step, tasks.length), problems: [] as Problem[] };
    reports.set(step, outcome);
    let done = 0;
    const tell = (extra = 0): void =>
      options.onProgress?.({ stage: step.stage.name, done: done + extra, total: tasks.length });
    const given = await Promise.all(
      tasks.map((task) =>
        queue.add(
          async (): Promise<{ items: ItemRef[]; problems: Problem[] }> => {
            signal?.throwIfAborted();
            const result = await perform(task, step, tell, outcome.report);
            done++;
            tell();
            return result;
          },
          { signal },
        ),
      ),
    );
    for (const part of given) outcome.problems.push(...part.problems);
    return given.flatMap((part) => part.items);
  }

  async function perform(
    task: Task,
    step: Step,
    tell: (extra: number) => void,
    report: StepReport,
  ): Promise<{ items: ItemRef[]; problems: Problem[] }> {
    let stored = await cache.find(task.run);
    if (stored) report.fromCache++;
    else {
      const start = performance.now();
      const outcome = await options.runner.run(task, step.stage, tell);
      report.milliseconds += performance.now() - start;
      if ('stopped' in outcome) throw new InputError(outcome.stopped);
      if ('failed' in outcome) {
        report.failed++;
        return { items: [], problems: outcome.failed };
      }
      stored = outcome.stored;
    }
    return {
      items: stored.keys.map((key, index) => ({ key, run: task.run, index })),
      problems: stored.problems,
    };
  }

  for (const step of pipeline.steps) void productOf(step.gives).catch(() => {});
  for (const [name, items] of products) finished.set(name, await items);
  return {
    items: (product) => finished.get(product) ?? [],
    problems: pipeline.steps.flatMap((step) => reports.get(step)?.problems ?? []),
    steps: pipeline.steps.flatMap((step) => reports.get(step)?.report ?? []),
  };
}

/** One task per item of the 'each' need, or a single one; items whose needs cannot be met are left out. */
function tasksOf(step: Step, inputs: Record<string, ItemRef[]>): Task[] {
  const each = Object.entries(step.stage.needs).find(([, need]) => need.mode === 'each')?.[0];
  const keys = each === undefined ? [''] : inputs[each].map((item) => item.key);
  return keys.flatMap((key): Task[] => {
    const seen: Task['inputs'] = {};
    for (const [input, need] of Object.entries(step.stage.needs)) {
      const refs = selectItems(inputs[input], need.mode, key);
      if (refs === null) return [];
      seen[input] = { mode: need.mode, refs };
    }
    const run = hashOf({
      stage: step.stage.name,
      version: step.stage.version,
      params: step.params,
      key,
      inputs: seen,
    });
    return [{ stage: step.stage.name, params: step.params, key, run, inputs: seen }];
  });
}

/** Sources are stored like the results of stages, so that workers find them the same way. */
async function storeSources(product: string, items: SourceItem[], cache: Cache): Promise<ItemRef[]> {
  return Promise.all(
    items.map(async ({ key, value, hash }): Promise<ItemRef> => {
      const run = hashOf({ product, key, hash });
      await cache.store(run, [{ key, value }], []);
      return { key, run, index: 0 };
    }),
  );
}

const newReport = ({ stage, params }: Step, runs: number): StepReport => ({
  stage: stage.name,
  version: stage.version,
  params,
  runs,
  fromCache: 0,
  failed: 0,
  milliseconds: 0,
});
