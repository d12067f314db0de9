import { Command, Option } from 'commander';

interface FiguresFlags {
  figure?: string[];
  format: 'svg' | 'png' | 'pdf';
}

export const figuresCommand = (): Command =>
  new Command('figures')
    .description('redraw figures from stored results; computes nothing anew')
    .argument('<result-dir>', 'a folder that `interphase run` has written')
    .option('--figure <id...>', 'only these (an unknown one lists them all)')
    .addOption(new Option('--format <format>', 'file format').choices(['svg', 'png', 'pdf']).default('svg'))
    .addHelpText(
      'after',
      `
Examples:
  interphase figures cell-42/results                                   all figures as SVG
  interphase figures cell-42/results --figure x-profile --format pdf   one figure for the paper

Prints the files that it has written, one a line.`,
    )
    .action(async (folder: string, flags: FiguresFlags) => {
      const { redrawFigures } = await import('../report/redraw.js');
      for (const path of await redrawFigures(folder, flags.format, flags.figure)) console.log(path);
    });
