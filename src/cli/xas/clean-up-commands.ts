import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AlignFlags, CleanFlags, MergeFlags } from './flags.js';
import { number, range, step } from './options.js';

export const merge = (): Command =>
  step('merge', 'mean of repeated scans, with what they say about each other', [
    '<file...>',
    'repeated scans of one spectrum',
  ])
    .option('--label <name>', 'name of the mean; by default that of the first scan')
    .addOption(
      new Option('--weights <how>', 'by the noise of each point, or all scans alike')
        .choices(['noise', 'equal'])
        .default('noise'),
    )
    .option('--align', 'take the drift of the energy axis between the scans out first')
    .option('--leave-out-outliers', 'leave scans out that do not belong to the others')
    .addHelpText(
      'after',
      `
The mean lies on the range that all scans cover and on the energies of the first. Its uncertainty is the standard error,
from noise and from the scatter between the scans. gain, drift and misfit compare each scan with the mean of the others;
misfit is about 1 where only noise tells them apart.

Examples:
  interphase xas merge P5_001.xdi P5_002.xdi P5_003.xdi --out merged --label P5
  interphase xas merge P5_*.xdi --align --leave-out-outliers --json
  interphase xas peaks merged/P5.xdi`,
    )
    .action(async (files: string[], flags: MergeFlags) =>
      (await import('./merge.js')).mergeFiles(files, flags),
    );

export const clean = (): Command =>
  step('clean', 'cut, deglitch, rebin, and correct dead time; proposes glitches, drops only what you say', [
    '<file...>',
    'spectra',
  ])
    .option('--e0 <eV>', 'edge energy that ranges and bins start from; found without it', number)
    .option('--range <from:to>', 'keep only these energies, relative to e0 or absolute above 1000 eV', range)
    .option('--drop <eV,eV...>', 'leave out the points at these energies', numbers)
    .option('--deglitch', 'leave out every point that is proposed as a glitch')
    .option('--rebin', 'average the points into bins, with the uncertainty of the mean')
    .option(
      '--bins <pre:xanes:k>',
      'bin widths: eV below the edge, eV about it, 1/angstrom beyond',
      bins,
      [5, 0.5, 0.05],
    )
    .option('--dead-time <us>', 'dead time of a pulse: fluorescence counts are corrected', number)
    .option('--dwell <s>', 'counting time of a point, where no column says it', number)
    .option('--smooth <points>', 'add a smoothed column, for the eye only', number)
    .addHelpText(
      'after',
      `
Without --deglitch and --drop nothing is left out: the table shows what is proposed. --out writes each spectrum as XDI,
which every other step reads.

Examples:
  interphase xas clean P5.xdi
  interphase xas clean P5.xdi --deglitch --range -60:90 --out cleaned
  interphase xas clean quick.dat --edge "Cl K" --rebin --bins 2:0.2:0.05 --out binned
  interphase xas clean P5.xdi --dead-time 0.3 --dwell 1 --out corrected`,
    )
    .action(async (files: string[], flags: CleanFlags) =>
      (await import('./clean.js')).cleanFiles(files, flags),
    );

export const align = (): Command =>
  step(
    'align',
    'energy shifts that lay a series on one of its spectra, by reference channels or whole edges',
    ['<file...>', 'spectra of one edge'],
  )
    .option('--to <label>', 'the spectrum that stays where it is; by default the first')
    .addHelpText(
      'after',
      `
Where all spectra carry a simultaneous reference, that is compared; otherwise the spectra themselves, which must then have
one shape. --out writes each spectrum on its moved axis.

Examples:
  interphase xas align foil_1.xdi foil_2.xdi foil_3.xdi
  interphase xas align P?.xdi --to P3 --out aligned`,
    )
    .action(async (files: string[], flags: AlignFlags) =>
      (await import('./align.js')).alignFiles(files, flags),
    );

function numbers(text: string): number[] {
  const values = text.split(',').map(Number);
  if (!values.every(Number.isFinite))
    throw new InvalidArgumentError('it takes energies in eV, as 2830.5,2841.2.');
  return values;
}

function bins(text: string): [number, number, number] {
  const values = text.split(':').map(Number);
  if (values.length !== 3 || !values.every((value) => value > 0))
    throw new InvalidArgumentError('it takes three widths, as 5:0.5:0.05.');
  return values as [number, number, number];
}
