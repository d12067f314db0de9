import type { Column, SpectrumScan } from '../../measurement.js';
import { elementSymbol } from '../../reference/elements.js';
import { type InputFile, textOf } from '../common/input.js';
import { parseTextTable, type TextTable } from '../common/text-table.js';
import { namesFromHeader } from './column-headers.js';
import { inferColumns } from './column-roles.js';

/** Programs that write plain columns under a header of their own, and how that header gives them away. */
const WRITERS: [format: string, sign: RegExp][] = [
  ['APS 10-BM (MRCAT)', /^\s*MRCAT_XAFS.*\n.*\b10-?BM\b/u],
  ['APS MRCAT', /^\s*MRCAT_XAFS/u],
  ['APS 13 (EPICS scan)', /^;\s*Epics Scan|^;\s*PV list:/imu],
  ['APS LabVIEW scan', /^#\s*1-D Scan File created/imu],
  ['APS 12-BM', /^#C exafs_edge_energy/mu],
  ['CLS', /^#\s*CLS Data Acquisition/mu],
  ['ESRF BM08 (LISA)', /^#\s*eBraggEnergy\b/mu],
  ['SLS PHOENIX', /^#\s*Energy_c1\b/mu],
  ['NSLS-II ISS', /Beamline:?\s*ISS\b/iu],
  ['NSLS-II TES', /\bTES\b|8-BM/u],
  ['NSLS XDAC', /\bXDAC V/u],
  ['SLS', /\b(?:Swiss Light Source|SLS|SuperXAS|PHOENIX)\b/u],
  ['Larch column file', /^#\s*(?:XDI.*)?Output from Larch|Larch Python/iu],
  ['Athena column file', /^#\s*(?:Demeter|Athena)\b/imu],
  ['IFEFFIT column file', /^#%?\s*(?:ifeffit|name:)/iu],
];

/**
 * Reads a table of columns with or without a header: comments with `Key: value`, a line of names, or nothing at all.
 * Roles come from the names; without names they stay open and the experiment file must give them.
 * @throws InputError where there is no table of at least two columns.
 */
export function readColumns(file: InputFile): SpectrumScan {
  const parsed = parseTextTable(textOf(file), file.path, { minColumns: 2 });
  const table = { ...parsed, names: namesFromHeader(parsed.header, parsed.columns.length) ?? parsed.names };
  const head = table.header.join('\n');
  const metadata = keyValues(table.header);
  const { columns, warnings } = namedColumns(table);
  const format =
    WRITERS.find(([, sign]) => sign.test(head))?.[0] ??
    (/\.csv$/iu.test(file.name) ? 'CSV columns' : 'plain columns');
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
      ...(/\.xdi$/iu.test(file.name)
        ? ["has no line '# XDI/1.0' at its top: it is read as plain columns"]
        : []),
    ],
    stored: {},
  };
}

const edgeName = (text: string): string | null =>
  /^(?:K|L[123]|M[1-5])$/iu.test(text.trim()) ? text.trim().toUpperCase() : null;

function namedColumns({ names, columns }: TextTable): { columns: Column[]; warnings: string[] } {
  if (names !== null) {
    const inferred = inferColumns(
      names,
      names.map(() => null),
      columns,
    );
    if (inferred.some(({ role }) => role === 'energy' || role === 'angle') || !couldBeEnergy(columns[0]!))
      return { columns: inferred, warnings: [] };
    const [first, ...rest] = inferred;
    return {
      columns: [{ ...first!, role: first!.role === 'other' ? 'energy' : first!.role }, ...rest],
      warnings: [`column 1 (${first!.name}) is taken as energy: its values could be eV`],
    };
  }
  const energy = couldBeEnergy(columns[0]!);
  return {
    columns: columns.map((values, i) => ({
      name: `col${i + 1}`,
      unit: null,
      role: i === 0 && energy ? 'energy' : 'other',
      values,
    })),
    warnings: [
      'the file names no columns',
      ...(energy ? ['column 1 is taken as energy: its values could be eV'] : []),
    ],
  };
}

/** Ascending or descending values of an X-ray energy in eV. */
function couldBeEnergy(values: Float64Array): boolean {
  if (values.length < 5) return false;
  let rises = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! >= values[i - 1]!) rises++;
  const [low, high] = [Math.min(values[0]!, values.at(-1)!), Math.max(values[0]!, values.at(-1)!)];
  const steady = rises > 0.98 * (values.length - 1) || rises < 0.02 * (values.length - 1);
  return steady && low > 50 && high < 150_000 && high - low > 5 && high < 3 * low;
}

/** `# Key: value` and `Key= value` lines of a header. */
function keyValues(header: string[]): Record<string, string> {
  const found: [string, string][] = [];
  for (const line of header) {
    const text = line.replace(/^[\s#%!;*]+/u, '').trim();
    const match = /^([A-Za-z][\w .()/-]{0,40}?)\s*[:=]\s*(\S.*)$/u.exec(text);
    if (match) found.push([match[1]!, match[2]!.trim()]);
  }
  return Object.fromEntries(found.filter(([key]) => key !== '__proto__'));
}
