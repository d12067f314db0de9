import { withHdf5 } from '../../src/formats/common/hdf5.js';
import { type NexusLineScan, nexusLineScan } from '../../src/formats/patterns/nexus-line-scan.js';
import type { Pattern } from '../../src/measurement.js';

export interface WholeScan extends Omit<NexusLineScan, 'patterns' | 'warnings'> {
  patterns: Pattern[];
  warnings: string[];
}

/** All of a small line scan in HDF5. */
export const readNexusLineScan = (
  file: string,
  path: string | null,
  wavelength_A: number | null = null,
  positioned = true,
): Promise<WholeScan> =>
  withHdf5(file, (root) => {
    const scan = nexusLineScan(root, path, wavelength_A, positioned);
    return { ...scan, patterns: [...scan.patterns], warnings: [...scan.warnings] };
  });
