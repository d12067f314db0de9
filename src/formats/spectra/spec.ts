import { InputError } from '../../errors.js';
import type { SpectrumScan } from '../../measurement.js';
import { type InputFile, textOf } from '../common/input.js';
import { parseNumber } from '../common/text-table.js';
import { inferColumns } from './column-infer.js';
import { bareColumns, isOnlyNumber } from './columns.js';

export const isSpec = (text: string): boolean =>
  /^#S\s+\d+/mu.test(text.slice(0, 200_000)) && /^#L\s/mu.test(text.slice(0, 400_000));

interface OpenScan {
  number: string;
  command: string;
  line: number;
  date: string;
  labels: string[];
  rows: number[][];
  skipped: number;
}

/**
 * Reads the scans of a SPEC file (also ESRF's): '#S number command', '#L labels' two spaces apart, then rows. Spectra of
 * multichannel analysers (@A) are left out; scans without rows or labels too.
 * @throws InputError where no scan holds a table.
 */
export function readSpec(file: InputFile): SpectrumScan[] {
  const lines = textOf(file).split('\n');
  const scans: OpenScan[] = [];
  let inMca = false;
  for (const [index, line] of lines.entries()) {
    const current = scans.at(-1);
    if (line.startsWith('#S ')) {
      const [, number = '', command = ''] = /^#S\s+(\S+)\s*(.*)$/u.exec(line) ?? [];
      scans.push({ number, command, line: index + 1, date: '', labels: [], rows: [], skipped: 0 });
    } else if (current === undefined) continue;
    else if (line.startsWith('#L '))
      current.labels = line
        .slice(3)
        .trim()
        .split(/\s{2,}|\t+/u);
    else if (line.startsWith('#D ')) current.date = line.slice(3).trim();
    else if (line.startsWith('@') || inMca) inMca = line.trimEnd().endsWith('\\');
    else if (!line.startsWith('#') && line.trim() !== '') addRow(current, line);
  }
  const read = scans
    .filter(({ labels, rows }) => labels.length > 1 && rows.length > 0)
    .map((scan) => scanOf(scan, file));
  if (read.length === 0)
    throw new InputError('is a SPEC file without scans that hold data', { path: file.path });
  return read;
}

function addRow(scan: OpenScan, line: string): void {
  const row = line
    .trim()
    .split(/\s+/u)
    .map((word) => parseNumber(word));
  if (scan.labels.length !== row.length && row.length > 1 && scan.rows.length === 0)
    scan.labels = relabel(scan.labels, row.length);
  if (row.length === scan.labels.length && row.every((value) => value !== undefined))
    scan.rows.push(row as number[]);
  else scan.skipped++;
}

/** Labels that were set one space apart. */
const relabel = (labels: string[], width: number): string[] => {
  const words = labels.join(' ').split(/\s+/u);
  return words.length === width ? words : labels;
};

function scanOf(
  { number, command, labels, rows, skipped, date, line }: OpenScan,
  file: InputFile,
): SpectrumScan {
  const values = labels.map((_, j) => Float64Array.from(rows, (row) => row[j]!));
  const columns = labels.every(isOnlyNumber)
    ? bareColumns(values)
    : inferColumns(
        labels,
        labels.map(() => null),
        values,
      );
  return {
    title: number,
    format: 'SPEC',
    element: null,
    edge: null,
    columns,
    metadata: { scan: number, command, date, line: String(line), file: file.name },
    muHint: null,
    warnings: skipped > 0 ? [`scan ${number}: ${skipped} incomplete rows are left out`] : [],
    stored: {},
  };
}
