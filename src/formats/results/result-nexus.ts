/**
 * result.nxs: every curve and map of a result as a NeXus file that opens with a plot. From the root, `default`
 * attributes lead to the first line scan's contour, or else the first spectrum, or else the first map.
 * https://manual.nexusformat.org/datarules.html#find-the-plottable-data
 */
import { InputError, messageOf } from '../../errors.js';
import type { LineScanCurves, MapArrays, Result, ResultBundle, SpectrumCurves } from '../../result.js';
import { produceFileAtomic } from '../common/atomic.js';
import { NexusGroup, NexusReader, openHdf5 } from '../common/nexus-tree.js';
import { toResultJson } from './result-json.js';
import { readMap, writeMap } from './result-nexus-maps.js';
import { readScan, writeScan } from './result-nexus-scans.js';
import { readSpectrum, writeSpectrum } from './result-nexus-spectra.js';

export type ResultArrays = Omit<ResultBundle, 'result'>;

/** Raise it when the layout changes, so that an old file is named as such. */
const LAYOUT = 'interphase-result-nexus/1';

/** Writes the arrays (and the numbers as one JSON note) under the given name, at once. */
export async function writeResultNexus(path: string, bundle: ResultBundle): Promise<void> {
  await produceFileAtomic(path, async (temporary) => {
    const file = await openHdf5(temporary, 'w');
    try {
      const root = new NexusGroup(file as never)
        .attribute('NX_class', 'NXroot')
        .attribute('default', 'entry');
      root.attribute('creator', 'interphase');
      fillEntry(root.child('entry', 'NXentry'), bundle);
    } finally {
      file.close();
    }
  });
}

function fillEntry(entry: NexusGroup, bundle: ResultBundle): void {
  entry.attribute('layout', LAYOUT).text('title', bundle.result.sample);
  writeNote(entry, bundle.result);
  const collection = <T>(
    name: string,
    items: T[],
    write: (group: NexusGroup, item: T, index: number) => string,
  ): string[] => {
    if (items.length === 0) return [];
    const group = entry.child(name, 'NXcollection');
    const names = items.map((item, index) => write(group, item, index));
    group.attribute('default', names[0]!);
    return [name];
  };
  const [first] = [
    ...collection('line_scans', bundle.lineScans, writeScan),
    ...collection('spectra', bundle.spectra, writeSpectrum),
    ...collection('maps', bundle.maps, writeMap),
  ];
  if (first !== undefined) entry.attribute('default', first);
}

const writeNote = (entry: NexusGroup, result: Result): void => {
  entry
    .child('result', 'NXnote')
    .text('type', 'application/json')
    .text('description', 'the numbers of result.json')
    .text('data', toResultJson(result));
};

/**
 * Reads the arrays back.
 *
 * @throws InputError when the file is missing, is not HDF5, or was not written by this program.
 */
export async function readResultNexus(path: string): Promise<ResultArrays> {
  const fault = (what: string): InputError =>
    new InputError(what, { path }, 'run the analysis again: interphase run EXPERIMENT');
  const file = await openHdf5(path, 'r').catch(() => {
    throw fault('cannot be read as an HDF5 file');
  });
  try {
    const root = new NexusReader(file as never);
    if (!root.has('entry') || root.at('entry').attribute('layout') !== LAYOUT) {
      throw fault(`is not a result file of the layout ${LAYOUT}`);
    }
    const entry = root.at('entry');
    return {
      lineScans: entry.items('scan', 'line_scans').map(readScan) satisfies LineScanCurves[],
      spectra: entry.items('spectrum', 'spectra').map(readSpectrum) satisfies SpectrumCurves[],
      maps: entry.items('map', 'maps').map(readMap) satisfies MapArrays[],
    };
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw fault(`is damaged: ${messageOf(error).split('\n')[0]}`);
  } finally {
    file.close();
  }
}
