import { inflateSync } from 'node:zlib';

/** What the numbers in a TIFF strip went through before they were written, undone. `size` is the unpacked size in bytes. */
export type Unpack = (packed: Uint8Array, size: number) => Uint8Array;

const unpackers: Record<number, Unpack> = {
  1: (packed) => packed,
  5: unpackLzw,
  8: (packed, size) => inflateSync(packed, { maxOutputLength: size }),
  32946: (packed, size) => inflateSync(packed, { maxOutputLength: size }),
  32773: unpackBits,
};

/** The way to undo a compression by its number in TIFF 6.0 (none, LZW, deflate, PackBits); null for any other. */
export const unpackerOf = (compression: number): Unpack | null => unpackers[compression] ?? null;

/** Run lengths: n >= 0 copies n + 1 bytes, n < 0 repeats the next byte 1 - n times (TIFF 6.0, section 9). */
function unpackBits(packed: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size);
  let [from, to] = [0, 0];
  while (from < packed.length && to < size) {
    const n = (packed[from++]! << 24) >> 24;
    if (n >= 0) {
      out.set(packed.subarray(from, Math.min(from + n + 1, from + size - to)), to);
      [from, to] = [from + n + 1, to + n + 1];
    } else if (n > -128) {
      out.fill(packed[from++]!, to, Math.min(size, to + 1 - n));
      to += 1 - n;
    }
  }
  if (to < size) throw new RangeError('too short');
  return out;
}

/** LZW with codes of 9 to 12 bits, highest bit first (TIFF 6.0, section 13; Welch, Computer 17 (1984) 8). */
function unpackLzw(packed: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size);
  // Each entry of the table is a stretch of the output that has been written already.
  const start = new Int32Array(4097);
  const length = new Int32Array(4097);
  let [next, bits, held, count, at, previous] = [258, 9, 0, 0, 0, -1];
  for (const byte of packed) {
    held = ((held << 8) | byte) & 0xffffff;
    count += 8;
    if (count < bits) continue;
    count -= bits;
    const code = (held >> count) & ((1 << bits) - 1);
    if (code === 257 || at >= size) break;
    if (code === 256) {
      [next, bits, previous] = [258, 9, -1];
      continue;
    }
    const from = at;
    if (code < 256) out[at++] = code;
    else {
      if (code > next || (code === next && previous < 0)) throw new RangeError('damaged');
      // The entry that is being made is the previous string and its own first byte, which stand in the output.
      const [source, many] = code === next ? [previous, from - previous + 1] : [start[code]!, length[code]!];
      for (let i = 0; i < many && at < size; i++) out[at++] = out[source + i]!;
    }
    if (previous >= 0 && next < 4096) {
      start[next] = previous;
      length[next] = from - previous + 1;
      next++;
    }
    previous = from;
    if (next >= (1 << bits) - 1 && bits < 12) bits++;
  }
  if (at < size) throw new RangeError('too short');
  return out;
}

/** Undoes horizontal differencing of integers in place (TIFF 6.0, section 14): each number holds the step from its left. */
export function undoDifferences(
  data: DataView,
  columns: number,
  rows: number,
  bytes: number,
  little: boolean,
): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 1; column < columns; column++) {
      const at = (row * columns + column) * bytes;
      if (bytes === 1) data.setUint8(at, data.getUint8(at) + data.getUint8(at - 1));
      else if (bytes === 2)
        data.setUint16(at, data.getUint16(at, little) + data.getUint16(at - 2, little), little);
      else data.setUint32(at, data.getUint32(at, little) + data.getUint32(at - 4, little), little);
    }
  }
}
