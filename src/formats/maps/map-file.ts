import { basename } from 'node:path';
import { InputError } from '../../errors.js';
import type { MapEntry } from '../../experiment.js';
import type { ElementMap } from '../../measurement.js';
import { isHdf5 } from '../common/hdf5.js';
import { type InputFile, openInput, readHead, textOf } from '../common/input.js';
import { isEdf, readEdf } from './edf.js';
import { edfImages, edfSeries } from './edf-map.js';
import { askedImages, pixelOf, type RawImage, type Warn } from './map-notes.js';
import { hdf5MapKind, type MapRead, readHdf5Map } from './map-read-hdf5.js';
import { parseTextMap, type TextMap } from './map-text.js';
import { dividedByMonitor, monitorOf } from './monitor.js';
import { type GriddedImage, onOneGrid } from './one-grid.js';
import { bestOfElement, elementOfSignal } from './signal-name.js';
import { readTiff } from './tiff.js';
import { isTiff } from './tiff-directories.js';

export type { MapRead } from './map-read-hdf5.js';

const looksLikeHdf5 = (path: string): boolean => {
  const head = readHead(path);
  return isHdf5(head) || (head[0] === 0x1f && head[1] === 0x8b && /\.(?:h5|hdf5?|nxs)\.gz$/iu.test(path));
};

/** What product a map entry gives, found without reading its data. */
export async function mapKind(entry: MapEntry): Promise<MapRead['kind']> {
  const { source } = entry;
  if ('file' in source && looksLikeHdf5(source.file)) return hdf5MapKind(entry, source);
  return 'rows' in source ? 'spectrum-map' : 'element-map';
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
  if ('rows' in source)
    return {
      kind: 'spectrum-map',
      format: 'EDF rows of spectra',
      map: edfSeries(entry, source.rows, warn),
    };
  if (looksLikeHdf5(source.file)) return readHdf5Map(entry, source, warn);
  if (entry.role === 'energy-stack')
    throw new InputError('an energy stack is read from HDF5 (an NXdata with energy, y, x)', {
      path: source.file,
    });
  const only = entry.elements?.length === 1 ? entry.elements[0]! : null;
  const read = readImageFile(source.file, only, entry, warn);
  const { ny, nx, images, format } = read;
  const place = { path: source.file };
  const claim = read.pixel_um && { um: read.pixel_um };
  const map = {
    name: entry.name,
    grid: { ny, nx, pixel_um: pixelOf(entry, claim, source.file, warn) },
    incidentEnergy_eV: entry.incidentEnergy_eV ?? read.incidentEnergy_eV,
    images: askedImages(entry, images, source.file, warn),
  };
  const monitor = monitorOf(entry.i0, read.scalers, ny * nx, place, warn);
  return { kind: 'element-map', format, map: monitor === null ? map : dividedByMonitor(map, monitor) };
}

/** The images of one file that is not HDF5; `element` is what an image without an element in its name is taken for. */
export function readImageFile(path: string, element: string | null, entry: MapEntry, warn: Warn): TextMap {
  const file = openInput(path);
  if (/\.(?:h5|hdf5?|nxs)$/iu.test(file.name)) throw new InputError('is not an HDF5 file', { path });
  if (isTiff(file.bytes)) return fromTiff(file, element, entry.elements);
  if (isEdf(file.bytes)) {
    const read = edfImages(readEdf(file), path, element);
    return { format: 'EDF', pixel_um: null, ...read, images: named(read.images, entry.elements), ...nothing };
  }
  return parseTextMap(textOf(file), path, element, entry.pixel_um, warn);
}

const nothing = { scalers: [], incidentEnergy_eV: null };

/** One image, or one a page with its element in the description (PyMca) or in the order of the elements asked for. */
function fromTiff(file: InputFile, element: string | null, elements: string[] | null): TextMap {
  const pages = readTiff(file);
  const { width, height } = pages[0]!;
  const odd = pages.find((page) => page.width !== width || page.height !== height);
  if (odd !== undefined)
    throw new InputError(
      `holds images of ${height} x ${width} and of ${odd.height} x ${odd.width} pixels`,
      { path: file.path },
      'save one image a file',
    );
  const images = pages.map(({ values, description }, i) => {
    const title = /^\s*(?:title|label|name)\s*=\s*(.+)$/imu.exec(description)?.[1]?.trim() ?? '';
    const own =
      elementOfSignal(title) === null ? `${file.stem}${pages.length > 1 ? ` ${i + 1}` : ''}` : title;
    return { element: pages.length === 1 && element !== null ? element : own, values, sigma: null };
  });
  return {
    format: 'TIFF',
    ny: height,
    nx: width,
    pixel_um: null,
    images: named(images, elements),
    ...nothing,
  };
}

/** Images with elements in their names; where none has one, they take the elements asked for, if those are as many. */
function named(images: RawImage[], elements: string[] | null): RawImage[] {
  const found = bestOfElement(images, ({ element }) => element, false);
  if (found.length > 0) return found.map(({ element, signal }) => ({ ...signal, element }));
  if (elements?.length !== images.length) return images;
  return images.map((image, i) => ({ ...image, element: elements[i]! }));
}

async function fromFiles(entry: MapEntry, files: Record<string, string>, warn: Warn): Promise<ElementMap> {
  const read: GriddedImage[] = [];
  for (const [element, path] of Object.entries(files)) {
    const told = (message: string): void => warn(`${basename(path)}: ${message}`);
    const map = looksLikeHdf5(path)
      ? await hdf5Image(entry, element, path, told)
      : readImageFile(path, element, { ...entry, elements: [element] }, told);
    const image = map.images.find((found) => found.element === element) ?? map.images[0]!;
    read.push({ path, map, image: { ...image, element } });
  }
  const gridded = onOneGrid(read, warn);
  const first = gridded[0]!;
  const { ny, nx, pixel_um } = first.map;
  const images = askedImages(
    entry,
    gridded.map(({ image }) => image),
    first.path,
    warn,
  );
  return {
    name: entry.name,
    grid: { ny, nx, pixel_um: pixelOf(entry, pixel_um && { um: pixel_um }, first.path, warn) },
    incidentEnergy_eV: entry.incidentEnergy_eV ?? first.map.incidentEnergy_eV,
    images,
  };
}

async function hdf5Image(entry: MapEntry, element: string, path: string, warn: Warn): Promise<TextMap> {
  const read = await readHdf5Map({ ...entry, elements: [element] }, { file: path, data: null }, warn);
  if (read.kind !== 'element-map') throw new InputError('holds no image of an element', { path });
  const { grid, images, incidentEnergy_eV } = read.map;
  return {
    format: read.format,
    ny: grid.ny,
    nx: grid.nx,
    pixel_um: grid.pixel_um,
    images,
    scalers: [],
    incidentEnergy_eV,
  };
}
