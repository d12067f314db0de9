import type { Rows } from '../../measurement.js';

/** How far apart frames are that are looked at together, on both sides. */
const KEPT = 8;

/** Rows that are made or read one by one and looked at in runs of neighbours: the last few are kept. */
export class LastRead<T> implements Rows<T> {
  private readonly kept = new Map<number, T>();

  constructor(
    readonly length: number,
    private readonly read: (index: number) => T,
  ) {}

  /** Undefined beyond the ends, on both sides. */
  at(index: number): T | undefined {
    if (index < 0 || index >= this.length) return undefined;
    if (!this.kept.has(index)) {
      this.kept.set(index, this.read(index));
      if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value!);
    }
    return this.kept.get(index);
  }

  *[Symbol.iterator](): Generator<T> {
    for (let index = 0; index < this.length; index++) yield this.at(index)!;
  }
}
