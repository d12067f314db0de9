import type { SpectrumScan } from '../../measurement.js';

/** A scan as CSV: one line of names with units in brackets, then the columns. */
export function formatColumns({ columns }: SpectrumScan): string {
  const names = columns.map(({ name, unit }) => cell(unit === null ? name : `${name} (${unit})`));
  const rows = Array.from(columns[0]?.values ?? [], (_, i) =>
    columns.map(({ values }) => (Number.isNaN(values[i]!) ? '' : String(values[i]!))).join(','),
  );
  return `${[names.join(','), ...rows].join('\n')}\n`;
}

const cell = (text: string): string =>
  /[",\n]/u.test(text) ? `"${text.replaceAll('"', '""').replace(/\s+/gu, ' ')}"` : text;
