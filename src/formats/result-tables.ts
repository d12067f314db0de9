/** The numbers of a result as CSV tables (RFC 4180, UTF-8, a header with units, empty where there is no value). */
import type { LineScanResult, MapResult, Result, SpectrumResult, ValueSigma } from '../result.js';

export interface Table {
  /** File name without folder. */
  file: string;
  description: string;
  header: string[];
  rows: Cell[][];
}

export type Cell = string | number | boolean | null | undefined;

/** All tables that have at least one row. */
export function resultTables(result: Result): Table[] {
  return [
    patterns(result.lineScans),
    boundaries(result),
    estimates(result.lineScans),
    hypotheses(result.lineScans),
    spectra(result.spectra),
    peaks(result.spectra),
    mixtures(result.spectra),
    regions(result.maps),
    thickness(result),
    components(result.maps),
    elements(result.maps),
    problems(result),
  ].filter(({ rows }) => rows.length > 0);
}

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

const measured = (m: ValueSigma | null | undefined): Cell[] => [m?.value, m?.sigma];

function patterns(scans: LineScanResult[]): Table {
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

const boundaries = (result: Result): Table => ({
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

const estimates = (scans: LineScanResult[]): Table => ({
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

const hypotheses = (scans: LineScanResult[]): Table => ({
  file: 'hypotheses.csv',
  description: 'Hypotheses about the site of indium, best first.',
  header: ['line_scan', 'hypothesis', 'delta_bic', 'weight', 'amount', 'amount_sigma'],
  rows: scans.flatMap((scan) =>
    scan.hypotheses.map((h) => [scan.name, h.name, h.delta_bic, h.weight, ...measured(h.amount)]),
  ),
});

const spectra = (all: SpectrumResult[]): Table => ({
  file: 'spectra.csv',
  description: 'One row for each spectrum: edge energy, calibration, shift.',
  header: [
    'label',
    'edge',
    'role',
    'e0_eV',
    'e0_sigma_eV',
    'calibration_shift_eV',
    'calibration_shift_sigma_eV',
    'edge_shift_eV',
    'edge_shift_sigma_eV',
    'relative_to',
    'edge_step',
    'white_line_eV',
    'white_line_sigma_eV',
  ],
  rows: all.map((s) => [
    s.label,
    s.edge,
    s.role,
    ...measured(s.e0_eV),
    ...measured(s.calibration_shift_eV),
    ...measured(s.edge_shift_eV),
    s.edge_shift_eV?.relative_to,
    s.edge_step,
    ...measured(s.white_line_eV),
  ]),
});

const peaks = (all: SpectrumResult[]): Table => ({
  file: 'peaks.csv',
  description: 'Pre-edge peaks with their uncertainties.',
  header: [
    'label',
    'edge',
    'peak',
    'center_eV',
    'center_sigma_eV',
    'height',
    'height_sigma',
    'fwhm_eV',
    'fwhm_sigma_eV',
    'area_eV',
    'area_sigma_eV',
  ],
  rows: all.flatMap((s) =>
    (s.peaks ?? []).map((p) => [
      s.label,
      s.edge,
      p.name,
      ...measured(p.center_eV),
      ...measured(p.height),
      ...measured(p.fwhm_eV),
      ...measured(p.area),
    ]),
  ),
});

const mixtures = (all: SpectrumResult[]): Table => ({
  file: 'lcf.csv',
  description: 'Linear combinations of references.',
  header: ['label', 'edge', 'reference', 'weight', 'sigma', 'r_factor', 'reduced_chi2'],
  rows: all.flatMap((s) =>
    Object.entries(s.lcf?.weights ?? {}).map(([reference, m]) => [
      s.label,
      s.edge,
      reference,
      ...measured(m),
      s.lcf?.r_factor,
      s.lcf?.reduced_chi2,
    ]),
  ),
});

const regions = (maps: MapResult[]): Table => ({
  file: 'regions.csv',
  description: 'Regions of the maps with their areas.',
  header: ['map', 'region', 'area_um2'],
  rows: maps.flatMap((map) => (map.regions ?? []).map((r) => [map.name, r.name, r.area_um2])),
});

const thickness = (result: Result): Table => ({
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

const components = (maps: MapResult[]): Table => ({
  file: 'components.csv',
  description: 'Components of energy-stack maps: mean fraction, upper limit, and patches that stand out.',
  header: ['map', 'component', 'kind', 'fraction', 'sigma', 'limit95', 'x_um', 'y_um', 'area_um2'],
  rows: maps.flatMap((map) =>
    (map.components ?? []).flatMap((c): Cell[][] => [
      [map.name, c.name, 'mean', c.mean, c.sigma, c.limit95, null, null, null],
      ...c.patches.map((p): Cell[] => [
        map.name,
        c.name,
        'patch',
        ...measured(p.mean),
        null,
        p.x_um,
        p.y_um,
        p.area_um2,
      ]),
    ]),
  ),
});

const elements = (maps: MapResult[]): Table => ({
  file: 'elements.csv',
  description: 'Fluorescence lines found in full-spectrum maps.',
  header: ['map', 'element', 'line', 'energy_eV', 'counts', 'sigma'],
  rows: maps.flatMap((map) =>
    (map.elements ?? []).map((e) => [map.name, e.element, e.line, e.energy_eV, ...measured(e.counts)]),
  ),
});

const problems = (result: Result): Table => ({
  file: 'problems.csv',
  description: 'What failed or needs a look.',
  header: ['severity', 'stage', 'input', 'message'],
  rows: result.problems.map((p) => [p.severity, p.stage, p.input, p.message]),
});
