import { Command, Option } from 'commander';
import type { SimulateFlags } from './simulate-flags.js';

const collect = (value: string, before: string[]): string[] => [...before, value];

export const xrdSimulateCommand = (): Command =>
  new Command('simulate')
    .description('compute powder patterns from built-in phases or CIFs')
    .argument('[phases...]', 'built-in names or CIF files, each with =WEIGHT if mixed (Li3YCl6=0.7 LiIn=0.3)')
    .option('--wavelength <length>', "with its unit: '1.2398 angstrom' or '10 keV'")
    .addOption(
      new Option(
        '--integration <how>',
        'how the detector was integrated; decides the Lorentz-polarisation factor',
      ).choices(['mean-per-pixel', 'sum-over-ring', 'lab']),
    )
    .option('--range <from:to:step>', 'angles 2theta in degrees', '10:45:0.02')
    .option('--x <amounts>', 'amounts per formula unit: 0.2 or 0.1,0.3 or 0.1:0.8:0.1')
    .option('--site <sites>', 'where the dopant goes: 6h,6g,y,y-migration,y-disorder,li-removed', '6h')
    .option('--fwhm <degrees>', 'constant width of the lines', '0.15')
    .option('--size <um>', 'crystallite size (Lorentzian broadening)')
    .option('--strain <1e-6>', 'full width of delta d / d (Lorentzian broadening)')
    .option('--texture <h,k,l:r>', 'March-Dollase axis and coefficient of the first phase')
    .option('--zero <degrees>', 'shift of all angles')
    .option('--asymmetry <S+H/L>', 'axial divergence of Finger, Cox and Jephcoat')
    .option('--monochromator <degrees>', '2theta of a monochromator crystal (lab)')
    .option('--b <element=B...>', 'displacement B in square angstrom (Li=3); 0 for atoms at rest')
    .addOption(
      new Option('--form-factors <set>', 'tables of atomic form factors')
        .choices(['waasmaier-kirfel', 'itc', 'neutral'])
        .default('waasmaier-kirfel'),
    )
    .option('--no-dispersion', "leave f' and f'' out")
    .option('--lines <hkl...>', 'lines of the table, e.g. 302 301 112; by default the strongest')
    .option(
      '--out <file>',
      '.csv or .xye for the patterns, .svg, .png or .pdf for a figure; may be repeated',
      collect,
      [],
    )
    .option('--list', 'list the built-in phases and their sources')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  interphase xrd simulate --list
  interphase xrd simulate Li3YCl6 --wavelength '10 keV' --integration mean-per-pixel
  interphase xrd simulate Li3YCl6 --wavelength '1.2398 angstrom' --integration mean-per-pixel \\
      --x 0.1:0.8:0.1 --site 6h,6g,y,y-migration --out figure-4c.svg --out figure-4c.csv
  interphase xrd simulate mine.cif=0.8 LiIn=0.2 --wavelength '1.5406 angstrom' --integration lab --out mix.xye

Relative intensities are integrated ones, with the strongest line at 100.`,
    )
    .action(async (phases: string[], flags: SimulateFlags) => {
      const { runXrdSimulate } = await import('./simulate-run.js');
      await runXrdSimulate(phases, flags);
    });
