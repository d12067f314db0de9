import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../errors.js';
import { parseResultJson } from '../formats/results/result-json.js';
import { readResultNexus } from '../formats/results/result-nexus.js';
import { type Provenance, parseRoCrate } from '../pipeline/provenance.js';
import type { ResultBundle } from '../result.js';

/**
 * Reads a result folder back: all that figures and report need, with nothing computed anew.
 *
 * @throws InputError when the folder holds no complete result.
 */
export async function readResults(folder: string): Promise<ResultBundle> {
  const path = join(folder, 'result.json');
  const text = await readFile(path, 'utf8').catch(() => {
    throw new InputError(
      'no result.json in this folder',
      { path: folder },
      'give a folder that `interphase run` has written',
    );
  });
  const result = parseResultJson(text, path);
  return { result, ...(await readResultNexus(join(folder, 'result.nxs'))) };
}

/** The origin of a result from its RO-Crate; null where there is none that can be read. */
export async function readProvenance(folder: string): Promise<Provenance | null> {
  const text = await readFile(join(folder, 'ro-crate-metadata.json'), 'utf8').catch(() => null);
  return text === null ? null : (parseRoCrate(text)?.provenance ?? null);
}
