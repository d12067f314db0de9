import type { Rows } from '../measurement.js';
import type { ItemRef } from './cache.js';
import type { Keyed } from './stage.js';

/** Items of the cache as a list that reads each when it is asked for, and holds none. */
export class Stored<R extends ItemRef, T> implements Rows<T> {
  constructor(
    private readonly refs: readonly R[],
    private readonly read: (ref: R, index: number) => T,
  ) {}

  get length(): number {
    return this.refs.length;
  }

  at(index: number): T | undefined {
    const ref = this.refs[index];
    return ref === undefined ? undefined : this.read(ref, index);
  }

  *[Symbol.iterator](): Generator<T> {
    for (const [index, ref] of this.refs.entries()) yield this.read(ref, index);
  }

  /** What stands for the content where something is hashed: the runs that made it. */
  toJSON(): string[] {
    return this.refs.map(({ run, index }) => `${run} ${index}`);
  }
}

/** The values of a need with mode 'stream' without their keys. */
export const valuesOf = <T>(items: Rows<Keyed<T>>): Rows<T> => mapRows(items, ({ value }) => value);

/** Rows made of others, each when it is asked for. */
export const mapRows = <A, B>(rows: Rows<A>, map: (row: A) => B): Rows<B> => ({
  length: rows.length,
  at(index) {
    const row = rows.at(index);
    return row === undefined ? undefined : map(row);
  },
  *[Symbol.iterator]() {
    for (const row of rows) yield map(row);
  },
});
