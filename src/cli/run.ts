import { Command } from 'commander';
import { wholeNumber } from './options.js';

interface RunFlags {
  pipeline?: string;
  out?: string;
  jobs?: number;
  cache: boolean;
  json?: boolean;
  quiet?: boolean;
}

export const runCommand = (): Command =>
  new Command('run')
    .description('run the whole analysis of one experiment')
    .argument('<experiment>', 'an experiment.yaml, or a folder that holds one')
    .option('--pipeline <file>', 'the analysis to run (default: the one of Kim et al. 2024)')
    .option('--out <dir>', 'folder of the results (default: results beside the experiment file)')
    .option('--jobs <n>', 'how many tasks run at once (default: one a core)', wholeNumber)
    .option('--no-cache', 'compute everything anew')
    .option('--json', 'print result.json instead of a table')
    .option('--quiet', 'no progress')
    .addHelpText(
      'after',
      `
Examples:
  interphase run cell-42/                      results in cell-42/results
  interphase run cell-42/ --out out --jobs 4
  interphase run cell-42/experiment.yaml --pipeline my-analysis.yaml --json > result.json

Exit status: 0 all done; 1 done, but some input or stage failed (listed); 2 nothing done; 130 interrupted.
A second run computes only what changed; an interrupted one goes on where it stopped.`,
    )
    .action(async (path: string, flags: RunFlags) => {
      const [{ runExperiment }, { progressView }, { resultTable }, { exitStatus, interruptSignal }] =
        await Promise.all([
          import('../run/run-experiment.js'),
          import('./progress.js'),
          import('./result-table.js'),
          import('./exit.js'),
        ]);
      const view = progressView(flags.quiet ?? false);
      const signal = interruptSignal(
        () => view.end(),
        'what was finished is kept, and the next run goes on from there',
      );
      const { result, folder } = await runExperiment(path, {
        pipeline: flags.pipeline,
        out: flags.out,
        jobs: flags.jobs,
        reuse: flags.cache,
        signal,
        onProgress: ({ stage, done, total }) => view.update(stage, done, total),
      }).finally(() => view.end());
      console.log(flags.json ? JSON.stringify(result, null, 2) : resultTable(result, folder));
      if (result.status === 'partial') process.exitCode = exitStatus.partial;
    });
