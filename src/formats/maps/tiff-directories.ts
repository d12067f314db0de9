/** Values of one image's tags: sizes, packing, and where its pixels lie. Tags of other types are left out. */
export type Tags = Map<number, number[]>;

export const TAG = {
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  description: 270,
  offsets: 273,
  samples: 277,
  rowsPerStrip: 278,
  lengths: 279,
  predictor: 317,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileLengths: 325,
  format: 339,
} as const;

const MAX_IMAGES = 4096;
const MAX_VALUES = 1_000_000;
/** Unsigned types: byte, ASCII, short, long, and the long of eight bytes with its directory offset. */
const TYPE_BYTES: Record<number, number> = { 1: 1, 2: 1, 3: 2, 4: 4, 13: 4, 16: 8, 18: 8 };

const PLAIN = 42;
const BIG = 43;

export const isTiff = (bytes: Uint8Array): boolean =>
  bytes.length > 8 &&
  ((bytes[0] === 0x49 && bytes[1] === 0x49 && bytes[3] === 0 && (bytes[2] === PLAIN || bytes[2] === BIG)) ||
    (bytes[0] === 0x4d && bytes[1] === 0x4d && bytes[2] === 0 && (bytes[3] === PLAIN || bytes[3] === BIG)));

/**
 * The image directories of a TIFF 6.0 or BigTIFF file, each once. The two differ in the width of counts and offsets only:
 * 2 and 4 bytes, or 8 and 8.
 * @throws RangeError where the file ends before what it names
 */
export function* directories(bytes: Uint8Array): Generator<{ tags: Tags; little: boolean }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49;
  const big = view.getUint16(2, little) === BIG;
  const seen = new Set<number>();
  let at = offset(view, big ? 8 : 4, big, little);
  while (at !== 0 && !seen.has(at) && seen.size < MAX_IMAGES) {
    seen.add(at);
    const count = big ? long8(view, at, little) : view.getUint16(at, little);
    const first = at + (big ? 8 : 2);
    const size = big ? 20 : 12;
    if (count > (bytes.length - first) / size) throw new RangeError('a directory reaches beyond the file');
    const tags: Tags = new Map();
    for (let i = 0; i < count; i++) readTag(view, first + size * i, big, little, tags);
    yield { tags, little };
    at = offset(view, first + size * count, big, little);
  }
}

function readTag(view: DataView, at: number, big: boolean, little: boolean, tags: Tags): void {
  const size = TYPE_BYTES[view.getUint16(at + 2, little)];
  const length = offset(view, at + 4, big, little);
  if (size === undefined || length > MAX_VALUES) return;
  const value = at + (big ? 12 : 8);
  const from = size * length <= (big ? 8 : 4) ? value : offset(view, value, big, little);
  tags.set(
    view.getUint16(at, little),
    Array.from({ length }, (_, k) => unsigned(view, from + size * k, size, little)),
  );
}

const offset = (view: DataView, at: number, big: boolean, little: boolean): number =>
  unsigned(view, at, big ? 8 : 4, little);

function unsigned(view: DataView, at: number, size: number, little: boolean): number {
  if (size === 1) return view.getUint8(at);
  if (size === 2) return view.getUint16(at, little);
  return size === 4 ? view.getUint32(at, little) : long8(view, at, little);
}

/** Numbers beyond 2^53 lie outside any file and stay outside it when rounded. */
const long8 = (view: DataView, at: number, little: boolean): number => Number(view.getBigUint64(at, little));
