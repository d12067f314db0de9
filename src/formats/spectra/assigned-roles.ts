import { InputError, type Place } from '../../errors.js';
import type { SpectrumEntry } from '../../experiment.js';
import type { Column, MuSource, SpectrumScan } from '../../measurement.js';

export type AssignedColumns = NonNullable<SpectrumEntry['columns']>;

const ROLE_OF_KEY = {
  energy: 'energy',
  i0: 'i0',
  it: 'itrans',
  ir: 'irefer',
  if: 'fluorescence',
  mu: 'mutrans',
} as const;

const KEYS = Object.keys(ROLE_OF_KEY) as (keyof AssignedColumns)[];

/**
 * The scan with the roles that the user gives to column numbers (from 1). They win over inferred ones, and where they say
 * how mu is made, over the file's hint.
 * @throws InputError where there is no such column.
 */
export function withAssignedRoles(scan: SpectrumScan, assigned: AssignedColumns, place: Place): SpectrumScan {
  let columns = scan.columns;
  for (const key of KEYS) {
    const numbers = [assigned[key] ?? []].flat();
    if (numbers.length === 0) continue;
    const missing = numbers.find((number) => number > columns.length);
    if (missing !== undefined)
      throw new InputError(
        `has ${columns.length} columns; 'columns: { ${key}: ${missing} }' is not there`,
        place,
      );
    columns = columns.map((column, i) => assign(column, numbers.includes(i + 1), ROLE_OF_KEY[key]));
  }
  if (assigned.energy !== undefined)
    columns = columns.map((column) => (column.role === 'angle' ? { ...column, role: 'other' } : column));
  if (assigned.mu !== undefined) columns = withUniqueName(columns, assigned.mu - 1);
  return { ...scan, columns, muHint: sourceOf(assigned, columns) ?? scan.muHint };
}

function assign(column: Column, isThis: boolean, role: Column['role']): Column {
  if (isThis) return { ...column, role };
  return column.role === role ? { ...column, role: 'other' } : column;
}

/** A source names its column, and some programs give a name twice. */
function withUniqueName(columns: Column[], index: number): Column[] {
  const { name } = columns[index]!;
  const alone = columns.every((column, i) => i === index || column.name.toLowerCase() !== name.toLowerCase());
  return alone
    ? columns
    : columns.map((column, i) => (i === index ? { ...column, name: `${name} (column ${i + 1})` } : column));
}

function sourceOf(assigned: AssignedColumns, columns: Column[]): MuSource | null {
  if (assigned.mu !== undefined) return { column: columns[assigned.mu - 1]!.name };
  if (assigned.it !== undefined && assigned.if === undefined)
    return assigned.i0 === undefined && assigned.ir !== undefined ? 'reference' : 'transmission';
  if (assigned.if !== undefined && assigned.it === undefined) return 'fluorescence';
  return null;
}

/** 'energy=1,i0=2,if=5-12' as column numbers; null where it is not of that form. */
export function parseAssignedColumns(text: string): AssignedColumns | null {
  const assigned: AssignedColumns = {};
  for (const part of text.split(',')) {
    const [, key, numbers = ''] = /^\s*(\w+)\s*[=:]\s*(\S+)\s*$/u.exec(part) ?? [];
    const known = KEYS.find((one) => one === key);
    const list = columnList(numbers);
    if (known === undefined || list === null) return null;
    if (known === 'if') assigned.if = list;
    else if (list.length === 1) assigned[known] = list[0]!;
    else return null;
  }
  return assigned;
}

const MOST_COLUMNS = 100_000;

/** '5', '5+6+9' or '5-12' as numbers from 1, each once; null where it is none of these. */
export function columnList(text: string): number[] | null {
  const numbers = text.split('+').flatMap((part) => {
    const [, first, last] = /^\s*([1-9]\d{0,5})\s*(?:-\s*([1-9]\d{0,5})\s*)?$/u.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last ?? first)];
    return to >= from && to <= MOST_COLUMNS
      ? Array.from({ length: to - from + 1 }, (_, i) => from + i)
      : [Number.NaN];
  });
  const valid = numbers.every((number) => number > 0) && new Set(numbers).size === numbers.length;
  return valid ? numbers : null;
}
