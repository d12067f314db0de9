import { InputError } from '../../errors.js';

/** A table of numbers in a text file, with whatever text stands around it. */
export interface TextTable {
  /** Lines before the table as written, comment signs included. */
  header: string[];
  /** Lines after the table. */
  footer: string[];
  /** Column names, where a line above the table has as many words as the table has columns. */
  names: string[] | null;
  columns: Float64Array[];
  /** Line of the file (from 1) that the first row stands in. */
  firstLine: number;
  warnings: string[];
}

export type Delimiter = 'space' | 'tab' | ',' | ';';

/** A line that begins with one of # % ! ; * ' or with //. */
function isComment(line: string): boolean {
  let at = 0;
  while (line.charCodeAt(at) === 32 || line.charCodeAt(at) === 9) at++;
  const sign = line[at] ?? '';
  return "#%!;*'".includes(sign) && sign !== '' ? true : sign === '/' && line[at + 1] === '/';
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?$/u;
const SPECIAL = /^[+-]?(?:nan|inf(?:inity)?|n\/a|na|null|--)$/iu;

/** A number as programs write it: also Fortran's D exponent, NaN and Inf; undefined where the word is no number. */
export function parseNumber(word: string): number | undefined {
  const value = Number(word);
  if (!Number.isNaN(value) && word !== '' && !isPrefixed(word)) return value;
  if (NUMBER.test(word)) return Number(word.replace(/[dD]/u, 'e'));
  if (!SPECIAL.test(word)) return undefined;
  if (!/^[+-]?inf/iu.test(word)) return Number.NaN;
  return word.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** 0x10, 0b1 and 0o7 are numbers to JavaScript only. */
function isPrefixed(word: string): boolean {
  const second = word.charCodeAt(1) | 32;
  return second === 120 || second === 98 || second === 111;
}

interface Style {
  delimiter: Delimiter;
  decimalComma: boolean;
}

/** Splits a row into words; an empty field between commas, semicolons or tabs is an empty word. */
export function splitRow(row: string, { delimiter, decimalComma }: Style): string[] {
  const text = row.trim();
  const words =
    delimiter === 'space'
      ? text.split(/\s+/u)
      : delimiter === 'tab'
        ? text.split('\t').map((word) => word.trim())
        : text.split(delimiter).map((word) => word.trim().replace(/^"(.*)"$/u, '$1'));
  if (delimiter !== 'space' && words.length > 1 && words.at(-1) === '') words.pop();
  return decimalComma ? words.map((word) => word.replace(',', '.')) : words;
}

/** Numbers between blanks, without making a list of words first: most files are so, and some have millions of rows. */
function numbersBetweenBlanks(row: string): number[] | null {
  const values: number[] = [];
  let start = -1;
  for (let i = 0; i <= row.length; i++) {
    const code = i === row.length ? 32 : row.charCodeAt(i);
    const blank = code === 32 || (code >= 9 && code <= 13) || code === 160;
    if (!blank && start < 0) start = i;
    else if (blank && start >= 0) {
      const value = parseNumber(row.slice(start, i));
      if (value === undefined) return null;
      values.push(value);
      start = -1;
    }
  }
  return values.length > 0 ? values : null;
}

function numbersOf(row: string, style: Style): number[] | null {
  if (style.delimiter === 'space' && !style.decimalComma) return numbersBetweenBlanks(row);
  const words = splitRow(row, style);
  const values: number[] = [];
  let real = 0;
  for (const word of words) {
    const value = word === '' && style.delimiter !== 'space' ? Number.NaN : parseNumber(word);
    if (value === undefined) return null;
    if (word !== '') real++;
    values.push(value);
  }
  return real > 0 ? values : null;
}

/** Styles in the order in which they are tried; the one under which most lines are rows of numbers wins. */
const STYLES: Style[] = [
  { delimiter: 'tab', decimalComma: false },
  { delimiter: 'space', decimalComma: false },
  { delimiter: ',', decimalComma: false },
  { delimiter: ';', decimalComma: false },
  { delimiter: ';', decimalComma: true },
  { delimiter: 'tab', decimalComma: true },
  { delimiter: 'space', decimalComma: true },
];

function styleOf(lines: string[]): Style {
  const middle = Math.floor(lines.length / 2);
  const sample = [...lines.slice(Math.max(0, middle - 30), middle + 30), ...lines.slice(-40)].filter(
    (line) => line.trim() !== '' && !isComment(line),
  );
  let best = STYLES[1]!;
  let most = 0;
  for (const style of STYLES) {
    if (style.delimiter === 'tab' && !sample.some((line) => line.trim().includes('\t'))) continue;
    let score = 0;
    for (const line of sample) {
      const count = numbersOf(line, style)?.length ?? 0;
      if (count > 0) score += 1 + (count > 1 ? 1 : 0);
    }
    if (score > most) [best, most] = [style, score];
  }
  return best;
}

interface Row {
  line: number;
  values: number[];
}

export interface TableOptions {
  minColumns?: number;
  /** A last row that breaks off is kept, with NaN for what it lacks; otherwise it is left out. */
  keepShortLast?: boolean;
}

/**
 * Finds the table of numbers in a text: comments and text above it are its header; spaces, tabs, commas or semicolons
 * separate; decimal commas are understood where the separator leaves no doubt.
 * @throws InputError where there is no table, or a line amid the table is not numeric or has another number of columns.
 */
export function parseTextTable(text: string, path: string, options: TableOptions = {}): TextTable {
  const lines = text.split('\n');
  const style = styleOf(lines);
  const rows: Row[] = [];
  const others: number[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    if (line.trim() === '') continue;
    const values = isComment(line) ? null : numbersOf(line, style);
    if (values === null) others.push(i);
    else rows.push({ line: i, values });
  }
  const width = commonWidth(rows);
  if (rows.length === 0 || width < (options.minColumns ?? 1)) {
    throw new InputError(
      rows.length === 0
        ? 'holds no table of numbers'
        : `its table has ${width} column where at least ${options.minColumns} are needed`,
      { path },
    );
  }
  return assemble(lines, rows, others, width, style, path, options.keepShortLast ?? false);
}

function commonWidth(rows: Row[]): number {
  const count = new Map<number, number>();
  for (const { values } of rows) count.set(values.length, (count.get(values.length) ?? 0) + 1);
  let best = 0;
  for (const [width, times] of count) if (times > (count.get(best) ?? 0)) best = width;
  return best;
}

function assemble(
  lines: string[],
  all: Row[],
  others: number[],
  width: number,
  style: Style,
  path: string,
  keepShortLast: boolean,
): TextTable {
  const warnings: string[] = [];
  let start = all.findIndex(({ values }) => values.length === width);
  let end = all.length;
  const last = all.at(-1)!;
  if (end - start > 1 && last.values.length < width) {
    const fate = keepShortLast ? 'the rest counts as not measured' : 'is left out';
    warnings.push(
      `line ${last.line + 1}: the last row has ${last.values.length} of ${width} values and ${fate}; the file may be incomplete`,
    );
    if (!keepShortLast) end--;
    else {
      // A number at which the file breaks off may be the beginning of a longer one.
      if (last.line === lines.length - 1) last.values.pop();
      while (last.values.length < width) last.values.push(Number.NaN);
    }
  }
  start = Math.max(start, 0);
  const rows = all.slice(start, end);
  const first = rows[0]!.line;
  const final = rows.at(-1)!.line;
  const odd = rows.find(({ values }) => values.length !== width);
  if (odd !== undefined) {
    throw new InputError(`has ${odd.values.length} values where the other rows have ${width}`, {
      path,
      line: odd.line + 1,
    });
  }
  const amid = others.find((line) => line > first && line < final && !isComment(lines[line]!));
  if (amid !== undefined) {
    throw new InputError(`'${lines[amid]!.trim().slice(0, 60)}' is not a row of numbers`, {
      path,
      line: amid + 1,
    });
  }
  const columns = Array.from({ length: width }, (_, j) =>
    Float64Array.from(rows, ({ values }) => values[j]!),
  );
  const header = lines.slice(0, first);
  return {
    header,
    footer: lines.slice(final + 1).filter((line) => line.trim() !== ''),
    names: namesAbove(header, width, style),
    columns,
    firstLine: first + 1,
    warnings,
  };
}

/** The nearest line above the table with one word for each column, none of them a number. */
function namesAbove(header: string[], width: number, style: Style): string[] | null {
  const candidates = header
    .filter((line) => /[A-Za-z]/u.test(line))
    .slice(-3)
    .reverse();
  for (const line of candidates) {
    const text = line
      .trim()
      .replace(/^(?:[#%!;*']+\s*|\/\/\s*)+/u, '')
      .replace(/^(?:L|columns?:)\s+/iu, '');
    for (const { delimiter } of [style, ...STYLES]) {
      const words = splitRow(text, { delimiter, decimalComma: false }).map((word) =>
        delimiter === 'space' ? word.replace(/(?<=.),$/u, '') : word,
      );
      if (words.length === width && words.every((word) => word !== '' && parseNumber(word) === undefined))
        return words;
    }
    const spaced = text.split(/\s{2,}|\t+/u);
    const words = spaced.every((word) => parseNumber(word) === undefined);
    if (words && spaced.length === width && width > 1) return spaced;
  }
  return null;
}
