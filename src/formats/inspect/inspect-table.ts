import { InputError, messageOf } from '../../errors.js';
import type { SpectrumScan } from '../../measurement.js';
import { counted } from '../../words.js';
import type { InputFile } from '../common/input.js';
import { rangeOf } from '../common/range.js';
import { parseTextTable, type TextTable } from '../common/text-table.js';
import { parsePattern } from '../patterns/pattern.js';
import { energyUnitOf, readColumns } from '../spectra/columns.js';
import { guessEdge } from '../spectra/guess-edge.js';
import { columnProposal } from '../spectra/scan-mu.js';
import { columnMapFinding } from './inspect-map.js';
import { describeSpectra, likelyContent, possibleMu } from './inspect-spectra.js';
import { brief, type Finding, finding } from './inspection.js';

/** A powder pattern in words. @throws InputError where it is none */
export function patternFinding(
  file: InputFile,
  text: string,
  format: string,
  note: string | null = null,
): Finding {
  const { pattern: read, warnings, wavelength_A } = parsePattern(text, file.path, 1);
  const range = rangeOf(read.intensity);
  return finding(
    'pattern',
    format,
    `powder pattern of ${counted(read.twoTheta_deg.length, 'point')}, ${format}`,
    [
      `2theta ${brief(read.twoTheta_deg[0]!)} to ${brief(read.twoTheta_deg.at(-1)!)} deg, intensity ${range?.map(brief).join(' to ') ?? 'nothing finite'}`,
      read.sigma === null
        ? 'no uncertainties: counting statistics will be used'
        : 'uncertainties in the third column',
      ...(wavelength_A === null ? [] : [`its header states ${brief(wavelength_A)} angstrom`]),
      ...(note === null ? [] : [note]),
    ],
    {
      points: read.twoTheta_deg.length,
      twoTheta_deg: [read.twoTheta_deg[0], read.twoTheta_deg.at(-1)],
      uncertainties: read.sigma !== null,
      wavelength_A,
    },
    warnings,
  );
}

const PATTERN_NAME = /\.(?:xye?|chi|gsa?|gsas|fxye|raw)$/iu;
const ANGLE_COLUMN = /^(?:2[\s_-]?th|two[\s_-]?theta|tth|2θ)/iu;

/** What a table of numbers without a sign of its own is. */
export function inspectTable(file: InputFile, text: string): Finding {
  let table: TextTable;
  try {
    table = parseTextTable(text, file.path);
  } catch (error) {
    return {
      ...finding('text', null, 'not recognised: plain text', [
        `${counted(text.split('\n').length, 'line')}; ${error instanceof InputError ? error.what : messageOf(error)}`,
      ]),
      recognised: false,
    };
  }
  const named =
    ANGLE_COLUMN.test(table.names?.[0]?.replace(/^[("'[]+/u, '') ?? '') ||
    /2th_deg|q_A\^-1|q_nm\^-1|"poni_version"/u.test(table.header.join('\n'));
  if (
    named ||
    (PATTERN_NAME.test(file.name) &&
      table.columns.length > 1 &&
      !/^k$/iu.test(table.names?.[0] ?? '') &&
      !/\bchi\b/iu.test(table.header.join(' ')))
  )
    return patternFinding(file, text, 'pattern columns');
  if (evenAngles(table))
    return patternFinding(
      file,
      text,
      'pattern columns',
      'its columns have no names: they are read as 2theta, intensity and uncertainty',
    );
  if (prose(table) > Math.max(40, table.columns[0]!.length)) {
    return {
      ...finding('text', null, 'not recognised: plain text', ['it holds a table of numbers among prose']),
      recognised: false,
    };
  }
  if (table.columns.length > 1) {
    const scan = readColumns(file);
    const hasAxis = scan.columns.some(({ role }) => role === 'energy' || role === 'angle');
    const signed =
      !/^(?:plain|CSV) columns$/u.test(scan.format) &&
      scan.columns.some(({ name }) => !/^col\d+$/u.test(name));
    const named = scan.columns.some(
      ({ name, role, values }) =>
        role === 'energy' && !/^col\d+$/u.test(name) && energyUnitOf(values) !== null,
    );
    const numbered = scan.columns.every(({ name }) => /^col\d+$/u.test(name));
    if (hasAxis && !numbered && (signed || named || possibleMu(scan).length > 0))
      return describeSpectra([scan]);
    if (numbered && scan.columns[0]!.role === 'energy' && (signed || prose(table) === 0))
      return bareColumns(scan);
    const map = columnMapFinding(file, text, table.names);
    if (map !== null) return map;
  }
  return plainTable(table);
}

/** Two or three unnamed columns under no prose, the first in even steps within (0, 180). */
function evenAngles(table: TextTable): boolean {
  const { columns, names } = table;
  const x = columns[0]!;
  if (names !== null || columns.length < 2 || columns.length > 3 || x.length < 100 || prose(table) > 1)
    return false;
  const step = (x.at(-1)! - x[0]!) / (x.length - 1);
  return (
    x[0]! > 0 &&
    x.at(-1)! < 180 &&
    step > 0 &&
    step < 1 &&
    x.every((value, i) => Math.abs(value - x[0]! - i * step) < 0.02 * step + 1e-9 * value)
  );
}

const prose = ({ header, footer }: TextTable): number =>
  [...header, ...footer].filter((line) => /[A-Za-z]/u.test(line) && !/^\s*[#%!;*']/u.test(line)).length;

function bareColumns(scan: SpectrumScan): Finding {
  const { columns, format, warnings } = scan;
  const values = columns[0]!.values;
  const range = rangeOf(values)!;
  const guess = guessEdge(scan);
  return finding(
    'table',
    format,
    `${counted(columns.length, 'column')} of ${counted(values.length, 'number')} without names${format === 'plain columns' ? '' : `, ${format}`}`,
    [
      `column 1, ${brief(range[0])} to ${brief(range[1])}, could be energies in ${energyUnitOf(values)}; the file does not say what the others are`,
      ...(guess === null
        ? []
        : [
            `column 2 rises like ${guess.edge.element} ${guess.edge.edge}, at ${guess.rise_eV.toFixed(0)} eV`,
          ]),
      `to use it as a spectrum: ${columnProposal(columns)}`,
    ],
    {
      columns: columns.length,
      rows: values.length,
      likely: guess === null ? null : likelyContent(guess),
    },
    warnings,
  );
}

function plainTable({ columns, names, header }: TextTable): Finding {
  const rows = columns[0]!.length;
  return finding(
    'table',
    'plain text table',
    `plain text table of ${counted(rows, 'row')} and ${counted(columns.length, 'column')}; not a measurement that is known here`,
    [
      ...(names === null ? ['the columns have no names'] : [`columns: ${names.slice(0, 24).join(', ')}`]),
      `${counted(header.length, 'line')} of header`,
    ],
    { rows, columns: columns.length, names },
  );
}
