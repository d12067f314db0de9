import { Command, InvalidArgumentError, Option } from 'commander';
import { align, clean, merge } from './clean-up-commands.js';
import type { CalibrateFlags, LcfFlags, PeakFlags, SpectrumFlags } from './flags.js';
import { collect, normalizing, number, range, step } from './options.js';
import { mcr, pca } from './series-commands.js';

const FEATURES = [
  'main-inflection',
  'pre-edge-inflection',
  'half-step',
  'white-line',
  'second-derivative-zero',
];

const calibrate = (): Command =>
  step(
    'calibrate',
    'all features of an edge, and the shift that calibrates on one; --out moves the spectra',
    ['<file...>', 'foils, known compounds, spectra with a reference channel, or (with --foil) any'],
  )
    .option('--e0 <eV>', 'energy that the feature has; without it the tabulated energy of the edge', number)
    .addOption(new Option('--feature <name>', 'feature that has this energy').choices(FEATURES))
    .option('--foil <file>', 'a foil or known compound, measured on the same axis, that the shift comes from')
    .addOption(
      new Option('--shift <how>', 'move by a constant energy, or by a constant monochromator angle')
        .choices(['energy', 'angle'])
        .default('energy'),
    )
    .option('--d-spacing <angstrom>', "of the monochromator; by default as the file's header says", number)
    .addHelpText(
      'after',
      `
A spectrum is moved by its own reference channel; without one by the foil; without that by its own feature. --out writes each
as XDI on its moved axis, with the shift and its uncertainty in the header, where the other steps find them; and a figure
of the features before and after.

Examples:
  interphase xas calibrate foil.xdi
  interphase xas calibrate KCl.xdi --e0 2822.8 --feature white-line
  interphase xas calibrate P3.xdi P5.xdi --foil KCl.xdi --e0 2824.34 --out calibrated
  interphase xas calibrate In2O3.xdi --foil In.xdi --shift angle --d-spacing 1.6375 --out calibrated`,
    )
    .action(async (files: string[], flags: CalibrateFlags) =>
      (await import('./calibrate.js')).calibrateFiles(files, flags),
    );

const normalize = (): Command =>
  normalizing(step('normalize', 'scale spectra to an edge step of one', ['<file...>', 'spectra']))
    .option('--mback', 'scale to the tabulated absorption of the element instead of a polynomial')
    .option(
      '--over-absorption <formula>',
      'correct fluorescence of a thick sample of this formula, as Li3YCl6',
    )
    .option('--angles <in:out>', 'incidence and exit angle to the surface in degrees', range90, [45, 45])
    .addHelpText(
      'after',
      `
Examples:
  interphase xas normalize *.xdi --out normalized
  interphase xas normalize P5.xdi --profile larch-2026 --json
  interphase xas normalize P5.xdi --over-absorption Li3YCl6 --angles 45:45`,
    )
    .action(async (files: string[], flags: SpectrumFlags) =>
      (await import('./steps.js')).normalizeFiles(files, flags),
    );

function range90(text: string): [number, number] {
  const parts = text.split(':').map(Number);
  if (parts.length !== 2 || !parts.every((value) => value > 0 && value <= 90))
    throw new InvalidArgumentError('it takes IN:OUT in degrees from the surface, as 45:45.');
  return [parts[0]!, parts[1]!];
}

function shares(text: string): ('width' | 'centre')[] {
  const parts = text.split(',').map((part) => part.trim());
  const known = parts.filter((part) => part === 'width' || part === 'centre');
  if (known.length < parts.length) throw new InvalidArgumentError('it takes width, centre, or width,centre.');
  return known;
}

const peaks = (): Command =>
  normalizing(step('peaks', 'fit the peaks below an edge', ['<file...>', 'spectra']))
    .option(
      '--peak <name:from:to>',
      'a named peak and where its centre may lie, in eV; without it a, b and c of Cl K',
      collect,
      [],
    )
    .option(
      '--share <what>',
      'width, centre or both: the same for peaks of one name in all spectra, which tightens the weak ones',
      shares,
    )
    .addOption(
      new Option(
        '--widths <held>',
        "what is not fitted: free, all is; core-hole, the table's life time; tables, that and the instrument",
      )
        .choices(['free', 'core-hole', 'tables'])
        .default('free'),
    )
    .option('--core-width <eV>', "width of the core hole instead of the table's", number)
    .option('--resolution <eV>', 'width of the instrument instead of that of a Si(111) monochromator', number)
    .addHelpText(
      'after',
      `
With held widths each peak is a Voigt profile: a Lorentzian of the core hole's width, convolved with a Gaussian that is at
least as wide as the instrument makes it (core-hole), or just as wide (tables).

Examples:
  interphase xas peaks P3.xdi P5.xdi
  interphase xas peaks P?.xdi --share width,centre --out peaks
  interphase xas peaks P5.xdi --widths core-hole --resolution 0.5
  interphase xas peaks PdCl2.xdi --peak pre:2819:2821.5`,
    )
    .action(async (files: string[], flags: PeakFlags) =>
      (await import('./peaks.js')).peaksOfFiles(files, flags),
    );

const lcf = (): Command =>
  normalizing(
    step('lcf', 'describe the first spectrum as a linear combination of the others', [
      '<file...>',
      'the spectrum, then the standards',
    ]),
  )
    .option('--range <from:to>', 'relative to e0, or absolute above 1000 eV', range, [-20, 30])
    .addOption(
      new Option('--space <name>', 'what is combined')
        .choices(['auto', 'mu', 'norm', 'flat', 'derivative'])
        .default('auto'),
    )
    .option('--no-sum-to-one', 'let the weights add up to anything')
    .option('--no-non-negative', 'allow negative weights')
    .option('--sigma <value>', 'uncertainty of every point', number)
    .option(
      '--drift <eV>',
      'the energy axes of the scans may lie apart by about this much: the errors then hold it, the normalisation and glitches',
      number,
    )
    .option('--max-shift <eV>', 'let each standard move by up to this much', number)
    .option('--combinations <n>', 'try all combinations of up to n standards', number)
    .addHelpText(
      'after',
      `
Examples:
  interphase xas lcf P5.xdi LYC.xdi InCl3.xdi YCl3.xdi
  interphase xas lcf 'gold.prj#7.03' 'gold.prj#Au foil' 'gold.prj#Au sulphide' --profile athena-0.9.26 --space flat
  interphase xas lcf unknown.dat s1.dat s2.dat s3.dat --range 11870:12030 --combinations 3 --json`,
    )
    .action(async (files: string[], flags: LcfFlags) => (await import('./lcf.js')).lcfOfFiles(files, flags));

export const xasCommand = (): Command =>
  new Command('xas')
    .description('single spectroscopy steps on loose files')
    .addCommand(merge())
    .addCommand(clean())
    .addCommand(align())
    .addCommand(calibrate())
    .addCommand(normalize())
    .addCommand(peaks())
    .addCommand(lcf())
    .addCommand(pca())
    .addCommand(mcr());
