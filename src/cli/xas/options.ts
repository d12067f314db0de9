import { Command, InvalidArgumentError, Option } from 'commander';
import { columnNumbers } from '../options.js';

const PROFILES = ['strict', 'larch-2026', 'athena-0.9.26'];

export function number(text: string): number {
  const value = Number(text.replace(/\s*eV$/u, ''));
  if (!Number.isFinite(value)) throw new InvalidArgumentError('it takes a number.');
  return value;
}

/** `-20:30` or `2815:2850`. */
export function range(text: string): [number, number] {
  const parts = text.split(':').map(Number);
  if (parts.length !== 2 || !parts.every(Number.isFinite) || parts[0]! >= parts[1]!)
    throw new InvalidArgumentError('it takes FROM:TO in eV, as -20:30 or 2815:2850.');
  return [parts[0]!, parts[1]!];
}

export const collect = (value: string, previous: string[]): string[] => [...previous, value];

/** A step on loose files, with the options that all steps share. */
export function step(name: string, summary: string, argument: [string, string]): Command {
  return new Command(name)
    .description(summary)
    .argument(...argument)
    .option(
      '--edge <edge>',
      'element and edge, as "Cl K"; read from the file or from its energies without it',
    )
    .option('--group <name>', 'spectrum inside a file that holds several; without it all of them')
    .option('--mu <how>', 'transmission, fluorescence, reference, or the name of a column')
    .option(
      '--columns <roles>',
      'columns by number, as energy=1,i0=2,it=3 or energy=1,i0=2,if=5-12 (also ir, mu)',
      columnNumbers,
    )
    .option('--energy-shift <eV>', 'add this to the energies first', number)
    .option('--json', 'print the numbers as JSON')
    .option('--out <dir>', 'also write the curves and a figure into this folder');
}

export function normalizing(command: Command): Command {
  return command
    .addOption(new Option('--profile <name>', 'how to normalise').choices(PROFILES).default('strict'))
    .option('--e0 <eV>', 'edge energy that the ranges start from', number)
    .option('--pre <from:to>', 'pre-edge range relative to e0', range)
    .option('--post <from:to>', 'post-edge range relative to e0', range)
    .option('--degree <n>', 'degree of the post-edge polynomial, 0 to 5', number)
    .option('--victoreen <n>', 'energy exponent of the pre-edge fit', number);
}
