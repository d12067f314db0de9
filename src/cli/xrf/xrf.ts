import { Command, InvalidArgumentError } from 'commander';
import { type MapFault, mapFaults } from '../../experiment.js';
import type { MapFlags, SegmentFlags } from './flags.js';

const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

function classes(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 2 || value > 8)
    throw new InvalidArgumentError('it takes a whole number from 2 to 8.');
  return value;
}

function toClean(text: string): MapFault[] {
  return list(text).map((word) => {
    const known = mapFaults.find((fault) => fault === word);
    if (known === undefined) throw new InvalidArgumentError(`it takes ${mapFaults.join(', ')}.`);
    return known;
  });
}

const step = (name: string, summary: string): Command =>
  new Command(name)
    .description(summary)
    .argument('<file...>', 'maps: HDF5 (NeXus, MAPS, PyXRF, PyMca), EDF, SMAK, CSV, TIFF')
    .option('--data <path>', 'group or dataset inside an HDF5 file, where the file does not say')
    .option('--elements <list>', 'elements, comma-separated: Y,In,Cl or Ca,Fe,La L', list)
    .option('--pixel <length>', 'pixel size, as "5 um", where the file does not say')
    .option('--energy <energy>', 'incident energy, as "2900 eV" or "10 keV"')
    .option('--i0 <monitor>', 'divide by this monitor of the file; inspect lists them')
    .option('--clean <list>', `correct these faults of the scan: ${mapFaults.join(', ')}`, toClean)
    .option('--json', 'print the numbers as JSON')
    .option('--out <dir>', 'also write images and lines as CSV files, and figures');

const map = (): Command =>
  step('map', 'elements from spectra, with line positions and refused lines; or the totals of element maps')
    .option('--no-refine', 'hold the energy axis of the file')
    .addHelpText(
      'after',
      `
Examples:
  interphase xrf map fly.h5 --energy "10 keV" --elements Ar,Ca,Fe,Cu --out elements/
  interphase xrf map fly.h5 --energy "10 keV"          names the elements by itself
  interphase xrf map scan_xia*.edf --energy "10 keV" --pixel "2 um"     rows of spectra, one a file`,
    )
    .action(async (files: string[], flags: MapFlags) =>
      (await import('./map-step.js')).mapFiles(files, flags),
    );

const segment = (): Command =>
  step('segment', 'cathode, electrolyte, AEI and anode; boundaries, thickness and roughness')
    .option('--classes <n>', 'number of classes; found by an information criterion without it', classes)
    .option('--beam <length>', 'width of the beam (FWHM) if known, as "5 um"')
    .addHelpText(
      'after',
      `
Examples:
  interphase xrf segment xrf.h5 --elements Y,In,Cl --pixel "5 um"
  interphase xrf segment Y.csv In.csv Cl.csv --elements Y,In,Cl --pixel "5 um" --json
  interphase xrf segment xrf.h5 --pixel "5 um" --clean stripes,row-shifts     found faults are told without it`,
    )
    .action(async (files: string[], flags: SegmentFlags) =>
      (await import('./segment-step.js')).segmentFiles(files, flags),
    );

/** `interphase xrf`: single steps on loose map files. */
export function xrfCommand(): Command {
  return new Command('xrf')
    .description('single steps on maps: elements from spectra, regions and layers')
    .addCommand(map())
    .addCommand(segment());
}
