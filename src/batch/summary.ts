import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../formats/common/atomic.js';
import { toCsv } from '../formats/common/csv-table.js';
import type { Result } from '../result.js';
import { forJson, type QuantitySeries, seriesOver, writeSeries } from './cycles.js';
import type { Manifest } from './manifest.js';
import type { SummaryRow } from './summary-row.js';
import { readStatus } from './task.js';

/** What summary.json holds. */
export interface Summary {
  schema: 'interphase-summary/1';
  experiments: SummaryRow[];
  /** Only where three experiments or more say how often they were cycled. */
  cycle_series?: QuantitySeries[];
}

/** Columns of summary.csv. */
const columns: (keyof SummaryRow)[] = [
  'experiment',
  'sample',
  'cycles',
  'state',
  'line_scan',
  'aei_present',
  'x',
  'x_sigma',
  'x_low95',
  'x_high95',
  'x_one_lithium',
  'thickness_um',
  'thickness_sigma_um',
  'anode_boundary_um',
  'electrolyte_boundary_um',
  'map_aei_present',
  'map_thickness_um',
  'map_thickness_sigma_um',
  'problems',
  'message',
];

/** Gathers the results of a batch into DIR/summary.csv and DIR/summary.json, and its series over cycles, if it is one. */
export async function writeSummary(folder: string, manifest: Manifest): Promise<Summary> {
  const rows: SummaryRow[] = [];
  for (const task of manifest.tasks) {
    const status = await readStatus(task);
    const result = status?.state === 'failed' ? null : await readResult(join(task.out, 'result.json'));
    rows.push(...rowsOf(task.name, status?.state ?? 'not run', status?.message ?? null, result));
  }
  const series = seriesOver(rows);
  const summary: Summary = {
    schema: 'interphase-summary/1',
    experiments: rows,
    ...(series.length > 0 ? { cycle_series: series.map(forJson) } : {}),
  };
  await writeFileAtomic(join(folder, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
  const cells = rows.map((row) => columns.map((name) => row[name]));
  await writeFileAtomic(join(folder, 'summary.csv'), toCsv({ header: columns, rows: cells }));
  await writeSeries(folder, series);
  return summary;
}

async function readResult(path: string): Promise<Result | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Result;
  } catch {
    return null;
  }
}

function rowsOf(
  experiment: string,
  state: string,
  message: string | null,
  result: Result | null,
): SummaryRow[] {
  const present = result?.maps.map((map) => map.aei_present).find((told) => typeof told === 'boolean');
  const thickness = result?.maps.map((map) => map.aei_thickness_um).find((found) => found);
  const common = {
    experiment,
    sample: result?.sample ?? null,
    cycles: result?.cycles ?? null,
    state,
    message,
    map_aei_present: present ?? null,
    map_thickness_um: thickness?.mean ?? null,
    map_thickness_sigma_um: thickness?.sigma ?? null,
    problems: result?.problems.length ?? 0,
  };
  const scans = result?.lineScans.length ? result.lineScans : [null];
  return scans.map((scan) => {
    const edge = (name: string): number | null =>
      scan?.boundaries.find((boundary) => boundary.name === name)?.position_um ?? null;
    return {
      ...common,
      line_scan: scan?.name ?? null,
      aei_present: scan?.aei.present ?? null,
      x: scan?.aei.x?.value ?? null,
      x_sigma: scan?.aei.x?.sigma ?? null,
      x_low95: scan?.aei.x?.interval95[0] ?? null,
      x_high95: scan?.aei.x?.interval95[1] ?? null,
      x_one_lithium: scan?.aei.x_one_lithium?.value ?? null,
      thickness_um: scan?.aei.thickness_um?.value ?? null,
      thickness_sigma_um: scan?.aei.thickness_um?.sigma ?? null,
      anode_boundary_um: edge('anode|aei') ?? edge('anode|electrolyte'),
      electrolyte_boundary_um: edge('aei|electrolyte') ?? edge('anode|electrolyte'),
    };
  });
}
