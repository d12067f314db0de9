import { InputError } from '../../errors.js';
import type { Grid } from '../../measurement.js';
import { parseNumber, parseTextTable, splitRow, type TextTable } from '../common/text-table.js';
import { unitFactor } from '../common/units.js';
import { stepOf } from './grid-step.js';
import type { Scaler } from './layout.js';
import type { RawImage, Warn } from './map-notes.js';
import { placePoints } from './place-points.js';
import { bestOfElement } from './signal-name.js';

/** Images on one grid from a text file; `pixel_um` is null where the file does not say. */
export interface TextMap {
  format: string;
  ny: number;
  nx: number;
  pixel_um: Grid['pixel_um'] | null;
  images: RawImage[];
  /** Columns that are of no element, by one of which the map may be divided. */
  scalers: Scaler[];
  incidentEnergy_eV: number | null;
}

export const isSmak = (text: string): boolean =>
  /^\*\s*Abscissa points\s*:/mu.test(text.slice(0, 5000)) && LABELS.test(text.slice(0, 20_000));

const LABELS = /^[*#]\s*Data Labels\s*:[ \t]*(.*)$/mu;

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
  const table = parseTextTable(text, path, { keepShortLast: true });
  for (const warning of table.warnings) warn(warning);
  const pair = coordinateColumns(table);
  if (pair === null) return gridMap(table, path, element);
  const { x, y } = pair;
  const units = [x, y].map((i) => unitOf(table.names?.[i] ?? ''));
  const values = table.columns.flatMap((column, i) =>
    i === x || i === y ? [] : [{ name: table.names?.[i] ?? 'value', values: column }],
  );
  const numbered = /^"?(?:row|col)/iu.test(table.names?.[y] ?? '') && units[0] === null && units[1] === null;
  return scattered(
    'columns x, y, value',
    { x: table.columns[x]!, y: table.columns[y]! },
    (sx) => (numbered ? null : (units[0] ?? units[1] ?? unitByPixel(sx, stated))),
    values,
    element,
    path,
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

type Named = { name: string; values: Float64Array };

/** Value columns with the element of their names; a single unnamed one is the element asked for. */
function namedValues(values: Named[], element: string | null): RawImage[] {
  const byName = new Map(values.map(({ name, values: column }) => [name, column]));
  const errorsOf = (name: string): Float64Array | null =>
    [`${name}_sigma`, `${name}_errors`, `s(${name})`].map((of) => byName.get(of)).find(Boolean) ?? null;
  const named = bestOfElement(values, ({ name }) => name, false);
  if (named.length > 0)
    return named.map(({ element: found, signal: { name, values: column } }) => ({
      element: found,
      values: column,
      sigma: errorsOf(name),
    }));
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
    scalers: [],
    incidentEnergy_eV: null,
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

/** Points with coordinates onto a grid; `unitOf` says what a step of the coordinates is in um, null where nothing does. */
function scattered(
  format: string,
  { x, y }: { x: Float64Array; y: Float64Array },
  unitOf: (step: number) => number | null,
  columns: Named[],
  element: string | null,
  path: string,
): TextMap {
  const found = placePoints(x, y);
  if ('fault' in found) throw new InputError(found.fault, { path });
  const { ny, nx, step, pixel } = found;
  const place = (source: Float64Array): Float64Array => {
    const sum = new Float64Array(nx * ny);
    const count = new Uint32Array(nx * ny);
    for (let i = 0; i < source.length; i++) {
      const at = pixel[i]!;
      if (!Number.isFinite(source[i]!) || at < 0) continue;
      sum[at]! += source[i]!;
      count[at]!++;
    }
    return sum.map((value, i) => (count[i]! > 0 ? value / count[i]! : Number.NaN));
  };
  const unit = unitOf(step.x);
  const images = namedValues(columns, element);
  const used = new Set(images.map(({ values }) => values));
  return {
    format,
    ny,
    nx,
    pixel_um: unit === null ? null : { x: step.x * unit, y: step.y * unit },
    images: images.map((image) => ({
      element: image.element,
      values: place(image.values),
      sigma: image.sigma === null ? null : place(image.sigma),
    })),
    scalers: columns
      .filter(({ values }) => !used.has(values))
      .map(({ name, values }) => ({ name, read: () => place(values) })),
    incidentEnergy_eV: null,
  };
}

/** Coordinates without a unit: um where nothing else is known; mm or pixel numbers where the stated pixel says so. */
function unitByPixel(step: number, stated: Grid['pixel_um'] | null): number | null {
  if (stated === null) return 1;
  const near = (value: number): boolean => Math.abs(value / stated.x - 1) < 0.05;
  return near(step) ? 1 : near(step * 1000) ? 1000 : null;
}

/**
 * SMAK: header lines with *, then two coordinates (mm) and the channels of 'Data Labels'. Some programs write the abscissa
 * first, others the ordinate; the requested coordinates in the header, or else the numbers of points, tell which.
 */
function smakMap(text: string, path: string, warn: Warn): TextMap {
  const labels = LABELS.exec(text)![1]!.trim().split(/\s+/u);
  const table = parseTextTable(text, path, { minColumns: 3, keepShortLast: true });
  for (const warning of table.warnings) warn(warning);
  const shift = table.columns.length - labels.length;
  const values = table.columns
    .slice(2)
    .map((column, i) => ({ name: labels[i + 2 - shift] ?? `channel${i + 1}`, values: column }));
  const [first, second] = [table.columns[0]!, table.columns[1]!];
  const turned = ordinateFirst(text, first, second);
  const energy = Number(/^\*\s*Energy points requested\s*:\s*\n\*\s*([\d.]+)/mu.exec(text)?.[1]);
  const points = turned ? { x: second, y: first } : { x: first, y: second };
  return {
    ...scattered('SMAK text map', points, () => 1000, values, null, path),
    incidentEnergy_eV: energy > 100 && energy < 200_000 ? energy : null,
  };
}

function ordinateFirst(text: string, first: Float64Array, second: Float64Array): boolean {
  const head = text.slice(0, 1_000_000);
  const requested = (what: string): number[] =>
    (new RegExp(`^\\*\\s*${what} points requested\\s*:[^\\n]*\\n\\*([^\\n]*)`, 'mu').exec(head)?.[1] ?? '')
      .trim()
      .split(/\s+/u)
      .map(Number)
      .filter(Number.isFinite);
  const [abscissa, ordinate] = [requested('Abscissa'), requested('Ordinate')];
  if (abscissa.length > 1 && ordinate.length > 1) {
    const off = (asked: number[], found: Float64Array): number =>
      Math.abs(Math.min(...asked) - least(found)) + Math.abs(Math.max(...asked) - most(found));
    const [straight, turned] = [
      off(abscissa, first) + off(ordinate, second),
      off(abscissa, second) + off(ordinate, first),
    ];
    if (straight !== turned) return turned < straight;
  }
  const stated = (what: string): number =>
    Number(new RegExp(`^\\*\\s*${what} points\\s*:\\s*(\\d+)`, 'mu').exec(head)?.[1]);
  const [nx, ny] = [stated('Abscissa'), stated('Ordinate')];
  const off = (count: number, found: Float64Array): number => Math.abs(new Set(found).size - count);
  return off(nx, second) + off(ny, first) < off(nx, first) + off(ny, second);
}

const least = (values: Float64Array): number =>
  values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
const most = (values: Float64Array): number =>
  values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
