import type { LineScanResult, Result, SpectrumResult } from '../../result.js';
import { fromTo, plusMinus } from '../drawing/numbers.js';
import { spoken } from '../figures/parts/boundaries.js';
import { hypothesisName } from '../figures/parts/scan.js';
import { digits, fixed, pm } from './cells.js';
import { html, type Markup, table } from './html.js';
import { mapTables } from './map-tables.js';

/** All numbers of the result as tables; long ones are folded. */
export const resultTables = (result: Result): Markup =>
  html`${result.lineScans.map(scanTables)}${spectrumTables(result.spectra)}${result.maps.map(mapTables)}`;

const ESTIMATORS: Record<string, string> = {
  'line-scan': 'coupled model of the whole scan',
  pattern: 'fits of single patterns',
  'double-ratio': 'double ratios of lines',
};

const scanTables = (scan: LineScanResult): Markup => html`<h3>Line scan ${scan.name}</h3>
${table({
  caption: 'Boundaries',
  header: ['boundary', 'position (µm)', '95 % interval (µm)', 'width (µm)'],
  rows: scan.boundaries.map((b) => [
    spoken(b.name),
    plusMinus(b.position_um, b.sigma_um),
    fromTo(b.interval95_um),
    fixed(b.width_um, 2),
  ]),
})}
${table({
  caption: 'x by estimator, side by side',
  header: ['estimator', 'x'],
  rows: Object.entries(scan.estimators ?? {}).map(([name, m]) => [ESTIMATORS[name] ?? name, pm(m)]),
})}
${table({
  caption: 'Hypotheses, best first',
  header: ['hypothesis', 'ΔBIC', 'weight', 'amount'],
  rows: scan.hypotheses.map((h) => [
    hypothesisName(h.name),
    fixed(h.delta_bic, 1),
    fixed(h.weight, 3),
    pm(h.amount),
  ]),
})}
<details><summary>Patterns (${scan.patterns.length})</summary>
${table({
  header: ['pattern', 'position (µm)', 'status', 'Rwp (%)', 'GOF', 'x', 'reason'],
  rows: scan.patterns.map((p) => [
    p.index,
    fixed(p.position_um, 2),
    p.status,
    fixed(p.rwp_percent, 2),
    fixed(p.gof, 2),
    pm(p.x),
    p.reason ?? '',
  ]),
  limit: 200,
  more: 'tables/patterns.csv',
})}</details>
`;

function spectrumTables(spectra: SpectrumResult[]): Markup {
  if (spectra.length === 0) return html``;
  return html`<h3>Spectra</h3>
${table({
  caption: 'Edges',
  header: [
    'spectrum',
    'edge',
    'role',
    'E0 (eV)',
    'added in calibration (eV)',
    'edge shift (eV)',
    'relative to',
    'edge step',
  ],
  rows: spectra.map((s) => [
    s.label,
    s.edge,
    s.role,
    pm(s.e0_eV),
    pm(s.calibration_shift_eV),
    pm(s.edge_shift_eV),
    s.edge_shift_eV?.relative_to ?? '',
    fixed(s.edge_step, 4),
  ]),
  more: 'tables/spectra.csv',
})}
${table({
  caption: 'Normalisation',
  header: ['spectrum', 'edge', 'calibrated by', 'E0 is', 'profile', 'ranges', 'edge step'],
  rows: spectra.flatMap((s) =>
    s.normalization
      ? [
          [
            s.label,
            s.edge,
            s.calibrated_by ?? 'as measured',
            s.e0_feature ?? '',
            s.normalization.profile,
            s.normalization.ranges,
            plusMinus(s.edge_step, s.normalization.edge_step_sigma),
          ],
        ]
      : [],
  ),
  more: 'result.json',
})}
${table({
  caption: 'Peaks before the edge',
  header: ['spectrum', 'edge', 'peak', 'centre (eV)', 'height', 'FWHM (eV)', 'area (eV)'],
  rows: spectra.flatMap((s) =>
    (s.peaks ?? []).map((p) => [
      s.label,
      s.edge,
      p.name,
      pm(p.center_eV),
      pm(p.height),
      pm(p.fwhm_eV),
      pm(p.area),
    ]),
  ),
  more: 'tables/peaks.csv',
})}
${table({
  caption: 'Peaks that the data do not ask for',
  header: ['spectrum', 'edge', 'peak', 'area below, 95 % (eV)'],
  rows: spectra.flatMap((s) =>
    (s.absent_peaks ?? []).map((p) => [s.label, s.edge, p.name, digits(p.area_limit95)]),
  ),
  more: 'result.json',
})}
${table({
  caption: 'Linear combinations of references',
  header: ['spectrum', 'edge', 'reference', 'weight', 'below, 95 %', 'R factor', 'reduced χ²'],
  rows: spectra.flatMap((s) =>
    Object.entries(s.lcf?.weights ?? {}).map(([name, m]) => [
      s.label,
      s.edge,
      name,
      pm(m),
      digits(s.lcf?.r_factor),
      digits(s.lcf?.reduced_chi2),
    ]),
  ),
  more: 'tables/lcf.csv',
})}`;
}
