import { realpathSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { InputError } from '../errors.js';
import type { MuSource, Pattern, SpectrumScan } from '../measurement.js';
import { edgeEnergy_eV, nearestEdge, parseEdge } from '../reference/edges.js';
import { produceFileAtomic, writeFileAtomic } from './common/atomic.js';
import { inspectFile } from './inspect/inspect.js';
import { isSpectrum } from './inspect/inspect-spectra.js';
import { formatPattern, readPattern } from './patterns/pattern.js';
import { type AssignedColumns, withAssignedRoles } from './spectra/assigned-roles.js';
import { formatAthena } from './spectra/athena-write.js';
import { formatColumns } from './spectra/columns-write.js';
import { guessEdge } from './spectra/guess-edge.js';
import { writePatternNexus, writeScansNexus } from './spectra/nexus-write.js';
import { pickScan, readSpectrumScans } from './spectra/spectrum-file.js';
import { spectrumFromScan } from './spectra/spectrum-from-scan.js';
import { formatXdi } from './spectra/xdi-write.js';

export interface ConvertOptions {
  /** Name of one spectrum in a file that holds several. */
  group?: string;
  /** 'Y K', where the file does not say. */
  edge?: string;
  mu?: string;
  /** Roles of columns by number, where the file names none. */
  columns?: AssignedColumns;
  warn?: (message: string) => void;
}

const ENDINGS = ['.xdi', '.prj', '.csv', '.xy', '.xye', '.nxs', '.h5'] as const;
type Ending = (typeof ENDINGS)[number];

/**
 * Writes a file's spectra or pattern in the format that the ending of `out` names (.gz packs it). The output appears
 * under its name only when it is complete.
 * @returns a sentence about what was written.
 * @throws InputError where `from` cannot be read, or its content cannot stand in that format.
 */
export async function convertFile(from: string, out: string, options: ConvertOptions = {}): Promise<string> {
  const packed = /\.gz$/iu.test(out);
  const ending = endingOf(out);
  if (packed && (ending === '.nxs' || ending === '.h5'))
    throw new InputError(
      'HDF5 is not gzipped as a whole',
      { path: out },
      'leave out .gz: it is packed inside',
    );
  if (sameFile(from, out)) throw new InputError('input and output are the same file', { path: out });
  const found = await inspectFile(from);
  if (found.kind === 'unreadable') throw new InputError(found.summary, { path: from });
  if (found.kind === 'pattern') return convertPattern(from, out, ending, packed);
  if (found.kind === 'spectra' || (found.kind === 'table' && options.columns !== undefined))
    return convertSpectra(from, out, ending, packed, options);
  throw new InputError(`holds ${found.summary}; spectra and patterns can be converted`, { path: from });
}

function endingOf(out: string): Ending {
  const name = out.replace(/\.gz$/iu, '').toLowerCase();
  const ending = ENDINGS.find((candidate) => name.endsWith(candidate));
  if (ending === undefined)
    throw new InputError(
      'its ending names no format that can be written',
      { path: out },
      `write one of ${ENDINGS.join(', ')}`,
    );
  return ending;
}

function sameFile(a: string, b: string): boolean {
  try {
    return realpathSync(a) === realpathSync(b);
  } catch {
    return false;
  }
}

const save = (out: string, text: string, packed: boolean): Promise<void> =>
  writeFileAtomic(out, packed ? gzipSync(text) : text);

async function convertPattern(from: string, out: string, ending: Ending, packed: boolean): Promise<string> {
  const { pattern } = readPattern(from);
  if (ending === '.xdi' || ending === '.prj')
    throw new InputError(
      `is a powder pattern, which ${ending} cannot hold`,
      { path: from },
      'write .xye, .xy, .csv or .nxs',
    );
  const written: Pattern = ending === '.xy' ? { ...pattern, sigma: null } : withSigma(pattern, ending);
  if (ending === '.nxs' || ending === '.h5')
    await produceFileAtomic(out, (path) => writePatternNexus(path, pattern));
  else await save(out, formatPattern(written, ending === '.csv'), packed);
  return `${out}: powder pattern of ${pattern.twoTheta_deg.length} points`;
}

/** .xye has three columns: without uncertainties in the input they are those of counts. */
const withSigma = (pattern: Pattern, ending: Ending): Pattern =>
  ending === '.xye' && pattern.sigma === null
    ? { ...pattern, sigma: pattern.intensity.map((value) => Math.sqrt(Math.max(value, 1))) }
    : pattern;

async function convertSpectra(
  from: string,
  out: string,
  ending: Ending,
  packed: boolean,
  options: ConvertOptions,
): Promise<string> {
  const read = await readSpectrumScans(from);
  const { columns } = options;
  const all =
    columns === undefined ? read : read.map((scan) => withAssignedRoles(scan, columns, { path: from }));
  const scans = options.group === undefined ? all : [pickScan(all, options.group, from)];
  const count = scans.length === 1 ? 'one spectrum' : `${scans.length} spectra`;
  if (ending === '.nxs' || ending === '.h5')
    await produceFileAtomic(out, (path) => writeScansNexus(path, scans));
  else if (ending === '.prj') await writeFileAtomic(out, gzipSync(project(scans, from, options)));
  else {
    if (ending === '.xy' || ending === '.xye')
      throw new InputError(
        `holds spectra, which ${ending} cannot hold`,
        { path: from },
        'write .xdi, .csv, .prj or .nxs',
      );
    const scan = scans.length === 1 ? scans[0]! : pickScan(all, null, from);
    await save(out, ending === '.xdi' ? xdiOf(scan, options) : formatColumns(scan), packed);
  }
  return `${out}: ${count}`;
}

function xdiOf(scan: SpectrumScan, options: ConvertOptions): string {
  const { text, leftOut } = formatXdi(withEdge(scan, options));
  for (const message of leftOut) options.warn?.(message);
  return text;
}

function withEdge(scan: SpectrumScan, { edge }: ConvertOptions): SpectrumScan {
  const stated = edge === undefined ? null : parseEdge(edge);
  return stated === null ? scan : { ...scan, ...stated };
}

function project(scans: SpectrumScan[], path: string, options: ConvertOptions): string {
  const { mu, warn } = options;
  const usable = scans.filter(isSpectrum);
  if (usable.length === 0) throw new InputError('holds no spectrum with energies', { path });
  if (usable.length < scans.length)
    warn?.(`${scans.length - usable.length} tables without energies are left out`);
  const groups = usable.map((scan) => {
    const { element, edge } = edgeOfScan(scan, path, options);
    const spectrum = spectrumFromScan(scan, {
      element,
      edge,
      label: scan.title,
      mu: sourceOf(mu),
      path,
      ...(warn ? { warn } : {}),
    });
    const e0_eV = Number(scan.stored.e0_eV ?? Number.NaN);
    return {
      spectrum,
      stored: scan.stored,
      e0_eV: Number.isFinite(e0_eV)
        ? e0_eV
        : steepestNear(spectrum.energy_eV, spectrum.mu, edgeEnergy_eV(element, edge)),
    };
  });
  return formatAthena(groups, new Date().toISOString().slice(0, 19));
}

const sourceOf = (mu: string | undefined): MuSource | null =>
  mu === undefined
    ? null
    : mu === 'transmission' || mu === 'fluorescence' || mu === 'reference'
      ? mu
      : { column: mu };

function edgeOfScan(
  scan: SpectrumScan,
  path: string,
  { edge, mu, warn }: ConvertOptions,
): { element: string; edge: string } {
  if (edge !== undefined) {
    const parsed = parseEdge(edge);
    if (parsed === null)
      throw new InputError(`--edge '${edge}' is not an edge`, null, "write it as 'Y K' or 'Au L3'");
    return parsed;
  }
  if (scan.element !== null && scan.edge !== null) return { element: scan.element, edge: scan.edge };
  const guessed = guessEdge(scan, sourceOf(mu))?.edge;
  if (guessed !== undefined) {
    warn?.(`'${scan.title}' does not say its edge: it rises like ${guessed.element} ${guessed.edge}`);
    return guessed;
  }
  const stored = scan.element === null ? null : nearestEdge(Number(scan.stored.e0_eV), [scan.element]);
  if (stored !== null) return stored;
  throw new InputError(`'${scan.title}' does not say its element and edge`, { path }, "add --edge 'Y K'");
}

/** The steepest rise within 30 eV of the tabulated edge: a start that the user of the project may move. */
function steepestNear(energy: Float64Array, mu: Float64Array, edge_eV: number): number {
  let best = { slope: 0, energy: edge_eV };
  for (let i = 1; i + 1 < energy.length; i++) {
    if (Math.abs(energy[i]! - edge_eV) > 30) continue;
    const slope = (mu[i + 1]! - mu[i - 1]!) / (energy[i + 1]! - energy[i - 1]!);
    if (slope > best.slope) best = { slope, energy: energy[i]! };
  }
  return best.energy;
}
