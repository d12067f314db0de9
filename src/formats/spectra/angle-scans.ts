import { InputError } from '../../errors.js';
import type { Column, SpectrumScan } from '../../measurement.js';
import { HC_EV_ANGSTROM } from '../common/constants.js';
import { type InputFile, textOf } from '../common/input.js';
import { parseNumber } from '../common/text-table.js';

/** E = hc / (2 d sin theta), Bragg's law of first order. */
export const braggEnergy_eV = (theta_rad: number, d_spacing_A: number): number =>
  HC_EV_ANGSTROM / (2 * d_spacing_A * Math.sin(theta_rad));

const KEK = /^\s*9809\s+(?:KEK-PF|SPring-8|SAGA-LS|AichiSR)/u;
export const isKek9809 = (text: string): boolean => KEK.test(text.slice(0, 200));

/**
 * The 9809 format of the Photon Factory and other Japanese sources: monochromator angles (asked, reached), time, and
 * detectors whose kinds stand in the line 'Mode' (1 I0, 2 transmission, 3 fluorescence). Energies are made from the
 * reached angle and the header's d-spacing.
 */
export function readKek9809(file: InputFile): SpectrumScan {
  const { path } = file;
  const lines = textOf(file).split('\n');
  const at = lines.findIndex((line) => /^\s*offset/iu.test(line));
  const spacing = Number(/D=\s*(\d+\.\d+)\s*A/iu.exec(lines.slice(0, Math.max(at, 0)).join('\n'))?.[1]);
  if (at < 0 || !(spacing > 0))
    throw new InputError('has no d-spacing (D= … A) or no line Offset in its header', { path });
  const modes =
    lines
      .slice(0, at)
      .find((line) => /^\s*mode/iu.test(line))
      ?.trim()
      .split(/\s+/u)
      .slice(1)
      .map(Number) ?? [];
  const rows = numericRows(lines, at + 1, path);
  const width = rows[0]!.length;
  const column = (j: number): Float64Array => Float64Array.from(rows, (row) => row[j]!);
  const energy = column(1).map((angle) => braggEnergy_eV((angle * Math.PI) / 180, spacing));
  const perDetector = (words: number[]): number[] => words.slice(-Math.max(0, width - 3));
  const kinds = perDetector(modes);
  const offsets = perDetector(lines[at]!.trim().split(/\s+/u).slice(1).map(Number));
  const detectors = Array.from(
    { length: Math.max(0, width - 3) },
    (_, i): Column => ({ ...detectorOf(kinds[i] ?? (i === 0 ? 1 : 2), i), values: column(i + 3) }),
  );
  const columns: Column[] = [
    { name: 'energy', unit: 'eV', role: 'energy', values: energy },
    { name: 'angle_requested', unit: 'deg', role: 'other', values: column(0) },
    { name: 'angle', unit: 'deg', role: 'other', values: column(1) },
    { name: 'time', unit: 's', role: 'other', values: column(2) },
    ...detectors,
  ];
  const dark = Math.max(
    0,
    ...detectors.map(({ values }, i) => darkShare(values, column(2), offsets[i] ?? 0)),
  );
  const warnings =
    dark > 0
      ? [
          `its header states dark offsets (up to ${(100 * dark).toPrecision(2)} % of a signal), which are not subtracted: it does not say whether they have been`,
        ]
      : [];
  return scan(
    file,
    'KEK-PF 9809',
    lines.slice(0, at),
    columns,
    { 'Mono.d_spacing': String(spacing) },
    warnings,
  );
}

/** The largest share of a signal that its dark rate (counts a second) makes. */
function darkShare(counts: Float64Array, time_s: Float64Array, dark: number): number {
  const shares = counts.map((count, i) => (dark > 0 && count > 0 ? (dark * time_s[i]!) / count : 0));
  return Math.max(...shares);
}

function detectorOf(mode: number, index: number): Omit<Column, 'values'> {
  if (mode === 1) return { name: 'i0', unit: null, role: 'i0' };
  if (mode === 2)
    return {
      name: index > 1 ? `itrans${index}` : 'itrans',
      unit: null,
      role: index > 1 ? 'other' : 'itrans',
    };
  if (mode === 3) return { name: `ifluor${index}`, unit: null, role: 'fluorescence' };
  return { name: `detector${index + 1}`, unit: null, role: 'other' };
}

const LYTLE = /^\s*NPTS\s+NS\s+CUEDGE\s+CUHITE/u;
export const isLytle = (text: string): boolean => LYTLE.test(text.slice(0, 200));

/** The Lytle database: encoder steps, I0, It and more; steps per degree and d-spacing stand in the second line. */
export function readLytle(file: InputFile): SpectrumScan {
  const lines = textOf(file).split('\n');
  const header = lines[1]!.trim().split(/\s+/u).map(Number);
  const [spacing, stepsPerDegree] = [header[4] ?? 0, header[5] ?? 0];
  if (!(spacing > 0) || !(stepsPerDegree > 0))
    throw new InputError('has no d-spacing or steps per degree in line 2', { path: file.path, line: 2 });
  const words = lines.map((line) =>
    line
      .replace(/(E[-+]\d+)-/giu, '$1 -')
      .trim()
      .split(/\s+/u),
  );
  const start = words.findIndex(
    (row, i) => i > 1 && row.length >= 3 && row.every((word) => parseNumber(word) !== undefined),
  );
  if (start < 0) throw new InputError('holds no rows of data', { path: file.path });
  const rows = numericRows(
    words.map((row) => row.join(' ')),
    start,
    file.path,
  );
  const names = ['i0', 'itrans', 'ifluor'];
  const columns: Column[] = [
    {
      name: 'energy',
      unit: 'eV',
      role: 'energy',
      values: Float64Array.from(rows, (row) =>
        braggEnergy_eV((row[0]! / stepsPerDegree / 180) * Math.PI, spacing),
      ),
    },
    ...Array.from(
      { length: rows[0]!.length - 1 },
      (_, j): Column => ({
        name: names[j] ?? `col${j + 2}`,
        unit: null,
        role: (['i0', 'itrans', 'fluorescence'] as const)[j] ?? 'other',
        values: Float64Array.from(rows, (row) => row[j + 1]!),
      }),
    ),
  ];
  return scan(
    file,
    'Lytle database',
    lines.slice(0, start),
    columns,
    { 'Mono.d_spacing': String(spacing) },
    [],
  );
}

function numericRows(lines: string[], start: number, path: string): number[][] {
  const rows: number[][] = [];
  for (let i = start; i < lines.length; i++) {
    const line = lines[i]!.trim().replaceAll('\u001a', '');
    if (line === '') continue;
    const row = line.split(/\s+/u).map((word) => parseNumber(word) ?? Number.NaN);
    const whole =
      row.length === (rows[0]?.length ?? row.length) && row.length >= 3 && row.every(Number.isFinite);
    if (whole) rows.push(row);
    else if (lines.slice(i + 1).some((next) => next.trim().length > 1))
      throw new InputError('is not a row of numbers', { path, line: i + 1 });
  }
  if (rows.length === 0) throw new InputError('holds no rows of data', { path });
  return rows;
}

const scan = (
  file: InputFile,
  format: string,
  header: string[],
  columns: Column[],
  metadata: Record<string, string>,
  warnings: string[],
): SpectrumScan => ({
  title: file.stem,
  format,
  element: null,
  edge: null,
  columns,
  metadata: {
    ...metadata,
    header: header
      .map((line) => line.trim())
      .filter(Boolean)
      .join('\n'),
  },
  muHint: null,
  warnings,
  stored: {},
});
