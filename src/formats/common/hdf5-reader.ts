import type { Attribute } from 'h5wasm/node';
import { InputError, messageOf } from '../../errors.js';

/** What the library says is wrong, in one line. */
export const firstLine = (error: unknown): string => {
  const lines = messageOf(error).split('\n');
  const minor = lines.filter((line) => /minor:/u.test(line)).at(-1);
  return (minor?.replace(/^\s*minor:\s*/u, '') ?? lines[0] ?? '').slice(0, 160);
};

export type Attributes = Record<string, Attribute>;

/** What groups and datasets have in common: where they are, and their attributes. */
export abstract class H5Reader {
  private attributes: Attributes | null = null;

  constructor(
    readonly file: string,
    /** Path inside the file. */
    readonly path: string,
  ) {}

  protected abstract readAttributes(): Attributes;

  fault(what: string, cure: string | null = null): InputError {
    return new InputError(what, { path: this.file, dataset: this.path }, cure);
  }

  /** The texts of an attribute (one or an array of them); empty where it is absent. */
  attributeTexts(name: string): string[] {
    this.attributes ??= this.readAttributes();
    const attribute = this.attributes[name];
    if (attribute === undefined) return [];
    const value: unknown = attribute.value;
    const list: unknown[] = Array.isArray(value)
      ? value
      : ArrayBuffer.isView(value)
        ? Array.from(value as Uint8Array)
        : [value];
    return list
      .filter((item) => item !== null && item !== undefined)
      .map((item) => String(item).replace(/\0+$/u, ''));
  }

  attributeText(name: string): string | null {
    return this.attributeTexts(name)[0] ?? null;
  }
}
