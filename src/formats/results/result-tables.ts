import type { Result } from '../../result.js';
import type { Table } from '../common/csv-table.js';
import { components, elements, intrusions, mapPoints, regions } from './result-tables-maps.js';
import { boundaries, estimates, hypotheses, patterns, thickness } from './result-tables-scans.js';
import { mixtures, peaks, series, spectra } from './result-tables-spectra.js';

/** The numbers of a result as tables; those without a row are left out. */
export function resultTables(result: Result): Table[] {
  return [
    patterns(result.lineScans),
    boundaries(result),
    estimates(result.lineScans),
    hypotheses(result.lineScans),
    thickness(result),
    spectra(result.spectra),
    series(result),
    peaks(result.spectra),
    mixtures(result.spectra),
    regions(result.maps),
    intrusions(result.maps),
    mapPoints(result.maps),
    components(result.maps),
    elements(result.maps),
    problems(result),
  ].filter(({ rows }) => rows.length > 0);
}

const problems = (result: Result): Table => ({
  file: 'problems.csv',
  description: 'What failed or needs a look.',
  header: ['severity', 'stage', 'input', 'message'],
  rows: result.problems.map((p) => [p.severity, p.stage, p.input, p.message]),
});
