import { readFile } from 'node:fs/promises';
import { InputError } from '../errors.js';
import { type Pipeline, readPipeline } from '../pipeline/pipeline-file.js';
import { stages } from '../stages/registry.js';
import { sourceProducts } from './sources.js';

const defaultPipeline = new URL('../../pipelines/kim2024.yaml', import.meta.url);

/**
 * The pipeline of a file, or the paper's analysis.
 *
 * @throws InputError with file and line when it cannot be used.
 */
export async function loadPipeline(path: string | undefined): Promise<Pipeline> {
  const file = path ?? defaultPipeline;
  const name = path ?? 'pipelines/kim2024.yaml';
  const text = await readFile(file, 'utf8').catch(() => {
    throw new InputError('cannot read this pipeline file', { path: name });
  });
  return readPipeline(text, name, stages, sourceProducts);
}
