import type { SpectrumScan } from '../../measurement.js';
import type { H5DatasetReader } from '../common/hdf5.js';
import { inferColumns } from './column-infer.js';
import { statedEdge } from './nexus-texts.js';

const MAX_ROWS = 1_000_000;

/**
 * The scan in an HDF5 table, whose records hold an energy (or mono angle) and the channels of one point each; null where
 * they hold none.
 */
export function tableScan(dataset: H5DatasetReader, texts: Record<string, string>): SpectrumScan | null {
  if (!dataset.isTable || dataset.size < 3 || dataset.size > MAX_ROWS) return null;
  const members = dataset.table();
  const columns = inferColumns(
    members.map(({ name }) => name),
    members.map(() => null),
    members.map(({ values }) => values),
  );
  if (columns.length < 2 || !columns.some(({ role }) => role === 'energy' || role === 'angle')) return null;
  return {
    title: texts.title ?? texts.name ?? dataset.path,
    format: 'HDF5 table',
    ...statedEdge(texts),
    columns,
    metadata: { ...texts, group: dataset.path },
    muHint: null,
    warnings: [],
    stored: {},
  };
}
