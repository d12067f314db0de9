import { InputError } from '../../errors.js';
import { parseNumber } from '../common/text-table.js';

const BANK = /^BANK\s+\S+/mu;

/** GSAS powder data begin their table with a BANK record. */
export const isGsas = (text: string): boolean => BANK.test(text.slice(0, 20_000));

/**
 * GSAS powder data with constant wavelength in the forms FXYE, FXY and XYE (x in hundredths of a degree) and STD and
 * ESD in free format; see the GSAS manual (Larson and Von Dreele, LAUR 86-748), 'Powder data file'.
 */
export function readGsas(
  text: string,
  path: string,
): { x: Float64Array; y: Float64Array; sigma: Float64Array | null } {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => BANK.test(line));
  const bank = lines[at]!.trim().split(/\s+/u);
  const binning = bank[4] ?? '';
  const form =
    bank
      .slice(5)
      .reverse()
      .find((word) => /^[A-Z]/u.test(word)) ?? 'STD';
  const next = lines.findIndex((line, i) => i > at && BANK.test(line));
  const body = lines.slice(at + 1, next < 0 ? undefined : next);
  const values = body.flatMap((line, i) => numbers(line, path, at + 2 + i));
  if (/^(?:FXYE|XYE)$/u.test(form)) return triples(values, 3);
  if (form === 'FXY') return triples(values, 2);
  const [start, step] = [Number(bank[5]), Number(bank[6])];
  if (/^CONST?$/u.test(binning) && form === 'ESD' && step > 0) {
    const y = Float64Array.from({ length: Math.floor(values.length / 2) }, (_, i) => values[2 * i]!);
    const sigma = Float64Array.from(y, (_, i) => values[2 * i + 1]!);
    return { x: y.map((_, i) => (start + i * step) / 100), y, sigma };
  }
  throw new InputError(
    `GSAS data of the form ${binning} ${form} are not read`,
    { path, line: at + 1 },
    'export them as .xye',
  );
}

function numbers(line: string, path: string, lineNumber: number): number[] {
  if (line.trim() === '' || line.startsWith('#')) return [];
  return line
    .trim()
    .split(/[\s,]+/u)
    .map((word) => {
      const value = parseNumber(word);
      if (value === undefined)
        throw new InputError(`'${word.slice(0, 40)}' is not a number`, { path, line: lineNumber });
      return value;
    });
}

function triples(
  values: number[],
  width: number,
): { x: Float64Array; y: Float64Array; sigma: Float64Array | null } {
  const count = Math.floor(values.length / width);
  const column = (j: number): Float64Array =>
    Float64Array.from({ length: count }, (_, i) => values[i * width + j]!);
  return {
    x: column(0).map((centidegree) => centidegree / 100),
    y: column(1),
    sigma: width === 3 ? column(2) : null,
  };
}
