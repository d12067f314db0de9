/** Tables as CSV: RFC 4180, UTF-8, empty where there is no value. */
import type { ValueSigma } from '../../result.js';

export interface Table {
  /** File name without folder. */
  file: string;
  description: string;
  /** Column names with their units. */
  header: string[];
  rows: Cell[][];
}

export type Cell = string | number | boolean | null | undefined;

/** Value and uncertainty as two cells. */
export const measured = (m: ValueSigma | null | undefined): Cell[] => [m?.value, m?.sigma];

export function toCsv(table: Pick<Table, 'header' | 'rows'>): string {
  return [table.header, ...table.rows]
    .map((row) => row.map(cell).join(','))
    .join('\r\n')
    .concat('\r\n');
}

/** A text that a spreadsheet would take for a formula gets a leading apostrophe: labels come from untrusted files. */
function cell(value: Cell): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
