import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { InputError, messageOf } from '../../errors.js';

/** Text and small binary files are held in memory; anything larger belongs into HDF5, which is read in parts. */
export const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** A file that was read whole, already unpacked. */
export interface InputFile {
  path: string;
  /** File name without folder and without a trailing .gz. */
  name: string;
  /** File name without its ending. */
  stem: string;
  bytes: Uint8Array;
  gzipped: boolean;
}

/** File name without folder and .gz. */
export const plainName = (path: string): string => basename(path).replace(/\.gz$/iu, '');

/** File name without folder, .gz and ending: the default label of what is in it. */
export const stemOf = (path: string): string => plainName(path).replace(/(?<=.)\.[^.]*$/u, '');

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * Reads a file whole. Its size is looked up before anything is allocated, and a gzip stream stops at the same bound.
 * @throws InputError when it is missing, not a plain file, unreadable, empty, too large or a damaged gzip stream.
 */
export function openInput(path: string, maxBytes = MAX_FILE_BYTES): InputFile {
  const raw = readBounded(path, maxBytes);
  const gzipped = isGzip(raw);
  const bytes = gzipped ? unpack(raw, path, maxBytes) : raw;
  if (bytes.length === 0) throw new InputError('the file is empty', { path });
  return { path, name: plainName(path), stem: stemOf(path), bytes, gzipped };
}

function readBounded(path: string, maxBytes: number): Uint8Array {
  const size = sizeOf(path);
  if (size > maxBytes) {
    throw new InputError(
      `the file has ${megabytes(size)} MB, more than the ${megabytes(maxBytes)} MB that are read at once`,
      {
        path,
      },
    );
  }
  if (size === 0) throw new InputError('the file is empty', { path });
  try {
    return readFileSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Size in bytes. @throws InputError when there is no such plain file. */
export function sizeOf(path: string): number {
  let stat: ReturnType<typeof statSync>;
  try {
    stat = statSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
  if (stat.isDirectory()) throw new InputError('is a folder, not a file', { path });
  if (!stat.isFile()) throw new InputError('is not a plain file', { path });
  return stat.size;
}

/** The first bytes of a file, unpacked, to see what it is without reading it. */
export function readHead(path: string, length = 4096): Uint8Array {
  sizeOf(path);
  let handle: number | null = null;
  try {
    handle = openSync(path, 'r');
    const head = Buffer.alloc(Math.min(length, fstatSync(handle).size));
    const count = readSync(handle, head, 0, head.length, 0);
    return head.subarray(0, count);
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    if (handle !== null) closeSync(handle);
  }
}

function unpack(raw: Uint8Array, path: string, maxBytes: number): Uint8Array {
  try {
    return gunzipSync(raw, { maxOutputLength: maxBytes });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw new InputError(`unpacks to more than ${megabytes(maxBytes)} MB`, { path });
    }
    throw new InputError(
      code === 'Z_BUF_ERROR'
        ? 'the gzip stream ends early'
        : `the gzip stream is damaged: ${messageOf(error)}`,
      { path },
      'the file may be incomplete: copy it again',
    );
  }
}

const megabytes = (bytes: number): number => Math.ceil(bytes / 1024 / 1024);

function unreadable(path: string, error: unknown): InputError {
  const code = (error as NodeJS.ErrnoException).code;
  const reasons: Record<string, string> = {
    ENOENT: 'there is no such file',
    ENOTDIR: 'there is no such file',
    EACCES: 'may not be read (permission denied)',
    EPERM: 'may not be read (permission denied)',
    ELOOP: 'is a circle of symbolic links',
    ENAMETOOLONG: 'the name is too long',
    EISDIR: 'is a folder, not a file',
  };
  return new InputError(reasons[code ?? ''] ?? `cannot be read: ${messageOf(error)}`, { path });
}

/**
 * The text of a file: UTF-8, UTF-16 with a byte order mark, or else Latin-1; line ends become \n.
 * @throws InputError when the bytes are not text.
 */
export function textOf(file: InputFile): string {
  const { bytes } = file;
  const utf16 =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : null;
  if (utf16 !== null) return unixLines(new TextDecoder(utf16).decode(bytes));
  if (!looksLikeText(bytes)) {
    throw new InputError('is not text: it holds binary data', { path: file.path });
  }
  try {
    return unixLines(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return unixLines(new TextDecoder('windows-1252').decode(bytes));
  }
}

const unixLines = (text: string): string => (text.includes('\r') ? text.replace(/\r\n?/gu, '\n') : text);

/** No NUL and hardly any control characters (tab, line ends, form feed and escape are allowed). */
export function looksLikeText(bytes: Uint8Array): boolean {
  let odd = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte === 0) return false;
    if (byte < 32 && (byte < 9 || byte > 13) && byte !== 26 && byte !== 27) odd++;
  }
  return odd <= bytes.length / 200;
}
