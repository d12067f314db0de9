import { createReadStream, createWriteStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Attribute, Dataset, Entity, Group, File as H5File } from 'h5wasm/node';
import { InputError, messageOf } from '../../errors.js';
import { readHead } from './input.js';

/** Numbers that one read may bring into memory; larger datasets are read in slabs. */
export const MAX_READ = 64 * 1024 * 1024;
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
  const head = readHead(path);
  if (head[0] === 0x1f && head[1] === 0x8b) return withUnpacked(path, (plain) => open(plain, path, use));
  if (!isHdf5(head)) throw new InputError('is not an HDF5 file', { path });
  return open(path, path, use);
}

async function open<T>(
  plain: string,
  path: string,
  use: (root: H5GroupReader) => T | Promise<T>,
): Promise<T> {
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
    return await use(new H5GroupReader(path, file, '/'));
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

const firstLine = (error: unknown): string => {
  const lines = messageOf(error).split('\n');
  const minor = lines.filter((line) => /minor:/u.test(line)).at(-1);
  return (minor?.replace(/^\s*minor:\s*/u, '') ?? lines[0] ?? '').slice(0, 160);
};

async function withUnpacked<T>(path: string, use: (plain: string) => Promise<T>): Promise<T> {
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
    return await use(plain);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Attributes = Record<string, Attribute>;

abstract class H5Reader {
  private attributes: Attributes | null = null;

  constructor(
    readonly file: string,
    /** Path inside the file. */
    readonly path: string,
  ) {}

  protected abstract readAttributes(): Attributes;

  fault(what: string, cure: string | null = null): InputError {
    return new InputError(what, { path: this.file, dataset: this.path }, cure);
  }

  /** The texts of an attribute (one or an array of them); empty where it is absent. */
  attributeTexts(name: string): string[] {
    this.attributes ??= this.readAttributes();
    const attribute = this.attributes[name];
    if (attribute === undefined) return [];
    const value: unknown = attribute.value;
    const list: unknown[] = Array.isArray(value)
      ? value
      : ArrayBuffer.isView(value)
        ? Array.from(value as Uint8Array)
        : [value];
    return list
      .filter((item) => item !== null && item !== undefined)
      .map((item) => String(item).replace(/\0+$/u, ''));
  }

  attributeText(name: string): string | null {
    return this.attributeTexts(name)[0] ?? null;
  }
}

export class H5GroupReader extends H5Reader {
  constructor(
    file: string,
    private readonly group: Group,
    path: string,
  ) {
    super(file, path);
  }

  protected readAttributes(): Attributes {
    return this.group.attrs;
  }

  get nxClass(): string {
    return this.attributeText('NX_class') ?? '';
  }

  names(): string[] {
    return this.group.keys();
  }

  /** A group or dataset below this one, or null where there is none. @throws InputError for a broken link. */
  child(name: string): H5GroupReader | H5DatasetReader | null {
    const path = name.startsWith('/') ? name : `${this.path === '/' ? '' : this.path}/${name}`;
    let entity: Entity | null;
    try {
      entity = this.group.get(name);
    } catch {
      return null;
    }
    if (entity === null) return null;
    const kind = String((entity as { type?: unknown }).type);
    if (kind === 'Group') return new H5GroupReader(this.file, entity as Group, path);
    if (kind === 'Dataset') return new H5DatasetReader(this.file, entity as Dataset, path);
    if (kind === 'ExternalLink') {
      const link = entity as { filename: string };
      throw new InputError(`links to the file '${link.filename}', which is not there`, {
        path: this.file,
        dataset: path,
      });
    }
    return null;
  }

  groupAt(name: string): H5GroupReader | null {
    const found = this.child(name);
    return found instanceof H5GroupReader ? found : null;
  }

  dataset(name: string): H5DatasetReader | null {
    const found = this.child(name);
    return found instanceof H5DatasetReader ? found : null;
  }

  /** All groups and datasets below, depth first; broken links and anything beyond the bounds is left out. */
  *walk(maxDepth = 12, budget = { left: 20_000 }): Generator<H5GroupReader | H5DatasetReader> {
    for (const name of this.names()) {
      if (budget.left-- <= 0) return;
      let found: H5GroupReader | H5DatasetReader | null;
      try {
        found = this.child(name);
      } catch {
        continue;
      }
      if (found === null) continue;
      yield found;
      if (found instanceof H5GroupReader && maxDepth > 1) yield* found.walk(maxDepth - 1, budget);
    }
  }
}

const FLOAT = 1;
const NUMERIC = new Set([0, FLOAT, 4, 8]);
const STRING = 3;
/** Filters inside h5wasm (deflate, shuffle, fletcher32, szip, nbit, scaleoffset) and those of h5wasm-plugins (bzip2, LZF, Blosc, LZ4, bitshuffle, ZFP, Zstandard, JPEG, BitGroom, BitRound, Blosc2). */
const FILTERS = new Set([
  1, 2, 3, 4, 5, 6, 307, 32000, 32001, 32004, 32008, 32013, 32015, 32019, 32022, 32023, 32026,
]);

export class H5DatasetReader extends H5Reader {
  constructor(
    file: string,
    private readonly source: Dataset,
    path: string,
  ) {
    super(file, path);
  }

  protected readAttributes(): Attributes {
    return this.source.attrs;
  }

  get shape(): number[] {
    return this.source.shape ?? [];
  }

  get size(): number {
    return this.shape.reduce((product, side) => product * side, 1);
  }

  get units(): string | null {
    return this.attributeText('units');
  }

  get isNumeric(): boolean {
    return NUMERIC.has(this.source.metadata.type);
  }

  get isText(): boolean {
    return this.source.metadata.type === STRING;
  }

  /** Bytes of one number in the file. */
  get itemBytes(): number {
    return this.source.metadata.size;
  }

  /** The text of a string dataset (the first, of an array). */
  text(): string | null {
    if (!this.isText || this.size > 100_000) return null;
    const value: unknown = this.source.value;
    const first: unknown = Array.isArray(value) ? value[0] : value;
    return typeof first === 'string' ? first.replace(/\0+$/u, '') : null;
  }

  texts(): string[] {
    if (!this.isText || this.size > 100_000) return [];
    const value: unknown = this.source.value;
    return (Array.isArray(value) ? value.flat() : [value]).map((item) =>
      String(item).replace(/\0+$/u, '').trim(),
    );
  }

  /**
   * All numbers, row-major, as float64.
   * @throws InputError for other types, half floats, missing filters or virtual sources, and more than `MAX_READ` numbers.
   */
  numbers(): Float64Array {
    this.check(this.size);
    return toFloat64(this.guarded(() => this.source.value));
  }

  /** All numbers, row-major: float32 where the file holds float32 or integers of at most 16 bits, else float64. */
  values(): Float32Array | Float64Array {
    this.check(this.size);
    const value = this.guarded(() => this.source.value);
    if (value instanceof Float32Array) return value;
    const small =
      value instanceof Int16Array ||
      value instanceof Uint16Array ||
      value instanceof Int8Array ||
      value instanceof Uint8Array;
    return small ? Float32Array.from(value) : toFloat64(value);
  }

  /** Numbers in the half-open ranges, one for each axis. */
  slab(ranges: [number, number][]): Float64Array {
    return toFloat64(this.rawSlab(ranges));
  }

  /** As `slab`, in the type of the file where that is a plain number type. */
  rawSlab(ranges: [number, number][]): ArrayLike<number | bigint> {
    this.check(ranges.reduce((product, [from, to]) => product * (to - from), 1));
    return this.guarded(() => this.source.slice(ranges)) as ArrayLike<number | bigint>;
  }

  private guarded(read: () => unknown): unknown {
    try {
      const value = read();
      return typeof value === 'number' || typeof value === 'bigint' ? [value] : value;
    } catch (error) {
      throw this.fault(`cannot be read: ${firstLine(error)}`, 'the file may be damaged or incomplete');
    }
  }

  private check(count: number): void {
    const { type, size, virtual_sources } = this.source.metadata;
    if (!NUMERIC.has(type)) throw this.fault('does not hold numbers');
    if (type === FLOAT && size !== 4 && size !== 8) {
      throw this.fault(`holds ${size * 8}-bit floats, which are not read`, 'store it as float32');
    }
    if (count > MAX_READ) throw this.fault(`has ${count} numbers, more than are read at once`);
    for (const { id, name } of this.source.filters) {
      if (FILTERS.has(id)) continue;
      throw this.fault(
        `is packed with the filter '${name || id}', which is not available`,
        'repack it: h5repack -f GZIP=4 in.h5 out.h5',
      );
    }
    for (const { file_name } of virtual_sources ?? []) {
      if (file_name === '.' || file_name.includes('%')) continue;
      const source = isAbsolute(file_name) ? file_name : join(dirname(this.file), file_name);
      if (!existsSync(source)) throw this.fault(`is a view of the file '${file_name}', which is not there`);
    }
  }
}

function toFloat64(value: unknown): Float64Array {
  if (value instanceof Float64Array) return value;
  if (Array.isArray(value))
    return Float64Array.from(value.flat(Number.POSITIVE_INFINITY) as (number | bigint)[], Number);
  if (value instanceof BigInt64Array || value instanceof BigUint64Array)
    return Float64Array.from(value, Number);
  return Float64Array.from(value as ArrayLike<number>);
}
