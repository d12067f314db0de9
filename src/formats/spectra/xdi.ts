import { InputError } from '../../errors.js';
import type { Column, SpectrumScan } from '../../measurement.js';
import { elementSymbol } from '../../reference/elements.js';
import { type InputFile, textOf } from '../common/input.js';
import { parseNumber } from '../common/text-table.js';
import { inferColumns } from './column-infer.js';
import { hintOf } from './column-roles.js';
import { edgeName } from './edge-name.js';
import { validateXdi } from './xdi-dictionary.js';

const FIRST_LINE = /^\s*#\s*XDI\/(\d+)\.(\d+)/u;
const FIELD = /^([^:]*):\s*(.*)$/u;
/** Family and key of a field. */
export const XDI_NAME = /^[A-Za-z][A-Za-z0-9_-]*\.[A-Za-z0-9_-]+$/u;
/** A line of the header after the manner of other formats. */
const OTHER_COMMENT = /^[!;%*/$&]/u;
const END_OF_FIELDS = /^\/{3,}/u;
const END_OF_HEADER = /^-{3,}/u;

export const isXdi = (text: string): boolean => FIRST_LINE.test(text);

interface Header {
  fields: Map<string, string>;
  /** Names as first written, by their lower case. */
  spelling: Map<string, string>;
  comments: string[];
  labels: string[];
  /** Index of the first line of data. */
  dataStart: number;
  warnings: string[];
}

/**
 * Reads one scan in the XAS Data Interchange format 1.0 (github.com/XraySpectroscopy/XAS-Data-Interchange).
 * Fields that break the syntax and tables that are not numeric are errors; missing or odd values of known fields warn.
 * @throws InputError with the line.
 */
