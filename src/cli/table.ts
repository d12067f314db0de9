import { fromTo, plusMinus as plusMinusOf } from '../report/drawing/numbers.js';

/** A plain text table: columns as wide as they need, numbers to the right. */
export function textTable(header: string[], rows: string[][]): string {
  const numeric = header.map(
    (_, j) => rows.length > 0 && rows.every((row) => /^[-+−]?[\d.]|^$|^–$/.test(row[j] ?? '')),
  );
  const width = header.map((title, j) => Math.max(title.length, ...rows.map((row) => (row[j] ?? '').length)));
  const line = (cells: string[]): string =>
    cells
      .map((cell, j) => (numeric[j] ? cell.padStart(width[j]) : cell.padEnd(width[j])))
      .join('  ')
      .trimEnd();
  return [line(header), width.map((w) => '─'.repeat(w)).join('  '), ...rows.map(line)].join('\n');
}

// The report's own ways of writing numbers, in characters that every terminal and script knows.
const plain = (text: string): string => text.replaceAll('\u00a0', ' ').replaceAll('\u2212', '-');

export const plusMinus = (measured: { value: number; sigma: number } | null | undefined, unit = ''): string =>
  plain(plusMinusOf(measured?.value, measured?.sigma, unit));

export const interval = (range: readonly [number, number] | null | undefined): string => plain(fromTo(range));
