/**
 * The syntax of CIF 1.1 (and the quoting of CIF 2.0): data blocks of items and loops. Knows no crystallography.
 * Source: S. R. Hall, F. H. Allen, I. D. Brown, Acta Cryst. A47 (1991) 655; iucr.org/resources/cif/spec/version1.1.
 */
import { InputError } from '../../errors.js';

/** A value with the line it stands on. `quoted` values are text even where they look like numbers or '?'. */
export interface CifValue {
  text: string;
  quoted: boolean;
  line: number;
}

export interface CifLoop {
  /** Tags in lower case, with the newer dictionaries' dots (`_cell.length_a`) as underscores. */
  tags: string[];
  rows: CifValue[][];
  line: number;
}

export interface CifBlock {
  name: string;
  line: number;
  /** Single items by tag, written as in loops. */
  items: Map<string, CifValue>;
  loops: CifLoop[];
}

const MAX_CHARACTERS = 64 * 1024 * 1024;
const MAX_VALUES = 5_000_000;

type Token =
  | { kind: 'data' | 'save' | 'tag' | 'reserved'; text: string; line: number }
  | { kind: 'loop'; line: number }
  | { kind: 'value'; value: CifValue; line: number };

/** Largest number of rows of the loops that have a tag, checked before they are read to the end. */
export interface RowLimit {
  tag: string;
  rows: number;
}

/** Reads all data blocks of a CIF. Throws InputError with the line of the first fault. */
export function parseCif(text: string, path = 'CIF', limit: RowLimit | null = null): CifBlock[] {
  if (text.length > MAX_CHARACTERS) throw new InputError('the CIF is too large', { path });
  const blocks: CifBlock[] = [];
  let block: CifBlock | null = null;
  let pending: { tag: string; line: number } | null = null;
  let loop: { tags: string[]; values: CifValue[]; line: number } | null = null;
  let values = 0;
  const fault = (line: number, what: string, cure: string | null = null) =>
    new InputError(what, { path, line }, cure);
  const finishLoop = () => {
    if (!loop || !block) return;
    const width = loop.tags.length;
    if (width === 0) throw fault(loop.line, 'a loop without tags');
    if (loop.values.length % width !== 0)
      throw fault(
        loop.values.at(-1)!.line,
        `the loop of ${loop.tags[0]} has ${width} columns but ${loop.values.length} values`,
        'a value is missing, or one with a blank in it lacks its quotes',
      );
    const rows: CifValue[][] = [];
    for (let i = 0; i < loop.values.length; i += width) rows.push(loop.values.slice(i, i + width));
    block.loops.push({ tags: loop.tags, rows, line: loop.line });
    loop = null;
  };
  for (const token of tokens(text, path)) {
    if (pending && token.kind !== 'value') throw fault(pending.line, `${pending.tag} has no value`);
    if (token.kind === 'data') {
      finishLoop();
      block = { name: token.text, line: token.line, items: new Map(), loops: [] };
      blocks.push(block);
      continue;
    }
    if (token.kind === 'reserved') throw fault(token.line, `'${token.text}' is not allowed here`);
    if (token.kind === 'save') {
      finishLoop();
      continue;
    }
    if (!block) throw fault(token.line, 'text before the first data_ block', 'a CIF starts with data_NAME');
    if (token.kind === 'loop') {
      finishLoop();
      loop = { tags: [], values: [], line: token.line };
    } else if (token.kind === 'tag') {
      if (loop && loop.values.length === 0) loop.tags.push(token.text);
      else {
        finishLoop();
        pending = { tag: token.text, line: token.line };
      }
    } else if (token.kind === 'value') {
      if (++values > MAX_VALUES) throw fault(token.line, 'the CIF holds too many values');
      if (loop) {
        loop.values.push(token.value);
        if (limit && loop.values.length > limit.rows * loop.tags.length && loop.tags.includes(limit.tag))
          throw fault(loop.line, `the loop of ${limit.tag} has more than ${limit.rows} rows`);
      } else if (pending) {
        block.items.set(pending.tag, token.value);
        pending = null;
      } else throw fault(token.line, `the value '${token.value.text.slice(0, 30)}' belongs to no tag`);
    }
  }
  if (pending) throw fault(pending.line, `${pending.tag} has no value`);
  finishLoop();
  return blocks;
}