export function readXdi(file: InputFile): SpectrumScan {
  const lines = textOf(file).split('\n');
  const header = readHeader(lines, file.path);
  const { rows, outer } = readRows(lines, header.dataStart, file.path);
  const width = rows[0]!.length;
  const values = Array.from({ length: width }, (_, j) => Float64Array.from(rows, (row) => row[j]!));
  const columns = columnsOf(header, values);
  const field = (name: string): string | null => header.fields.get(name) ?? null;
  const metadata = Object.fromEntries(
    [...header.fields].map(([key, value]) => [header.spelling.get(key)!, value]),
  );
  if (header.comments.length > 0) metadata.comments = header.comments.join('\n');
  metadata.version = lines[0]!.replace(/^\s*#\s*/u, '').trim();
  if (outer > 0)
    header.warnings.push(`holds ${outer + 1} scans one after another (outer values): they are read as one`);
  validateXdi(header.fields, columns, header.warnings);
  const hint = field('scan.plot_hint');
  return {
    title: field('sample.name') ?? file.stem,
    format:
      metadata.version.includes('BMM') || /BMM/u.test(field('beamline.name') ?? '')
        ? 'XDI (NSLS-II BMM)'
        : 'XDI',
    element: elementSymbol(field('element.symbol') ?? field('athena.element') ?? ''),
    edge: edgeName(field('element.edge') ?? field('athena.edge') ?? ''),
    columns,
    metadata,
    muHint: hint === null ? null : hintOf(hint, columns),
    warnings: header.warnings,
    stored: {},
  };
}

/** Athena 0.9 printed an object where its comment should stand. */
const DEMETER_SLIP = /^Demeter::\w+=HASH\(0x[\da-f]+\)$/u;

function readHeader(lines: string[], path: string): Header {
  const header: Header = {
    fields: new Map(),
    spelling: new Map(),
    comments: [],
    labels: [],
    dataStart: 0,
    warnings: [],
  };
  let section: 'fields' | 'comments' | 'labels' = 'fields';
  let index = 1;
  for (; index < lines.length; index++) {
    const line = lines[index]!.trim();
    if (line === '') continue;
    if (OTHER_COMMENT.test(line)) {
      header.warnings.push(`line ${index + 1} of the header begins with '${line[0]}' and is ignored`);
      continue;
    }
    if (!line.startsWith('#')) break;
    const text = line.slice(1).trim();
    if (END_OF_HEADER.test(text)) section = 'labels';
    else if (section === 'fields' && END_OF_FIELDS.test(text)) section = 'comments';
    else if (section === 'comments') header.comments.push(lines[index]!.replace(/^\s*# ?/u, '').trimEnd());
    else if (section === 'labels') header.labels = text.split(/\s+/u).filter(Boolean);
    else if (DEMETER_SLIP.test(text))
      header.warnings.push(`line ${index + 1} of the header is a slip of Demeter and is ignored`);
    else if (text !== '') readField(text, header, { path, line: index + 1 });
  }
  if (section !== 'labels') labelsWithoutEnd(header);
  header.dataStart = index;
  return header;
}

/** Without the line of dashes, the last comment line stands for the labels. */
function labelsWithoutEnd(header: Header): void {
  header.warnings.push("the header has no line of dashes at its end ('#---')");
  while (header.comments.at(-1) === '') header.comments.pop();
  header.labels = header.comments.pop()?.split(/\s+/u) ?? [];
}

function readField(text: string, header: Header, place: { path: string; line: number }): void {
  const match = FIELD.exec(text);
  const name = match?.[1]?.trim() ?? '';
  const value = match?.[2]?.trim() ?? '';
  const fault = (what: string): InputError =>
    new InputError(
      `'${text.slice(0, 60)}' is not an XDI field: ${what}`,
      place,
      "write it as '# Family.key: value'",
    );
  if (!match) throw fault('it has no colon');
  if (!XDI_NAME.test(name)) {
    if (!name.includes('.')) throw fault('its name has no dot');
    throw fault(
      name.split('.').length > 2
        ? 'its name has two dots'
        : 'its name may hold letters, digits, _ and -, and begins with a letter',
    );
  }
  if (value === '') throw fault('it has no value');
  const key = name.toLowerCase();
  if (!header.spelling.has(key)) header.spelling.set(key, name);
  header.fields.set(key, value);
}

function readRows(lines: string[], start: number, path: string): { rows: number[][]; outer: number } {
  const rows: number[][] = [];
  let outer = 0;
  for (let index = start; index < lines.length; index++) {
    const line = lines[index]!.trim();
    if (line === '') continue;
    if (line.startsWith('#')) {
      if (/^#\s*outer\.value\s*:/iu.test(line)) outer++;
      continue;
    }
    const row = line.split(/\s+/u).map((word) => {
      const value = parseNumber(word);
      if (value !== undefined && Number.isFinite(value)) return value;
      const cure = value === undefined ? null : 'XDI has no sign for a missing value: leave the row out';
      throw new InputError(`'${word.slice(0, 40)}' is not a number`, { path, line: index + 1 }, cure);
    });
    if (rows[0] !== undefined && row.length !== rows[0].length) {
      const last = lines.slice(index + 1).every((next) => next.trim() === '');
      const what = `has ${row.length} values where the other rows have ${rows[0].length}`;
      throw new InputError(what, { path, line: index + 1 }, last ? 'the file may be incomplete' : null);
    }
    rows.push(row);
  }
  if (rows.length === 0) throw new InputError('holds no table of numbers', { path });
  return { rows, outer };
}

function columnsOf({ fields, labels, warnings }: Header, values: Float64Array[]): Column[] {
  const declared = values.map((_, i) => fields.get(`column.${i + 1}`) ?? null);
  const fromLabels = declared.every((value) => value === null) && labels.length === values.length;
  const missing = declared.filter((value) => value === null).length;
  if (fromLabels) warnings.push('has no Column fields; the line of labels names the columns');
  else if (missing > 0)
    warnings.push(`${missing} of ${values.length} columns have no Column field and are called col1, col2 …`);
  const extra = [...fields.keys()].filter(
    (key) => /^column\.\d+$/u.test(key) && Number(key.slice(7)) > values.length,
  );
  if (extra.length > 0) warnings.push(`${extra.join(', ')} names a column that is not there`);
  // Programs add more behind the unit: a process variable after ||, a remark after #.
  const words = declared.map(
    (value) =>
      value
        ?.replace(/\s*(?:\|\||#).*$/u, '')
        .trim()
        .split(/\s+/u) ?? [],
  );
  const names = words.map(([name], i) => name ?? (fromLabels ? labels[i]! : `col${i + 1}`));
  const units = words.map(([, ...unit]) => unit.join(' ') || null);
  const aliases =
    labels.length === values.length ? labels.map((label, i) => (declared[i] === null ? label : null)) : [];
  return inferColumns(names, units, values, aliases);
}
