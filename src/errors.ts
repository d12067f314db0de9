/** Where in an input a fault lies. `path` is a file (or file:/dataset), `line` counts from 1. */
export interface Place {
  path: string;
  line?: number;
  dataset?: string;
}

/**
 * A fault in what the user gave us: the file, the place, what is wrong and how to mend it.
 * The command line prints it as one line and exits with 2; it never shows a stack trace.
 */
export class InputError extends Error {
  override readonly name = 'InputError';
  constructor(
    readonly what: string,
    readonly place: Place | null = null,
    readonly cure: string | null = null,
  ) {
    super([place ? `${formatPlace(place)}: ` : '', what, cure ? ` (${cure})` : ''].join(''));
  }

  /** The same fault, told with the place that a caller further up knows. */
  at(place: Place): InputError {
    return new InputError(this.what, { ...place, ...this.place }, this.cure);
  }
}

export const formatPlace = ({ path, line, dataset }: Place): string =>
  `${path}${line === undefined ? '' : `:${line}`}${dataset === undefined ? '' : ` ${dataset}`}`;

/** The message of anything thrown. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);
