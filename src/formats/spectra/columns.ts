import { InputError } from '../../errors.js';
import type { Column, ColumnRole, SpectrumScan } from '../../measurement.js';
import { elementSymbol } from '../../reference/elements.js';
import { type InputFile, textOf } from '../common/input.js';
import { parseTextTable, type TextTable } from '../common/text-table.js';
import { namesFromHeader } from './column-headers.js';
import { inferColumns } from './column-infer.js';
import { writerOf } from './column-writers.js';
import { edgeName } from './edge-name.js';

/**
 * Reads a table of columns with or without a header: comments with `Key: value`, a line of names, or nothing at all.
 * Roles come from the names; without names they stay open and the experiment file must give them.
 * @throws InputError where there is no table of at least two columns.
 */
export function readColumns(file: InputFile): SpectrumScan {
  const parsed = parseTextTable(textOf(file), file.path, { minColumns: 2 });
  refuseHeadlessXdi(file, parsed);
  const table = { ...parsed, names: tellingNames(parsed) };
  const writer = writerOf(table.header.join('\n'));
  const metadata = { ...keyValues(table.header), ...athenaEdge(table.header) };
  const { columns, warnings } = namedColumns(table, writer?.roles ?? {});
  const format = writer?.format ?? (/\.csv$/iu.test(file.name) ? 'CSV columns' : 'plain columns');
  return {
    title: metadata.name ?? metadata['Sample.name'] ?? file.stem,
    format,
    element: elementSymbol(metadata.Element ?? metadata.element ?? metadata['Element.symbol'] ?? ''),
    edge: edgeName(metadata.Edge ?? metadata.edge ?? metadata['Element.edge'] ?? ''),
    columns,
    metadata,
    muHint: null,
    warnings: [
      ...table.warnings,
      ...warnings,
      ...(isNamedXdi(file) ? ["has no line '# XDI/1.0' at its top: it is read as plain columns"] : []),
    ],
    stored: {},
  };
}

const isNamedXdi = ({ name }: InputFile): boolean => /\.xdi$/iu.test(name);

/** XDI but for its first line. (Some beamlines call files .xdi that are nothing of the kind; those are read.) */
function refuseHeadlessXdi(file: InputFile, { header }: TextTable): void {
  if (!isNamedXdi(file) || !header.some((line) => /^#\s*(?:Column\.\d+|Element\.\w+)\s*:/iu.test(line)))
    return;
  throw new InputError(
    'has the fields of XDI but no version at its top',
    { path: file.path, line: 1 },
    "write '# XDI/1.0' as its first line",
  );
}

/** Column names, where they say more than the column's number. */
function tellingNames({ header, names, columns }: TextTable): string[] | null {
  const found = namesFromHeader(header, columns.length) ?? names;
  return found?.every(isOnlyNumber) ? null : found;
}

export const isOnlyNumber = (name: string): boolean => /^col(?:umn)?[\s_.]*\d*$/iu.test(name);

function namedColumns(
  { names, columns }: TextTable,
  roles: Record<string, ColumnRole>,
): { columns: Column[]; warnings: string[] } {
  const unit = energyUnitOf(columns[0]!);
  const assumed = (which: string): string => `${which} is taken as energy: its values could be ${unit}`;
  if (names !== null) {
    const inferred = inferColumns(
      names,
      names.map(() => null),
      columns,
      names.map((name) => (Object.hasOwn(roles, name) ? roles[name]! : null)),
    );
    const first = inferred[0]!;
    const unlikely = unit === 'keV' && !/^(?:x|e\b)/iu.test(first.name);
    if (unit === null || unlikely || first.role !== 'other' || inferred.some(isAxis))
      return { columns: inferred, warnings: [] };
    return {
      columns: [{ ...first, role: 'energy' }, ...inferred.slice(1)],
      warnings: [assumed(`column 1 (${first.name})`)],
    };
  }
  return {
    columns: bareColumns(columns),
    warnings: ['the file names no columns', ...(unit === null ? [] : [assumed('column 1')])],
  };
}

/** Columns that nothing names: the first is the energy where its values could be. */
export const bareColumns = (columns: Float64Array[]): Column[] =>
  columns.map((values, i) => ({
    name: `col${i + 1}`,
    unit: null,
    role: i === 0 && energyUnitOf(values) !== null ? 'energy' : 'other',
    values,
  }));

const isAxis = ({ role }: Column): boolean => role === 'energy' || role === 'angle';

/** The unit in which rising or falling values could be the X-ray energies of a scan; null where they could not. */
export function energyUnitOf(values: Float64Array): 'eV' | 'keV' | null {
  if (values.length < 5) return null;
  let rises = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! >= values[i - 1]!) rises++;
  const share = rises / (values.length - 1);
  if (share < 0.98 && share > 0.02) return null;
  const [low, high] = [Math.min(values[0]!, values.at(-1)!), Math.max(values[0]!, values.at(-1)!)];
  if (low > 50 && high < 150_000 && high - low > 5 && high < 3 * low) return 'eV';
  return low > 1 && high < 50 && high - low > 0.03 && high < 1.8 * low ? 'keV' : null;
}

/** '# .  Element=As   Edge=K' of the column files of Athena 0.8. */
function athenaEdge(header: string[]): Record<string, string> {
  const found = header.map((line) => /^#\s*\.\s+Element=(\w+)\s+Edge=(\w+)/u.exec(line)).find(Boolean);
  return found ? { Element: found[1]!, Edge: found[2]! } : {};
}

/** `# Key: value` and `Key= value` lines of a header. */
function keyValues(header: string[]): Record<string, string> {
  const found: [string, string][] = [];
  for (const line of header) {
    const text = line.replace(/^[\s#%!;*]+/u, '').trim();
    const match =
      /^([A-Za-z][\w .()/-]{0,40}?)\s*[:=]\s*(\S.*)$/u.exec(text) ??
      /^(?:C\s+)?(\w*edge_energy)\s+(\S.*)$/u.exec(text);
    if (match) found.push([match[1]!, match[2]!.trim()]);
  }
  return Object.fromEntries(found.filter(([key]) => key !== '__proto__'));
}
