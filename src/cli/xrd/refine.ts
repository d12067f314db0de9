import { Command, Option } from 'commander';
import type { RefineFlags } from './refine-request.js';

const collect = (value: string, before: string[]): string[] => [...before, value];

export const xrdRefineCommand = (): Command =>
  new Command('refine')
    .description('refine powder patterns of any material by the Rietveld or the Le Bail method')
    .argument('<files...>', 'patterns: .xy, .xye, .dat, .csv, GSAS, also gzipped')
    .option('--phase <name|cif>', 'built-in name or CIF file; may be repeated', collect, [])
    .option(
      '--wavelength <length>',
      "with its unit: '1.2398 angstrom', '10 keV', or a tube: 'Cu Ka', 'Cu Ka1'",
    )
    .addOption(
      new Option('--integration <how>', 'decides the Lorentz-polarisation factor').choices([
        'mean-per-pixel',
        'sum-over-ring',
        'lab',
      ]),
    )
    .option(
      '--refine <parameters...>',
      "besides scales and background: zero displacement U V W X Y Z SH/L widths, PHASE.cell .B .X .Y .texture .composition, '*' for every phase",
    )
    .option('--set <name=value...>', 'starting values; parameters that are not refined keep them')
    .option('--background <terms>', 'Chebyshev terms', '6')
    .option('--range <from:to>', 'angles that are used')
    .option('--exclude <from:to...>', 'angles that are left out')
    .option('--dopant <element:phase>', 'refines x of the dopant on a site of that phase, e.g. In:Li3YCl6')
    .addOption(new Option('--site <site>', 'where the dopant goes').choices(['6h', '6g', 'y']).default('6h'))
    .option('--migration', 'refines the exchange of yttrium with lithium as well')
    .option(
      '--sites <phase.parameter...>',
      'refines single sites: PHASE.occ:SITE .B:SITE .x:SITE .y:SITE .z:SITE, and .exchange:SITE,SITE of ions that change places',
    )
    .option(
      '--texture <phase:h,k,l...>',
      'preferred axis for March-Dollase; refined, unless --set gives PHASE.texture',
    )
    .option('--monochromator <degrees>', '2theta of a monochromator crystal (lab)')
    .option(
      '--line-scatter',
      'estimates the scatter of line intensities (few grains) and counts it in the errors',
    )
    .option('--le-bail', 'no structure: intensities are free')
    .option('--no-search', 'start from the tabulated cells, without looking for shifts')
    .option(
      '--out <file>',
      '.csv for the curves, .svg, .png or .pdf for the Rietveld plot; may be repeated; of several patterns one file each',
      collect,
      [],
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  interphase xrd refine pbso4.dat --phase pbso4.cif --wavelength 'Cu Ka' --integration lab \\
      --refine zero widths '*.cell' --out pbso4.svg --out pbso4.csv
  interphase xrd refine scan_*.xye --phase Li3YCl6 --phase In --phase LiIn --wavelength '10 keV' \\
      --integration mean-per-pixel --dopant In:Li3YCl6 --line-scatter --json

PHASE.B is added to the B of every site. Uncertainties are one standard deviation, multiplied by the goodness of fit where it exceeds 1.`,
    )
    .action(async (files: string[], flags: RefineFlags) => {
      const { runXrdRefine } = await import('./refine-run.js');
      await runXrdRefine(files, flags);
    });
