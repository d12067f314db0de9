import { Command } from 'commander';

export const reportCommand = (): Command =>
  new Command('report')
    .description('write report.html anew from stored results')
    .argument('<result-dir>', 'a folder that `interphase run` has written')
    .addHelpText(
      'after',
      `
Example:
  interphase report cell-42/results      prints the path of the page`,
    )
    .action(async (folder: string) => {
      const { rewriteReport } = await import('../report/redraw.js');
      console.log(await rewriteReport(folder));
    });
