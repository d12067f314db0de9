import { InputError } from '../../errors.js';
import { counted } from '../../words.js';
import { type InputFile, textOf } from '../common/input.js';
import { rangeOf } from '../common/range.js';
import { type EdfFrame, isEdf, readEdf } from '../maps/edf.js';
import type { MapLayout } from '../maps/layout.js';
import { axisPixels, type PixelClaim, positionPixels } from '../maps/map-axes.js';
import { parseTextMap } from '../maps/map-text.js';
import { elementOfSignal } from '../maps/signal-name.js';
import { readTiff } from '../maps/tiff.js';
import { isTiff } from '../maps/tiff-directories.js';
import { brief, type Finding, finding } from './inspection.js';

const MISSING_PIXEL = 'the file does not say its pixel size; write pixel: 5 um';

function pixelWords(claim: PixelClaim): string {
  if (claim === null) return MISSING_PIXEL;
  if ('um' in claim) return `pixel ${brief(claim.um.x)} x ${brief(claim.um.y)} um`;
  return `its positions step by ${brief(claim.steps.x)} x ${brief(claim.steps.y)} without a unit; write pixel: 5 um`;
}

/** A map in HDF5 as its layout tells, at the path of the group it was found from. */
export function layoutFinding(layout: Exclude<MapLayout, { kind: 'stack' }>, path: string): Finding {
  const beside = [
    ...(layout.scalers.length > 0
      ? [
          `monitors (for i0:): ${layout.scalers
            .map(({ name }) => name)
            .slice(0, 20)
            .join(', ')}`,
        ]
      : []),
    ...(layout.incidentEnergy_eV === null ? [] : [`incident energy ${brief(layout.incidentEnergy_eV)} eV`]),
  ];
  const monitors = layout.scalers.map(({ name }) => name);
  if (layout.kind === 'images') {
    const shape = layout.images[0]!.dataset.shape.slice(-2);
    const [ny, nx] = layout.axes.transposed ? [shape[1]!, shape[0]!] : [shape[0]!, shape[1]!];
    const elements = layout.images.map(({ element }) => element);
    const claim = claimOf(layout, ny, nx);
    return finding(
      'element-map',
      layout.format,
      `${path}: maps of ${elements.slice(0, 12).join(', ')}, ${ny} rows x ${nx} columns`,
      [pixelWords(claim), ...beside],
      {
        group: path,
        elements,
        ny,
        nx,
        pixel_um: claim !== null && 'um' in claim ? claim.um : null,
        monitors,
      },
    );
  }
  const { order, detectors, energy, format } = layout;
  const sides = detectors[0]!.dataset.shape;
  const side = (axis: (typeof order)[number]): number => sides[order.indexOf(axis)]!;
  const names = detectors.map(({ name }) => name);
  const points = order.includes('point');
  const extent = points ? counted(side('point'), 'point') : `${side('row')} rows x ${side('column')} columns`;
  const claim = points ? null : claimOf(layout, side('row'), side('column'));
  return finding(
    'spectrum-map',
    format,
    `${path}: full spectra of ${side('channel')} channels, ${extent}, ${counted(names.length, 'detector')}`,
    [
      `detectors: ${names.join(', ')}`,
      energy === null ? 'no energy calibration in the file' : `energies of the channels: ${energy.path}`,
      ...(detectors.some(({ deadTime }) => deadTime !== null) ? ['dead time is known for each pixel'] : []),
      ...(points ? [] : [pixelWords(claim)]),
      ...beside,
    ],
    {
      group: path,
      channels: side('channel'),
      ...(points ? { points: side('point') } : { ny: side('row'), nx: side('column') }),
      detectors: names,
      calibrated: energy !== null,
      monitors,
    },
  );
}

const claimOf = ({ axes, positions }: MapLayout, ny: number, nx: number): PixelClaim =>
  axisPixels(axes, ny, nx) ?? positionPixels(positions?.unit ?? null, positions?.read() ?? null, ny, nx);

/** Images in a TIFF or EDF file, or a row of spectra in EDF; null for any other file. */
export function imageFinding(file: InputFile): Finding | null {
  if (isTiff(file.bytes)) {
    const pages = readTiff(file);
    const titles = pages.map(
      ({ description }) => /^\s*title\s*=\s*(.+)$/imu.exec(description)?.[1]?.trim() ?? '',
    );
    return pictures('TIFF', pages[0]!.height, pages[0]!.width, titles, pages[0]!.values);
  }
  if (!isEdf(file.bytes)) return null;
  const frames = readEdf(file);
  const [first] = frames as [EdfFrame];
  if (first.shape.length !== 2)
    return finding('table', 'EDF', `EDF data of ${first.shape.join(' x ')} numbers`, [], {
      shape: first.shape,
    });
  const titles = frames.map(({ header }) => header.get('title') ?? '');
  if (/_xia\d+_/iu.test(file.name))
    return finding(
      'spectrum-map',
      'EDF',
      `one row of ${counted(first.shape[0]!, 'spectrum').replace(/spectrums$/u, 'spectra')} of ${first.shape[1]} channels, EDF`,
      ['a map is all its rows: file: name_xia*.edf'],
      { points: first.shape[0], channels: first.shape[1] },
    );
  return pictures('EDF', first.shape[0]!, first.shape[1]!, titles, first.values);
}

function pictures(format: string, ny: number, nx: number, titles: string[], values: Float64Array): Finding {
  const elements = titles.flatMap((title) => elementOfSignal(title) ?? []);
  const range = rangeOf(values);
  const what = titles.length === 1 ? 'one image' : `${titles.length} images`;
  return finding(
    'element-map',
    format,
    `${elements.length > 0 ? `maps of ${elements.slice(0, 12).join(', ')}` : what}, ${ny} rows x ${nx} columns, ${format}`,
    [
      `values${titles.length > 1 ? ' of the first image' : ''} from ${range?.map(brief).join(' to ') ?? 'nothing finite'}`,
      'a map needs its pixel size: pixel: 5 um',
    ],
    { ny, nx, images: titles.length, elements },
  );
}

/** A text map (SMAK, or columns with coordinates). @throws InputError where it is none. */
export function textMapFinding(file: InputFile, text = textOf(file)): Finding {
  const warnings: string[] = [];
  const { ny, nx, pixel_um, images, format, scalers } = parseTextMap(text, file.path, null, null, (message) =>
    warnings.push(message),
  );
  const elements = images.map(({ element }) => element);
  const monitors = scalers.map(({ name }) => name);
  return finding(
    'element-map',
    format,
    `maps of ${elements.join(', ')}, ${ny} rows x ${nx} columns`,
    [
      pixel_um === null ? MISSING_PIXEL : `pixel ${brief(pixel_um.x)} x ${brief(pixel_um.y)} um`,
      ...(monitors.length > 0 ? [`other columns (for i0:): ${monitors.slice(0, 20).join(', ')}`] : []),
    ],
    { ny, nx, pixel_um, elements, monitors },
    warnings,
  );
}

/** Columns whose names are coordinates, as a map; null where they are not, or make none. */
export function columnMapFinding(
  file: InputFile,
  text: string,
  names: readonly string[] | null,
): Finding | null {
  const has = (name: RegExp): boolean => names?.some((word) => name.test(word.trim())) ?? false;
  const coordinates =
    (has(/^x(?:$|[\s_([])/iu) && has(/^y(?:$|[\s_([])/iu)) ||
    (has(/^"?row"?$/iu) && has(/^"?col(?:umn)?"?$/iu));
  if (!coordinates || (names?.length ?? 0) < 3) return null;
  try {
    return textMapFinding(file, text);
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}
