import { join, relative } from 'node:path';
import type { SummaryRow } from '../batch/summary.js';
import { plusMinus, textTable } from './table.js';

const pair = (value: number | null, sigma: number | null): string =>
  value === null ? '–' : plusMinus({ value, sigma: sigma ?? Number.NaN });

/** The experiments of a batch, a line each. */
export function summaryTable(rows: SummaryRow[], folder: string): string {
  const table = textTable(
    ['experiment', 'state', 'AEI', 'x', 'thickness / um', 'map thickness / um', 'problems'],
    rows.map((row) => [
      row.experiment,
      row.state,
      row.aei_present === null ? '–' : row.aei_present ? 'yes' : 'no',
      pair(row.x, row.x_sigma),
      pair(row.thickness_um, row.thickness_sigma_um),
      pair(row.map_thickness_um, row.map_thickness_sigma_um),
      String(row.problems),
    ]),
  );
  const failed = rows
    .filter(({ state }) => state === 'failed')
    .map((row) => `  ${row.experiment}: ${row.message}`);
  const failures = failed.length > 0 ? ['', 'Failed', ...failed] : [];
  return [table, ...failures, '', `Summary: ${relative(process.cwd(), join(folder, 'summary.csv'))}`].join(
    '\n',
  );
}
