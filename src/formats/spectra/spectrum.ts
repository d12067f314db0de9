import type { SpectrumEntry } from '../../experiment.js';
import type { Spectrum } from '../../measurement.js';
import { stemOf } from '../common/input.js';
import { pickScan, readSpectrumScans } from './spectrum-file.js';
import { type SpectrumRequest, spectrumFromScan } from './spectrum-from-scan.js';

/**
 * Reads the scans of the spectrum that an entry of the experiment file describes: one, or repeated ones, which then carry
 * the names of their files or groups.
 * @throws InputError naming file and cure.
 */
export async function readScansOf(
  { scans, element, edge, label, columns, mu }: SpectrumEntry,
  warn: (message: string, file: string) => void,
  prepare?: SpectrumRequest['prepare'],
): Promise<Spectrum[]> {
  const severalFiles = new Set(scans.map(({ file }) => file)).size > 1;
  const nameOf = ({ file, group }: SpectrumEntry['scans'][number]): string =>
    scans.length === 1 ? label : [severalFiles ? stemOf(file) : null, group].filter(Boolean).join(' ');
  const read: Spectrum[] = [];
  for (const one of scans) {
    const told = (message: string): void => warn(message, one.file);
    const scan = pickScan(await readSpectrumScans(one.file, one.group), one.group, one.file);
    for (const warning of scan.warnings) told(warning);
    read.push(
      spectrumFromScan(scan, {
        ...{ element, edge, label: nameOf(one), columns, mu, path: one.file, warn: told },
        ...(prepare && { prepare }),
      }),
    );
  }
  return read;
}
