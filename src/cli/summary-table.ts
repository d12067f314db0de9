import { join, relative } from 'node:path';
import type { QuantitySeries } from '../batch/cycles.js';
import type { Summary } from '../batch/summary.js';
import { plusMinus, textTable } from './table.js';

const pair = (value: number | null, sigma: number | null): string =>
  value === null ? '–' : plusMinus({ value, sigma: sigma ?? Number.NaN });

/** The experiments of a batch, a line each. */
export function summaryTable({ experiments: rows, cycle_series }: Summary, folder: string): string {
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
  const shown = (file: string): string => relative(process.cwd(), join(folder, file));
  const files = [
    `Summary: ${shown('summary.csv')}`,
    ...(cycle_series
      ? [`Series over cycles: ${shown('cycle-series.csv')}, ${shown('cycle-series.svg')}`]
      : []),
  ];
  const overCycles = cycle_series ? ['', 'Over cycles', ...cycle_series.map(seriesLine)] : [];
  return [table, ...failures, ...overCycles, '', ...files].join('\n');
}

/** The best of the courses that the samples determine. */
function seriesLine({ quantity, method, unit, fits }: QuantitySeries): string {
  const [best] = fits;
  if (!best) return `  ${quantity} by ${method}: too few values for a course`;
  const plateau = plusMinus(best.plateau, unit);
  const what = `  ${quantity} by ${method}: ${best.model}, ${plateau}`;
  if (best.cycles === null) return what;
  return `${what}, ${best.model === 'saturating' ? '63 %' : 'half'} of it after ${plusMinus(best.cycles)} cycles`;
}
