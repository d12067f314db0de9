import type { Column, ColumnRole } from '../../measurement.js';
import { unitFactor } from '../common/units.js';
import { roleOfName, unitInName } from './column-roles.js';

/** Roles that belong to one column only. */
const SINGLE: ColumnRole[] = [
  'energy',
  'angle',
  'i0',
  'itrans',
  'irefer',
  'mutrans',
  'mufluor',
  'murefer',
  'norm',
];

const INTENSITIES: ColumnRole[] = ['i0', 'itrans', 'irefer', 'fluorescence'];

/**
 * Columns with the roles that their names tell. Each role but fluorescence belongs to one column, the first; of several
 * kinds of fluorescence channels (dead-time corrected, regions of interest, an ion chamber) the best one keeps the role.
 * A detector that gave nothing but zeros has none.
 */
export function inferColumns(
  names: string[],
  units: (string | null)[],
  values: Float64Array[],
  aliases: (string | null)[] = [],
): Column[] {
  const columns = names.map((name, i): Column => {
    const role = roleOfName(name);
    const unit = units[i] ?? unitInName(name);
    const alias = role === 'other' && aliases[i] ? roleOfName(aliases[i]!) : role;
    return { name, unit, role: misled(name, alias, unit, values[i]!) ? 'other' : alias, values: values[i]! };
  });
  return keepBestFluorescence(withEnergy(onlyFirst(inContext(columns))));
}

/** Columns whose values or unit are not what the name promises: 'mu' is a circle of a diffractometer too. */
function misled(name: string, role: ColumnRole, unit: string | null, values: Float64Array): boolean {
  if (role === 'mutrans') return unit !== null && unitFactor(unit, 'angle') !== null;
  if (role === 'i0' && /^mon$/iu.test(name.trim())) return isSteady(values);
  return INTENSITIES.includes(role) && values.length > 0 && values.every((value) => !(Math.abs(value) > 0));
}

/** Rises or falls throughout: the position of a monochromator ('Mon' at some beamlines), not an intensity. */
function isSteady(values: Float64Array): boolean {
  const up = values.every((value, i) => i === 0 || value >= values[i - 1]!);
  if (values.length < 6 || values[0] === values.at(-1)) return false;
  return up || values.every((value, i) => i === 0 || value <= values[i - 1]!);
}

const CHAMBER = /^(?:i|i_|ic|ic_|ion|ioni|ion_?chamber_?|ionization_?)([0-3])$/iu;

/** Names that say what they are only beside others. */
function inContext(columns: Column[]): Column[] {
  const has = (role: ColumnRole): boolean => columns.some((column) => column.role === role);
  const number = ({ name }: Column): number => Number(CHAMBER.exec(name.trim())?.[1] ?? Number.NaN);
  const numbered = (n: number): boolean => columns.some((column) => number(column) === n);
  // Chambers counted from one: before the sample, behind it, behind the reference.
  const fromOne = !has('i0') && !numbered(0) && numbered(1) && numbered(2);
  const roles: ColumnRole[] = ['other', 'i0', 'itrans', 'irefer'];
  // Beside the chamber behind the reference, 'REF' is what was made of it: ln(It/Ir).
  const twoReferences = columns.filter(({ role }) => role === 'irefer').length > 1;
  return columns.map((column) => {
    const word = column.name.trim().toLowerCase();
    if (fromOne && roles[number(column)] !== undefined) return { ...column, role: roles[number(column)]! };
    if (twoReferences && /^ref(?:erence)?\W*$/u.test(word)) return { ...column, role: 'murefer' };
    if (word === 'i' && has('i0') && !has('itrans')) return { ...column, role: 'itrans' };
    return column;
  });
}

function onlyFirst(columns: Column[]): Column[] {
  const taken = new Set<ColumnRole>();
  return columns.map((column) => {
    if (!SINGLE.includes(column.role)) return column;
    if (taken.has(column.role)) return { ...column, role: 'other' };
    taken.add(column.role);
    return column;
  });
}

/** Where no name is plainly an energy: one that says it was reached, else any that speaks of energy. */
function withEnergy(columns: Column[]): Column[] {
  if (columns.some(({ role }) => role === 'energy' || role === 'angle')) return columns;
  const candidates = [/energy.*(?:achieved|readback|fbk)|achieved/iu, /energy|nrj/iu].map((pattern) =>
    columns.findIndex(
      ({ name, role }) =>
        role === 'other' && pattern.test(name) && !/request|setpoint|edge|gain|:sp$|ring/iu.test(name),
    ),
  );
  const chosen = candidates.find((index) => index >= 0) ?? -1;
  return columns.map((column, i) => (i === chosen ? { ...column, role: 'energy' } : column));
}

const FLUORESCENCE_KINDS = [
  /^(?:dtc|corr|ffdt|fluor?_?corr)/iu,
  /^(?:sca|mca\d|roi|xmap|xsp|sdd|ch\d|pba.*_roi|kev)/iu,
  /./u,
];

function keepBestFluorescence(columns: Column[]): Column[] {
  const found = columns.filter(({ role }) => role === 'fluorescence');
  const best = FLUORESCENCE_KINDS.find((kind) => found.some(({ name }) => kind.test(name.trim())));
  if (best === undefined) return columns;
  const kinds = FLUORESCENCE_KINDS.indexOf(best);
  const rank = (name: string): number => FLUORESCENCE_KINDS.findIndex((kind) => kind.test(name.trim()));
  return columns.map((column) =>
    column.role === 'fluorescence' && rank(column.name) !== kinds ? { ...column, role: 'other' } : column,
  );
}
