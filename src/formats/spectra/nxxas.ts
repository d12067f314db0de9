import type { Column, SpectrumScan } from '../../measurement.js';
import type { H5DatasetReader, H5GroupReader } from '../common/hdf5.js';
import { stemOf } from '../common/input.js';
import { nearbyTexts, statedEdge } from './nexus-texts.js';

/**
 * A scan after the NeXus application definition NXxas: energies of the monochromator, the beam before the sample and the
 * signal behind it or beside it (`mode` says which) in an entry's instrument. Null where the entry is no such thing.
 */
export function nxxasScan(entry: H5GroupReader, file: string): SpectrumScan | null {
  if (!/^NXxas/u.test(textAt(entry, 'definition') ?? '')) return null;
  const energy = at(entry, 'instrument/monochromator/energy') ?? at(entry, 'data/energy');
  const signal = at(entry, 'instrument/absorbed_beam/data') ?? at(entry, 'data/absorbed_beam');
  const before = at(entry, 'instrument/incoming_beam/data') ?? at(entry, 'monitor/data');
  if (energy === null || signal === null || before === null) return null;
  if (signal.size !== energy.size || before.size !== energy.size) return null;
  const mode = textAt(entry, 'data/mode') ?? textAt(entry, 'mode') ?? '';
  const role = /fluor|yield/iu.test(mode) ? 'fluorescence' : 'itrans';
  const column = (name: string, dataset: H5DatasetReader, of: Column['role']): Column => ({
    name,
    unit: dataset.units,
    role: of,
    values: dataset.numbers(),
  });
  const texts = nearbyTexts(entry);
  return {
    title: texts.title ?? texts.name ?? (entry.path === '/' ? stemOf(file) : entry.path),
    format: 'NeXus NXxas',
    ...statedEdge(texts),
    columns: [
      column('energy', energy, 'energy'),
      column('incoming_beam', before, 'i0'),
      column('absorbed_beam', signal, role),
    ],
    metadata: { ...texts, ...(mode === '' ? {} : { mode }), group: entry.path },
    muHint: null,
    warnings: mode === '' ? ['does not say its mode: the signal is taken as the transmitted beam'] : [],
    stored: {},
  };
}

/** A dataset of one dimension at a path below a group. */
function at(group: H5GroupReader, path: string): H5DatasetReader | null {
  const found = group.dataset(path);
  return found?.isNumeric && found.shape.length === 1 && found.size > 2 ? found : null;
}

const textAt = (group: H5GroupReader, path: string): string | null => group.dataset(path)?.text() ?? null;
