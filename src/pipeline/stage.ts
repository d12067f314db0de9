import type { GenericSchema, InferOutput } from 'valibot';
import type { Rows } from '../measurement.js';
import type { Share } from './share.js';

/**
 * What a stage is. A product is a list of keyed items; keys are paths ('cross-section', 'cross-section/0007'),
 * so that an item of one product can be found from an item of another by its place in the hierarchy.
 */
export type NeedMode =
  /** One run per item of this product; exactly one need of a stage may be 'each'. */
  | 'each'
  /** The item with the same key as the one of the 'each' need; undefined if that item failed or does not exist. */
  | 'same'
  /** The item whose key is the nearest ancestor of (or equal to) the 'each' key. */
  | 'parent'
  /** All items below the 'each' key, in order, with their keys. */
  | 'children'
  /** The same, each read when it is asked for: for items that are too large to be held all at once. */
  | 'stream'
  /** All items of the product, in order, with their keys. */
  | 'all';

export interface Keyed<T> {
  key: string;
  value: T;
}

export interface Need<T, M extends NeedMode = NeedMode> {
  product: string;
  mode: M;
  /** Carries the type only. */
  readonly type?: T;
}

export type NeedValue<N> =
  N extends Need<infer T, infer M>
    ? M extends 'each' | 'parent'
      ? T
      : M extends 'same'
        ? T | undefined
        : M extends 'stream'
          ? Rows<Keyed<T>>
          : Keyed<T>[]
    : never;

/** What a running stage may say: problems reach result.json, and are stored with the cached result. */
export interface StageContext {
  /** Key of the item that this run is for ('' for a stage without an 'each' need). */
  key: string;
  warn(message: string, input?: string): void;
  error(message: string, input?: string): void;
  /** Fraction done, 0 to 1, for the progress bar of long stages. */
  progress(fraction: number): void;
  /** Spreads parts of the work over the worker threads of the run (in a heavy stage: does them where it runs). */
  share: Share;
}

export interface Stage<Needs extends Record<string, Need<unknown>>, Params extends GenericSchema, Out> {
  name: string;
  /** Raise it whenever the numbers that come out may change: it is part of the cache key. */
  version: number;
  summary: string;
  needs: Needs;
  /** Product that it gives: by default one item with the key of the run. `split` stages return several. */
  gives: string;
  /** true: `run` gives a list of Keyed<Out>, each key below (or at) the key of the run; a generator where they are many and large. */
  split?: boolean;
  params: Params;
  /** Runs in a worker thread. */
  heavy?: boolean;
  run(
    inputs: { [K in keyof Needs]: NeedValue<Needs[K]> },
    params: InferOutput<Params>,
    context: StageContext,
  ): Promise<Out | Keyed<Out>[]> | Out | Keyed<Out>[] | AsyncIterable<Keyed<Out>>;
}

/** A stage with its types forgotten, as the graph handles it. */
export type AnyStage = Stage<Record<string, Need<unknown>>, GenericSchema, unknown>;

/** Declares a stage; the one way to add one (see docs/adding.md). */
export function defineStage<Needs extends Record<string, Need<unknown>>, Params extends GenericSchema, Out>(
  stage: Stage<Needs, Params, Out>,
): AnyStage {
  return stage as unknown as AnyStage;
}
