import { InputError, messageOf } from '../../errors.js';
import type { Column, SpectrumScan } from '../../measurement.js';
import { edgesOf } from '../../reference/edges.js';
import { elementSymbol } from '../../reference/elements.js';
import { type InputFile, textOf } from '../common/input.js';
import { rangeOf } from '../common/range.js';
import { edgeName } from './edge-name.js';
import { type PerlList, parsePerlLists } from './perl-lists.js';

export const isAthena = (text: string): boolean =>
  isJson(text) ||
  /^#\s*Athena project file/u.test(text) ||
  (/\$old_group\s*=/u.test(text.slice(0, 20_000)) && /@args\s*=/u.test(text));

/** Athena built on Larch writes the same lists as JSON. */
const isJson = (text: string): boolean =>
  text.startsWith('{') && /"_____header1"\s*:\s*"#\s*Athena project file/u.test(text.slice(0, 2000));

/**
 * Reads the groups of an Athena project in file order. The file is Perl text; it is parsed as lists of strings and never
 * evaluated. Energies are stored unshifted: `bkg_eshift` is added here. `bkg_nnorm` counts the terms of the post-edge
 * polynomial, so its degree is one less.
 * @throws InputError where a list is broken or no group holds data.
 */
export function readAthena(file: InputFile): SpectrumScan[] {
  const text = textOf(file);
  const groups = isJson(text) ? jsonGroups(text, file.path) : perlGroups(text, file.path);
  const scans = groups
    .filter(({ lists }) => lists.has('args') && lists.has('x'))
    .map(({ name, lists }) => scanOf(lists, name, file.path));
  if (scans.length === 0) throw new InputError('is an Athena project without data', { path: file.path });
  return scans;
}

interface Group {
  name: string;
  lists: Map<string, PerlList>;
}

function perlGroups(text: string, path: string): Group[] {
  const groups: Group[] = [];
  for (const statement of parsePerlLists(text, path)) {
    if (statement.name === 'old_group') groups.push({ name: statement.values[0] ?? '', lists: new Map() });
    else groups.at(-1)?.lists.set(statement.name, statement);
  }
  return groups;
}

function jsonGroups(text: string, path: string): Group[] {
  let project: Record<string, unknown>;
  try {
    project = JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new InputError(
      `is not a readable Athena project: ${messageOf(error).slice(0, 120)}`,
      { path },
      'the file may be incomplete',
    );
  }
  return Object.entries(project)
    .filter(([name, value]) => !name.startsWith('_____') && typeof value === 'object' && value !== null)
    .map(([name, value]) => {
      const lists = Object.entries(value as Record<string, unknown>).map(
        ([key, content]): [string, PerlList] => {
          const items = Array.isArray(content) ? content : Object.entries((content ?? {}) as object).flat();
          return [
            key,
            { name: key, values: items.map((item) => (item === null ? '' : String(item))), line: 1 },
          ];
        },
      );
      return { name, lists: new Map(lists) };
    });
}

function scanOf(group: Map<string, PerlList>, name: string, path: string): SpectrumScan {
  const args = argumentsOf(group.get('args')!);
  const shift = Number(args.bkg_eshift ?? 0) || 0;
  const x = numbers(group.get('x')!, path);
  const isChi = holdsChi(args, x);
  const energy = x.map((value) => value + (isChi ? 0 : shift));
  /** Arrays that nothing is made of, and that do not fit: Athena keeps them of the raw scan behind merged data. */
  const leftOut: string[] = [];
  const column = (
    list: string,
    label: string,
    role: Column['role'],
    unit: string | null = null,
  ): Column[] => {
    const found = group.get(list);
    if (found === undefined || found.values.length === 0) return [];
    if (
      list !== 'y' &&
      (found.values.length !== energy.length || found.values.some((text) => !isNumber(text)))
    ) {
      leftOut.push(`@${list} (${found.values.length} values for ${energy.length} energies)`);
      return [];
    }
    const values = numbers(found, path);
    if (values.length !== energy.length) {
      throw new InputError(
        `group '${args.label ?? name}': @${list} has ${values.length} values where @x has ${energy.length}`,
        { path, line: found.line },
      );
    }
    return [{ name: label, unit, role, values }];
  };
  const isNorm = args.is_nor === '1' || args.datatype === 'norm';
  const columns: Column[] = [
    {
      name: isChi ? 'k' : 'energy',
      unit: isChi ? '1/angstrom' : 'eV',
      role: isChi ? 'other' : 'energy',
      values: energy,
    },
    ...column('y', isChi ? 'chi' : isNorm ? 'norm' : 'xmu', isChi ? 'other' : isNorm ? 'norm' : 'mutrans'),
    ...column('i0', 'i0', 'other'),
    ...column('signal', 'signal', 'other'),
    ...column('stddev', 'stddev', 'other'),
  ];
  const title = (args.label ?? name).trim() || name;
  const stated = isChi ? { element: null, edge: null, warnings: [] } : edgeOfGroup(args, title, energy);
  return {
    title,
    format: 'Athena project',
    element: stated.element,
    edge: stated.edge,
    columns,
    metadata: {
      ...args,
      old_group: name,
      ...(leftOut.length > 0 ? { left_out: leftOut.join(', ') } : {}),
      ...(shift === 0 ? {} : { energies: `shifted by ${shift} eV as the project states` }),
    },
    muHint: isChi ? null : { column: isNorm ? 'norm' : 'xmu' },
    warnings: stated.warnings,
    stored: storedParameters(args),
  };
}

