import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError, messageOf } from '../errors.js';
import { writeFileAtomic } from '../formats/common/atomic.js';
import { distinct } from '../formats/common/distinct.js';
import { experimentIn } from '../formats/experiment/experiment.js';

/** One experiment of a batch: all that a process anywhere needs in order to run it. */
export interface BatchTask {
  name: string;
  experiment: string;
  out: string;
}

/** The tasks of a batch as they lie on disk; local workers and cluster jobs read the same file. */
export interface Manifest {
  schema: 'interphase-batch/1';
  pipeline: string | null;
  tasks: BatchTask[];
}

export const manifestFile = (folder: string): string => join(folder, 'batch.json');

/** Lists the tasks, with one folder of results each, named after the experiment's own folder. */
export async function planBatch(
  experiments: string[],
  out: string,
  pipeline: string | null,
): Promise<Manifest> {
  const paths = [...new Set(experiments.map((path) => resolve(path)))];
  const files = await Promise.all(paths.map(experimentPath));
  const names = distinctNames(files);
  return {
    schema: 'interphase-batch/1',
    pipeline: pipeline && resolve(pipeline),
    tasks: files.map((experiment, index) => ({
      name: names[index],
      experiment,
      out: join(resolve(out), names[index]),
    })),
  };
}

export async function writeManifest(folder: string, manifest: Manifest): Promise<string> {
  const path = manifestFile(folder);
  await writeFileAtomic(path, `${JSON.stringify(manifest, null, 2)}\n`);
  return path;
}

/** @throws InputError when the file is not a manifest. */
export async function readManifest(path: string): Promise<Manifest> {
  try {
    const manifest = JSON.parse(await readFile(path, 'utf8')) as Manifest;
    if (manifest.schema === 'interphase-batch/1' && Array.isArray(manifest.tasks)) return manifest;
  } catch (thrown) {
    throw new InputError(`cannot read this batch: ${messageOf(thrown)}`, { path });
  }
  throw new InputError('this is not a batch manifest', { path });
}

/** A path that does not exist is taken for a folder unless it is called like an experiment file. */
async function experimentPath(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  const isFolder = found ? found.isDirectory() : !/\.ya?ml$/.test(path);
  return isFolder ? (experimentIn(path) ?? join(path, 'experiment.yaml')) : path;
}

/** Folder names; where they clash, more of the path is told, and at last a number. */
function distinctNames(files: string[]): string[] {
  const folder = (file: string): string => basename(dirname(file)) || 'experiment';
  const stem = (file: string): string => basename(file).replace(/\.ya?ml$/, '');
  const longer = (file: string): string => `${basename(dirname(dirname(file)))}-${folder(file)}`;
  const clashes = (name: string, nameOf: (file: string) => string): boolean =>
    files.filter((file) => nameOf(file) === name).length > 1;
  const named = files.map((file) => {
    if (!clashes(folder(file), folder)) return folder(file);
    if (stem(file) !== 'experiment') return `${folder(file)}-${stem(file)}`;
    return longer(file);
  });
  return distinct(named, (name, n) => `${name}-${n}`);
}
