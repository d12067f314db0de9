import type { Column, MuSource, SpectrumScan } from '../../measurement.js';
import { counted } from '../../words.js';
import { rangeOf } from '../common/range.js';
import { energyUnitOf } from '../spectra/columns.js';
import { type GuessedEdge, guessEdge } from '../spectra/guess-edge.js';
import { possibleSources } from '../spectra/scan-mu.js';
import { brief, type Finding } from './inspection.js';

/** Spectra in words: what they are of, their range, their columns with roles, and how mu would be formed. */
export function describeSpectra(scans: SpectrumScan[]): Finding {
  const format = scans[0]!.format;
  const shown = scans.slice(0, 40);
  const useful = scans.some((scan) => isSpectrum(scan));
  return {
    recognised: true,
    kind: useful ? 'spectra' : 'table',
    format,
    summary: useful
      ? `${scans.length === 1 ? 'one spectrum' : `${scans.length} spectra`}, ${format}`
      : `${counted(scans.length, 'table')} of columns without an energy axis, ${format}`,
    details: [
      ...shown.flatMap(describeScan),
      ...(scans.length > shown.length ? [`and ${scans.length - shown.length} more`] : []),
    ],
    content: { spectra: scans.map(contentOf) },
    warnings: [...new Set(scans.flatMap(({ warnings }) => warnings))].slice(0, 20),
  };
}

/** Energies or angles with at least one more column. */
export const isSpectrum = ({ columns }: SpectrumScan): boolean =>
  columns.length > 1 && columns.some(({ role }) => role === 'energy' || role === 'angle');

/** The unit that the file states, or that it must mean. */
function unitOf({ unit, role, values }: Column): string {
  if (unit !== null) return unit;
  if (role === 'angle') return 'deg';
  return energyUnitOf(values) === 'keV' ? 'keV (not stated)' : 'eV';
}

function describeScan(scan: SpectrumScan): string[] {
  const { title, element, edge, columns, stored } = scan;
  const axis = columns.find(({ role }) => role === 'energy' || role === 'angle');
  const range = axis === undefined ? null : rangeOf(axis.values);
  const guess = guessOf(scan);
  const of = element === null ? '' : `, ${element} ${edge ?? ''}`.trimEnd();
  const span = range === null ? '' : ` from ${brief(range[0])} to ${brief(range[1])} ${unitOf(axis!)}`;
  return [
    `${title}${of}: ${counted(columns[0]?.values.length ?? 0, 'point')}${span}`,
    `  columns: ${describeColumns(columns)}`,
    ...(axis === undefined ? [] : [`  mu: ${describeMu(scan)}`]),
    ...(guess === null
      ? []
      : [`  rises like ${guess.edge.element} ${guess.edge.edge}, at ${guess.rise_eV.toFixed(0)} eV`]),
    ...(stored.e0_eV === undefined
      ? []
      : [
          `  stored by the project: e0 ${stored.e0_eV} eV, post-edge degree ${stored.degree ?? '?'}${stored.fixedStep === 'true' ? ', fixed step' : ''}`,
        ]),
  ];
}

/** What the data say where the file does not. */
const guessOf = (scan: SpectrumScan): GuessedEdge | null =>
  scan.element !== null && scan.edge !== null ? null : guessEdge(scan);

function describeColumns(columns: Column[]): string {
  const shown = columns
    .slice(0, 24)
    .map(
      ({ name, unit, role }, i) =>
        `${i + 1} ${name}${unit ? ` [${unit}]` : ''}${role === 'other' ? '' : ` = ${role}`}`,
    );
  return (
    shown.join(', ') + (columns.length > shown.length ? ` and ${columns.length - shown.length} more` : '')
  );
}

const WORDS: Record<string, string> = {
  transmission: 'ln(I0/It)',
  fluorescence: 'sum of the fluorescence channels / I0',
  reference: 'ln(It/Ir)',
};

const inWords = (source: MuSource): string =>
  typeof source === 'string' ? WORDS[source]! : `column '${source.column}'`;

/** Ways to form mu that the columns allow. */
export function possibleMu({ columns }: SpectrumScan): MuSource[] {
  const has = (role: Column['role']): boolean => columns.some((column) => column.role === role);
  const ready = columns.filter(({ role }) => ['mutrans', 'mufluor', 'murefer', 'norm'].includes(role));
  const named = [
    ...(has('i0') && has('itrans') ? ['transmission' as const] : []),
    ...(has('i0') && has('fluorescence') ? ['fluorescence' as const] : []),
    ...(has('itrans') && has('irefer') ? ['reference' as const] : []),
    ...ready.map(({ name }) => ({ column: name })),
  ];
  return named.length > 0 ? named : possibleSources(columns);
}

function describeMu(scan: SpectrumScan): string {
  const possible = possibleMu(scan);
  if (scan.muHint !== null) return `${inWords(scan.muHint)}, as the file says`;
  if (possible.length === 0) return 'the file does not say; give columns: { energy: 1, i0: 2, it: 3 }';
  return possible.map(inWords).join(', or ');
}

/** A guessed edge for `content.likely`. */
export const likelyContent = ({ edge, rise_eV, source }: GuessedEdge): Record<string, unknown> => ({
  element: edge.element,
  edge: edge.edge,
  rise_eV,
  source,
});

const contentOf = (scan: SpectrumScan): Record<string, unknown> => {
  const guess = guessOf(scan);
  const axis = scan.columns.find(({ role }) => role === 'energy' || role === 'angle');
  const range = axis === undefined ? null : rangeOf(axis.values);
  return {
    title: scan.title,
    element: scan.element,
    edge: scan.edge,
    points: scan.columns[0]?.values.length ?? 0,
    range: range === null ? null : { from: range[0], to: range[1], unit: unitOf(axis!) },
    columns: scan.columns.map(({ name, unit, role }) => ({ name, unit, role })),
    mu: { stated: scan.muHint, possible: possibleMu(scan) },
    stored: scan.stored,
    warnings: scan.warnings,
    likely: guess === null ? null : likelyContent(guess),
  };
};
