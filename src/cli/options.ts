import { InvalidArgumentError } from 'commander';

/** Parses a positive whole number. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('it takes a whole number from 1.');
  return value;
}
