import type { SpectrumEntry } from '../../experiment.js';
import type { Spectrum } from '../../measurement.js';
import { pickScan, readSpectrumScans } from './spectrum-file.js';
import { spectrumFromScan } from './spectrum-from-scan.js';

/** Reads the spectrum that an entry of the experiment file describes. @throws InputError naming file and cure. */
export async function readSpectrum(entry: SpectrumEntry, warn: (message: string) => void): Promise<Spectrum> {
  const { file, group, element, edge, label, columns, mu } = entry;
  const scan = pickScan(await readSpectrumScans(file, group), group, file);
  for (const warning of scan.warnings) warn(warning);
  return spectrumFromScan(scan, { element, edge, label, columns, mu, path: file, warn });
}
