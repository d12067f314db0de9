import { InputError } from '../../errors.js';
import type { Grid } from '../../measurement.js';
import { parseNumber, parseTextTable, splitRow, type TextTable } from '../common/text-table.js';
import { unitFactor } from '../common/units.js';
import { elementOfSignal } from './map-hdf5.js';
import { type RawImage, stepOf, type Warn } from './map-notes.js';

/** Images on one grid from a text file; `pixel_um` is null where the file does not say. */
export interface TextMap {
  format: string;
  ny: number;
  nx: number;
  pixel_um: Grid['pixel_um'] | null;
  images: RawImage[];
}

export const isSmak = (text: string): boolean =>
  /^\*\s*Abscissa points\s*:/mu.test(text.slice(0, 5000)) &&
  /^\*\s*Data Labels\s*:/mu.test(text.slice(0, 20_000));

/**
 * Reads a text map: a grid of numbers, columns x, y and one or more values in any order of points, or a SMAK text map.
 * @param element what a value column without an element in its name is taken for.
 * @param stated pixel size of the experiment file, to tell what coordinates without a unit mean.
 */
export function parseTextMap(
  text: string,
  path: string,
  element: string | null,
  stated: Grid['pixel_um'] | null,
  warn: Warn,
): TextMap {
  if (isSmak(text)) return smakMap(text, path, warn);
  const table = parseTextTable(text, path);
  for (const warning of table.warnings) warn(warning);
  const pair = coordinateColumns(table);
  if (pair === null) return gridMap(table, path, element);
  const { x, y } = pair;
  const units = [x, y].map((i) => unitOf(table.names?.[i] ?? ''));
  const values = table.columns.flatMap((column, i) =>
    i === x || i === y ? [] : [{ name: table.names?.[i] ?? 'value', values: column }],
  );
  return scattered(
    'columns x, y, value',
    table.columns[x]!,
    table.columns[y]!,
    units[0] ?? units[1] ?? null,
    namedValues(values, element),
    path,
    stated,
  );
}

const unitOf = (name: string): number | null =>
  unitFactor(/[\s_([]([a-zµμ]+)[)\]]?$/iu.exec(name.trim())?.[1] ?? '', 'length');

