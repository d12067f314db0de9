import { InputError } from '../../errors.js';
import type { Pattern } from '../../measurement.js';
import { openInput, stemOf, textOf } from '../common/input.js';
import { parseTextTable, type TextTable } from '../common/text-table.js';
import { readCountsInRows } from './counts-in-rows.js';
import { isGsas, readGsas } from './gsas.js';
import { cleanPattern } from './pattern-clean.js';

export interface PatternRead {
  pattern: Pattern;
  /** What had to be repaired or assumed. */
  warnings: string[];
  /** Wavelength that the header states (pyFAI), for comparison with the experiment's. */
  wavelength_A: number | null;
}

/** What the first column is. */
type Axis = { kind: '2theta-deg' } | { kind: '2theta-rad' } | { kind: 'q'; perAngstrom: number };

/**
 * Reads a powder pattern from text: .xy, .xye, .dat, .chi, .csv, GSAS, counts in rows (FullProf), each also gzipped. The first column of a table
 * is 2theta in degrees unless the header says q or radians (pyFAI); the third, where present, the standard uncertainty.
 * @param wavelength_A needed only for a pattern against q.
 * @throws InputError where the file is not such a table or its angles cannot be 2theta in degrees.
 */
export function readPattern(path: string, wavelength_A: number | null = null): PatternRead {
  const file = openInput(path);
  return parsePattern(textOf(file), path, wavelength_A);
}

export function parsePattern(text: string, path: string, wavelength_A: number | null = null): PatternRead {
  const label = stemOf(path);
  if (isGsas(text)) {
    const { x, y, sigma } = readGsas(text, path);
    const cleaned = cleanPattern(label, x, y, sigma, path);
    return { ...cleaned, wavelength_A: null };
  }
  const rows = readCountsInRows(text);
  if (rows) return { ...cleanPattern(label, rows.x, rows.y, null, path), wavelength_A: null };
  const table = parseTextTable(text, path, { minColumns: 2 });
  const stated = headerWavelength(table.header);
  const choice = chooseColumns(table);
  const x = toTwoTheta(table.columns[choice.x]!, axisOf(table, path), wavelength_A ?? stated, path);
  const sigma = choice.sigma === null ? null : table.columns[choice.sigma]!;
  const { pattern, warnings } = cleanPattern(label, x, table.columns[choice.y]!, sigma, path);
  const unknown = table.header.some((line) => LOST_UNIT.test(line)) ? [LOST_UNIT_WARNING] : [];
  return {
    pattern,
    warnings: [...unknown, ...table.warnings, ...choice.warnings, ...warnings],
    wavelength_A: stated,
  };
}

