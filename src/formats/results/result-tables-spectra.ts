import type { Result, SpectrumResult } from '../../result.js';
import { type Cell, measured, type Table } from '../common/csv-table.js';

export const spectra = (all: SpectrumResult[]): Table => ({
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

export const series = (result: Result): Table => ({
  file: 'spectrum-series.csv',
  description: 'Observables of spectra against the distance along a line.',
  header: ['edge', 'label', 'distance_um', 'observable', 'unit', 'value', 'sigma'],
  rows: (result.spectrumSeries ?? []).flatMap((one) =>
    one.observables.flatMap(({ name, unit, values }) =>
      values.map((m, i): Cell[] => [one.edge, one.labels[i], one.distance_um[i], name, unit, ...measured(m)]),
    ),
  ),
});

export const peaks = (all: SpectrumResult[]): Table => ({
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

export const mixtures = (all: SpectrumResult[]): Table => ({
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
