import { Command, Option } from 'commander';
import { wholeNumber } from './options.js';

/** For the cancelling of jobs to reach the scheduler. */
const CANCEL_ms = 200;

interface BatchFlags {
  out: string;
  engine: 'local' | 'slurm';
  pipeline?: string;
  jobs?: number;
  json?: boolean;
  quiet?: boolean;
}

export const batchCommand = (): Command =>
  new Command('batch')
    .description('run many experiments; resumes by itself')
    .argument('<experiments...>', 'experiment.yaml files, or folders that hold one')
    .option('--out <dir>', 'folder of all results', 'batch-results')
    .addOption(
      new Option('--engine <name>', 'where the work is done').choices(['local', 'slurm']).default('local'),
    )
    .option('--pipeline <file>', 'the analysis to run (default: the one of Kim et al. 2024)')
    .option('--jobs <n>', 'how many experiments run at once (default: one a core)', wholeNumber)
    .option('--json', 'print summary.json instead of a table')
    .option('--quiet', 'no progress')
    .addHelpText(
      'after',
      `
Examples:
  interphase batch archive/*/ --out results
  interphase batch archive/*/ --out results --engine slurm --jobs 50

Writes DIR/<folder name>/ for each experiment, and DIR/summary.csv and summary.json over all; where three experiments
or more say 'cycles: N', also cycle-series.csv, .svg and .png. An experiment that fails
does not harm the others. Killed at any moment, the same command goes on where it stopped.`,
    )
    .action(async (experiments: string[], flags: BatchFlags) => {
      const [{ runBatch }, { progressView }, { summaryTable }, { exitStatus, interruptSignal }] =
        await Promise.all([
          import('../batch/run-batch.js'),
          import('./progress.js'),
          import('./summary-table.js'),
          import('./exit.js'),
        ]);
      const view = progressView(flags.quiet ?? false);
      const signal = interruptSignal(
        () => view.end(),
        'finished experiments are kept, and the same command goes on from there',
        CANCEL_ms,
      );
      const summary = await runBatch(experiments, {
        ...flags,
        signal,
        onProgress: ({ name, done, total, status }) => {
          view.note(
            `${name}: ${status === 'skipped' ? 'finished before' : `${status.state}${status.message ? `: ${status.message}` : ''}`}`,
          );
          view.update('experiments', done, total);
        },
      }).finally(() => view.end());
      if (signal.aborted) return;
      console.log(flags.json ? JSON.stringify(summary, null, 2) : summaryTable(summary, flags.out));
      const { experiments: rows } = summary;
      const usable = rows.filter(({ state }) => state === 'done' || state === 'partial');
      if (usable.length === 0) process.exitCode = exitStatus.nothing;
      else if (rows.some(({ state }) => state !== 'done')) process.exitCode = exitStatus.partial;
    });

/** What a worker process runs: one task of a manifest. Not for people, hence hidden. */
export const batchTaskCommand = (): Command =>
  new Command('batch-task')
    .argument('<manifest>')
    .argument('<index>')
    .option('--jobs <n>', 'threads', wholeNumber, 1)
    .action(async (path: string, index: string, flags: { jobs: number }) => {
      const [{ readManifest }, { runTask }, { InputError }] = await Promise.all([
        import('../batch/manifest.js'),
        import('../batch/task.js'),
        import('../errors.js'),
      ]);
      const manifest = await readManifest(path);
      const task = manifest.tasks[Number(index)];
      if (!task) throw new InputError(`it has no task ${index}`, { path });
      await runTask(task, manifest.pipeline, flags.jobs);
    });
