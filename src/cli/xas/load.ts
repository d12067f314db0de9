import { existsSync } from 'node:fs';
import { InputError } from '../../errors.js';
import { stemOf } from '../../formats/common/input.js';
import { isSpectrum } from '../../formats/inspect/inspect-spectra.js';
import { withAssignedRoles } from '../../formats/spectra/assigned-roles.js';
import { guessEdge } from '../../formats/spectra/guess-edge.js';
import { possibleSources, unknownColumns } from '../../formats/spectra/scan-mu.js';
import { pickScan, readSpectrumScans } from '../../formats/spectra/spectrum-file.js';
import { spectrumFromScan } from '../../formats/spectra/spectrum-from-scan.js';
import type { MuSource, Spectrum, SpectrumScan } from '../../measurement.js';
import { normalizeEdgeName } from '../../reference/edges.js';
import type { NormalizationChoices } from '../../xas/normalize/larch-normalization.js';
import { storedChoices } from '../../xas/normalize/stored-choices.js';
import { type CountingDetector, withoutDeadTime } from '../../xas/scans/dead-time.js';
import type { SpectrumFlags } from './flags.js';
import { tell } from './output.js';

export interface LoadedSpectrum {
  spectrum: Spectrum;
  file: string;
  /** The column already holds normalised absorption. */
  isNormalized: boolean;
  /** Normalisation that the file stores with the spectrum. */
  stored: NormalizationChoices;
}

/** Reads all spectra of the files; what was assumed goes to stderr. @throws InputError */
export async function loadSpectra(files: readonly string[], flags: SpectrumFlags): Promise<LoadedSpectrum[]> {
  const loaded: LoadedSpectrum[] = [];
  for (const name of files) {
    const { file, group } = fileAndGroup(name, flags);
    const all = await readSpectrumScans(file, group ?? null);
    const scans = group === undefined ? withEnergies(all, file) : [pickScan(all, group, file)];
    for (const scan of scans) {
      const label = all.length > 1 ? scan.title : stemOf(file);
      loaded.push(load(file, scan, label, flags));
    }
  }
  return loaded;
}

/** Scans of different edges have nothing to do with each other. */
export function needOneEdge(loaded: LoadedSpectrum[], least: number, what: string): void {
  if (loaded.length < least)
    throw new InputError(`${loaded.length} spectra are too few to ${what}`, null, `give at least ${least}`);
  const [first] = loaded;
  const other = loaded.find(
    ({ spectrum }) => spectrum.element !== first!.spectrum.element || spectrum.edge !== first!.spectrum.edge,
  );
  if (other)
    throw new InputError(
      `is of the ${other.spectrum.element} ${other.spectrum.edge} edge, ${first!.spectrum.label} of ${first!.spectrum.element} ${first!.spectrum.edge}`,
      { path: other.file },
      'give spectra of one edge',
    );
}

/** Groups of chi(k) beside spectra are left out. */
function withEnergies(scans: SpectrumScan[], file: string): SpectrumScan[] {
  const usable = scans.filter(isSpectrum);
  if (usable.length === 0) return scans;
  if (usable.length < scans.length)
    tell(`${file}: ${scans.length - usable.length} groups without energies are left out`);
  return usable;
}

/** 'gold.prj#Au foil' is one spectrum of a file that holds several. */
function fileAndGroup(name: string, { group }: SpectrumFlags): { file: string; group: string | undefined } {
  const at = name.indexOf('#', 1);
  if (at < 0 || existsSync(name)) return { file: name, group };
  return { file: name.slice(0, at), group: name.slice(at + 1) };
}

function load(file: string, read: SpectrumScan, label: string, flags: SpectrumFlags): LoadedSpectrum {
  const scan = flags.columns ? withAssignedRoles(read, flags.columns, { path: file }) : read;
  for (const warning of scan.warnings) tell(`${label}: ${warning}`);
  const { element, edge } = edgeOfScan(file, scan, label, flags);
  const detector = detectorOf(flags);
  const made = fitOrFault(
    () =>
      spectrumFromScan(scan, {
        element,
        edge,
        label,
        mu: muOf(flags.mu),
        path: file,
        warn: (message) => tell(`${label}: ${message}`),
        ...(detector && { prepare: (columns) => withoutDeadTime(columns, detector) }),
      }),
    file,
  );
  const shift = flags.energyShift ?? 0;
  const { source } = made;
  return {
    file,
    spectrum: shift === 0 ? made : { ...made, energy_eV: made.energy_eV.map((e) => e + shift) },
    isNormalized:
      typeof source === 'object' &&
      (scan.columns.find(({ name }) => name === source.column)?.role === 'norm' ||
        /norm|flat/iu.test(source.column)),
    stored: storedChoices(scan.stored),
  };
}

/** What the flags say of a counting detector, whose fluorescence counts are then corrected. */
function detectorOf({ deadTime, dwell }: SpectrumFlags): CountingDetector | null {
  if (deadTime === undefined) return null;
  if (!(deadTime > 0 && (dwell ?? 1) > 0))
    throw new InputError('--dead-time and --dwell take positive times', null, 'as --dead-time 0.3 --dwell 1');
  return { deadTime_s: deadTime * 1e-6, dwell_s: dwell ?? null };
}

function muOf(text: string | undefined): MuSource | null {
  if (text === undefined) return null;
  return text === 'transmission' || text === 'fluorescence' || text === 'reference' ? text : { column: text };
}

/** The edge that the user names, the file states, or the energy of the steepest rise points to. */
function edgeOfScan(
  file: string,
  scan: SpectrumScan,
  label: string,
  flags: SpectrumFlags,
): { element: string; edge: string } {
  if (flags.edge) {
    const [element, edge] = flags.edge.trim().split(/\s+/u);
    if (!element || !edge) throw new InputError(`'${flags.edge}' is no edge`, null, 'write --edge "Cl K"');
    return { element, edge: normalizeEdgeName(edge) };
  }
  if (scan.element && scan.edge) return { element: scan.element, edge: normalizeEdgeName(scan.edge) };
  const guess = guessEdge(scan, muOf(flags.mu));
  if (guess === null && scan.muHint === null && !flags.mu && possibleSources(scan.columns).length === 0)
    throw unknownColumns(scan.columns, { path: file });
  const count = scan.columns[0]?.values.length ?? 0;
  if (guess === null && count < 8) throw new InputError(`holds only ${count} rows`, { path: file });
  if (guess === null)
    throw new InputError(
      'does not say which edge it is, and no rise in it tells',
      { path: file },
      'add --edge "Cl K"',
    );
  const { edge: found, rise_eV } = guess;
  tell(
    `${label}: taken as ${found.element} ${found.edge}, as it rises at ${rise_eV.toFixed(1)} eV (say --edge if it is not)`,
  );
  return found;
}

/** What a step cannot do with a spectrum is told with its file. */
export function fitOrFault<T>(action: () => T, path: string): T {
  try {
    return action();
  } catch (thrown) {
    if (thrown instanceof RangeError) throw new InputError(thrown.message, { path });
    throw thrown;
  }
}
