import { InputError } from '../../errors.js';
import { parseNumber } from '../common/text-table.js';

const BANK = /^BANK\s+\S+/mu;

/** GSAS powder data begin their table with a BANK record. */
export const isGsas = (text: string): boolean => BANK.test(text.slice(0, 20_000));

/**
 * GSAS powder data with constant wavelength in the forms FXYE, FXY and XYE (x in hundredths of a degree) and
 * ESD in free format, or STD in fields of eight characters; see the GSAS manual (Larson and Von Dreele, LAUR 86-748), 'Powder data file'.
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
  const [start, step] = [Number(bank[5]), Number(bank[6])];
  const constant = /^CONST?$/u.test(binning) && step > 0;
  if (constant && form === 'STD') return standard(body, Number(bank[2]), start, step, path, at + 2);
  const values = body.flatMap((line, i) => numbers(line, path, at + 2 + i));
  if (/^(?:FXYE|XYE)$/u.test(form)) return triples(values, 3);
  if (form === 'FXY') return triples(values, 2);
  if (constant && form === 'ESD') {
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

/** Fields of two characters, how many detectors were averaged (blank: one), and six, their mean count. */
function standard(
  body: string[],
  channels: number,
  start: number,
  step: number,
  path: string,
  firstLine: number,
): { x: Float64Array; y: Float64Array; sigma: Float64Array } {
  const y: number[] = [];
  const sigma: number[] = [];
  body.forEach((line, i) => {
    const text = line.replace(/\s+$/u, '');
    for (let at = 0; at < text.length && !(y.length >= channels); at += 8) {
      const detectors = Number(text.slice(at, at + 2)) || 1;
      const counts = parseNumber(text.slice(at + 2, at + 8).trim());
      if (counts === undefined)
        throw new InputError(`'${text.slice(at, at + 8)}' is not a number of detectors and a count`, {
          path,
          line: firstLine + i,
        });
      y.push(counts);
      sigma.push(Math.sqrt(Math.max(counts, 1) / detectors));
    }
  });
  return {
    x: Float64Array.from(y, (_, i) => (start + i * step) / 100),
    y: Float64Array.from(y),
    sigma: Float64Array.from(sigma),
  };
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
