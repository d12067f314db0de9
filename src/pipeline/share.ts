/** Work that any thread can do: a function, and the module that exports it under its own name. */
export interface Work<Part, Done> {
  /** `import.meta.url` of that module. */
  module: string;
  work(part: Part): Done | Promise<Done>;
}

/**
 * Shares out work: what becomes of each part, in order. Parts are copied to the thread that does them, and what they give is
 * copied back, but for numbers on a SharedArrayBuffer.
 */
export type Share = <Part, Done>(work: Work<Part, Done>, parts: readonly Part[]) => Promise<Done>[];

/** Does every part in this thread, one after the other. */
export const shareHere: Share = ({ work }, parts) => {
  let before: Promise<unknown> = Promise.resolve();
  return parts.map((part) => {
    const done = before.then(() => work(part));
    before = done;
    return done;
  });
};
