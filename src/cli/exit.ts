import { InputError, messageOf, systemFault } from '../errors.js';

/** Exit statuses that users' scripts rely on. */
export const exitStatus = { done: 0, partial: 1, nothing: 2, interrupted: 130 } as const;

/** Prints one line about what was thrown and sets the exit status; never a stack trace unless asked for. */
export function exitWith(thrown: unknown): void {
  const plain = thrown instanceof InputError ? thrown : systemFault(thrown);
  const line = plain?.message ?? `unexpected: ${messageOf(thrown)}`;
  console.error(`interphase: ${line.replace(/\s*\n\s*/g, '; ')}`);
  if (process.env.INTERPHASE_DEBUG && thrown instanceof Error) console.error(thrown.stack);
  process.exitCode = exitStatus.nothing;
}

/**
 * A signal that Ctrl-C aborts, and a scheduler that asks for the end (SIGTERM). Then the program says what is kept and
 * ends, after `grace_ms` for what must be told elsewhere; a second Ctrl-C ends it at once.
 */
export function interruptSignal(endView: () => void, kept: string, grace_ms = 0): AbortSignal {
  const abort = new AbortController();
  const end = (): never => process.exit(exitStatus.interrupted);
  const stop = (): void => {
    abort.abort();
    endView();
    console.error(`interphase: interrupted; ${kept}`);
    if (grace_ms > 0) setTimeout(end, grace_ms);
    else end();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  return abort.signal;
}