function coordinateColumns({ names, columns }: TextTable): { x: number; y: number } | null {
  if (names !== null) {
    const x = names.findIndex((name) => /^(?:x|sample_?x|pos_?x|column|col)(?:$|[\s_([])/iu.test(name));
    const y = names.findIndex((name) => /^(?:y|sample_?y|pos_?y|row)(?:$|[\s_([])/iu.test(name));
    return x >= 0 && y >= 0 && columns.length > 2 ? { x, y } : null;
  }
  if (columns.length !== 3 || columns[0]!.length < 6) return null;
  const pairs = new Set(Array.from(columns[0]!, (value, i) => `${value},${columns[1]![i]}`));
  const [nx, ny] = [new Set(columns[0]).size, new Set(columns[1]).size];
  return pairs.size === columns[0]!.length && nx * ny <= 2 * pairs.size && nx > 1 && ny > 1
    ? { x: 0, y: 1 }
    : null;
}

/** Value columns with the element of their names; a single unnamed one is the element asked for. */
function namedValues(values: { name: string; values: Float64Array }[], element: string | null): RawImage[] {
  if (values.length === 1)
    return [
      {
        element: elementOfSignal(values[0]!.name) ?? element ?? values[0]!.name,
        values: values[0]!.values,
        sigma: null,
      },
    ];
  const byName = new Map(values.map(({ name, values: column }) => [name, column]));
  const images = values.flatMap(({ name, values: column }): RawImage[] => {
    const found = elementOfSignal(name);
    const sigma = byName.get(`${name}_sigma`) ?? byName.get(`${name}_errors`) ?? null;
    return found === null ? [] : [{ element: found, values: column, sigma }];
  });
  if (images.length > 0) return images;
  const value = values.find(({ name }) => /^(?:value|counts?|intensity|signal|z)/iu.test(name)) ?? values[0]!;
  const sigma = values.find(({ name }) => /^(?:sigma|error|esd|unc)/iu.test(name))?.values ?? null;
  return [{ element: element ?? value.name, values: value.values, sigma }];
}

function gridMap(table: TextTable, path: string, element: string | null): TextMap {
  const [rows, columns] = [table.columns[0]!.length, table.columns.length];
  if (rows < 2 || columns < 2)
    throw new InputError(`holds ${rows} x ${columns} numbers: neither a grid nor columns x, y, value`, {
      path,
    });
  const coordinates = headCoordinates(table, columns);
  const first = coordinates === null ? 0 : 1;
  const nx = columns - first;
  const values = new Float64Array(rows * nx);
  for (let c = 0; c < nx; c++)
    for (let r = 0; r < rows; r++) values[r * nx + c] = table.columns[c + first]![r]!;
  const sy = coordinates === null ? null : stepOf(table.columns[0]!);
  const sx = coordinates === null ? null : stepOf(coordinates);
  return {
    format: 'grid of numbers',
    ny: rows,
    nx,
    pixel_um: sx === null || sy === null ? null : { x: sx, y: sy },
    images: [{ element: element ?? 'value', values, sigma: null }],
  };
}

/** x coordinates in a head line such as 'y\x,0,5,10', whose first word names the corner. */
function headCoordinates({ header }: TextTable, width: number): number[] | null {
  const line = header.at(-1) ?? '';
  for (const delimiter of [',', ';', 'tab', 'space'] as const) {
    const words = splitRow(line.replace(/^[#\s]+/u, ''), { delimiter, decimalComma: false });
    if (words.length !== width || parseNumber(words[0]!) !== undefined) continue;
    const numbers = words.slice(1).map(parseNumber);
    if (numbers.every((value) => value !== undefined && Number.isFinite(value))) return numbers as number[];
  }
  return null;
}

/** Points with coordinates onto a grid, whatever their order (rows first, columns first, back and forth, some missing). */
function scattered(
  format: string,
  x: Float64Array,
  y: Float64Array,
  unit_um: number | null,
  images: RawImage[],
  path: string,
  stated: Grid['pixel_um'] | null,
): TextMap {
  const [stepX, stepY] = [stepOf(x), stepOf(y)];
  if (stepX === null && stepY === null) throw new InputError('all its points lie in one place', { path });
  const [sx, sy] = [stepX ?? stepY!, stepY ?? stepX!];
  const [minX, minY] = [smallest(x), smallest(y)];
  const column = x.map((value) => Math.round((value - minX) / sx));
  const row = y.map((value) => Math.round((value - minY) / sy));
  const [nx, ny] = [largest(column) + 1, largest(row) + 1];
  if (nx * ny > 4 * x.length + 16) {
    throw new InputError(
      `its ${x.length} points do not lie on a regular grid (${ny} x ${nx} would be needed)`,
      { path },
    );
  }
  const taken = new Set(x.map((_, i) => row[i]! * nx + column[i]!));
  if (taken.size < 0.9 * x.length) {
    throw new InputError(`its ${x.length} points do not lie on a regular grid: several share a pixel`, {
      path,
    });
  }
  const place = (source: Float64Array): Float64Array => {
    const sum = new Float64Array(nx * ny);
    const count = new Uint32Array(nx * ny);
    for (let i = 0; i < source.length; i++) {
      const at = row[i]! * nx + column[i]!;
      if (!Number.isFinite(source[i]!) || !(at >= 0)) continue;
      sum[at]! += source[i]!;
      count[at]!++;
    }
    return sum.map((value, i) => (count[i]! > 0 ? value / count[i]! : Number.NaN));
  };
  const unit = unit_um ?? unitByPixel(sx, stated);
  return {
    format,
    ny,
    nx,
    pixel_um: unit === null ? null : { x: sx * unit, y: sy * unit },
    images: images.map(({ element, values, sigma }) => ({
      element,
      values: place(values),
      sigma: sigma === null ? null : place(sigma),
    })),
  };
}

/** Coordinates without a unit: um where nothing else is known; mm or pixel numbers where the stated pixel says so. */
function unitByPixel(step: number, stated: Grid['pixel_um'] | null): number | null {
  if (stated === null) return 1;
  const near = (value: number): boolean => Math.abs(value / stated.x - 1) < 0.05;
  return near(step) ? 1 : near(step * 1000) ? 1000 : null;
}

const smallest = (values: Float64Array): number =>
  values.reduce((least, value) => Math.min(value, least), Number.POSITIVE_INFINITY);
const largest = (values: Float64Array): number => values.reduce((most, value) => Math.max(value, most), 0);

/** SMAK: header lines with *, then x, y (mm) and the channels of 'Data Labels'. */
function smakMap(text: string, path: string, warn: Warn): TextMap {
  const labels = /^\*\s*Data Labels\s*:\s*(.*)$/mu
    .exec(text)![1]!
    .trim()
    .split(/\t|\s{2,}|\s+/u);
  const table = parseTextTable(text, path, { minColumns: 3 });
  for (const warning of table.warnings) warn(warning);
  const shift = table.columns.length - labels.length;
  const [x, y] = [table.columns[0]!, table.columns[1]!];
  const values = table.columns
    .slice(2)
    .map((column, i) => ({ name: labels[i + 2 - shift] ?? `channel${i + 1}`, values: column }));
  return scattered('SMAK text map', x, y, 1000, namedValues(values, null), path, null);
}
