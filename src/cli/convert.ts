import { Command } from 'commander';
import type { ConvertOptions } from '../formats/convert.js';
import { columnNumbers } from './options.js';

export const convertCommand = (): Command =>
  new Command('convert')
    .description('write spectra or a pattern in another format')
    .argument('<in>', 'any file that `interphase inspect` calls spectra or a pattern')
    .argument(
      '<out>',
      'the ending says the format: .xdi .prj .csv .nxs for spectra, .xy .xye .csv .nxs for a pattern',
    )
    .option('--group <name>', 'one spectrum of a file that holds several')
    .option('--edge <edge>', "element and edge where the file does not say, such as 'Y K'")
    .option('--mu <source>', 'transmission, fluorescence, reference or the name of a column (for .prj)')
    .option(
      '--columns <roles>',
      'columns by number where the file names none, as energy=1,i0=2,it=3',
      columnNumbers,
    )
    .addHelpText(
      'after',
      `
Examples:
  interphase convert IN_540.003 indium.xdi --edge 'In K'
  interphase convert Cl_CAMD.prj KCl.csv --group KCl
  interphase convert foil.xdi foil.prj
  interphase convert scan_001.xye.gz scan_001.csv`,
    )
    .action(async (from: string, out: string, options: Omit<ConvertOptions, 'warn'>) => {
      const { convertFile } = await import('../formats/convert.js');
      console.log(
        await convertFile(from, out, { ...options, warn: (message) => console.error(`${from}: ${message}`) }),
      );
    });
