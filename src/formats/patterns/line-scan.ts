import { basename } from 'node:path';
import { InputError, messageOf } from '../../errors.js';
import type { DiffractionEntry } from '../../experiment.js';
import type { LineScan, Pattern, PhaseSource, ScanSettings } from '../../measurement.js';
import { openInput, plainName, stemOf, textOf } from '../common/input.js';
import { readNexusLineScan } from './nexus-line-scan.js';
import { readPattern } from './pattern.js';
import { unreadablePattern } from './pattern-clean.js';
import { readPositions } from './positions.js';

export interface LineScanNotes {
  warn(message: string, input?: string): void;
  error(message: string, input?: string): void;
}

/** One place of the scan: its file, or null where a frame is missing. */
interface Frame {
  file: string | null;
  name: string;
  position_um: number;
  row: number;
}

/**
 * Reads the patterns of a line scan in scan order. A frame that is missing or cannot be read keeps its place with
 * intensities that are not numbers, and its fault is told; the scan fails only when no frame can be read.
 */
export async function readLineScan(entry: DiffractionEntry, notes: LineScanNotes): Promise<LineScan> {
  const read =
    'file' in entry.source ? await fromHdf5(entry, notes) : fromFiles(entry, entry.source.files, notes);
  const { positions_um } = read;
  if (entry.beam_um === null && positions_um.length > 1) {
    notes.warn("the experiment gives no 'beam': the beam is taken to be as wide as the step", entry.name);
  }
  return { ...scanSettings(entry, positions_um, read.rows), patterns: onSharedGrids(read.patterns) };
}

/** What the experiment says of a scan whose patterns were read. Throws InputError for a CIF that cannot be read. */
export const scanSettings = (
  entry: DiffractionEntry,
  positions_um: Float64Array,
  rows: Int32Array,
): ScanSettings => ({
  name: entry.name,
  wavelength_A: entry.wavelength_A,
  integration: entry.integration,
  beam_um: entry.beam_um ?? medianStep(positions_um),
  positions_um,
  rows,
  phases: entry.phases.map(readPhase),
  dopant: entry.dopant,
});

/** Patterns on equal angles share one array of them: it is stored and held once. */
function onSharedGrids(patterns: Pattern[]): Pattern[] {
  let shared: Float64Array = new Float64Array();
  return patterns.map((pattern) => {
    const own = pattern.twoTheta_deg;
    if (own.length === shared.length && own.every((angle, i) => angle === shared[i]))
      return { ...pattern, twoTheta_deg: shared };
    shared = own;
    return pattern;
  });
}

type Frames = Pick<LineScan, 'patterns' | 'positions_um' | 'rows'>;

async function fromHdf5(entry: DiffractionEntry, notes: LineScanNotes): Promise<Frames> {
  const source = entry.source as { file: string; data: string | null };
  const { positions } = entry;
  const { patterns, positions_um, rows, warnings, wavelength_A } = await readNexusLineScan(
    source.file,
    source.data,
    entry.wavelength_A,
    positions === null,
  );
  for (const warning of [...warnings, ...otherWavelength(wavelength_A, entry)])
    notes.warn(warning, basename(source.file));
  if (positions === null) {
    if (positions_um === null && patterns.length > 1) {
      throw new InputError(
        'has no position axis',
        { path: source.file },
        'write positions: { start: 0 um, step: 2 um }',
      );
    }
    return { patterns, positions_um: positions_um ?? new Float64Array(patterns.length), rows };
  }
  if ('start_um' in positions)
    return { patterns, positions_um: patterns.length > 0 ? ramp(positions, rows) : new Float64Array(), rows };
  const listed = readPositions(positions.file);
  if (listed.length !== patterns.length) {
    throw new InputError(`lists ${listed.length} positions for ${patterns.length} patterns`, {
      path: positions.file,
    });
  }
  return {
    patterns,
    positions_um: Float64Array.from(listed, ({ position_um }) => position_um),
    rows: Int32Array.from(listed, ({ row }) => row),
  };
}

/** A wavelength that a file states and the experiment contradicts. */
const otherWavelength = (stated_A: number | null, { wavelength_A }: DiffractionEntry): string[] =>
  stated_A !== null && Math.abs(stated_A / wavelength_A - 1) > 1e-3
    ? [
        `it states ${Number(stated_A.toPrecision(8))} angstrom, the experiment ${wavelength_A}: the experiment's is used`,
      ]
    : [];

/** start + step * index, beginning anew in each row. */
function ramp({ start_um, step_um }: { start_um: number; step_um: number }, rows: Int32Array): Float64Array {
  let first = 0;
  return Float64Array.from(rows, (row, i) => {
    if (row !== rows[first]) first = i;
    return start_um + step_um * (i - first);
  });
}

function fromFiles(entry: DiffractionEntry, files: string[], notes: LineScanNotes): Frames {
  const frames = framesOf(entry, files, notes);
  const repeated = new Repeated(notes);
  const read: (Pattern | string)[] = frames.map(({ file }) => {
    if (file === null) return 'the frame is missing: there is no such file';
    try {
      const { pattern, warnings, wavelength_A } = readPattern(file, entry.wavelength_A);
      for (const warning of [...warnings, ...otherWavelength(wavelength_A, entry)])
        repeated.add(warning, basename(file));
      return pattern;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return error.what;
    }
  });
  repeated.tell();
  const good = read.find((result): result is Pattern => typeof result !== 'string');
  if (good === undefined) {
    throw new InputError(`none of its ${frames.length} patterns can be read: ${String(read[0])}`, {
      path: frames[0]?.file ?? entry.name,
    });
  }
  const patterns = frames.map(({ file, name }, index) => {
    const result = read[index]!;
    if (typeof result !== 'string') return result;
    notes.error(`${result}; the frame is left out`, name);
    return unreadablePattern(file === null ? name : stemOf(file), good);
  });
  return {
    patterns,
    positions_um: Float64Array.from(frames, ({ position_um }) => position_um),
    rows: Int32Array.from(frames, ({ row }) => row),
  };
}

function framesOf(entry: DiffractionEntry, files: string[], notes: LineScanNotes): Frame[] {
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

function medianStep(positions_um: Float64Array): number {
  const steps = Array.from(positions_um.subarray(1), (position, i) =>
    Math.abs(position - positions_um[i]!),
  ).filter((step) => step > 0);
  return steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 1;
}

function readPhase(phase: DiffractionEntry['phases'][number]): PhaseSource {
  if (!('cifFile' in phase)) return { name: phase.name, cif: null };
  try {
    return { name: phase.name, cif: textOf(openInput(phase.cifFile)) };
  } catch (error) {
    throw error instanceof InputError ? error : new InputError(messageOf(error), { path: phase.cifFile });
  }
}

/** Says once what is true of many files. */
class Repeated {
  private readonly files = new Map<string, string[]>();

  constructor(private readonly notes: LineScanNotes) {}

  add(message: string, file: string): void {
    this.files.set(message, [...(this.files.get(message) ?? []), file]);
  }

  tell(): void {
    for (const [message, files] of this.files) {
      const more = files.length > 1 ? ` and ${files.length - 1} more` : '';
      this.notes.warn(message, `${files[0]}${more}`);
    }
  }
}
