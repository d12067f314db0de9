/** The places of a line scan of single files: which file each pattern is in, and where it was taken. */
import { basename } from 'node:path';
import { InputError } from '../../errors.js';
import type { DiffractionEntry } from '../../experiment.js';
import { plainName } from '../common/input.js';
import { readPositions } from './positions.js';

export interface LineScanNotes {
  warn(message: string, input?: string): void;
  error(message: string, input?: string): void;
}

/** One place of the scan: its file, or null where a frame is missing. */
export interface Frame {
  file: string | null;
  name: string;
  position_um: number;
  row: number;
}

/** In scan order: by the list of positions, or by the numbers in the names. */
export function framesOf(entry: DiffractionEntry, files: string[], notes: LineScanNotes): Frame[] {
  const { positions } = entry;
  if (positions !== null && 'file' in positions) return listedFrames(positions.file, files, notes);
  const { start_um, step_um } = positions ?? { start_um: 0, step_um: 0 };
  return withGaps(files, notes).map((frame, index) => ({
    ...frame,
    position_um: start_um + index * step_um,
    row: 0,
  }));
}

/** The order of positions.csv is the order of the scan. */
function listedFrames(path: string, files: string[], notes: LineScanNotes): Frame[] {
  const byName = new Map(files.map((file) => [plainName(file), file]));
  const frames = readPositions(path).map(({ file, position_um, row }) => ({
    file: byName.get(file) ?? null,
    name: file,
    position_um,
    row,
  }));
  if (frames.every(({ file }) => file === null)) {
    throw new InputError(
      "none of the files that it lists belongs to the entry's files",
      { path },
      `it names ${frames[0]!.name}, the entry ${plainName(files[0]!)}`,
    );
  }
  const listed = new Set(frames.map(({ name }) => name));
  for (const file of files) {
    if (!listed.has(plainName(file)))
      notes.error('has no position in the list of positions and is left out', basename(file));
  }
  return frames;
}

/**
 * Frames by the number in their names. Where a few numbers of a regular sequence are missing, their places stay empty,
 * so that the frames behind a lost one keep their positions.
 */
function withGaps(files: string[], notes: LineScanNotes): { file: string | null; name: string }[] {
  const plain = files.map((file) => ({ file, name: plainName(file) }));
  const parts = plain.map(({ name }) => /^(.*?)(\d+)(\D*)$/u.exec(name));
  const [, prefix, , suffix] = parts[0] ?? [];
  if (files.length < 4 || parts.some((part) => part === null || part[1] !== prefix || part[3] !== suffix))
    return plain;
  const numbers = parts.map((part) => Number(part![2]));
  const steps = numbers.slice(1).map((number, i) => number - numbers[i]!);
  const stride = Math.min(...steps);
  const total = (numbers.at(-1)! - numbers[0]!) / stride + 1;
  if (
    stride < 1 ||
    steps.some((step) => step % stride !== 0) ||
    total > files.length * 1.5 ||
    total === files.length
  )
    return plain;
  const filled = Array.from({ length: total }, (_, i) => {
    const number = numbers[0]! + i * stride;
    const index = numbers.indexOf(number);
    const width = parts[0]![2]!.length;
    return index >= 0
      ? plain[index]!
      : { file: null, name: `${prefix}${String(number).padStart(width, '0')}${suffix}` };
  });
  const missing = total - files.length;
  notes.warn(
    missing === 1
      ? '1 number is missing in the sequence of file names; its place stays empty'
      : `${missing} numbers are missing in the sequence of file names; their places stay empty`,
    plain[0]!.name,
  );
  return filled;
}
