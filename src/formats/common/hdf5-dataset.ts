import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import type { Dataset } from 'h5wasm/node';
import { type Attributes, firstLine, H5Reader } from './hdf5-reader.js';

/** Numbers that one read may bring into memory; larger datasets are read in slabs. */
export const MAX_READ = 64 * 1024 * 1024;

const FLOAT = 1;
const NUMERIC = new Set([0, FLOAT, 4, 8]);
const STRING = 3;
const COMPOUND = 6;
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

  /** Shape of the pieces that are packed together; null where the numbers lie in one piece. */
  get chunks(): number[] | null {
    return this.source.metadata.chunks;
  }

  /** The attribute `units`, or `unit` as pyFAI writes it. */
  get units(): string | null {
    return this.attributeText('units') ?? this.attributeText('unit');
  }

  get isNumeric(): boolean {
    return NUMERIC.has(this.source.metadata.type);
  }

  get isText(): boolean {
    return this.source.metadata.type === STRING;
  }

  /** A list of records, as h5py and PyTables write tables. */
  get isTable(): boolean {
    const { type, compound_type } = this.source.metadata;
    return type === COMPOUND && compound_type !== undefined && this.shape.length === 1;
  }

  /**
   * The members of a table that are numbers, each as a column.
   * @throws InputError as `numbers`
   */
  table(): { name: string; values: Float64Array }[] {
    const { compound_type } = this.source.metadata;
    if (!this.isTable || !compound_type) throw this.fault('is no table');
    const members = compound_type.members.map(({ name, type }, at) => ({ name, type, at }));
    this.checkStorage(this.size * members.length);
    const rows = this.guarded(() => this.source.value) as unknown[][];
    return members
      .filter(({ type, at }) => NUMERIC.has(type) && /^(?:number|bigint)$/u.test(typeof rows[0]?.[at]))
      .map(({ name, at }) => ({ name, values: Float64Array.from(rows, (row) => Number(row[at])) }));
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
    const { type, size } = this.source.metadata;
    if (!NUMERIC.has(type)) throw this.fault('does not hold numbers');
    if (type === FLOAT && size !== 4 && size !== 8) {
      throw this.fault(`holds ${size * 8}-bit floats, which are not read`, 'store it as float32');
    }
    this.checkStorage(count);
  }

  /** Whether so many numbers can be read from where they are. */
  private checkStorage(count: number): void {
    const { virtual_sources } = this.source.metadata;
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
