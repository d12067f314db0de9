import { basename } from 'node:path';
import { InputError } from '../../errors.js';
import type { MapEntry } from '../../experiment.js';
import type { ElementMap } from '../../measurement.js';
import { isHdf5 } from '../common/hdf5.js';
import { openInput, readHead, textOf } from '../common/input.js';
import { askedImages, pixelOf, type RawImage, type Warn } from './map-notes.js';
import { hdf5MapKind, type MapRead, readHdf5Map } from './map-read-hdf5.js';
import { parseTextMap, type TextMap } from './map-text.js';
import { isTiff, readTiff } from './tiff.js';

export type { MapRead } from './map-read-hdf5.js';

const looksLikeHdf5 = (path: string): boolean => {
  const head = readHead(path);
  return isHdf5(head) || (head[0] === 0x1f && head[1] === 0x8b && /\.(?:h5|hdf5?|nxs)\.gz$/iu.test(path));
};

/** What product a map entry gives, found without reading its data. */
export async function mapKind(entry: MapEntry): Promise<MapRead['kind']> {
  const { source } = entry;
  if ('file' in source && looksLikeHdf5(source.file)) return hdf5MapKind(entry, source);
  return 'element-map';
}

/** Reads the map of an entry, whatever its layout. @throws InputError naming file, place and cure. */
export async function readMap(entry: MapEntry, warn: Warn): Promise<MapRead> {
  const { source } = entry;
  if ('files' in source)
    return {
      kind: 'element-map',
      format: 'one file per element',
      map: await fromFiles(entry, source.files, warn),
    };
  if (looksLikeHdf5(source.file)) return readHdf5Map(entry, source, warn);
  if (entry.role === 'energy-stack')
    throw new InputError('an energy stack is read from HDF5 (an NXdata with energy, y, x)', {
      path: source.file,
    });
  const only = entry.elements?.length === 1 ? entry.elements[0]! : null;
  const { ny, nx, pixel_um, images, format } = readImageFile(source.file, only, entry, warn);
  return {
    kind: 'element-map',
    format,
    map: {
      name: entry.name,
      grid: { ny, nx, pixel_um: pixelOf(entry, pixel_um, source.file, warn) },
      incidentEnergy_eV: entry.incidentEnergy_eV,
      images: askedImages(entry, images, source.file, warn),
    },
  };
}

function readImageFile(path: string, element: string | null, entry: MapEntry, warn: Warn): TextMap {
  const file = openInput(path);
  if (isTiff(file.bytes)) {
    const { width, height, values } = readTiff(file);
    return {
      format: 'TIFF',
      ny: height,
      nx: width,
      pixel_um: null,
      images: [{ element: element ?? file.stem, values, sigma: null }],
    };
  }
  return parseTextMap(textOf(file), path, element, entry.pixel_um, warn);
}

async function fromFiles(entry: MapEntry, files: Record<string, string>, warn: Warn): Promise<ElementMap> {
  const read: { path: string; map: TextMap; image: RawImage }[] = [];
  for (const [element, path] of Object.entries(files)) {
    const told = (message: string): void => warn(`${basename(path)}: ${message}`);
    const map = looksLikeHdf5(path)
      ? await hdf5Image(entry, element, path, told)
      : readImageFile(path, element, entry, told);
    const image = map.images.find((found) => found.element === element) ?? map.images[0]!;
    read.push({ path, map, image: { ...image, element } });
  }
  const first = read[0]!;
  for (const { path, map } of read) {
    if (map.ny === first.map.ny && map.nx === first.map.nx) continue;
    throw new InputError(
      `has ${map.ny} x ${map.nx} pixels, ${basename(first.path)} has ${first.map.ny} x ${first.map.nx}`,
      { path },
      'give maps of one scan, or list them as two maps',
    );
  }
  const { ny, nx, pixel_um } = first.map;
  const images = askedImages(
    entry,
    read.map(({ image }) => image),
    first.path,
    warn,
  );
  return {
    name: entry.name,
    grid: { ny, nx, pixel_um: pixelOf(entry, pixel_um, first.path, warn) },
    incidentEnergy_eV: entry.incidentEnergy_eV,
    images,
  };
}

async function hdf5Image(entry: MapEntry, element: string, path: string, warn: Warn): Promise<TextMap> {
  const read = await readHdf5Map({ ...entry, elements: [element] }, { file: path, data: null }, warn);
  if (read.kind !== 'element-map') throw new InputError('holds no image of an element', { path });
  const { grid, images } = read.map;
  return { format: read.format, ny: grid.ny, nx: grid.nx, pixel_um: grid.pixel_um, images };
}
