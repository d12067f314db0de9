import { InputError } from '../../errors.js';
import type { SpectrumScan } from '../../measurement.js';
import type { InputFile } from '../common/input.js';
import { inferColumns } from './column-infer.js';

const TITLE = /^SSRL\s+-?\s*(?:Micro)?EXAFS Data Collector\s+([\d.]+)/u;
const HEADER_BYTES = 800;
const LABEL_BYTES = 20;
const GAP_BYTES = 16;
const MAX_COLUMNS = 2000;

/** Files of SSRL's EXAFS Data Collector whose rows are binary: line end and NUL close each of its header lines. */
export const isSsrlBinary = (bytes: Uint8Array): boolean => {
  const start = latin(bytes, 0, Math.min(60, bytes.length));
  return TITLE.test(start) && start.includes('\n\0');
};

const latin = (bytes: Uint8Array, from: number, to: number): string =>
  Buffer.from(bytes.subarray(from, to)).toString('latin1');

/**
 * SSRL binary: 800 bytes of header lines, an offset and a weight for each column, labels of 20 bytes, 16 bytes, then rows
 * of 32-bit floats: IEEE little-endian since version 2.0, before that in the order of a VAX (words swapped, four times
 * the IEEE value). Offsets are already subtracted from the data.
 * @throws InputError where sizes do not fit the file.
 */
export function readSsrlBinary(file: InputFile): SpectrumScan {
  const { bytes, path } = file;
  const header = latin(bytes, 0, HEADER_BYTES)
    .split('\0')
    .map((line) => line.trim());
  const version = TITLE.exec(header[0]!)![1]!;
  const size = /PTS:\s*(\d+)\s+COLS:\s*(\d+)/u.exec(header.join('\n'));
  if (!size) throw new InputError("has no line 'PTS: … COLS: …' in its header", { path });
  const [points, count] = [Number(size[1]), Number(size[2])];
  if (count < 2 || count > MAX_COLUMNS) throw new InputError(`states ${count} columns`, { path });
  const labelStart = HEADER_BYTES + count * 8;
  const dataStart = labelStart + count * LABEL_BYTES + GAP_BYTES;
  const available = Math.floor((bytes.length - dataStart) / (count * 4));
  if (available < 2)
    throw new InputError(
      `ends before its data: ${points} rows are stated`,
      { path },
      'the file may be incomplete',
    );
  const warnings: string[] = [];
  const rows = Math.min(points, available);
  if (rows < points) warnings.push(`states ${points} rows but holds ${rows}; the file may be incomplete`);
  const read = floatReader(bytes, version);
  const values = Array.from({ length: count }, (_, j) =>
    Float64Array.from({ length: rows }, (_, i) => read(dataStart + 4 * (i * count + j))),
  );
  const names = Array.from({ length: count }, (_, j) => {
    const at = labelStart + j * LABEL_BYTES;
    return (
      latin(bytes, at, at + LABEL_BYTES)
        .replace(/[\0\n]/gu, ' ')
        .trim() || `col${j + 1}`
    );
  });
  return ssrlScan(file, `SSRL binary ${version}`, header, names, values, warnings);
}

function floatReader(bytes: Uint8Array, version: string): (at: number) => number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (Number.parseFloat(version) >= 2) return (at) => view.getFloat32(at, true);
  const word = new DataView(new ArrayBuffer(4));
  return (at) => {
    word.setUint16(0, view.getUint16(at, true));
    word.setUint16(2, view.getUint16(at + 2, true));
    return word.getFloat32(0) / 4;
  };
}

/** SSRL's text files: labels one a line under 'Data:', then rows. */
export const isSsrlText = (text: string): boolean =>
  TITLE.test(text.slice(0, 60)) && /^Data:/mu.test(text.slice(0, 100_000));

export function readSsrlText(file: InputFile, text: string): SpectrumScan {
  const { path } = file;
  const lines = text.split('\n');
  const at = lines.findIndex((line) => /^Data:/u.test(line));
  const header = lines.slice(0, at).map((line) => line.trim());
  const size = /PTS:\s*(\d+)\s+COLS:\s*(\d+)/u.exec(header.join('\n'));
  const count = Number(size?.[2] ?? 0);
  if (!size || count < 2 || count > MAX_COLUMNS)
    throw new InputError("has no line 'PTS: … COLS: …' in its header", { path });
  const names = lines.slice(at + 1, at + 1 + count).map((line) => line.trim());
  const rows: number[][] = [];
  const warnings: string[] = [];
  for (let i = at + 1 + count; i < lines.length; i++) {
    if (lines[i]!.trim() === '') continue;
    const row = lines[i]!.trim().split(/\s+/u).map(Number);
    if (row.length !== count || row.some(Number.isNaN)) {
      if (lines.slice(i + 1).every((line) => line.trim() === '')) {
        warnings.push(`line ${i + 1}: the last row is incomplete and is left out`);
        break;
      }
      throw new InputError(`is not a row of ${count} numbers`, { path, line: i + 1 });
    }
    rows.push(row);
  }
  if (rows.length === 0) throw new InputError('holds no rows of data', { path });
  const stated = Number(size[1]);
  if (rows.length !== stated) warnings.push(`states ${stated} rows but holds ${rows.length}`);
  const values = names.map((_, j) => Float64Array.from(rows, (row) => row[j]!));
  const kind = /Micro/u.test(header[0]!) ? 'SSRL micro' : 'SSRL ASCII';
  return ssrlScan(file, kind, header, names, values, warnings);
}

function ssrlScan(
  file: InputFile,
  format: string,
  header: string[],
  names: string[],
  values: Float64Array[],
  warnings: string[],
): SpectrumScan {
  const columns = inferColumns(
    names,
    names.map((name) => (/energy/iu.test(name) ? 'eV' : null)),
    values,
  );
  if (!columns.some(({ role }) => role === 'energy')) {
    const requested = columns.find(({ name }) => /requested energy/iu.test(name));
    if (requested) requested.role = 'energy';
  }
  const mono = /\b([A-Za-z]{2}\s*-?\s*\(?\d{3}\)?)\s+(1\.\d+|3\.\d+)/u.exec(header.join('\n'));
  return {
    title: header[7] || header[8] || file.stem,
    format,
    element: null,
    edge: null,
    columns,
    metadata: {
      program: header[0] ?? '',
      date: header[1] ?? '',
      detector: header[3] ?? '',
      regions: header[4] ?? '',
      beamline: header[5] ?? '',
      comments: header.slice(7, 13).filter(Boolean).join('\n'),
      ...(mono ? { 'Mono.name': mono[1]!, 'Mono.d_spacing': mono[2]! } : {}),
    },
    muHint: null,
    warnings,
    stored: {},
  };
}
