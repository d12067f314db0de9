import { InputError } from '../../errors.js';
import type { Column, SpectrumScan } from '../../measurement.js';
import { XDI_NAME } from './xdi.js';

const PROGRAM = 'Interphase/1.0';

/** The text of an XDI file, and what could not stand in it. */
export interface XdiText {
  text: string;
  leftOut: string[];
}

/**
 * An XDI 1.0 file with the fields, comments and columns of a scan, energy first and with its unit. XDI has no sign for a
 * missing value: columns without any value and rows that are not complete are left out.
 * @throws InputError where no complete row is left.
 */
export function formatXdi(scan: SpectrumScan): XdiText {
  const { metadata, element, edge } = scan;
  const ordered = abscissaFirst(scan.columns);
  const columns = ordered.filter(({ values }) => values.some(Number.isFinite));
  const count = columns[0]?.values.length ?? 0;
  const rows = Array.from({ length: count }, (_, i) => columns.map(({ values }) => values[i]!)).filter(
    (row) => row.every(Number.isFinite),
  );
  if (rows.length === 0)
    throw new InputError('has no row whose values are all numbers', { path: scan.title });
  const { comments = '', version = 'XDI/1.0', ...fields } = metadata;
  const own: [string, string | null][] = [
    ...columns.map(({ name, unit, role }, i): [string, string] => [
      `Column.${i + 1}`,
      [word(name), unit?.replace(/#|\|\|/gu, '') ?? (i === 0 && role === 'energy' ? 'eV' : null)]
        .filter(Boolean)
        .join(' '),
    ]),
    ['Element.symbol', element],
    ['Element.edge', edge],
  ];
  const given = new Set(own.map(([name]) => name.toLowerCase()));
  const kept = Object.entries(fields).filter(
    ([name]) => XDI_NAME.test(name) && !given.has(name.toLowerCase()) && !/^column\./iu.test(name),
  );
  const lines = [
    `# ${versionLine(version)}`,
    ...[...own, ...kept].flatMap(([name, value]) => {
      const line = bareSpacing(name, value?.replace(/\s+/gu, ' ').trim() ?? '');
      return line === '' ? [] : [`# ${name}: ${line}`];
    }),
    '# ///',
    ...(comments || scan.title).split('\n').map(commentLine),
    '# ---',
    `# ${columns.map(({ name }) => word(name)).join(' ')}`,
  ];
  const table = rows.map((row) => `  ${row.map(String).join('  ')}`);
  return {
    text: `${[...lines, ...table].join('\n')}\n`,
    leftOut: leftOut(ordered, columns, count - rows.length),
  };
}

function leftOut(all: Column[], kept: Column[], rows: number): string[] {
  const lost = all.filter((column) => !kept.includes(column)).map(({ name }) => `'${name}'`);
  return [
    ...(lost.length > 0 ? [`columns without any value are left out: ${lost.join(', ')}`] : []),
    ...(rows > 0 ? [`${rows} rows with a missing value are left out`] : []),
  ];
}

/** The dictionary wants the d-spacing as a bare number in angstrom, and other readers take it at its word. */
const bareSpacing = (name: string, value: string): string =>
  /^mono\.d_spacing$/iu.test(name) ? value.replace(/^([\d.]+)\s*(?:Å|A|angstroms?)$/iu, '$1') : value;

/** Programs add themselves behind the version of the format, once. */
function versionLine(version: string): string {
  const stated = /^XDI\//u.test(version) ? version.replace(/\s+/gu, ' ').trim() : 'XDI/1.0';
  return stated.split(' ').includes(PROGRAM) ? stated : `${stated} ${PROGRAM}`;
}

/** A line of dashes would end the header. */
const commentLine = (line: string): string =>
  `# ${line.replace(/^(\s*)(?=-{3})/u, '$1. ').trimEnd()}`.trimEnd();

/** XDI wants energy (or angle) in the first column. */
function abscissaFirst(columns: Column[]): Column[] {
  const axis = columns.find(({ role }) => role === 'energy') ?? columns.find(({ role }) => role === 'angle');
  return axis === undefined ? columns : [axis, ...columns.filter((column) => column !== axis)];
}

const word = (name: string): string =>
  name
    .trim()
    .replace(/\s+/gu, '_')
    .replace(/[#|:]+/gu, '_') || 'col';
