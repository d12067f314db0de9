import { inflateSync } from 'node:zlib';
import { InputError } from '../../errors.js';
import type { InputFile } from '../common/input.js';

/** One data block of an EDF file. `shape` is row-major: the last entry (Dim_1) runs fastest. */
export interface EdfFrame {
  /** Header entries by their names in lower case. */
  header: Map<string, string>;
  shape: number[];
  values: Float64Array;
}

const MAX_NUMBERS = 64 * 1024 * 1024;
const MAX_FRAMES = 10_000;
const MAX_HEADER = 1024 * 1024;

export const isEdf = (bytes: Uint8Array): boolean => {
  const head = Buffer.from(bytes.subarray(0, 4096)).toString('latin1');
  return /^\s*\{/u.test(head) && /(?:EDF_DataBlockID|HeaderID|ByteOrder|Dim_1)\s*=/u.test(head);
};

interface NumberType {
  bytes: number;
  read: (view: DataView, at: number, little: boolean) => number;
}
const int8: NumberType = { bytes: 1, read: (view, at) => view.getInt8(at) };
const uint8: NumberType = { bytes: 1, read: (view, at) => view.getUint8(at) };
const int16: NumberType = { bytes: 2, read: (view, at, little) => view.getInt16(at, little) };
const uint16: NumberType = { bytes: 2, read: (view, at, little) => view.getUint16(at, little) };
const int32: NumberType = { bytes: 4, read: (view, at, little) => view.getInt32(at, little) };
const uint32: NumberType = { bytes: 4, read: (view, at, little) => view.getUint32(at, little) };
const int64: NumberType = { bytes: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) };
const uint64: NumberType = { bytes: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) };
const float32: NumberType = { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) };
const float64: NumberType = { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) };

/** Names as the ESRF, PyMca, fabio and pyFAI write them (Long is of 32 bits in all of them). */
const TYPES: Record<string, NumberType> = {
  signedbyte: int8,
  unsignedbyte: uint8,
  signedshort: int16,
  unsignedshort: uint16,
  signedinteger: int32,
  unsignedinteger: uint32,
  signedlong: int32,
  unsignedlong: uint32,
  signed64: int64,
  unsigned64: uint64,
  floatvalue: float32,
  float: float32,
  real: float32,
  floatieee32: float32,
  doublevalue: float64,
  double: float64,
  floatieee64: float64,
};

/**
 * Reads all data blocks of an EDF file (ESRF data format): an ASCII header in braces, then binary numbers, repeated. Sizes
 * are checked against the file before anything is allocated.
 * @throws InputError for a damaged or cut file, an unknown number type, and packing other than none, gzip and zlib.
 */
export function readEdf({ bytes, path }: InputFile): EdfFrame[] {
  const frames: EdfFrame[] = [];
  let at = 0;
  let numbers = 0;
  while (frames.length < MAX_FRAMES) {
    while (at < bytes.length && (bytes[at] === 10 || bytes[at] === 13 || bytes[at] === 32 || bytes[at] === 0))
      at++;
    if (at >= bytes.length || bytes[at] !== 0x7b) break;
    const { header, end } = headerAt(bytes, at, path);
    const number = frames.length + 1;
    const fault = (what: string, cure: string | null = null): InputError =>
      new InputError(`data block ${number} ${what}`, { path }, cure);
    const shape = shapeOf(header, fault);
    const count = shape.reduce((product, side) => product * side, 1);
    numbers += count;
    if (numbers > MAX_NUMBERS) throw fault(`makes more than ${MAX_NUMBERS} numbers in one file`);
    const type = TYPES[(header.get('datatype') ?? '').toLowerCase()];
    if (type === undefined)
      throw fault(`has the number type '${header.get('datatype') ?? ''}', which is not read`);
    const stored = binarySize(header, count * type.bytes);
    const packed = bytes.subarray(end, end + stored);
    if (packed.length < stored)
      throw fault('is incomplete: the file ends early', 'copy it again, or leave the unfinished row out');
    const plain = unpacked(packed, header, count * type.bytes, fault);
    if (plain.length < count * type.bytes)
      throw fault(
        `holds ${plain.length} bytes where ${shape.join(' x ')} numbers need ${count * type.bytes}`,
      );
    const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
    const little = !/high/iu.test(header.get('byteorder') ?? 'LowByteFirst');
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) values[i] = type.read(view, i * type.bytes, little);
    frames.push({ header, shape, values });
    at = end + stored;
  }
  if (frames.length === 0) throw new InputError('holds no data block', { path });
  return frames;
}

/** The header that begins with the brace at `at`, and where its data begin. */
function headerAt(bytes: Uint8Array, at: number, path: string): { header: Map<string, string>; end: number } {
  const limit = Math.min(bytes.length, at + MAX_HEADER);
  let close = at;
  while (close < limit && bytes[close] !== 0x7d) close++;
  if (close >= limit) throw new InputError('has an EDF header that does not end', { path });
  const text = Buffer.from(bytes.subarray(at + 1, close)).toString('latin1');
  const header = new Map<string, string>();
  for (const item of text.split(';')) {
    const equals = item.indexOf('=');
    if (equals > 0) header.set(item.slice(0, equals).trim().toLowerCase(), item.slice(equals + 1).trim());
  }
  const stated = Number(header.get('edf_headersize'));
  if (Number.isInteger(stated) && stated > close - at && at + stated <= bytes.length)
    return { header, end: at + stated };
  let end = close + 1;
  if (bytes[end] === 13) end++;
  if (bytes[end] === 10) end++;
  return { header, end };
}

function shapeOf(header: Map<string, string>, fault: (what: string) => InputError): number[] {
  const shape: number[] = [];
  for (let k = 1; k <= 3; k++) {
    const text = header.get(`dim_${k}`);
    if (text === undefined) break;
    const side = Number(text);
    if (!Number.isInteger(side) || side < 1 || side > MAX_NUMBERS)
      throw fault(`states Dim_${k} = '${text.slice(0, 20)}', which is not a size`);
    shape.unshift(side);
  }
  if (shape.length === 0) throw fault('states no Dim_1');
  return shape;
}

function binarySize(header: Map<string, string>, plain: number): number {
  const stated = Number(header.get('edf_binarysize') ?? header.get('size'));
  const packed = !/^(?:none|)$/iu.test(header.get('compression') ?? '');
  return Number.isInteger(stated) && stated > 0 && (packed || stated >= plain) ? stated : plain;
}

function unpacked(
  packed: Uint8Array,
  header: Map<string, string>,
  size: number,
  fault: (what: string, cure?: string | null) => InputError,
): Uint8Array {
  const how = (header.get('compression') ?? 'none').toLowerCase();
  if (how === 'none' || how === '') return packed;
  if (!/^(?:gzip|zlib|zcompression|gzipcompression)/u.test(how))
    throw fault(`is packed by '${how}', which is not read`, 'save it without compression');
  try {
    return inflateSync(packed, { maxOutputLength: size });
  } catch {
    throw fault('is packed and damaged');
  }
}
