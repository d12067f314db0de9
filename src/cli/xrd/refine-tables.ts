/** Refinements of loose patterns as text and as JSON. */
import { CELL_NAMES } from '../../xrd/crystal/cell-metric.js';
import type { PatternFit, PhaseFit } from '../../xrd/refine/pattern-fit.js';
import { plusMinus, textTable } from '../table.js';

export function oneReport(fit: PatternFit): string {
  const { r } = fit;
  const phases = phaseTable(fit.phases);
  const parameters = textTable(
    ['parameter', 'value'],
    fit.parameters
      .filter(({ varied, name }) => varied && !name.startsWith('background'))
      .map((p) => [p.name, `${plusMinus(p)}${p.atBound ? ' (at its bound)' : ''}`]),
  );
  const scatter = fit.phases.flatMap(({ name, lineScatter }) =>
    lineScatter === null ? [] : [`${name} ${(100 * lineScatter).toFixed(1)} %`],
  );
  return [
    `${fit.label}: ${fit.reason} (${fit.iterations} iterations)`,
    `Rwp ${r.rwp_percent.toFixed(2)} %  Rp ${r.rp_percent.toFixed(2)} %  Rexp ${r.rexp_percent.toFixed(2)} %  GOF ${r.gof.toFixed(3)}  Durbin-Watson ${r.durbinWatson.toFixed(2)}  (${r.points} points, ${r.parameters} parameters)`,
    `noise: ${fit.noise}`,
    ...(scatter.length > 0 ? [`scatter of line intensities beyond counting: ${scatter.join(', ')}`] : []),
    '',
    phases,
    '',
    parameters,
    ...strongCorrelations(fit),
    ...fit.notes.map((note) => `note: ${note}`),
  ].join('\n');
}

/** Without columns that say nothing: amounts of a Le Bail fit, angles that symmetry holds. */
function phaseTable(phases: PhaseFit[]): string {
  const angles = [3, 4, 5].filter((i) => phases.some(({ cellSigma }) => cellSigma[i]! > 0));
  const columns: [string, (phase: PhaseFit) => string][] = [
    ['phase', ({ name }) => name],
    ['scale', ({ present, scale }) => (present ? (scale.sigma > 0 ? plusMinus(scale) : '') : 'not found')],
    ['weight %', ({ present, weightFraction: w }) => (present && w ? plusMinus(percent(w)) : '')],
    ...[0, 1, 2, ...angles].map((i): (typeof columns)[number] => [
      CELL_NAMES[i]!,
      ({ cell, cellSigma }) => plusMinus({ value: cell[i]!, sigma: cellSigma[i]! }),
    ]),
    ['R Bragg', ({ rBragg_percent: r }) => r?.toFixed(2) ?? ''],
    ['composition', ({ composition }) => compositionText(composition)],
  ];
  const told = columns.filter(([, text]) => phases.some((phase) => text(phase) !== ''));
  return textTable(
    told.map(([title]) => title),
    phases.map((phase) => told.map(([, text]) => text(phase))),
  );
}

const compositionText = (composition: PhaseFit['composition']): string =>
  Object.entries(composition)
    .flatMap(([name, v]) => (v ? [`${name} = ${plusMinus(v)}${v.atBound ? ' (at its bound)' : ''}`] : []))
    .join(', ');

const percent = ({ value, sigma }: { value: number; sigma: number }): { value: number; sigma: number } => ({
  value: 100 * value,
  sigma: 100 * sigma,
});

function strongCorrelations({ correlated, correlation }: PatternFit): string[] {
  const strong: string[] = [];
  const n = correlated.length;
  for (let i = 0; i < n; i++)
    for (let k = 0; k < i; k++) {
      const value = correlation[i * n + k]!;
      if (Math.abs(value) > 0.9 && !/^background/.test(correlated[i]!) && !/^background/.test(correlated[k]!))
        strong.push(`${correlated[k]} and ${correlated[i]} ${value.toFixed(2)}`);
    }
  return strong.length > 0 ? ['', `correlations above 0.9: ${strong.join('; ')}`] : [];
}

export function seriesTable(fits: PatternFit[]): string {
  const names = fits[0]!.phases.map(({ name }) => name);
  const rows = fits.map((fit) => [
    fit.label,
    fit.r.rwp_percent.toFixed(2),
    fit.r.gof.toFixed(2),
    ...fit.phases.map((phase) =>
      phase.present && phase.weightFraction ? plusMinus(percent(phase.weightFraction)) : '–',
    ),
    fit.phases
      .flatMap(({ composition }) => Object.entries(composition))
      .flatMap(([name, v]) => (v ? [`${name} = ${plusMinus(v)}`] : []))
      .join(', '),
    fit.converged ? '' : fit.reason,
  ]);
  return textTable(['pattern', 'Rwp', 'GOF', ...names.map((name) => `${name} wt%`), 'composition', ''], rows);
}

export const asJson = (fit: PatternFit): unknown => ({
  label: fit.label,
  converged: fit.converged,
  reason: fit.reason,
  iterations: fit.iterations,
  r: fit.r,
  phases: fit.phases.map((phase) => ({
    name: phase.name,
    present: phase.present,
    scale: phase.scale,
    weight_fraction: phase.weightFraction,
    cell: phase.cell,
    cell_sigma: phase.cellSigma,
    volume_A3: phase.volume_A3,
    composition: phase.composition,
    r_bragg_percent: phase.rBragg_percent,
    line_scatter: phase.lineScatter,
  })),
  parameters: fit.parameters,
  correlation: { parameters: fit.correlated, matrix: rows(fit.correlation, fit.correlated.length) },
  noise: fit.noise,
  notes: fit.notes,
});

const rows = (matrix: Float64Array, n: number): number[][] =>
  Array.from({ length: n }, (_, i) => [...matrix.subarray(i * n, (i + 1) * n)]);
