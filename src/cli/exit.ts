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

/** Runs once on Ctrl-C, and when a scheduler asks for the end (SIGTERM); a second one ends the program at once. */
export function onInterrupt(stop: () => void): void {
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}
