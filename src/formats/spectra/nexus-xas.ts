import { InputError } from '../../errors.js';
import type { Column, SpectrumScan } from '../../measurement.js';
import { H5DatasetReader, H5GroupReader, withHdf5 } from '../common/hdf5.js';
import { stemOf } from '../common/input.js';
import { inferColumns } from './column-infer.js';
import { tableScan } from './hdf5-table.js';
import { nearbyTexts, statedEdge } from './nexus-texts.js';
import { nxxasScan } from './nxxas.js';

const MAX_ROWS = 1_000_000;

/**
 * Scans in an HDF5 file: every group that holds an energy (or mono angle) of one dimension and other columns of the same
 * length. This covers NeXus NXxas and NXdata, plain groups of columns, and tables of records.
 * @param path reads the group (or the table) at this path only.
 * @throws InputError where no group holds such columns.
 */
export function readHdf5Scans(file: string, path: string | null): Promise<SpectrumScan[]> {
  return withHdf5(file, (root) => {
    const top = path === null ? root : root.child(path);
    if (top === null) throw root.fault(`there is no group '${path}'`);
    const start = top instanceof H5DatasetReader ? root : top;
    const items = top instanceof H5DatasetReader && top.isTable ? [top] : [start, ...start.walk()];
    const groups = items.filter((item): item is H5GroupReader => item instanceof H5GroupReader);
    const tables = items.flatMap((item) =>
      item instanceof H5DatasetReader ? (tableScan(item, textsAbout(item, root)) ?? []) : [],
    );
    const defined = groups.flatMap((group) => nxxasScan(group, file) ?? []);
    const isDefined = ({ path: at }: H5GroupReader): boolean =>
      defined.some(({ metadata }) => metadata.group === '/' || `${at}/`.startsWith(`${metadata.group}/`));
    const scans = groups.flatMap((group) => {
      if (isDefined(group)) return [];
      const above = group.path.split('/').slice(0, -1).join('/');
      const around = above === '' ? {} : nearbyTexts(root.groupAt(above) ?? group);
      return scanOf(group, around, file) ?? [];
    });
    if (scans.length + defined.length + tables.length === 0)
      throw new InputError('holds no columns with an energy axis', {
        path: file,
        ...(path === null ? {} : { dataset: path }),
      });
    return [...defined, ...distinct(scans), ...tables];
  });
}

/** What is said beside a dataset, and on it. */
function textsAbout(dataset: H5DatasetReader, root: H5GroupReader): Record<string, string> {
  const above = dataset.path.split('/').slice(0, -1).join('/');
  const own = ['title', 'element', 'edge'].flatMap((name) => {
    const text = dataset.attributeText(name);
    return text === null ? [] : [[name, text] as const];
  });
  return { ...nearbyTexts((above && root.groupAt(above)) || root), ...Object.fromEntries(own) };
}

/** A group that only links to the datasets of another (NXxas does) counts once: the one with more columns stays. */
function distinct(scans: SpectrumScan[]): SpectrumScan[] {
  return scans.filter(
    (scan, i) =>
      !scans.some((other, j) => {
        const larger = other.columns.length - scan.columns.length;
        return (
          i !== j &&
          (larger > 0 || (larger === 0 && j < i)) &&
          scan.columns.every((column) => holds(other, column))
        );
      }),
  );
}

const holds = ({ columns }: SpectrumScan, { values }: Column): boolean =>
  columns.some(
    (own) => own.values.length === values.length && own.values.every((value, i) => value === values[i]),
  );

/** What a dataset without a telling name is: SOLEIL writes 'd09-1-c00/ex/energy.1/energy' as an attribute. */
const longName = (dataset: H5DatasetReader): string | null =>
  dataset.attributeText('long_name')?.split('/').at(-1) ?? null;

function scanOf(group: H5GroupReader, around: Record<string, string>, file: string): SpectrumScan | null {
  const datasets = group.names().flatMap((name): H5DatasetReader[] => {
    try {
      const found = group.dataset(name) ?? group.groupAt(name)?.dataset('data') ?? null;
      return found?.isNumeric && found.shape.length === 1 && found.size > 2 && found.size < MAX_ROWS
        ? [found]
        : [];
    } catch {
      return [];
    }
  });
  const nameOf = (dataset: H5DatasetReader): string => {
    const parts = dataset.path.split('/');
    return parts.at(-1) === 'data' && parts.length > 2 && parts.at(-2) !== group.path.split('/').at(-1)
      ? parts.at(-2)!
      : parts.at(-1)!;
  };
  const energies = inferColumns(
    datasets.map(nameOf),
    datasets.map(({ units }) => units),
    datasets.map(() => new Float64Array()),
    datasets.map(longName),
  );
  const axis = energies.findIndex(({ role }) => role === 'energy' || role === 'angle');
  if (axis < 0) return null;
  const length = datasets[axis]!.size;
  const kept = datasets.filter(({ size }) => size === length);
  if (kept.length < 2) return null;
  const columns: Column[] = inferColumns(
    kept.map(nameOf),
    kept.map(({ units }) => units),
    kept.map((dataset) => dataset.numbers()),
    kept.map(longName),
  );
  const texts = { ...around, ...nearbyTexts(group) };
  return {
    title: texts.title ?? texts.name ?? (group.path === '/' ? stemOf(file) : group.path),
    format: group.nxClass === 'NXdata' || group.nxClass === 'NXentry' ? 'NeXus columns' : 'HDF5 columns',
    ...statedEdge(texts),
    columns,
    metadata: { ...texts, group: group.path },
    muHint: null,
    warnings: [],
    stored: {},
  };
}
