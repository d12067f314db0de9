import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { File as H5File } from 'h5wasm/node';
import { InputError, messageOf } from '../../errors.js';
import { H5GroupReader } from './hdf5-group.js';
import { firstLine } from './hdf5-reader.js';
import { readHead } from './input.js';

export { H5DatasetReader, MAX_READ } from './hdf5-dataset.js';
export { H5GroupReader } from './hdf5-group.js';

const MAX_UNPACKED_BYTES = 16 * 1024 ** 3;
const SIGNATURE = '\x89HDF\r\n\x1a\n';

/** HDF5 begins with its signature at byte 0 or, behind a user block, at 512, 1024, 2048. */
export function isHdf5(head: Uint8Array): boolean {
  return [0, 512, 1024, 2048].some((at) => String.fromCharCode(...head.subarray(at, at + 8)) === SIGNATURE);
}

const require = createRequire(import.meta.url);
let library: Promise<typeof import('h5wasm/node')> | null = null;

/**
 * Loads h5wasm once and makes its errors throw: left alone it returns zeros that look like data. A damaged file can make
 * it abort; that arrives here as an exception, so the line that it prints besides is left out.
 */
function loadHdf5(): Promise<typeof import('h5wasm/node')> {
  library ??= withoutAborts(async () => {
    const h5wasm = await import('h5wasm/node');
    const module = await h5wasm.ready;
    module.activate_throwing_error_handler();
    module.insert_plugin_search_path(
      join(dirname(require.resolve('h5wasm-plugins/package.json')), 'plugins'),
      0,
    );
    return h5wasm;
  });
  return library;
}

/** h5wasm binds console.error while it loads: what it binds here says everything but 'Aborted(…)'. */
async function withoutAborts<T>(load: () => Promise<T>): Promise<T> {
  const print = console.error;
  console.error = (...words: unknown[]): void => {
    if (!/^Aborted\(/u.test(String(words[0]))) print.apply(console, words);
  };
  try {
    return await load();
  } finally {
    console.error = print;
  }
}

/**
 * Opens an HDF5 file for reading, hands its root group to `use`, and closes it again. A gzipped file is unpacked
 * beside the system's temporary files first.
 * @throws InputError when it is damaged, incomplete or not HDF5; faults met inside `use` become InputErrors too.
 */
export async function withHdf5<T>(path: string, use: (root: H5GroupReader) => T | Promise<T>): Promise<T> {
  const given = streamHdf5(path, async function* (root) {
    yield await use(root);
  });
  const { value } = await given.next();
  await given.return(undefined);
  return value as T;
}

/** The same for what is read piece by piece: the file stays open until the last piece was taken, or no more are wanted. */
export async function* streamHdf5<T>(
  path: string,
  use: (root: H5GroupReader) => Iterable<T> | AsyncIterable<T>,
): AsyncGenerator<T, void> {
  const head = readHead(path);
  if (head[0] === 0x1f && head[1] === 0x8b) {
    yield* unpacked(path, (plain) => open(plain, path, use));
    return;
  }
  if (!isHdf5(head)) throw new InputError('is not an HDF5 file', { path });
  yield* open(path, path, use);
}

async function* open<T>(
  plain: string,
  path: string,
  use: (root: H5GroupReader) => Iterable<T> | AsyncIterable<T>,
): AsyncGenerator<T, void> {
  const h5wasm = await loadHdf5();
  let file: H5File;
  try {
    file = new h5wasm.File(plain, 'r');
  } catch (error) {
    const truncated = /truncated/u.test(messageOf(error));
    throw new InputError(
      truncated ? 'is an incomplete HDF5 file: it ends early' : 'is not a readable HDF5 file',
      { path },
      'copy it again, or close the program that still writes it',
    );
  }
  try {
    yield* use(new H5GroupReader(path, file, '/'));
  } catch (error) {
    if (error instanceof InputError || !isLibraryError(error)) throw error;
    throw new InputError(`the HDF5 file is damaged: ${firstLine(error)}`, { path });
  } finally {
    try {
      file.close();
    } catch {
      // A damaged file may refuse to close; there is nothing left to lose.
    }
  }
}

const isLibraryError = (error: unknown): boolean =>
  (error instanceof Error && error.name === 'RuntimeError') ||
  /HDF5|allocation|memory|not supported/iu.test(messageOf(error));

async function* unpacked<T>(path: string, use: (plain: string) => AsyncIterable<T>): AsyncGenerator<T, void> {
  const folder = mkdtempSync(join(tmpdir(), 'interphase-unpacked-'));
  const plain = join(folder, 'data.h5');
  try {
    let size = 0;
    const bound = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        size += chunk.length;
        done(size > MAX_UNPACKED_BYTES ? new Error('more than 16 GB') : null, chunk);
      },
    });
    await pipeline(createReadStream(path), createGunzip(), bound, createWriteStream(plain)).catch(
      (error: unknown) => {
        throw new InputError(`the gzip stream is damaged or too large: ${messageOf(error)}`, { path });
      },
    );
    if (!isHdf5(readHead(plain))) throw new InputError('is not an HDF5 file', { path });
    yield* use(plain);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
