import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { InputError, messageOf, type Place } from '../../errors.js';
import type { InputFile } from '../common/input.js';
import { textOf } from '../common/input.js';
import { suggestion } from '../common/nearest.js';
import { parseQuantity, type QuantityKind } from '../common/quantity.js';

const MAX_YAML_BYTES = 4 * 1024 * 1024;
const MAX_NESTING = 50;

/** What resolves aliases and turns offsets into lines while a YAML document is walked. */
interface Source {
  path: string;
  lineOf(node: Node | null): number | undefined;
  resolve(node: unknown): Node | null;
}

/**
 * A mapping of a YAML file, asked key by key. Every fault names file, line and key; keys that nobody asked for are
 * faults that name the nearest known key (`done`).
 */
export class Section {
  private readonly asked = new Set<string>();

  constructor(
    private readonly source: Source,
    private readonly map: YAMLMap,
    /** Where it stands, in words: 'diffraction[1]'. */
    readonly name: string,
  ) {}

  get line(): number {
    return this.source.lineOf(this.map) ?? 1;
  }

  /** The line of a key, or of the section where it is absent. */
  place(key?: string): Place {
    const pair = key === undefined ? undefined : this.pair(key);
    const line = this.source.lineOf((pair?.key as Node | undefined) ?? this.map);
    return { path: this.source.path, ...(line === undefined ? {} : { line }) };
  }

  fault(key: string | null, what: string, cure: string | null = null): InputError {
    const subject = key === null ? this.name : this.name === '' ? key : `${this.name}: ${key}`;
    return new InputError(subject === '' ? what : `${subject}: ${what}`, this.place(key ?? undefined), cure);
  }

  has(key: string): boolean {
    return this.node(key) !== null;
  }

  keys(): string[] {
    return this.map.items.map((pair) => String(isScalar(pair.key) ? pair.key.value : pair.key));
  }

  /** Text as it is written, also where YAML would see a number or a truth value. */
  text(key: string): string | null {
    const node = this.node(key);
    if (node === null) return null;
    if (!isScalar(node)) throw this.fault(key, 'must be text', `write ${key}: some text`);
    const text = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
    if (text.trim() === '') throw this.fault(key, 'is empty');
    if (text.length > 4000) throw this.fault(key, 'is too long');
    return text.trim();
  }

  needText(key: string, cure: string): string {
    const text = this.text(key);
    if (text === null) throw this.fault(null, `'${key}' is missing`, cure);
    return text;
  }

  choice<T extends string>(key: string, choices: readonly T[]): T | null {
    const text = this.text(key);
    if (text === null) return null;
    const found = choices.find((choice) => choice === text);
    if (found === undefined)
      throw this.fault(
        key,
        `'${text.slice(0, 60)}' is not one of ${choices.join(', ')}`,
        suggestion(text, choices),
      );
    return found;
  }

  quantity(key: string, kind: QuantityKind): number | null {
    const text = this.text(key);
    if (text === null) return null;
    const parsed = parseQuantity(text, kind);
    if ('fault' in parsed) throw this.fault(key, parsed.fault, parsed.cure);
    return parsed.value;
  }

