import { basename } from 'node:path';
import { InputError } from '../../errors.js';
import type { MapEntry } from '../../experiment.js';
import type { SpectrumMap } from '../../measurement.js';
import { byNumbersInName } from '../common/file-pattern.js';
import { openInput, stemOf } from '../common/input.js';
import { deadTimeFactor } from './dead-time.js';
import { type EdfFrame, readEdf } from './edf.js';
import { pixelOf, type RawImage, type Warn } from './map-notes.js';
import { rowsPerBlock } from './map-spectra.js';

/** What the files of a series have in common at the beginning of their names. */
export function seriesName(files: readonly string[]): string {
  const names = files.map((file) => stemOf(file).replace(XIA_PART, ''));
  let length = names[0]!.length;
  for (const name of names) while (!name.startsWith(names[0]!.slice(0, length))) length--;
  return names[0]!.slice(0, length).replace(/[\s_.-]+\d*$/u, '') || stemOf(files[0]!);
}

const XIA_PART = /_xia(?:\d+|st|s\d*)_.*$/iu;

/** Images of an EDF file: one a data block, named by its title. @throws InputError for a row of spectra. */
export function edfImages(
  frames: EdfFrame[],
  path: string,
  element: string | null,
): { ny: number; nx: number; images: RawImage[] } {
  const flat = frames.filter(({ shape }) => shape.length === 2);
  const [ny, nx] = (flat[0]?.shape ?? [0, 0]) as [number, number];
  if (flat.length === 0) throw new InputError('holds no image (Dim_1 and Dim_2)', { path });
  const odd = flat.find(({ shape }) => shape.join() !== `${ny},${nx}`);
  if (odd !== undefined)
    throw new InputError(`holds images of ${ny} x ${nx} and of ${odd.shape.join(' x ')} pixels`, { path });
  const titled = (frame: EdfFrame, i: number): string =>
    frame.header.get('title') || frame.header.get('element') || `image ${i + 1}`;
  const images = flat.map((frame, i) => ({
    element: flat.length === 1 && element !== null ? element : titled(frame, i),
    values: frame.values,
    sigma: null,
  }));
  return { ny, nx, images };
}

/** Detector and row of a file as XIA electronics number them: name_xia02_0001_0000_0017.edf; 'st' holds the rates of all. */
const XIA = /_xia(\d+|st|s\d*)_.*?(\d+)\.edf(?:\.gz)?$/iu;

/**
 * A map of spectra as a series of EDF files, one a row (points down, channels across), as the ESRF and PyMca keep them: the
 * rows in the order of the numbers in their names, and for XIA electronics a set of rows a detector and one of rates
 * (xiast), from which dead time is corrected. Rows that a broken scan left short or out count as not measured.
 */
export function edfSeries(entry: MapEntry, files: readonly string[], warn: Warn): SpectrumMap {
  const sets = new Map<string, string[]>();
  for (const path of [...files].sort(byNumbersInName)) {
    const detector = XIA.exec(basename(path))?.[1]?.toLowerCase() ?? '';
    sets.set(detector, [...(sets.get(detector) ?? []), path]);
  }
  const rates = sets.get('st') ?? null;
  const names = [...sets.keys()].filter((name) => name === '' || /^\d/u.test(name));
  const rows = names.map((name) => sets.get(name)!);
  const first = rows[0]?.[0];
  if (first === undefined)
    throw new InputError('no row of spectra is among these files', { path: files[0]! });
  const odd = rows.find((list) => list.length !== rows[0]!.length);
  if (odd !== undefined)
    throw new InputError(`a detector has ${odd.length} rows, another ${rows[0]!.length}`, { path: odd[0]! });
  const ny = rows[0]!.length;
  // A broken scan ends in a short row, never begins with one.
  const shape = readEdf(openInput(first))[0]!.shape;
  if (shape.length !== 2 || shape[1]! < 32)
    throw new InputError(`holds ${shape.join(' x ')} numbers, which is no row of spectra`, { path: first });
  const [nx, channels] = shape as [number, number];
  return {
    name: entry.name,
    grid: { ny, nx, pixel_um: pixelOf(entry, null, first, warn) },
    channels,
    calibration: null,
    detectors: names.map((name) => (name === '' ? 'mca' : `xia${name}`)),
    source: { kind: 'edf', rows },
    place: null,
    deadTimeFactors: rates === null ? null : xiaDeadTime(rates, names, ny, nx, warn),
    rowsPerBlock: rowsPerBlock(nx, channels),
  };
}

/** Numbers that XIA electronics give for each detector of a point: index, events, input and output rate, live time, dead time. */
const RATES = 6;

function xiaDeadTime(
  files: string[],
  detectors: string[],
  ny: number,
  nx: number,
  warn: Warn,
): Float64Array[] | null {
  const input = detectors.map(() => new Float64Array(ny * nx).fill(Number.NaN));
  const output = detectors.map(() => new Float64Array(ny * nx).fill(Number.NaN));
  for (const [row, path] of files.slice(0, ny).entries()) {
    const { shape, values } = readEdf(openInput(path))[0]!;
    const [points, width] = shape as [number, number];
    if (shape.length !== 2 || width % RATES !== 0) {
      warn(`${basename(path)} holds no rates of detectors: dead time is not corrected`);
      return null;
    }
    for (let i = 0; i < Math.min(points, nx); i++) {
      for (let block = 0; block < width; block += RATES) {
        const at = i * width + block;
        const detector = detectors.findIndex((name) => Number(name) === values[at]);
        if (detector < 0) continue;
        input[detector]![row * nx + i] = values[at + 2]!;
        output[detector]![row * nx + i] = values[at + 3]!;
      }
    }
  }
  return detectors.map(
    (_, d) => deadTimeFactor({ input: input[d]!, output: output[d]!, live: null, real: null })!,
  );
}
