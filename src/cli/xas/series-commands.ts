import { type Command, Option } from 'commander';
import type { SeriesFlags } from './flags.js';
import { collect, normalizing, number, range, step } from './options.js';

const series = (name: string, summary: string): Command =>
  normalizing(step(name, summary, ['<file...>', 'spectra of one edge, three at least']))
    .option('--range <from:to>', 'relative to e0 of the first, or absolute above 1000 eV', range, [-20, 30])
    .addOption(
      new Option('--space <name>', 'what is decomposed')
        .choices(['auto', 'mu', 'norm', 'flat', 'derivative'])
        .default('auto'),
    );

export const pca = (): Command =>
  series('pca', 'how many components a series needs, and whether a compound is one of them')
    .option(
      '--target <file>',
      'test whether this spectrum is a mixture of the components; may be repeated',
      collect,
      [],
    )
    .option('--components <n>', 'number of components instead of the found one', number)
    .addHelpText(
      'after',
      `
IND is Malinowski's indicator, smallest at the number of components; F is the probability that a component is noise. A
target with a misfit of about 1 is a mixture of the components.

Examples:
  interphase xas pca P1.xdi P2.xdi P3.xdi P4.xdi P5.xdi P6.xdi
  interphase xas pca P?.xdi --target InCl3.xdi --target LYC.xdi --json`,
    )
    .action(async (files: string[], flags: SeriesFlags) =>
      (await import('./series.js')).pcaOfFiles(files, flags),
    );

export const mcr = (): Command =>
  series('mcr', 'resolve a series into pure spectra and their weights (MCR-ALS), without references')
    .option('--components <n>', 'number of components; found by pca without it', number)
    .addHelpText(
      'after',
      `
Weights are not negative and sum to one, spectra are not negative. Without a spectrum of each pure component in the series
the answer is one of a range: the table says how far the weights of equally good answers reach.

Examples:
  interphase xas mcr P?.xdi
  interphase xas mcr P?.xdi --components 2 --out resolved`,
    )
    .action(async (files: string[], flags: SeriesFlags) =>
      (await import('./series.js')).mcrOfFiles(files, flags),
    );
