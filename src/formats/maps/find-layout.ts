import type { MapEntry } from '../../experiment.js';
import { H5DatasetReader, type H5GroupReader } from '../common/hdf5.js';
import { suggestion } from '../common/nearest.js';
import { findNexusData, nexusDataGroups, readNexusData } from '../common/nexus-data.js';
import { elementGroup, type MapLayout } from './layout.js';
import { detectorLayout } from './layout-detectors.js';
import { mapsGroup, mapsLayout } from './layout-maps.js';
import { couldBeStack, nexusData, nexusLayout, spectraOf, stackLayout } from './layout-nexus.js';
import { pyxrfGroup, pyxrfLayout } from './layout-pyxrf.js';

/**
 * Finds how a file keeps its maps: NXdata (one signal per element, full spectra, or an energy stack), MAPS raw or fitted,
 * PyXRF, detector groups, lists of spectra with positions, or plain groups of images named after elements.
 * @throws InputError where none of these is there.
 */
export function findMapLayout(
  root: H5GroupReader,
  entry: Pick<MapEntry, 'role'> & { data: string | null },
): MapLayout {
  const { data, role } = entry;
  if (role === 'energy-stack') return stackLayout(findNexusData(root, data, couldBeStack));
  const layout = data === null ? whole(root) : atPath(root, namedItem(root, data));
  if (layout !== null) return layout;
  throw root.fault(
    data === null ? 'holds no map of a known layout' : `'${data}' holds no map of a known layout`,
    'known are NXdata with one signal per element or with spectra, MAPS, PyXRF, PyMca, NXdetector, lists of spectra with positions, and groups of images named after elements',
  );
}

function whole(root: H5GroupReader): MapLayout | null {
  const program = pyxrfLayout(root) ?? mapsLayout(root);
  if (program !== null) return program;
  let fault: unknown = null;
  try {
    const found = nexusLayout(root);
    if (found !== null) return found;
  } catch (thrown) {
    fault = thrown;
  }
  const other = detectorLayout(root) ?? elementGroup(root);
  if (other === null && fault !== null) throw fault;
  return other;
}

function namedItem(root: H5GroupReader, path: string): H5GroupReader | H5DatasetReader {
  const found = root.child(path);
  if (found !== null) return found;
  const groups = [...root.walk(4)].map((item) => item.path);
  throw root.fault(`there is no '${path}'`, suggestion(path, groups));
}

function atPath(root: H5GroupReader, item: H5GroupReader | H5DatasetReader): MapLayout | null {
  if (item instanceof H5DatasetReader) {
    if (item.shape.length !== 3)
      throw item.fault('is not a map of spectra (three axes)', 'name the group around it');
    return spectraOf(item, null);
  }
  if (item.attributeText('signal') !== null || item.nxClass === 'NXdata')
    return nexusData(readNexusData(item));
  const inside = nexusDataGroups(item)[0];
  return (
    mapsGroup(item, root) ??
    pyxrfGroup(item, root) ??
    elementGroup(item) ??
    (inside ? nexusLayout(item) : null) ??
    detectorLayout(item)
  );
}
