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
    super(oneLine([place ? `${formatPlace(place)}: ` : '', what, cure ? ` (${cure})` : ''].join('')));
  }

  /** The same fault, told with the place that a caller further up knows. */
  at(place: Place): InputError {
    return new InputError(this.what, { ...place, ...this.place }, this.cure);
  }
}

/** Messages quote what files hold: line ends and control characters would break the line, or the terminal. */
const oneLine = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');

export const formatPlace = ({ path, line, dataset }: Place): string =>
  `${path}${line === undefined ? '' : `:${line}`}${dataset === undefined ? '' : ` ${dataset}`}`;

/** The message of anything thrown. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);

const NO_ROOM = 'make room or write elsewhere with --out; what was finished is kept';
const SYSTEM_FAULTS: Record<string, [what: string, cure: string]> = {
  ENOSPC: ['the disk is full', NO_ROOM],
  EDQUOT: ['the quota on this disk is used up', NO_ROOM],
  EROFS: ['the disk is read-only', 'write elsewhere with --out'],
  EACCES: ['permission denied', 'ask its owner, or write elsewhere with --out'],
  EPERM: ['permission denied', 'ask its owner, or write elsewhere with --out'],
  ENOTDIR: ['a file stands where a folder is needed', 'write elsewhere with --out'],
  EEXIST: ['a file stands where a folder is needed', 'write elsewhere with --out'],
  EISDIR: ['a folder stands where a file is needed', 'move it away, or write elsewhere with --out'],
  EMFILE: ['too many files are open', 'raise the limit with ulimit -n, or use fewer --jobs'],
  EIO: ['the disk does not answer', 'check the disk, or write elsewhere with --out'],
};

/** A fault of the machine (a full disk, no permission) in plain words; null for anything else. */
export function systemFault(thrown: unknown, path: string | null = null): InputError | null {
  if (!(thrown instanceof Error)) return null;
  const { message, path: itsPath = path } = thrown as NodeJS.ErrnoException;
  // HDF5 tells the fault of the disk in its text only.
  const code = /No space left on device/.test(message) ? 'ENOSPC' : (thrown as NodeJS.ErrnoException).code;
  const known = code === undefined ? undefined : SYSTEM_FAULTS[code];
  if (known === undefined) return null;
  return new InputError(known[0], itsPath ? { path: itsPath } : null, known[1]);
}
