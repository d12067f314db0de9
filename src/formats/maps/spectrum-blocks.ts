import type { LargeSpectrumMap } from '../../measurement.js';
import { withHdf5 } from '../common/hdf5.js';
import { addSpectra } from './map-read-hdf5.js';

/** Rows [firstRow, lastRow) of a large map: counts[((row - firstRow) * nx + column) * channels + channel], detectors summed. */
export interface SpectrumBlock {
  firstRow: number;
  lastRow: number;
  counts: Float32Array;
}

/**
 * Hands the spectra of a large map to `use`, block by block in the order of rows; memory stays near the size of one block
 * whatever the number of pixels. The array is used again for the next block: keep a copy of what is needed later.
 */
export function eachSpectrumBlock(
  map: LargeSpectrumMap,
  use: (block: SpectrumBlock) => void | Promise<void>,
): Promise<void> {
  return withHdf5(map.file, async (root) => {
    const { nx, ny } = map.grid;
    const datasets = map.datasets.map((path) => {
      const dataset = root.dataset(path);
      if (dataset === null) throw root.fault(`there is no dataset '${path}'`);
      return dataset;
    });
    const whole = new Float32Array(map.rowsPerBlock * nx * map.channels);
    for (let firstRow = 0; firstRow < ny; firstRow += map.rowsPerBlock) {
      const lastRow = Math.min(ny, firstRow + map.rowsPerBlock);
      const pixels = (lastRow - firstRow) * nx;
      const counts = whole.subarray(0, pixels * map.channels).fill(0);
      for (const dataset of datasets) {
        const rows: [number, number] = [firstRow, lastRow];
        const ranges: [number, number][] =
          map.order === 'channel,row,column'
            ? [[0, map.channels], rows, [0, nx]]
            : [rows, [0, nx], [0, map.channels]];
        addSpectra(counts, dataset.rawSlab(ranges) as ArrayLike<number>, pixels, map.channels, map.order);
      }
      await use({ firstRow, lastRow, counts });
    }
  });
}
