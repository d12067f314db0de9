import { InputError } from '../../errors.js';
import type { InputFile } from '../common/input.js';
import { directories, TAG, type Tags } from './tiff-directories.js';
import { undoDifferences, unpackerOf } from './tiff-packing.js';

/** One grey image, row-major. */
export interface TiffImage {
  width: number;
  height: number;
  values: Float64Array;
  /** Its ImageDescription; empty where there is none. */
  description: string;
}

const MAX_PIXELS = 64 * 1024 * 1024;

/**
 * Reads all images of a TIFF 6.0 or BigTIFF file with one grey sample a pixel, in strips or tiles: integers of 8, 16 or 32 bits or
 * floats of 32 or 64, plain or packed by LZW, deflate or PackBits, with or without horizontal differencing. This is what map
 * programs write; anything else is refused by name.
 */
export function readTiff(file: InputFile): TiffImage[] {
  try {
    return images(file);
  } catch (error) {
    if (error instanceof RangeError) throw new InputError('is an incomplete TIFF file', { path: file.path });
    throw error;
  }
}

function images({ bytes, path }: InputFile): TiffImage[] {
  const found: TiffImage[] = [];
  let pixels = 0;
  for (const { tags, little } of directories(bytes)) {
    pixels += (tags.get(TAG.width)?.[0] ?? 0) * (tags.get(TAG.height)?.[0] ?? 0);
    if (pixels > MAX_PIXELS) throw new InputError('is a TIFF of more pixels than are read at once', { path });
    found.push(readImage(bytes, tags, little, path));
  }
  if (found.length === 0) throw new InputError('is a TIFF without an image', { path });
  return found;
}

function readImage(bytes: Uint8Array, tags: Tags, little: boolean, path: string): TiffImage {
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
  const unpack = unpackerOf(compression);
  if (unpack === null) throw fault(`is a TIFF with compression ${compression}, which is not read`);
  const read = sampleReader(bits, format);
  if (read === null) throw fault(`is a TIFF of ${bits}-bit samples of format ${format}, which is not read`);
  const predictor = one(TAG.predictor, 1);
  if (predictor !== 1 && (predictor !== 2 || format === 3))
    throw fault(`is a TIFF with predictor ${predictor}, which is not read`);
  const values = new Float64Array(width * height);
  const size = bits / 8;
  for (const part of partsOf(tags, width, height, fault)) {
    const bytesOfPart = part.columns * part.rows * size;
    const packed = bytes.subarray(part.offset, part.offset + part.length);
    let plain: Uint8Array;
    try {
      plain = unpack(packed, bytesOfPart);
    } catch {
      throw new InputError('holds a damaged strip', { path });
    }
    if (predictor === 2) plain = plain.slice();
    const data = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
    if (predictor === 2) undoDifferences(data, part.columns, part.rows, size, little);
    for (let r = 0; r < part.rows && part.y + r < height; r++)
      for (let c = 0; c < part.columns && part.x + c < width; c++)
        values[(part.y + r) * width + part.x + c] = read(data, (r * part.columns + c) * size, little);
  }
  const description = String.fromCharCode(...(tags.get(TAG.description) ?? []).slice(0, 2000)).replace(
    /\0.*$/su,
    '',
  );
  return { width, height, values, description };
}

interface Part {
  offset: number;
  length: number;
  x: number;
  y: number;
  columns: number;
  rows: number;
}

/** Strips, or tiles, which reach beyond the image where it is not a multiple of them. */
function partsOf(tags: Tags, width: number, height: number, fault: (what: string) => InputError): Part[] {
  const tiled = tags.has(TAG.tileOffsets);
  const offsets = tags.get(tiled ? TAG.tileOffsets : TAG.offsets) ?? [];
  const lengths = tags.get(tiled ? TAG.tileLengths : TAG.lengths) ?? [];
  if (offsets.length === 0 || offsets.length !== lengths.length) throw fault('is a TIFF without strips');
  const columns = tiled ? (tags.get(TAG.tileWidth)?.[0] ?? 0) : width;
  const rows = tiled ? (tags.get(TAG.tileHeight)?.[0] ?? 0) : (tags.get(TAG.rowsPerStrip)?.[0] ?? height);
  if (!(columns > 0 && rows > 0) || (tiled && columns * rows > MAX_PIXELS))
    throw fault(`is a TIFF with tiles of ${columns} x ${rows} pixels`);
  const across = Math.ceil(width / columns);
  return offsets.flatMap((offset, i): Part[] => {
    const y = Math.floor(i / across) * rows;
    if (y >= height) return [];
    const own = tiled ? rows : Math.min(rows, height - y);
    return [{ offset, length: lengths[i]!, x: (i % across) * columns, y, columns, rows: own }];
  });
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