  positiveInteger(key: string): number | null {
    const text = this.text(key);
    if (text === null) return null;
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1 || value > 100_000) {
      throw this.fault(key, `'${text.slice(0, 60)}' is not a column number`, 'columns are counted from 1');
    }
    return value;
  }

  /** A whole number from 0 to 9 999 999, written with digits only. */
  wholeNumber(key: string, cure: string): number | null {
    const text = this.text(key);
    if (text === null) return null;
    if (!/^\d{1,7}$/u.test(text)) {
      throw this.fault(key, `'${text.slice(0, 60)}' is not a whole number of zero or more`, cure);
    }
    return Number(text);
  }

  /** A list of texts; a single text counts as a list of one. */
  texts(key: string): string[] | null {
    const node = this.node(key);
    if (node === null) return null;
    if (isScalar(node)) return [this.text(key)!];
    if (!isSeq(node)) throw this.fault(key, 'must be a list', `write ${key}: [one, two]`);
    return node.items.map((item) => {
      const scalar = this.source.resolve(item);
      if (!isScalar(scalar)) throw this.fault(key, 'must be a list of texts', `write ${key}: [one, two]`);
      return String(typeof scalar.value === 'string' ? scalar.value : (scalar.source ?? scalar.value)).trim();
    });
  }

  isSection(key: string): boolean {
    return isMap(this.node(key));
  }

  section(key: string): Section | null {
    const node = this.node(key);
    if (node === null) return null;
    if (!isMap(node)) throw this.fault(key, 'must hold keys with values', `write ${key}: { key: value }`);
    return new Section(this.source, node, this.name === '' ? key : `${this.name}.${key}`);
  }

  /** A list of mappings. */
  sections(key: string): Section[] {
    const node = this.node(key);
    if (node === null) return [];
    if (!isSeq(node)) throw this.fault(key, 'must be a list of entries', `start each entry with '  - '`);
    return node.items.map((item, index) => {
      const entry = this.source.resolve(item);
      const name = `${key}[${index + 1}]`;
      if (!isMap(entry)) {
        const line = this.source.lineOf(entry) ?? this.place(key).line;
        throw new InputError(`${name}: must hold keys with values`, {
          path: this.source.path,
          ...(line ? { line } : {}),
        });
      }
      return new Section(this.source, entry, name);
    });
  }

  /** @throws InputError for the first key that no call asked for. */
  done(): void {
    const known = [...this.asked];
    for (const pair of this.map.items) {
      const key = this.source.resolve(pair.key);
      const word = isScalar(key) ? String(key.value) : '(a list or mapping)';
      if (this.asked.has(word)) continue;
      const line = this.source.lineOf(key);
      throw new InputError(
        `${this.name === '' ? '' : `${this.name}: `}unknown key '${word.slice(0, 60)}'`,
        { path: this.source.path, ...(line === undefined ? {} : { line }) },
        suggestion(word, known),
      );
    }
  }

  private pair(key: string): YAMLMap['items'][number] | undefined {
    return this.map.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
  }

  private node(key: string): Node | null {
    this.asked.add(key);
    const node = this.source.resolve(this.pair(key)?.value);
    return isScalar(node) && node.value === null ? null : node;
  }
}

/**
 * Parses a YAML file (1.2, core schema) whose top is a mapping.
 * @throws InputError with the line of the fault; deep nesting and alias bombs are refused, custom tags too.
 */
export function parseYamlSection(file: InputFile, purpose: string): Section {
  const { path } = file;
  if (file.bytes.length > MAX_YAML_BYTES) throw new InputError(`is too large for ${purpose}`, { path });
  const text = textOf(file);
  refuseDeepNesting(text, path);
  const lines = new LineCounter();
  const lineOf = (node: Node | null): number | undefined =>
    node?.range ? lines.linePos(node.range[0]).line : undefined;
  let document: ReturnType<typeof parseDocument>;
  try {
    document = parseDocument(text, { lineCounter: lines, logLevel: 'error', maxAliasCount: 100 } as never);
  } catch (error) {
    throw new InputError(`is not a YAML file: ${messageOf(error).slice(0, 200)}`, { path });
  }
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault !== undefined) {
    const what = fault.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/u, '');
    throw new InputError(
      `is not valid YAML: ${what}`,
      { path, line: fault.linePos?.[0].line ?? 1 },
      yamlCure(what),
    );
  }
  const resolve = (node: unknown): Node | null => {
    let found = node;
    for (let i = 0; i < 10 && isAlias(found); i++) found = found.resolve(document);
    return found === undefined || isAlias(found) ? null : (found as Node | null);
  };
  const top = document.contents;
  if (!isMap(top)) throw new InputError(`is not ${purpose}: no keys at its top`, { path, line: 1 });
  return new Section({ path, lineOf, resolve }, top, '');
}

const yamlCure = (what: string): string | null => {
  if (/tab/iu.test(what)) return 'indent with spaces';
  if (/unique/iu.test(what)) return 'the key stands twice: keep one';
  return null;
};

/** Indentation and brackets bound the depth before the recursive parser sees the text. */
function refuseDeepNesting(text: string, path: string): void {
  let depth = 0;
  let line = 1;
  for (const character of text) {
    if (character === '\n') line++;
    if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth = Math.max(0, depth - 1);
    if (depth > MAX_NESTING) throw new InputError('is nested too deeply', { path, line });
  }
  for (const [index, row] of text.split('\n').entries()) {
    const dashes = /^(?:\s*[-?:]\s)+/u.exec(row)?.[0].replace(/\s/gu, '').length ?? 0;
    if (dashes > MAX_NESTING || /^ {400}/u.test(row))
      throw new InputError('is nested too deeply', { path, line: index + 1 });
  }
}
