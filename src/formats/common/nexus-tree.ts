import type { Attribute, Dataset, Group, File as H5File } from 'h5wasm/node';

/** Opens h5wasm once, with errors that throw instead of zeros that look like data. */
export async function openHdf5(path: string, mode: 'r' | 'w'): Promise<H5File> {
  const h5wasm = await import('h5wasm/node');
  const module = await h5wasm.ready;
  module.activate_throwing_error_handler();
  return new h5wasm.File(path, mode);
}

type Values = Float64Array | Int32Array | Uint8Array;
export interface DatasetInfo {
  units?: string;
  longName?: string;
  shape?: number[];
  /** How a viewer should show it. */
  interpretation?: 'image' | 'spectrum';
}

const COMPRESS_FROM = 2048;
const PACKED = { compression: 'gzip' as const, compression_opts: [2] };

/** A group being written: every group has its NX_class, every dataset its unit where there is one. */
export class NexusGroup {
  constructor(private readonly group: Group) {}

  attribute(name: string, value: string | string[] | number): this {
    this.group.create_attribute(name, clean(value) as never);
    return this;
  }

  child(name: string, nxClass: string): NexusGroup {
    return new NexusGroup(this.group.create_group(name)).attribute('NX_class', nxClass);
  }

  /** An NXdata with what viewers need for a plot: signal, axes, and the index of each axis. */
  data(name: string, signal: string, axes: string[], title: string): NexusGroup {
    const child = this.child(name, 'NXdata').attribute('signal', signal).attribute('axes', axes);
    axes.forEach((axis, index) => {
      if (axis !== '.') child.attribute(`${axis}_indices`, index);
    });
    return child.text('title', title);
  }

  text(name: string, value: string | string[]): this {
    if (Array.isArray(value) && value.length === 0) {
      this.group.create_dataset({ name, data: [], shape: [0], dtype: 'S1' });
    } else this.group.create_dataset({ name, data: clean(value) as string[] });
    return this;
  }

  /** Numbers keep the type of their array: h5wasm turns a stated '<f8' into float32. */
  numbers(name: string, data: Values | number, info: DatasetInfo = {}): this {
    const large = typeof data !== 'number' && data.length >= COMPRESS_FROM;
    const shape = typeof data === 'number' ? undefined : shapeOf(data, info.shape);
    const dataset = this.group.create_dataset({
      name,
      data: (typeof data === 'number' ? new Float64Array([data]) : data) as never,
      ...(shape === undefined ? { shape: [] } : { shape }),
      ...(large ? { chunks: chunkOf(shape!), ...PACKED } : {}),
    });
    describe(dataset, info);
    return this;
  }

  /** A table that is filled in blocks of whole rows: all of it together may not fit in memory. */
  table(name: string, shape: [rows: number, columns: number], info: Omit<DatasetInfo, 'shape'>): TableWriter {
    return new TableWriter(this.group, name, shape, info);
  }
}

/** Fills a table of float64 from its first row on. */
export class TableWriter {
  private dataset: Dataset | null = null;
  private done = 0;

  constructor(
    private readonly group: Group,
    private readonly name: string,
    private readonly shape: [rows: number, columns: number],
    private readonly info: Omit<DatasetInfo, 'shape'>,
  ) {}

  /** Rows that are packed together in the file: blocks of as many are packed just once. */
  get blockRows(): number {
    return chunkOf(this.shape)[0]!;
  }

  append(block: Float64Array): void {
    const columns = this.shape[1];
    const from = this.done;
    this.done += block.length / columns;
    const ranges: [number, number][] = [
      [from, this.done],
      [0, columns],
    ];
    if (this.dataset) this.dataset.write_slice(ranges as never, block);
    else this.dataset = this.begin(block);
  }

  private begin(block: Float64Array): Dataset {
    const dataset = this.group.create_dataset({
      name: this.name,
      data: block,
      shape: [this.done, this.shape[1]],
      maxshape: this.shape,
      chunks: chunkOf(this.shape),
      ...PACKED,
    });
    dataset.resize(this.shape);
    describe(dataset, this.info);
    return dataset;
  }
}

function describe(dataset: Dataset, { units, longName, interpretation }: DatasetInfo): void {
  if (units !== undefined) dataset.create_attribute('units', clean(units) as string);
  if (longName !== undefined) dataset.create_attribute('long_name', clean(longName) as string);
  if (interpretation !== undefined) dataset.create_attribute('interpretation', interpretation);
}

/** The stated shape, if the data fill it; otherwise a plain list. */
const shapeOf = (data: Values, stated: number[] | undefined): number[] =>
  stated?.reduce((a, b) => a * b, 1) === data.length ? stated : [data.length];

/** Whole rows up to about 1 MB, so that a viewer reads a slice without the rest. */
function chunkOf(shape: number[]): number[] {
  const row = shape.slice(1).reduce((a, b) => a * b, 1);
  return [Math.max(1, Math.min(shape[0]!, Math.floor(131072 / row))), ...shape.slice(1)];
}

const clean = (value: string | string[] | number): string | string[] | number =>
  Array.isArray(value)
    ? value.map((item) => item.replaceAll('\0', ''))
    : typeof value === 'string'
      ? value.replaceAll('\0', '')
      : value;

/** `scan_01_cross_section`: a valid NeXus name that keeps the order and hints at the label. */
export function itemName(prefix: string, index: number, label: string): string {
  const hint = label
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 40);
  return `${prefix}_${String(index + 1).padStart(4, '0')}${hint === '' ? '' : `_${hint}`}`;
}

/** A group being read. */
export class NexusReader {
  constructor(private readonly group: Group) {}

  has(name: string): boolean {
    return this.group.keys().includes(name);
  }

  at(name: string): NexusReader {
    return new NexusReader(this.group.get(name) as Group);
  }

  /** The children called `prefix_0001…`, in order; none if `inside` does not exist. */
  items(prefix: string, inside?: string): NexusReader[] {
    if (inside !== undefined) return this.has(inside) ? this.at(inside).items(prefix) : [];
    return this.group
      .keys()
      .filter((key) => key.startsWith(`${prefix}_`))
      .sort()
      .map((key) => this.at(key));
  }

  text(name: string): string {
    return String(this.raw(name));
  }

  texts(name: string): string[] {
    return (this.raw(name) as string[]).map(String);
  }

  number(name: string): number {
    return Number(this.raw(name));
  }

  numbers(name: string): Float64Array {
    return Float64Array.from(this.raw(name) as ArrayLike<number>);
  }

  /** Numbers that may not be there. */
  optional(name: string): Float64Array | null {
    return this.has(name) ? this.numbers(name) : null;
  }

  shape(name: string): number[] {
    return (this.group.get(name) as unknown as { shape: number[] }).shape;
  }

  attribute(name: string): string {
    const attributes = this.group.attrs as Record<string, Attribute>;
    return String(attributes[name]?.value ?? '');
  }

  private raw(name: string): unknown {
    const dataset = this.group.get(name) as unknown as { value: unknown } | null;
    if (dataset === null) throw new Error(`dataset ${name} is missing`);
    return dataset.value;
  }
}
