import { basename } from 'node:path';
import { InputError, messageOf } from '../../errors.js';
import { readSpectrumScans } from '../../formats/spectra/spectrum-file.js';
import { spectrumFromScan } from '../../formats/spectra/spectrum-from-scan.js';
import type { MuSource, Spectrum, SpectrumScan } from '../../measurement.js';
import { nearestEdge, normalizeEdgeName } from '../../reference/edges.js';
import { ratioDerivative } from '../../xas/curve/grid.js';
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

function load(file: string, scan: SpectrumScan, label: string, flags: SpectrumFlags): LoadedSpectrum {
  for (const warning of scan.warnings) note(`${label}: ${warning}`);
  const { element, edge } = edgeOfScan(file, scan, label, flags);
  const read = spectrumFromScan(scan, {
    element,
    edge,
    label,
    mu: muOf(flags.mu),
    path: file,
    warn: (message) => note(`${label}: ${message}`),
  });
  const shift = flags.energyShift ?? 0;
  const { source } = read;
  return {
    file,
    spectrum: shift === 0 ? read : { ...read, energy_eV: read.energy_eV.map((e) => e + shift) },
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
  const found = guessedEdge(file, scan, label, flags);
  note(`${label}: taken as ${found.element} ${found.edge} (say --edge if it is not)`);
  return found;
}

function guessedEdge(file: string, scan: SpectrumScan, label: string, flags: SpectrumFlags) {
  const energies = scan.columns.find(({ role }) => role === 'energy')?.values;
  const unknown = new InputError('does not say which edge it is', { path: file }, 'add --edge "Cl K"');
  if (!energies?.length) throw unknown;
  const middle = energies[Math.floor(energies.length / 2)]!;
  // Any edge inside the range lets mu be formed; its steepest rise then names the real one.
  const near = nearestEdge(middle);
  if (!near) throw unknown;
  try {
    const { energy_eV, mu } = spectrumFromScan(scan, {
      element: scan.element ?? near.element,
      edge: near.edge,
      label,
      mu: muOf(flags.mu),
      path: file,
    });
    const slope = ratioDerivative(energy_eV, mu);
    let steepest = 3;
    for (let i = 3; i < slope.length - 3; i++) if (slope[i]! > slope[steepest]!) steepest = i;
    const found = nearestEdge(energy_eV[steepest]!, scan.element ? [scan.element] : undefined);
    if (!found) throw unknown;
    return { element: found.element, edge: found.edge };
  } catch (thrown) {
    if (thrown instanceof InputError && thrown !== unknown && /column|energ/iu.test(messageOf(thrown)))
      throw thrown;
    throw unknown;
  }
}
