import { InputError, messageOf } from '../../errors.js';
import type { SpectrumScan } from '../../measurement.js';
import { type InputFile, looksLikeText, textOf } from '../common/input.js';
import { rangeOf } from '../common/range.js';
import { parseTextTable, type TextTable } from '../common/text-table.js';
import { structuresFromCif } from '../crystal/cif.js';
import { readExperiment } from '../experiment/experiment.js';
import { isSmak } from '../maps/map-text.js';
import { isGsas } from '../patterns/gsas.js';
import { parsePattern } from '../patterns/pattern.js';
import { readPositions } from '../patterns/positions.js';
import { energyUnitOf, readColumns } from '../spectra/columns.js';
import { guessEdge } from '../spectra/guess-edge.js';
import { columnProposal } from '../spectra/scan-mu.js';
import { readSignedScans } from '../spectra/spectrum-file.js';
import { columnMapFinding, imageFinding, textMapFinding } from './inspect-map.js';
import { describeSpectra, likelyContent, possibleMu } from './inspect-spectra.js';
import { brief, counted, type Finding, finding } from './inspection.js';

/** What a file that is not HDF5 is, by the signs it carries; nothing is guessed from plain numbers alone. */
export function inspectPlain(file: InputFile): Finding {
  const scans = readSignedScans(file);
  if (scans !== null) return describeSpectra(scans);
  const image = imageFinding(file);
  if (image !== null) return image;
  if (!looksLikeText(file.bytes))
    return { ...finding('binary', null, 'not recognised: binary data'), recognised: false };
  const text = textOf(file);
  return signedText(file, text) ?? inspectTable(file, text);
}

function signedText(file: InputFile, text: string): Finding | null {
  if (/\.ya?ml$/iu.test(file.name)) return inspectYaml(file, text);
  if (
    /^[ \t]*data_\S*/mu.test(text.slice(0, 50_000)) &&
    /^[ \t]*(?:_cell_|_symmetry|_space_group|loop_)/mu.test(text)
  )
    return inspectCif(file, text);
  if (isGsas(text)) return pattern(file, text, 'GSAS powder data');
  if (isSmak(text)) return textMapFinding(file, text);
  const first = text.split('\n').find((line) => line.trim() !== '' && !line.startsWith('#')) ?? '';
  if (/^"?file(?:name)?"?\s*[,;\t].*position/iu.test(first)) {
    const listed = readPositions(file.path);
    return finding(
      'positions',
      'positions of a line scan',
      `${counted(listed.length, 'position')} of a line scan`,
      [`from ${brief(listed[0]!.position_um)} to ${brief(listed.at(-1)!.position_um)} um`],
      { positions: listed.length },
    );
  }
  return null;
}

function inspectYaml(file: InputFile, text: string): Finding {
  if (!/^(?:diffraction|spectra|maps)\s*:/mu.test(text))
    return {
      ...finding('text', 'YAML', 'not recognised: YAML without diffraction, spectra or maps'),
      recognised: false,
    };
  try {
    const { sample, diffraction, spectra, maps } = readExperiment(file.path);
    const counts = [
      counted(diffraction.length, 'line scan'),
      `${spectra.length} spectra`,
      counted(maps.length, 'map'),
    ];
    return finding(
      'experiment',
      'experiment file',
      `experiment '${sample}': ${counts.join(', ')}`,
      [
        ...diffraction.map(({ name }) => `line scan ${name}`),
        ...spectra.map(({ label, element, edge, role }) => `${role} ${label}, ${element} ${edge}`),
        ...maps.map(({ name, role }) => `${role} ${name}`),
      ],
      { sample, lineScans: diffraction.length, spectra: spectra.length, maps: maps.length },
    );
  } catch (error) {
    return finding('experiment', 'experiment file', 'experiment file with a fault', [], {}, [
      messageOf(error),
    ]);
  }
}

function inspectCif(file: InputFile, text: string): Finding {
  try {
    const found = structuresFromCif(text, file.path);
    const details = found.map(({ structure }) => {
      const { a_A, b_A, c_A, alpha_deg, beta_deg, gamma_deg } = structure.cell;
      const cell = [a_A, b_A, c_A, alpha_deg, beta_deg, gamma_deg].map(brief).join(' ');
      return `${structure.name}: ${structure.spaceGroup.symbol}, cell ${cell}, ${counted(structure.sites.length, 'site')}`;
    });
    return finding(
      'structure',
      'CIF',
      `${found.length === 1 ? 'one crystal structure' : `${found.length} crystal structures`}, CIF`,
      details,
      {
        structures: found.map(({ structure }) => ({
          name: structure.name,
          spaceGroup: structure.spaceGroup.symbol,
          cell: structure.cell,
          sites: structure.sites.length,
        })),
      },
      found.flatMap(({ warnings }) => warnings),
    );
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return {
      ...finding('structure', 'CIF', 'CIF without a structure that can be used', [], {}, [error.message]),
      recognised: false,
    };
  }
}

function pattern(file: InputFile, text: string, format: string, note: string | null = null): Finding {
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

/** A table of numbers without a sign of its own. */
function inspectTable(file: InputFile, text: string): Finding {
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
    /2th_deg|q_A\^-1|q_nm\^-1/u.test(table.header.join('\n'));
  if (
    named ||
    (PATTERN_NAME.test(file.name) &&
      table.columns.length > 1 &&
      !/^k$/iu.test(table.names?.[0] ?? '') &&
      !/\bchi\b/iu.test(table.header.join(' ')))
  )
    return pattern(file, text, 'pattern columns');
  if (evenAngles(table))
    return pattern(
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