const X_NAME = /^(?:2[\s_-]?th|two[\s_-]?theta|tth|x$|angle|q[_\s(]|q$|2θ|ttheta)/iu;
const Y_NAME = /^(?:i$|int|y$|count|cts|yobs|i_?obs|obs|signal|det)/iu;
const SIGMA_NAME = /^(?:sig|esd|e\.s\.d|err|unc|std|d[iy]$|e$|σ)/iu;

interface Choice {
  x: number;
  y: number;
  sigma: number | null;
  warnings: string[];
}

function chooseColumns({ names, columns }: TextTable): Choice {
  const named = (pattern: RegExp): number =>
    names?.findIndex((name) => pattern.test(name.replace(/^[("'[]+/u, ''))) ?? -1;
  const x = Math.max(named(X_NAME), 0);
  const yNamed = named(Y_NAME);
  const y = yNamed >= 0 && yNamed !== x ? yNamed : x === 0 ? 1 : 0;
  const warnings: string[] = [];
  const sigmaNamed = named(SIGMA_NAME);
  if (sigmaNamed >= 0 && sigmaNamed !== x && sigmaNamed !== y) return { x, y, sigma: sigmaNamed, warnings };
  const third = columns[2];
  if (third === undefined || x !== 0 || y !== 1) return { x, y, sigma: null, warnings };
  const plausible = third.every((value) => !(value < 0)) && third.some((value) => value > 0);
  if (names !== null && named(X_NAME) >= 0) {
    warnings.push(`column 3 (${names[2]}) is not read as uncertainty: counting statistics are used`);
    return { x, y, sigma: null, warnings };
  }
  if (!plausible)
    warnings.push('column 3 cannot be an uncertainty (negative or all zero): counting statistics are used');
  return { x, y, sigma: plausible ? 2 : null, warnings };
}

/** Some versions of pyFAI write the template of the column names instead of the names. */
const LOST_UNIT = /\{str\(dim1_unit\)/u;
const LOST_UNIT_WARNING =
  'its header does not tell the unit of the first column (pyFAI wrote its template): 2theta in degrees is assumed';

/** Throws InputError for a first column that is neither 2theta nor q. */
function axisOf({ header, names }: TextTable, path: string): Axis {
  const text = [...header.slice(-6), names?.[0] ?? ''].join('\n');
  const other = /(?:^|[\s#,(])(r_m{1,2}|chi_(?:deg|rad)|d_?\*?2?_?(?:A|nm)(?:\^-?\d)?)(?=[\s,)]|$)/u.exec(
    text,
  );
  if (other)
    throw new InputError(
      `its first column is ${other[1]}, not an angle 2theta`,
      { path },
      'integrate against 2th_deg or q',
    );
  if (/\bq_?\s*[([]?(?:nm\^?-1|1\/nm|nm⁻¹)/iu.test(text)) return { kind: 'q', perAngstrom: 0.1 };
  if (/\bq_?\s*[([]?(?:A\^?-1|1\/A|Å|1\/Å|angstrom\^?-1|inv)/iu.test(text))
    return { kind: 'q', perAngstrom: 1 };
  if (/2th_rad|two[_ ]?theta[_ ([]*rad/iu.test(text)) return { kind: '2theta-rad' };
  return { kind: '2theta-deg' };
}

const DEGREES = 180 / Math.PI;

function toTwoTheta(x: Float64Array, axis: Axis, wavelength_A: number | null, path: string): Float64Array {
  if (axis.kind === '2theta-deg') return x;
  if (axis.kind === '2theta-rad') return x.map((value) => value * DEGREES);
  if (wavelength_A === null) {
    throw new InputError('its first column is q, which needs the wavelength to become 2theta', { path });
  }
  return x.map((value) => 2 * Math.asin((value * axis.perAngstrom * wavelength_A) / (4 * Math.PI)) * DEGREES);
}

/** pyFAI writes '# Wavelength: 1.2398e-10 m' (and in JSON headers '"wavelength": 1.2398e-10'). */
function headerWavelength(header: string[]): number | null {
  for (const line of header) {
    const match = /wavelength"?\s*[:=]\s*([\d.eE+-]+)\s*(m|angstrom|Å|A|nm)?\b/iu.exec(line);
    if (!match) continue;
    const value = Number(match[1]);
    const unit = match[2]?.toLowerCase() ?? (value < 1e-6 ? 'm' : 'a');
    const angstrom = value * (unit === 'm' ? 1e10 : unit === 'nm' ? 10 : 1);
    if (angstrom > 0.01 && angstrom < 100) return angstrom;
  }
  return null;
}

/** The text of a pattern as .xye (or .xy without uncertainties), or as CSV where `csv` is set. */
export function formatPattern({ label, twoTheta_deg, intensity, sigma }: Pattern, csv = false): string {
  const separator = csv ? ',' : ' ';
  const names = ['two_theta_deg', 'intensity', ...(sigma ? ['sigma'] : [])];
  const rows = Array.from(twoTheta_deg, (angle, i) =>
    [shortest(angle), shortest(intensity[i]!), ...(sigma ? [shortest(sigma[i]!)] : [])].join(separator),
  );
  const head = csv ? [names.join(',')] : [`# ${label.replace(/\s+/gu, ' ')}`, `# ${names.join(' ')}`];
  return `${[...head, ...rows].join('\n')}\n`;
}

/** Twelve significant digits: more than any detector gives, and no binary dust. */
const shortest = (value: number): string =>
  Number.isNaN(value) ? 'nan' : String(Number(value.toPrecision(12)));
