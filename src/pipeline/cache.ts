import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { Problem } from '../result.js';
import type { Keyed } from './stage.js';

/** What is known of a stored run without loading its values. */
export interface StoredRun {
  /** Keys of the items it gave, in order. */
  keys: string[];
  problems: Problem[];
  /** Of the file of values. */
  bytes: number;
}

/** Points at one item of a stored run. */
export interface ItemRef {
  key: string;
  run: string;
  index: number;
}

const day_ms = 86_400_000;

/** Bytes of one number in the table of a file of values. */
const NUMBER = 8;

type Items = Iterable<Keyed<unknown>> | AsyncIterable<Keyed<unknown>>;

/**
 * Results of stage runs, stored by the hash of all that went into them. The values are written first and the
 * description last, each under a temporary name: a description that exists names values that are complete.
 * The items of a run are stored one behind the other as they come, then a table of where each begins: a run of thousands
 * of patterns is neither written nor read as a whole.
 */
export class Cache {
  /** Values read lately, kept only as long as nothing else needs the memory. */
  private readonly recent = new Map<string, WeakRef<object>>();

  constructor(readonly folder: string) {}

  async find(run: string): Promise<StoredRun | null> {
    const description = `${this.path(run)}.json`;
    try {
      const stored = JSON.parse(await readFile(description, 'utf8')) as StoredRun;
      if ((await stat(this.valuesOf(run))).size !== stored.bytes) return null;
      const now = new Date();
      await utimes(description, now, now);
      return stored;
    } catch {
      return null;
    }
  }

  /** Items may be made while they are stored; `problems` may grow meanwhile. */
  async store(run: string, items: Items, problems: Problem[]): Promise<StoredRun> {
    await mkdir(join(this.folder, run.slice(0, 2)), { recursive: true });
    const written = await writeWhole(this.valuesOf(run), (file) =>
      writeItems(file, items, (value, index) => this.remember({ run, index }, value)),
    );
    const stored: StoredRun = { ...written, problems };
    await writeWhole(`${this.path(run)}.json`, (file) => file.writeFile(JSON.stringify(stored)));
    return stored;
  }

  /** The value of an item; the same object as long as anybody holds it. */
  load(ref: ItemRef): unknown {
    const known = this.recent.get(nameOf(ref))?.deref();
    if (known) return known;
    const value = this.read(ref);
    this.remember(ref, value);
    return value;
  }

  /** The value of an item, read anew: for walks over many, which a weak reference would keep until the walk ends. */
  read({ run, index }: ItemRef): unknown {
    const file = openSync(this.valuesOf(run), 'r');
    try {
      const { size } = fstatSync(file);
      const end = size < NUMBER ? size : readAt(file, size - NUMBER, NUMBER).readDoubleLE();
      if (!(Number.isInteger(end) && end >= 0 && end < size)) throw endsEarly();
      const table = readAt(file, end + index * NUMBER, 2 * NUMBER);
      const [from, to] = [table.readDoubleLE(0), table.readDoubleLE(NUMBER)];
      return deserialize(readAt(file, from, to - from));
    } finally {
      closeSync(file);
    }
  }

  private remember(ref: Omit<ItemRef, 'key'>, value: unknown): void {
    if (typeof value === 'object' && value !== null) this.recent.set(nameOf(ref), new WeakRef(value));
  }

  /** Removes what no run has used for a week, and what a killed run left half-written. */
  async prune(now_ms = Date.now()): Promise<void> {
    for (const shelf of await readdir(this.folder).catch(() => [])) {
      const folder = join(this.folder, shelf);
      for (const name of await readdir(folder).catch(() => [])) {
        const file = join(folder, name);
        const age_ms = now_ms - (await stat(file).catch(() => ({ mtimeMs: now_ms }))).mtimeMs;
        if (name.endsWith('.json') && age_ms > 7 * day_ms) {
          await rm(file, { force: true });
          const run = file.slice(0, -'.json'.length);
          for (const ending of ['list', 'items', 'bin']) await rm(`${run}.${ending}`, { force: true });
        } else if (name.endsWith('.part') && age_ms > day_ms) await rm(file, { force: true });
      }
    }
  }

  private path(run: string): string {
    return join(this.folder, run.slice(0, 2), run);
  }

  private valuesOf(run: string): string {
    return `${this.path(run)}.list`;
  }
}

const nameOf = ({ run, index }: Omit<ItemRef, 'key'>): string => `${run} ${index}`;

const endsEarly = (): Error => new Error('a stored value ends early: empty the folder .cache of the results');

function readAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  let done = 0;
  while (done < length) {
    const read = readSync(file, bytes, done, length - done, position + done);
    if (read === 0) throw endsEarly();
    done += read;
  }
  return bytes;
}

/** The items, then a table of n + 1 places: where item i begins, and where the last one ends, which is where the table begins. */
async function writeItems(
  file: FileHandle,
  items: Items,
  written: (value: unknown, index: number) => void,
): Promise<Pick<StoredRun, 'keys' | 'bytes'>> {
  const keys: string[] = [];
  const places = [0];
  let end = 0;
  for await (const { key, value } of items) {
    const bytes = serialize(value);
    await file.write(bytes, 0, bytes.length, end);
    end += bytes.length;
    written(value, keys.length);
    keys.push(key);
    places.push(end);
  }
  const table = Buffer.alloc(places.length * NUMBER);
  for (const [index, place] of places.entries()) table.writeDoubleLE(place, index * NUMBER);
  await file.write(table, 0, table.length, end);
  return { keys, bytes: end + table.length };
}

async function writeWhole<T>(path: string, write: (file: FileHandle) => Promise<T>): Promise<T> {
  const part = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}.part`;
  const file = await open(part, 'wx');
  let written: T;
  try {
    written = await write(file);
  } catch (thrown) {
    await rm(part, { force: true });
    throw thrown;
  } finally {
    await file.close();
  }
  await rename(part, path);
  return written;
}
