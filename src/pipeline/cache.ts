import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { Problem } from '../result.js';

/** What is known of a stored run without loading its values. */
export interface StoredRun {
  /** Keys of the items it gave, in order. */
  keys: string[];
  problems: Problem[];
  bytes: number;
  milliseconds: number;
}

/** Points at one item of a stored run. */
export interface ItemRef {
  key: string;
  run: string;
  index: number;
}

const day_ms = 86_400_000;

/**
 * Results of stage runs, stored by the hash of all that went into them. The values are written first and the
 * description last, each under a temporary name: a description that exists names values that are complete.
 */
export class Cache {
  /** Values read lately, kept only as long as nothing else needs the memory. */
  private readonly recent = new Map<string, WeakRef<unknown[]>>();

  constructor(readonly folder: string) {}

  async find(run: string): Promise<StoredRun | null> {
    const description = `${this.path(run)}.json`;
    try {
      const stored = JSON.parse(await readFile(description, 'utf8')) as StoredRun;
      if ((await stat(`${this.path(run)}.bin`)).size !== stored.bytes) return null;
      const now = new Date();
      await utimes(description, now, now);
      return stored;
    } catch {
      return null;
    }
  }

  async store(
    run: string,
    keys: string[],
    values: unknown[],
    problems: Problem[],
    milliseconds: number,
  ): Promise<StoredRun> {
    const bytes = serialize(values);
    const stored: StoredRun = { keys, problems, bytes: bytes.length, milliseconds };
    await mkdir(join(this.folder, run.slice(0, 2)), { recursive: true });
    await writeWhole(`${this.path(run)}.bin`, bytes);
    await writeWhole(`${this.path(run)}.json`, JSON.stringify(stored));
    this.recent.set(run, new WeakRef(values));
    return stored;
  }

  async load(ref: ItemRef): Promise<unknown> {
    let values = this.recent.get(ref.run)?.deref();
    if (!values) {
      values = deserialize(await readFile(`${this.path(ref.run)}.bin`)) as unknown[];
      this.recent.set(ref.run, new WeakRef(values));
    }
    return values[ref.index];
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
          await rm(file.replace(/json$/, 'bin'), { force: true });
        } else if (name.endsWith('.part') && age_ms > day_ms) await rm(file, { force: true });
      }
    }
  }

  private path(run: string): string {
    return join(this.folder, run.slice(0, 2), run);
  }
}

async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const part = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}.part`;
  await writeFile(part, content);
  await rename(part, path);
}
