/**
 * Short arrays of zeros, cut from larger pieces of memory. An array of its own costs some .3 microseconds and a visit of
 * the garbage collector, as much as to fill it with a hundred numbers; a view of a piece costs a tenth of that. A piece
 * lives as long as any of its arrays: for many small arrays that are made together.
 */

/** Bytes of a piece. */
const PIECE = 1 << 14;
/** Bytes of an array that gets memory of its own. */
const LONG = PIECE / 4;

let piece = new ArrayBuffer(PIECE);
let used = 0;

export function zeros(length: number): Float64Array {
  const bytes = 8 * length;
  if (bytes > LONG) return new Float64Array(length);
  const at = placeFor(bytes);
  return new Float64Array(piece, at, length);
}

export function zeroIntegers(length: number): Int32Array {
  const bytes = 4 * length;
  if (bytes > LONG) return new Int32Array(length);
  const at = placeFor(bytes);
  return new Int32Array(piece, at, length);
}

/** Where the next array starts, in a new piece if need be; starts are multiples of eight. */
function placeFor(bytes: number): number {
  if (used + bytes > PIECE) {
    piece = new ArrayBuffer(PIECE);
    used = 0;
  }
  const at = used;
  used += (bytes + 7) & ~7;
  return at;
}
