import { Command } from 'commander';
import { wholeNumber } from '../options.js';
import type { PlanFlags } from './plan-run.js';

const collect = (value: string, before: string[]): string[] => [...before, value];

export const xrdPlanCommand = (): Command =>
  new Command('plan')
    .description(
      'how well can a line scan answer: reachable errors of x and of the boundaries, and what x hangs on',
    )
    .argument('[experiment]', 'a measured scan (experiment.yaml or its folder); without it one is simulated')
    .option('--scan <name>', 'which line scan of the experiment, if it holds several')
    .option(
      '--set <key=value>',
      'setting of the simulated scan, as of `interphase simulate`; may be given several times',
      collect,
      [],
    )
    .option('--seed <n>', 'seed of the simulated scan', wholeNumber, 1)
    .option(
      '--out <file>',
      'figure of the reachable errors, .svg, .png or .pdf; may be repeated',
      collect,
      [],
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  interphase xrd plan --set x=0.1 --set counts=300 --set step=1
  interphase xrd plan --set edges=26,29 --set grain=0.08 --out plan.svg
  interphase xrd plan my-experiment --scan cross-section --json

The scan is refined as the pipeline does; the errors are those of the Fisher information of all line intensities and
phase amounts together, with counting noise and the grain statistics that the scan shows.`,
    )
    .action(async (experiment: string | undefined, flags: PlanFlags) => {
      const { runXrdPlan } = await import('./plan-run.js');
      await runXrdPlan(experiment, flags);
    });
