import { InvalidArgumentError } from 'commander';
import { type AssignedColumns, parseAssignedColumns } from '../formats/spectra/assigned-roles.js';

/** Parses a positive whole number. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('it takes a whole number from 1.');
  return value;
}

/** Parses `energy=1,i0=2,it=3` and `energy=1,i0=2,if=5-12`. */
export function columnNumbers(text: string): AssignedColumns {
  const assigned = parseAssignedColumns(text);
  if (assigned === null)
    throw new InvalidArgumentError(
      'it takes roles with column numbers, as energy=1,i0=2,it=3 or energy=1,i0=2,if=5-12 (energy, i0, it, ir, if, mu).',
    );
  return assigned;
}
