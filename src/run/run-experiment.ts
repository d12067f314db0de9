import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { InputError } from '../errors.js';
import type { Experiment } from '../experiment.js';
import { openOutputFolder, temporaryName } from '../formats/common/atomic.js';
import { readExperiment } from '../formats/experiment/experiment.js';
import { Cache } from '../pipeline/cache.js';
import { inWorkers } from '../pipeline/pool.js';
import { type PipelineProgress, runPipeline } from '../pipeline/run-pipeline.js';
import { writeResults } from '../report/write-results.js';
import type { Result, ResultBundle } from '../result.js';
import { assembleBundle } from './assemble.js';
import { loadPipeline } from './load-pipeline.js';
import { sourcesOf } from './sources.js';

export interface RunOptions {
  /** Pipeline file; without one the paper's analysis. */
  pipeline?: string;
  /** Folder of the results; without one `results` beside the experiment file. */
  out?: string;
  jobs?: number;
  /** false computes everything anew. */
  reuse?: boolean;
  signal?: AbortSignal;
  onProgress?: (progress: PipelineProgress) => void;
}

export interface FinishedRun {
  result: Result;
  folder: string;
}

/**
 * The whole analysis of one experiment: read and check the request, run the pipeline, write the results.
 *
 * @throws InputError when the request cannot be used; nothing has been written then.
 */
export async function runExperiment(path: string, options: RunOptions = {}): Promise<FinishedRun> {
  const started = new Date();
  const experiment = await readExperiment(path);
  const pipeline = await loadPipeline(options.pipeline);
  const folder = resolve(options.out ?? join(dirname(experiment.path), 'results'));
  const fresh = !existsSync(folder);
  let unusable = false;
  const sources = await sourcesOf(experiment, options.pipeline ? [options.pipeline] : []);
  await openOutputFolder(folder);
  const reuse = options.reuse ?? true;
  const cache = new Cache(reuse ? join(folder, '.cache') : temporaryName(join(folder, 'cache')));
  const jobs = options.jobs ?? availableParallelism();
  const runner = inWorkers(cache, new URL('../stages/registry.js', import.meta.url), jobs);
  try {
    const outcome = await runPipeline(pipeline, sources.products, {
      cache,
      runner,
      jobs: Math.max(2, jobs),
      onProgress: options.onProgress,
      signal: options.signal,
    });
    await runner.close(); // makes room: what is left needs one thread
    options.signal?.throwIfAborted();
    const bundle = assembleBundle(experiment, outcome, cache);
    unusable = bundle.lineScans.length + bundle.spectra.length + bundle.maps.length === 0;
    if (unusable) throw nothingUsable(experiment, bundle);
    const result = await writeResults(folder, bundle, {
      experiment: experiment.path,
      inputs: sources.files,
      pipeline: pipeline.name,
      stages: outcome.steps,
      started,
      finished: new Date(),
    });
    if (reuse) await cache.prune();
    return { result, folder };
  } finally {
    await runner.close();
    if (!reuse) await rm(cache.folder, { recursive: true, force: true });
    if (unusable && fresh) await rm(folder, { recursive: true, force: true });
  }
}

/** One line that says why not a single input could be used. */
function nothingUsable(experiment: Experiment, bundle: ResultBundle): InputError {
  const causes = bundle.result.problems
    .filter(({ severity }) => severity === 'error')
    .map(({ message }) => message);
  if (causes.length === 0)
    return new InputError(
      'the pipeline makes no result of what this experiment holds',
      { path: experiment.path },
      'add summarize-line-scan, summarize-spectra or summarize-map to it, with the stages that they need',
    );
  const more = causes.length > 1 ? ` (and ${causes.length - 1} more)` : '';
  return new InputError(`no input could be used: ${causes[0]}${more}`, { path: experiment.path });
}