/** Groups of chi(k): as the project says, or, in old ones that say nothing, wave numbers from zero. */
function holdsChi({ datatype = '', is_chi = '0' }: Record<string, string>, x: Float64Array): boolean {
  if (/xmu|xanes|norm/iu.test(datatype)) return false;
  return /chi/iu.test(datatype) || is_chi === '1' || (x[0] === 0 && (rangeOf(x)?.[1] ?? 0) < 50);
}

/** Element and edge as stored, unless the energies lie elsewhere: Athena writes its guess, and hydrogen for none. */
function edgeOfGroup(
  args: Record<string, string>,
  title: string,
  energy: Float64Array,
): Pick<SpectrumScan, 'element' | 'edge' | 'warnings'> {
  const element = args.bkg_z === 'H' ? null : elementSymbol(args.bkg_z ?? '');
  const edge = edgeName(args.fft_edge ?? '');
  const range = rangeOf(energy);
  if (element === null || edge === null || range === null) return { element, edge, warnings: [] };
  const found = edgesOf(element).find((one) => one.edge === edge);
  if (found && found.energy_eV > range[0] - 10 && found.energy_eV < range[1] + 10)
    return { element, edge, warnings: [] };
  const warning = `'${title}' is stored as ${element} ${edge}, an edge that its energies do not cover`;
  return { element, edge: null, warnings: [warning] };
}

function argumentsOf({ values }: PerlList): Record<string, string> {
  const entries: [string, string][] = [];
  for (let i = 0; i + 1 < values.length; i += 2) entries.push([values[i]!, values[i + 1]!]);
  return Object.fromEntries(entries.filter(([key]) => key !== '__proto__'));
}

const isNumber = (text: string): boolean => text.trim() !== '' && !Number.isNaN(Number(text));

function numbers({ values, line }: PerlList, path: string): Float64Array {
  return Float64Array.from(values, (text) => {
    const value = Number(text);
    if (!isNumber(text)) throw new InputError(`'${text.slice(0, 40)}' is not a number`, { path, line });
    return value;
  });
}

/** Parameters of the project in our units and meanings; ranges are relative to e0. */
function storedParameters(args: Record<string, string>): Record<string, string> {
  const stored: Record<string, string> = {};
  const take = (from: string, to: string, change: (value: number) => number = (value) => value): void => {
    const value = Number(args[from]);
    if (args[from] !== undefined && args[from] !== '' && Number.isFinite(value))
      stored[to] = String(change(value));
  };
  take('bkg_e0', 'e0_eV');
  take('bkg_eshift', 'shift_eV');
  take('bkg_pre1', 'pre1_eV');
  take('bkg_pre2', 'pre2_eV');
  take('bkg_nor1', 'norm1_eV');
  take('bkg_nor2', 'norm2_eV');
  take('bkg_nnorm', 'degree', (terms) => terms - 1);
  take('bkg_step', 'edgeStep');
  stored.fixedStep = args.bkg_fixstep === '1' ? 'true' : 'false';
  take('importance', 'importance');
  return stored;
}
