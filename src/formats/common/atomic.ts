/**
 * Nothing is ever half-written: a file or folder is made under a temporary name beside its place, forced to disk,
 * and renamed. A reader therefore sees the old one or the new one, never a part of it.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { access, constants, lstat, mkdir, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { systemFault } from '../../errors.js';

/** `.name.<process>.<random>.tmp`: hidden, unique, and its writer can be told from the name. */
export const temporaryName = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`);

/** Writes a whole file at once. The folder is made if it is missing. */
export async function writeFileAtomic(path: string, data: string | Uint8Array): Promise<void> {
  await produceFileAtomic(path, async (temporary) => {
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(data);
    } finally {
      await handle.close();
    }
  });
}

/** For writers that need a path, HDF5 say: `produce` fills the temporary file, which then takes the name. */
export async function produceFileAtomic(
  path: string,
  produce: (temporaryPath: string) => Promise<void> | void,
): Promise<void> {
  const target = resolve(path);
  await mkdir(dirname(target), { recursive: true });
  const temporary = temporaryName(target);
  try {
    await produce(temporary);
    await syncFile(temporary);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true, recursive: true });
    throw systemFault(error, path) ?? error;
  }
  await syncFolder(dirname(target));
}

/**
 * Fills a folder under a temporary name, then renames it. An existing folder of that name is replaced as a whole:
 * it is moved aside first, put back if the rename fails, and removed afterwards.
 */
export async function produceFolderAtomic<T>(
  path: string,
  produce: (temporaryPath: string) => Promise<T>,
): Promise<T> {
  const target = resolve(path);
  await mkdir(dirname(target), { recursive: true });
  const temporary = temporaryName(target);
  await mkdir(temporary);
  try {
    const made = await produce(temporary);
    await syncTree(temporary);
    await replaceFolder(temporary, target);
    await syncFolder(dirname(target));
    return made;
  } catch (error) {
    await rm(temporary, { force: true, recursive: true });
    throw error;
  }
}

async function replaceFolder(from: string, to: string): Promise<void> {
  if (!(await exists(to))) return rename(from, to);
  const aside = join(await mkdtemp(join(dirname(to), `.${basename(to)}.${process.pid}.`)), 'old');
  await rename(to, aside);
  try {
    await rename(from, to);
  } catch (error) {
    await rename(aside, to);
    throw error;
  } finally {
    await rm(dirname(aside), { force: true, recursive: true });
  }
}

/**
 * Makes a folder for results and clears it of what killed runs left behind.
 *
 * @throws InputError when nothing can be written there: better now than after an hour of computing.
 */
export async function openOutputFolder(folder: string): Promise<void> {
  let above = resolve(folder);
  while (!existsSync(above)) above = dirname(above);
  try {
    await access(above, constants.W_OK);
    await mkdir(folder, { recursive: true });
  } catch (thrown) {
    throw systemFault(thrown, folder) ?? thrown;
  }
  await removeAbandoned(folder);
}

/**
 * Removes what writers that were killed left behind in a folder. Temporary files of a process that still runs
 * (or whose number was given to another) are left alone.
 */
export async function removeAbandoned(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const pid = /^\..*\.(\d+)\.[0-9a-f]{8}\.tmp$/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) {
      await rm(join(folder, name), { force: true, recursive: true });
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the rename itself durable. File systems that cannot sync a folder are let be. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

async function syncTree(path: string): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) await syncTree(child);
    else if (entry.isFile()) await syncFile(child);
  }
  await syncFolder(path);
}
