import { basename } from 'node:path';
import { InputError } from '../../errors.js';
import { withAssignedRoles } from '../../formats/spectra/assigned-roles.js';
import { guessEdge } from '../../formats/spectra/guess-edge.js';
import { possibleSources, unknownColumns } from '../../formats/spectra/scan-mu.js';
import { readSpectrumScans } from '../../formats/spectra/spectrum-file.js';
import { spectrumFromScan } from '../../formats/spectra/spectrum-from-scan.js';
import type { MuSource, Spectrum, SpectrumScan } from '../../measurement.js';
import { normalizeEdgeName } from '../../reference/edges.js';
import type { SpectrumFlags } from './flags.js';

export interface LoadedSpectrum {
  spectrum: Spectrum;
  file: string;
  /** The column already holds normalised absorption. */
  isNormalized: boolean;
}

const note = (message: string): void => console.error(message);

/** Reads all spectra of the files; what was assumed goes to stderr. @throws InputError */
export async function loadSpectra(files: readonly string[], flags: SpectrumFlags): Promise<LoadedSpectrum[]> {
  const loaded: LoadedSpectrum[] = [];
  for (const file of files) {
    const all = await readSpectrumScans(file, flags.group ?? null);
    const scans = all.filter(({ title }) => !flags.group || all.length === 1 || title === flags.group);
    if (scans.length === 0) throw new InputError(`holds no spectrum '${flags.group}'`, { path: file });
    for (const scan of scans) {
      const label = all.length > 1 ? scan.title : basename(file).replace(/\.[^.]+(\.gz)?$/u, '');
      loaded.push(load(file, scan, label, flags));
    }
  }
  return loaded;
}

function load(file: string, read: SpectrumScan, label: string, flags: SpectrumFlags): LoadedSpectrum {
  const scan = flags.columns ? withAssignedRoles(read, flags.columns, { path: file }) : read;
  for (const warning of scan.warnings) note(`${label}: ${warning}`);
  const { element, edge } = edgeOfScan(file, scan, label, flags);
  const made = spectrumFromScan(scan, {
    element,
    edge,
    label,
    mu: muOf(flags.mu),
    path: file,
    warn: (message) => note(`${label}: ${message}`),
  });
  const shift = flags.energyShift ?? 0;
  const { source } = made;
  return {
    file,
    spectrum: shift === 0 ? made : { ...made, energy_eV: made.energy_eV.map((e) => e + shift) },
    isNormalized:
      typeof source === 'object' &&
      (scan.columns.find(({ name }) => name === source.column)?.role === 'norm' ||
        /norm|flat/iu.test(source.column)),
  };
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
  if (guess === null)
    throw new InputError(
      'does not say which edge it is, and no rise in it tells',
      { path: file },
      'add --edge "Cl K"',
    );
  const { edge: found, rise_eV } = guess;
  note(
    `${label}: taken as ${found.element} ${found.edge}, as it rises at ${rise_eV.toFixed(1)} eV (say --edge if it is not)`,
  );
  return found;
}
