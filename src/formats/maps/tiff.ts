import { inflateSync } from 'node:zlib';
import { InputError } from '../../errors.js';
import type { InputFile } from '../common/input.js';

/** One grey image, row-major. */
export interface TiffImage {
  width: number;
  height: number;
  values: Float64Array;
}

const MAX_PIXELS = 64 * 1024 * 1024;

export const isTiff = (bytes: Uint8Array): boolean =>
  bytes.length > 8 &&
  ((bytes[0] === 0x49 && bytes[1] === 0x49 && bytes[2] === 42) ||
    (bytes[0] === 0x4d && bytes[1] === 0x4d && bytes[3] === 42));

const TAG = {
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  offsets: 273,
  samples: 277,
  rowsPerStrip: 278,
  lengths: 279,
  format: 339,
} as const;
const TYPE_BYTES: Record<number, number> = { 1: 1, 2: 1, 3: 2, 4: 4 };

/**
 * Reads the first image of a TIFF 6.0 file with one grey sample a pixel in strips: integers of 8, 16 or 32 bits or floats
 * of 32 or 64, unpacked or deflated. This is what map programs write; anything else is refused by name.
 */
export function readTiff(file: InputFile): TiffImage {
  try {
    return parse(file);
  } catch (error) {
    if (error instanceof RangeError) throw new InputError('is an incomplete TIFF file', { path: file.path });
    throw error;
  }
}

function parse({ bytes, path }: InputFile): TiffImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49;
  const tags = readTags(view, little);
  const one = (tag: number, fallback: number): number => tags.get(tag)?.[0] ?? fallback;
  const [width, height] = [one(TAG.width, 0), one(TAG.height, 0)];
  const [bits, format, compression] = [one(TAG.bits, 1), one(TAG.format, 1), one(TAG.compression, 1)];
  const fault = (what: string): InputError =>
    new InputError(
      what,
      { path },
      'save it as an uncompressed grey TIFF of 16-bit integers or 32-bit floats',
    );
  if (!(width > 0 && height > 0) || width * height > MAX_PIXELS)
    throw fault(`is a TIFF of ${width} x ${height} pixels`);
  if (one(TAG.samples, 1) !== 1) throw fault('is a colour TIFF: a map has one value a pixel');
  if (![1, 8, 32946].includes(compression))
    throw fault(`is a TIFF with compression ${compression}, which is not read`);
  const read = sampleReader(bits, format);
  if (read === null) throw fault(`is a TIFF of ${bits}-bit samples of format ${format}, which is not read`);
  const offsets = tags.get(TAG.offsets) ?? [];
  const lengths = tags.get(TAG.lengths) ?? [];
  if (offsets.length === 0 || offsets.length !== lengths.length) throw fault('is a TIFF without strips');
  const rowsPerStrip = Math.min(one(TAG.rowsPerStrip, height), height);
  const values = new Float64Array(width * height);
  const sampleBytes = bits / 8;
  for (const [strip, offset] of offsets.entries()) {
    const first = strip * rowsPerStrip * width;
    const count = Math.min(rowsPerStrip * width, values.length - first);
    if (count <= 0) break;
    const packed = bytes.subarray(offset, offset + lengths[strip]!);
    const plain = compression === 1 ? packed : inflate(packed, count * sampleBytes, path);
    const data = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
    for (let i = 0; i < count; i++) values[first + i] = read(data, i * sampleBytes, little);
  }
  return { width, height, values };
}

function readTags(view: DataView, little: boolean): Map<number, number[]> {
  const start = view.getUint32(4, little);
  const tags = new Map<number, number[]>();
  const count = view.getUint16(start, little);
  for (let i = 0; i < count; i++) {
    const at = start + 2 + 12 * i;
    const [tag, type, length] = [
      view.getUint16(at, little),
      view.getUint16(at + 2, little),
      view.getUint32(at + 4, little),
    ];
    const size = TYPE_BYTES[type];
    if (size === undefined || length > 1_000_000) continue;
    const from = size * length <= 4 ? at + 8 : view.getUint32(at + 8, little);
    const value = (k: number): number =>
      size === 1
        ? view.getUint8(from + k)
        : size === 2
          ? view.getUint16(from + 2 * k, little)
          : view.getUint32(from + 4 * k, little);
    tags.set(
      tag,
      Array.from({ length }, (_, k) => value(k)),
    );
  }
  return tags;
}

type Sample = (view: DataView, at: number, little: boolean) => number;

function sampleReader(bits: number, format: number): Sample | null {
  const readers: Record<string, Sample> = {
    '8/1': (view, at) => view.getUint8(at),
    '16/1': (view, at, little) => view.getUint16(at, little),
    '32/1': (view, at, little) => view.getUint32(at, little),
    '16/2': (view, at, little) => view.getInt16(at, little),
    '32/2': (view, at, little) => view.getInt32(at, little),
    '32/3': (view, at, little) => view.getFloat32(at, little),
    '64/3': (view, at, little) => view.getFloat64(at, little),
  };
  return readers[`${bits}/${format}`] ?? null;
}

function inflate(packed: Uint8Array, size: number, path: string): Uint8Array {
  try {
    return inflateSync(packed, { maxOutputLength: size });
  } catch {
    throw new InputError('holds a damaged strip', { path });
  }
}
