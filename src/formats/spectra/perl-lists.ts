import { InputError } from '../../errors.js';

/** One assignment `$name = 'text';` or `@name = (…);` as its list of strings. */
export interface PerlList {
  name: string;
  values: string[];
  line: number;
}

const MAX_VALUES = 20_000_000;

/**
 * The assignments at the beginnings of lines in a file written by Perl's Data::Dumper, as Athena projects are: strings,
 * numbers and undef in a flat list. It is a reader of that one form, not of Perl: nothing is evaluated.
 * @throws InputError where a list is not closed or holds anything else.
 */
export function* parsePerlLists(text: string, path: string): Generator<PerlList> {
  const start = /^[$@](\w+)\s*=\s*/gmu;
  let lineStart = 0;
  let line = 1;
  for (let match = start.exec(text); match; match = start.exec(text)) {
    for (let i = lineStart; i < match.index; i++) if (text.charCodeAt(i) === 10) line++;
    lineStart = match.index;
    const cursor = new Cursor(text, start.lastIndex, { path, line });
    const values = text[start.lastIndex] === '(' ? cursor.list() : [cursor.value()];
    start.lastIndex = cursor.at;
    yield { name: match[1]!, values, line };
  }
}

class Cursor {
  constructor(
    private readonly text: string,
    public at: number,
    private readonly place: { path: string; line: number },
  ) {}

  list(): string[] {
    const values: string[] = [];
    this.at++;
    for (;;) {
      this.skip();
      const next = this.text[this.at];
      if (next === ')') {
        this.at++;
        return values;
      }
      if (next === ',') this.at++;
      else if (next === '=' && this.text[this.at + 1] === '>') this.at += 2;
      else values.push(this.value());
      if (values.length > MAX_VALUES) throw this.fault('is too long');
    }
  }

  value(): string {
    this.skip();
    const quote = this.text[this.at];
    if (quote === "'" || quote === '"') return this.quoted(quote);
    if (quote === '[' || quote === '{') return this.nested();
    const bare = /[\w.+-]+/uy;
    bare.lastIndex = this.at;
    const match = bare.exec(this.text);
    if (!match)
      throw this.fault(
        this.at >= this.text.length
          ? 'ends early'
          : `holds '${this.text.slice(this.at, this.at + 20)}', which is not a list of values`,
      );
    this.at = bare.lastIndex;
    return match[0] === 'undef' ? '' : match[0];
  }

  /** A list inside the list, as one text of its values. */
  private nested(depth = 1): string {
    if (depth > 20) throw this.fault('is nested too deeply');
    const parts: string[] = [];
    this.at++;
    for (;;) {
      this.skip();
      const next = this.text[this.at];
      if (next === ']' || next === '}') {
        this.at++;
        return parts.join(', ');
      }
      if (next === ',') this.at++;
      else if (next === '=' && this.text[this.at + 1] === '>') this.at += 2;
      else if (next === '[' || next === '{') parts.push(this.nested(depth + 1));
      else parts.push(this.value());
    }
  }

  private quoted(quote: string): string {
    let value = '';
    for (let i = this.at + 1; i < this.text.length; i++) {
      const character = this.text[i]!;
      if (character === quote) {
        this.at = i + 1;
        return quote === '"' ? unescapeCodes(value) : value;
      }
      if (character === '\\' && (this.text[i + 1] === quote || this.text[i + 1] === '\\'))
        value += this.text[++i];
      else value += character;
    }
    throw this.fault('ends early: a quote is not closed');
  }

  private skip(): void {
    while (this.at < this.text.length && /\s/u.test(this.text[this.at]!)) this.at++;
  }

  private fault(what: string): InputError {
    return new InputError(`the list ${what}`, this.place, 'the file may be incomplete');
  }
}

/** Non-ASCII characters stand as \x{e9} in double-quoted strings. */
const unescapeCodes = (text: string): string =>
  text.replace(/\\x\{([0-9a-fA-F]{1,6})\}/gu, (whole, code: string) => {
    const point = Number.parseInt(code, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
