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
    const number = assigned[key];
    if (number === undefined) continue;
    if (number > columns.length) {
      throw new InputError(
        `has ${columns.length} columns; 'columns: { ${key}: ${number} }' is not there`,
        place,
      );
    }
    columns = columns.map((column, i) => assign(column, i === number - 1, ROLE_OF_KEY[key]));
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

/** 'energy=1,i0=2,it=3' as column numbers; null where it is not of that form. */
export function parseAssignedColumns(text: string): AssignedColumns | null {
  const assigned: AssignedColumns = {};
  for (const part of text.split(',')) {
    const [, key, number] = /^\s*(\w+)\s*[=:]\s*([1-9]\d{0,5})\s*$/u.exec(part) ?? [];
    const known = KEYS.find((one) => one === key);
    if (known === undefined) return null;
    assigned[known] = Number(number);
  }
  return assigned;
}
