import { basename } from 'node:path';
import { InputError, messageOf } from '../../errors.js';
import type { DiffractionEntry } from '../../experiment.js';
import type { LineScan, Pattern, PhaseSource, ScanSettings } from '../../measurement.js';
import { type H5GroupReader, streamHdf5 } from '../common/hdf5.js';
import { openInput, stemOf, textOf } from '../common/input.js';
import { type NexusLineScan, nexusLineScan } from './nexus-line-scan.js';
import { readPattern } from './pattern.js';
import { unreadablePattern } from './pattern-clean.js';
import { readPositions } from './positions.js';
import { type Frame, framesOf, type LineScanNotes } from './scan-frames.js';

/** A pattern at its place in the scan. */
export interface PlacedPattern {
  position_um: number;
  row: number;
  pattern: Pattern;
}

/**
 * Reads the patterns of a line scan in scan order, each when it is asked for. A frame that is missing or cannot be read keeps
 * its place with intensities that are not numbers, and its fault is told at the end; the scan fails only when no frame can be read.
 */
export async function* streamLineScan(
  entry: DiffractionEntry,
  notes: LineScanNotes,
): AsyncGenerator<PlacedPattern, void> {
  const { source } = entry;
  let count = 0;
  for await (const placed of 'file' in source
    ? streamHdf5(source.file, (root) => fromHdf5(root, source.data, entry, notes))
    : fromFiles(entry, source.files, notes)) {
    count++;
    yield placed;
  }
  if (entry.beam_um === null && count > 1) {
    notes.warn("the experiment gives no 'beam': the beam is taken to be as wide as the step", entry.name);
  }
}

/** All of a line scan at once, for scans that fit in memory. */
export async function readLineScan(entry: DiffractionEntry, notes: LineScanNotes): Promise<LineScan> {
  const placed: PlacedPattern[] = [];
  for await (const one of streamLineScan(entry, notes)) placed.push(one);
  const positions_um = Float64Array.from(placed, (one) => one.position_um);
  const rows = Int32Array.from(placed, ({ row }) => row);
  return { ...scanSettings(entry, positions_um, rows), patterns: placed.map(({ pattern }) => pattern) };
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

function* fromHdf5(
  root: H5GroupReader,
  data: string | null,
  entry: DiffractionEntry,
  notes: LineScanNotes,
): Generator<PlacedPattern, void> {
  const scan = nexusLineScan(root, data, entry.wavelength_A, entry.positions === null);
  const { positions_um, rows } = placesIn(root.file, scan, entry.positions);
  let index = 0;
  for (const pattern of scan.patterns) {
    yield { position_um: positions_um[index]!, row: rows[index]!, pattern };
    index++;
  }
  for (const warning of [...scan.warnings, ...otherWavelength(scan.wavelength_A, entry)])
    notes.warn(warning, basename(root.file));
}

/** Where the patterns of a file lie: as the experiment says, or else as the file does. */
function placesIn(
  file: string,
  { positions_um, rows }: NexusLineScan,
  positions: DiffractionEntry['positions'],
): { positions_um: Float64Array; rows: Int32Array } {
  if (positions === null) {
    if (positions_um === null && rows.length > 1) {
      throw new InputError(
        'has no position axis',
        { path: file },
        'write positions: { start: 0 um, step: 2 um }',
      );
    }
    return { positions_um: positions_um ?? new Float64Array(rows.length), rows };
  }
  if ('start_um' in positions) return { positions_um: ramp(positions, rows), rows };
  const listed = readPositions(positions.file);
  if (listed.length !== rows.length) {
    throw new InputError(`lists ${listed.length} positions for ${rows.length} patterns`, {
      path: positions.file,
    });
  }
  return {
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

function* fromFiles(
  entry: DiffractionEntry,
  files: string[],
  notes: LineScanNotes,
): Generator<PlacedPattern, void> {
  const frames = framesOf(entry, files, notes);
  const repeated = new Repeated(notes);
  const unread: { frame: Frame; fault: string }[] = [];
  /** What a frame that cannot be read looks like, once there is one that can. */
  let good: Pattern | null = null;
  const without = ({ file, name, position_um, row }: Frame, like: Pattern): PlacedPattern => {
    const pattern = unreadablePattern(file === null ? name : stemOf(file), like);
    return { position_um, row, pattern };
  };
  for (const frame of frames) {
    const read = readFrame(frame, entry, repeated);
    if (typeof read === 'string') {
      unread.push({ frame, fault: read });
      if (good) yield without(frame, good);
      continue;
    }
    if (!good) {
      good = read;
      for (const earlier of unread) yield without(earlier.frame, good);
    }
    yield { position_um: frame.position_um, row: frame.row, pattern: read };
  }
  repeated.tell();
  if (!good) {
    throw new InputError(`none of its ${frames.length} patterns can be read: ${unread[0]?.fault}`, {
      path: frames[0]?.file ?? entry.name,
    });
  }
  for (const { frame, fault } of unread) notes.error(`${fault}; the frame is left out`, frame.name);
}

/** The pattern of a frame, or what is wrong with it. */
function readFrame({ file }: Frame, entry: DiffractionEntry, repeated: Repeated): Pattern | string {
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
