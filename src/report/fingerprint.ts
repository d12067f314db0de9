import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseRoCrate } from '../pipeline/provenance.js';
import type { ResultBundle } from '../result.js';
import type { RunRecord } from './run-record.js';

/**
 * Stands for all that a result folder is made from: numbers, curves, the names and hashes of the inputs, and the code
 * that draws and writes. Times are left out: a second run that found nothing new leaves the folder as it is.
 */
export async function fingerprintOf(bundle: ResultBundle, record: RunRecord): Promise<string> {
  const { experiment, inputs, pipeline } = record;
  const hash = createHash('sha256');
  const told = JSON.stringify({ experiment, inputs, pipeline, bundle }, (_key, value: unknown) => {
    if (!ArrayBuffer.isView(value)) return value;
    hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    return value.byteLength;
  });
  hash.update(told);
  hash.update(await codeStamp('.', /\.[jt]s$/));
  hash.update(await codeStamp('../formats/results', /\.[jt]s$/));
  hash.update(await codeStamp('../formats/common', /^(csv-|nexus-tree).*\.[jt]s$/));
  return hash.digest('hex');
}

/** Names, sizes and times of the program's own files, without reading them. */
async function codeStamp(relative: string, ours: RegExp): Promise<string> {
  const folder = join(dirname(fileURLToPath(import.meta.url)), relative);
  const names = (await readdir(folder, { recursive: true })).filter((name) => ours.test(name)).sort();
  if (names.length === 0) throw new Error(`no code of ours in ${folder}`);
  const stamps = await Promise.all(
    names.map(async (name) => {
      const { size, mtimeMs } = await stat(join(folder, name));
      return `${name} ${size} ${mtimeMs}`;
    }),
  );
  return stamps.join('\n');
}

/** Whether the folder already holds, complete and untouched, what this fingerprint stands for. */
export async function isUpToDate(folder: string, fingerprint: string): Promise<boolean> {
  try {
    const crate = await readFile(join(folder, 'ro-crate-metadata.json'), 'utf8');
    const told = parseRoCrate(crate);
    if (told?.provenance.fingerprint !== fingerprint) return false;
    await stat(join(folder, 'result.json'));
    const sizes = await Promise.all(
      told.parts.map(async ({ path }) => (await stat(join(folder, path))).size),
    );
    return told.parts.every((part, i) => part.bytes === sizes[i]);
  } catch {
    return false;
  }
}
