import type { LineScanResult, Result } from '../../result.js';
import { type Cell, measured, type Table } from '../common/csv-table.js';

export function patterns(scans: LineScanResult[]): Table {
  const phases = [...new Set(scans.flatMap((scan) => scan.patterns.flatMap((p) => Object.keys(p.phases))))];
  return {
    file: 'patterns.csv',
    description: 'One row for each diffraction pattern: position, status, fit quality, x, phases.',
    header: [
      'line_scan',
      'index',
      'position_um',
      'status',
      'reason',
      'rwp_percent',
      'gof',
      'x',
      'x_sigma',
      ...phases.flatMap((phase) => [`${phase} scale`, `${phase} scale_sigma`, `${phase} weight_fraction`]),
    ],
    rows: scans.flatMap((scan) =>
      scan.patterns.map((p) => [
        scan.name,
        p.index,
        p.position_um,
        p.status,
        p.reason,
        p.rwp_percent,
        p.gof,
        ...measured(p.x),
        ...phases.flatMap((phase) => [
          p.phases[phase]?.scale,
          p.phases[phase]?.sigma,
          p.phases[phase]?.weight_fraction,
        ]),
      ]),
    ),
  };
}

export const boundaries = (result: Result): Table => ({
  file: 'boundaries.csv',
  description: 'Boundaries by method, each with its uncertainty.',
  header: [
    'method',
    'name',
    'boundary',
    'axis',
    'position_um',
    'sigma_um',
    'low95_um',
    'high95_um',
    'width_um',
    'roughness_rms_um',
  ],
  rows: [
    ...result.lineScans.flatMap((scan) =>
      scan.boundaries.map((b): Cell[] => [
        'uXRD line scan',
        scan.name,
        b.name,
        'line',
        b.position_um,
        b.sigma_um,
        ...b.interval95_um,
        b.width_um,
        null,
      ]),
    ),
    ...result.maps.flatMap((map) =>
      (map.boundaries ?? []).map((b): Cell[] => [
        'map',
        map.name,
        b.name,
        b.axis,
        b.mean_um,
        b.sigma_um,
        null,
        null,
        null,
        b.roughness_rms_um,
      ]),
    ),
  ],
});

export const estimates = (scans: LineScanResult[]): Table => ({
  file: 'composition.csv',
  description: 'Indium per formula unit in the interphase, by estimator; not to be averaged.',
  header: ['line_scan', 'aei_present', 'estimator', 'x', 'sigma', 'low95', 'high95'],
  rows: scans.flatMap((scan) => [
    [
      scan.name,
      scan.aei.present,
      'reported',
      ...measured(scan.aei.x),
      ...(scan.aei.x?.interval95 ?? [null, null]),
    ],
    ...Object.entries(scan.estimators).map(([name, m]): Cell[] => [
      scan.name,
      scan.aei.present,
      name,
      ...measured(m),
      null,
      null,
    ]),
  ]),
});

export const hypotheses = (scans: LineScanResult[]): Table => ({
  file: 'hypotheses.csv',
  description: 'Hypotheses about the site of indium, best first.',
  header: ['line_scan', 'hypothesis', 'delta_bic', 'weight', 'amount', 'amount_sigma'],
  rows: scans.flatMap((scan) =>
    scan.hypotheses.map((h) => [scan.name, h.name, h.delta_bic, h.weight, ...measured(h.amount)]),
  ),
});

export const thickness = (result: Result): Table => ({
  file: 'thickness.csv',
  description: 'Thickness of the interphase by method; never averaged.',
  header: [
    'method',
    'name',
    'thickness_um',
    'sigma_um',
    'low95_um',
    'high95_um',
    'median_um',
    'p5_um',
    'p95_um',
  ],
  rows: [
    ...result.lineScans.flatMap((scan): Cell[][] => {
      const t = scan.aei.thickness_um;
      return t ? [['uXRD line scan', scan.name, t.value, t.sigma, ...t.interval95, null, null, null]] : [];
    }),
    ...result.maps.flatMap((map): Cell[][] => {
      const t = map.aei_thickness_um;
      if (!t) return [];
      return [['map', map.name, t.mean, t.sigma, ...(t.interval95 ?? [null, null]), t.median, t.p5, t.p95]];
    }),
  ],
});