function* tokens(text: string, path: string): Generator<Token> {
  const lines = text.replace(/^﻿/, '').split(/\r\n|\n|\r/);
  for (let n = 0; n < lines.length; n++) {
    const source = lines[n]!;
    const line = n + 1;
    if (source.startsWith(';')) {
      const field = [source.slice(1)];
      while (++n < lines.length && !lines[n]!.startsWith(';')) field.push(lines[n]!);
      if (n >= lines.length)
        throw new InputError(
          'a text field is not closed',
          { path, line },
          "end it with ';' at a line's start",
        );
      yield { kind: 'value', value: { text: field.join('\n').trim(), quoted: true, line }, line };
      yield* lineTokens(lines[n]!.slice(1), n + 1, path);
      continue;
    }
    yield* lineTokens(source, line, path);
  }
}

function* lineTokens(source: string, line: number, path: string): Generator<Token> {
  let at = 0;
  while (at < source.length) {
    const c = source[at]!;
    if (c === ' ' || c === '\t') {
      at++;
      continue;
    }
    if (c === '#') return;
    if (c === "'" || c === '"') {
      const { text, end } = quotedText(source, at, c, line, path);
      yield { kind: 'value', value: { text, quoted: true, line }, line };
      at = end;
      continue;
    }
    let end = at;
    while (end < source.length && source[end] !== ' ' && source[end] !== '\t') end++;
    yield bareToken(source.slice(at, end), line);
    at = end;
  }
}

/** A quote closes only before a blank, so that 'a dog's life' is one value; CIF 2 triples the quotes. */
function quotedText(
  source: string,
  at: number,
  quote: string,
  line: number,
  path: string,
): { text: string; end: number } {
  const triple = quote.repeat(3);
  if (source.startsWith(triple, at)) {
    const end = source.indexOf(triple, at + 3);
    if (end >= 0) return { text: source.slice(at + 3, end), end: end + 3 };
  }
  for (let end = at + 1; end < source.length; end++) {
    if (source[end] !== quote) continue;
    const next = source[end + 1];
    if (next === undefined || next === ' ' || next === '\t')
      return { text: source.slice(at + 1, end), end: end + 1 };
  }
  throw new InputError('a quote is not closed', { path, line }, `end the value with ${quote}`);
}

function bareToken(text: string, line: number): Token {
  if (text.startsWith('_')) return { kind: 'tag', text: text.toLowerCase().replaceAll('.', '_'), line };
  const lower = text.toLowerCase();
  if (lower.startsWith('data_')) return { kind: 'data', text: text.slice(5), line };
  if (lower.startsWith('save_')) return { kind: 'save', text: text.slice(5), line };
  if (lower === 'loop_') return { kind: 'loop', line };
  if (lower === 'global_' || lower === 'stop_') return { kind: 'reserved', text, line };
  return { kind: 'value', value: { text, quoted: false, line }, line };
}

/** True for '?' and '.', CIF's 'unknown' and 'not applicable'. */
export const isMissing = (value: CifValue | undefined): boolean =>
  value === undefined || (!value.quoted && (value.text === '?' || value.text === '.')) || value.text === '';

/**
 * A number with its standard uncertainty in parentheses: '11.209(3)' is 11.209 with .003. Null for a missing value.
 * Throws InputError for text that is no number.
 */
export function cifNumber(
  value: CifValue | undefined,
  tag: string,
  path: string,
): { value: number; sigma: number } | null {
  if (value === undefined || isMissing(value)) return null;
  const match = /^([+-]?(?:\d+\.?(\d*)|\.(\d+))(?:[eE][+-]?\d+)?)(?:\((\d*)\))?$/.exec(value.text.trim());
  if (!match)
    throw new InputError(`${tag} is '${value.text.slice(0, 30)}', not a number`, { path, line: value.line });
  const decimals = (match[2] ?? match[3] ?? '').length;
  return { value: Number(match[1]), sigma: match[4] ? Number(match[4]) * 10 ** -decimals : 0 };
}

/** The first loop of a block that has any of the tags (lower case). */
export const findLoop = (block: CifBlock, ...tags: string[]): CifLoop | undefined =>
  block.loops.find((loop) => tags.some((tag) => loop.tags.includes(tag)));
