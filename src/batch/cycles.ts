import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../errors.js';
import { writeFileAtomic } from '../formats/common/atomic.js';
import { measured, toCsv } from '../formats/common/csv-table.js';
import { finiteOnly } from '../formats/results/result-json.js';
import {
  type CycleFit,
  type CyclePoint,
  type CycleSeries,
  cycleSeries,
} from '../interphase/together/cycle-series.js';
import type { Measured } from '../measurement.js';
import { drawAll } from '../report/draw-all.js';
import { toPng } from '../report/drawing/raster.js';
import { cycleFigure } from '../report/figures/cycle-series.js';
import type { SummaryRow } from './summary-row.js';

/** One quantity by one method. Methods stand side by side and are never averaged. */
interface Quantity {
  quantity: 'thickness' | 'x';
  method: 'XRD' | 'XRF';
  unit: string;
}

/** A quantity against the number of cycles, as it stands in summary.json. */
export interface QuantitySeries extends Quantity, Omit<CycleSeries, 'fits'> {
  /** Courses that the samples determine, the best first. */
  fits: (Pick<CycleFit, 'model' | 'plateau' | 'cycles' | 'exponent' | 'aicc'> & { reduced_chi2: number })[];
}

/** With the curves, which are drawn and not listed. */
export type DrawnSeries = Quantity & CycleSeries;

/** Fewer samples are no course. */
const fewest = 3;
const files = ['cycle-series.csv', 'cycle-fits.csv', 'cycle-series.svg', 'cycle-series.png'] as const;

const kinds: (Quantity & { value(row: SummaryRow): Measured | null })[] = [
  {
    quantity: 'thickness',
    method: 'XRD',
    unit: 'um',
    value: (row) => pair(row.thickness_um, row.thickness_sigma_um),
  },
  {
    quantity: 'thickness',
    method: 'XRF',
    unit: 'um',
    value: (row) => pair(row.map_thickness_um, row.map_thickness_sigma_um),
  },
  { quantity: 'x', method: 'XRD', unit: '', value: (row) => pair(row.x, row.x_sigma) },
];

const pair = (value: number | null, sigma: number | null): Measured | null =>
  value === null || sigma === null ? null : { value, sigma };

/**
 * Thickness and x of a batch against cycles, with the courses that they determine. Empty where fewer than three
 * experiments say how often they were cycled; a quantity that no experiment has a value of is left out.
 */
export function seriesOver(rows: SummaryRow[]): DrawnSeries[] {
  const cycled = rows.filter((row): row is SummaryRow & { cycles: number } => row.cycles !== null);
  if (new Set(cycled.map(({ experiment }) => experiment)).size < fewest) return [];
  return kinds.flatMap(({ quantity, method, unit, value }) => {
    // A map belongs to the experiment, not to each of its line scans: it must not count twice.
    const each = method === 'XRF' ? firstOfEach(cycled) : cycled;
    const several = each.length > new Set(each.map(({ experiment }) => experiment)).size;
    const points = each.map((row) => ({
      sample: several && row.line_scan ? `${row.experiment}/${row.line_scan}` : row.experiment,
      cycles: row.cycles,
      value: value(row),
      present: method === 'XRF' ? row.map_aei_present : row.aei_present,
    }));
    if (points.every((point) => point.value === null)) return [];
    return [{ quantity, method, unit, ...fitted(points, quantity) }];
  });
}

const firstOfEach = <T extends SummaryRow>(rows: T[]): T[] =>
  rows.filter((row, i) => rows.findIndex(({ experiment }) => experiment === row.experiment) === i);

/** A course that cannot be fitted must not cost the summary of a whole batch. */
function fitted(points: CyclePoint[], quantity: string): CycleSeries {
  try {
    return cycleSeries(points, quantity);
  } catch (thrown) {
    const sorted = [...points].sort((a, b) => a.cycles - b.cycles);
    return { points: sorted, fits: [], statements: [`No course could be fitted: ${messageOf(thrown)}.`] };
  }
}

/** As it stands in summary.json: without the curves, and null for what is not finite. */
export const forJson = ({ fits, ...series }: DrawnSeries): QuantitySeries =>
  finiteOnly({
    ...series,
    fits: fits.map(({ curve: _, reducedChi2, ...fit }) => ({ ...fit, reduced_chi2: reducedChi2 })),
  }) as QuantitySeries;

/** Writes tables and figure of the series, or takes away those of an earlier run where there is no series any more. */
export async function writeSeries(folder: string, series: DrawnSeries[]): Promise<void> {
  await Promise.all(files.map((file) => rm(join(folder, file), { force: true })));
  if (series.length === 0) return;
  await writeFileAtomic(join(folder, 'cycle-series.csv'), pointTable(series));
  await writeFileAtomic(join(folder, 'cycle-fits.csv'), fitTable(series));
  const panels = series.map((one) => ({ label: labelOf(one), series: one }));
  for (const { id, svg } of drawAll([cycleFigure(panels)]).drawn) {
    await writeFileAtomic(join(folder, `${id}.svg`), svg);
    await writeFileAtomic(join(folder, `${id}.png`), await toPng(svg));
  }
}

const labelOf = ({ quantity, method }: Quantity): string =>
  quantity === 'x' ? `x (In per formula unit), ${method}` : `thickness (µm), ${method}`;

const pointTable = (series: DrawnSeries[]): string =>
  toCsv({
    header: ['quantity', 'method', 'unit', 'experiment', 'cycles', 'value', 'sigma', 'aei_present'],
    rows: series.flatMap(({ quantity, method, unit, points }) =>
      points.map(({ sample, cycles, value, present }) => [
        quantity,
        method,
        unit,
        sample,
        cycles,
        ...measured(value),
        present ?? '',
      ]),
    ),
  });

const fitTable = (series: DrawnSeries[]): string =>
  toCsv({
    header: [
      'quantity',
      'method',
      'unit',
      'model',
      'plateau',
      'plateau_sigma',
      'cycles',
      'cycles_sigma',
      'exponent',
      'exponent_sigma',
      'reduced_chi2',
      'aicc',
    ],
    rows: series.flatMap(({ quantity, method, unit, fits }) =>
      fits.map((fit) => [
        quantity,
        method,
        unit,
        fit.model,
        ...measured(fit.plateau),
        ...measured(fit.cycles),
        ...measured(fit.exponent),
        fit.reducedChi2,
        fit.aicc,
      ]),
    ),
  });
