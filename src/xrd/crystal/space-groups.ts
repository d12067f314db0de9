/** The 230 space groups in 530 settings, by number, Hermann-Mauguin or Hall symbol. Table: moyo (spglib's successor). */
import { InputError } from '../../errors.js';
import text from '../../reference/data/space-groups.js';
import type { Cell } from './cell.js';
import { closeGroup, operationKey, parseOperation, type SymmetryOperation } from './symmetry.js';

export interface SpaceGroupSetting {
  number: number;
  /** Position in Hall's list, 1 to 530. */
  hallNumber: number;
  /** '1' or '2' for the origin, 'H' or 'R' for the axes, 'b1', 'cab' … for permuted axes, '' for the only setting. */
  setting: string;
  shortSymbol: string;
  fullSymbol: string;
  hallSymbol: string;
}

export interface SpaceGroup extends SpaceGroupSetting {
  operations: SymmetryOperation[];
}

type Row = [number, string, string, string, string, string];

let rows: Row[] | null = null;
let bySymbol: Map<string, number[]> | null = null;

const table = (): Row[] => {
  rows ??= JSON.parse(text) as Row[];
  return rows;
};

/**
 * The names that groups with a glide 'e' had before 1992 (de Wolff et al., Acta Cryst. A48, 727), setting by setting in
 * Hall's order. They say more than the new ones: Cmma and Cmmb are two settings, and both are now Cmme.
 */
const BEFORE_E_GLIDES: Record<number, readonly string[]> = {
  39: ['abm2', 'bma2', 'b2cm', 'c2mb', 'cm2a', 'ac2m'],
  41: ['aba2', 'bba2', 'b2cb', 'c2cb', 'cc2a', 'ac2a'],
  64: ['cmca', 'ccmb', 'abma', 'acam', 'bbcm', 'bmab'],
  67: ['cmma', 'cmmb', 'abmm', 'acmm', 'bmcm', 'bmam'],
  68: ['ccca', 'cccb', 'abaa', 'acaa', 'bbcb', 'bbab'].flatMap((name) => [name, name]),
};

function normalizeSymbol(symbol: string): string {
  let name = symbol.replace(/[\s_()]/g, '').toLowerCase();
  // before 1983 the bar of the cubic groups was left out: F d 3 m
  name = name.replace(/(?<=^[pfi][mnabcd])3/, '-3');
  return name;
}

function symbolIndex(): Map<string, number[]> {
  if (bySymbol) return bySymbol;
  bySymbol = new Map();
  table().forEach((row, i) => {
    const first = table().findIndex((other) => other[0] === row[0]);
    for (const name of namesOf(row, i - first)) {
      const list = bySymbol!.get(name);
      if (!list) bySymbol!.set(name, [i]);
      else if (!list.includes(i)) list.push(i);
    }
  });
  return bySymbol;
}

/** The short symbol, the full one, for monoclinic groups the full one without its ones (P 21/n), an older one. */
function namesOf([number, , short, full]: Row, place: number): Set<string> {
  const names = new Set([normalizeSymbol(short), normalizeSymbol(full)]);
  const older = BEFORE_E_GLIDES[number]?.[place];
  if (older) names.add(older);
  if (number >= 3 && number <= 15) names.add(normalizeSymbol(full.replace(/ 1(?= |$)/g, '')));
  return names;
}

const settingOf = (index: number): SpaceGroupSetting => {
  const [number, setting, shortSymbol, fullSymbol, hallSymbol] = table()[index]!;
  return { number, hallNumber: index + 1, setting, shortSymbol, fullSymbol, hallSymbol };
};

function withOperations(index: number): SpaceGroup {
  const generators = table()[index]![5];
  return {
    ...settingOf(index),
    operations: closeGroup(generators === '' ? [] : generators.split(';').map(parseOperation)),
  };
}

/** All settings of a space group. */
export function settingsOf(number: number): SpaceGroupSetting[] {
  return table()
    .map((row, i) => (row[0] === number ? settingOf(i) : null))
    .filter((s) => s !== null);
}

/** A space group by its place in Hall's list, 1 to 530. */
export function spaceGroupByHallNumber(hallNumber: number): SpaceGroup {
  if (!table()[hallNumber - 1])
    throw new InputError(`there is no Hall number ${hallNumber}`, null, 'they run from 1 to 530');
  return withOperations(hallNumber - 1);
}

/** A space group by its Hall symbol ('-P 3 2"', also written '-P 3 2='), or null. */
export function findByHallSymbol(symbol: string): SpaceGroup | null {
  // blanks matter: 'P 32' is a screw axis, 'P 3 2' two axes
  const normalize = (text: string) =>
    text
      .trim()
      .replace(/[\s_]+/g, ' ')
      .replaceAll('"', '=')
      .toLowerCase();
  const name = normalize(symbol);
  const index = table().findIndex((row) => normalize(row[4]) === name);
  return index < 0 ? null : withOperations(index);
}

/** The setting that consists of just these operations, or null for one outside the table. */
export function findByOperations(operations: readonly SymmetryOperation[]): SpaceGroupSetting | null {
  const given = new Set(operations.map(operationKey));
  const index = table().findIndex(([, , , , , generators]) => {
    const own = generators === '' ? [] : generators.split(';').map(parseOperation);
    return own.every((o) => given.has(operationKey(o))) && closeGroup(own).length === given.size;
  });
  return index < 0 ? null : settingOf(index);
}

/**
 * A space group by number (164) or Hermann-Mauguin symbol ('P-3m1', 'P -3 2/m 1', 'P 1 21/n 1', 'R -3 m:H', 'F d 3 m:2',
 * 'Fd-3mZ'). Where a symbol leaves the setting open, the axes follow from the cell if it is given, and the
 * origin is the second one (at the inversion centre); `assumed` then says so.
 * Throws InputError for a symbol of no space group.
 */
export function findSpaceGroup(
  symbolOrNumber: string | number,
  cell?: Cell,
): { group: SpaceGroup; assumed: string | null } {
  const given = String(symbolOrNumber).trim();
  const { name, code } = splitSettingCode(given);
  let candidates: number[];
  if (/^\d+$/.test(name)) {
    const number = Number(name);
    candidates = table().flatMap((row, i) => (row[0] === number ? [i] : []));
  } else candidates = symbolIndex().get(normalizeSymbol(name)) ?? [];
  if (code !== null) {
    const wanted = code.toLowerCase();
    // of permuted axes with two origins ('2cab') the symbol tells the axes and the code the origin
    const matches = (setting: string) =>
      setting.toLowerCase() === wanted || (/^[12]$/.test(wanted) && setting.startsWith(wanted));
    const chosen = candidates.filter((i) => matches(table()[i]![1]));
    if (chosen.length > 0) return { group: withOperations(chosen[0]!), assumed: null };
  }
  if (candidates.length === 0)
    throw new InputError(
      `'${given.slice(0, 40)}' is no space group`,
      null,
      "give a number from 1 to 230 or a symbol such as 'P -3 m 1'",
    );
  return choose(candidates, cell);
}

/** 'R -3 m:H' and 'Fd-3mZ' into symbol and setting code. */
function splitSettingCode(given: string): { name: string; code: string | null } {
  // protein files call rhombohedral groups on hexagonal axes H 3
  const hexagonal = /^H(\s*-?3.*)$/.exec(given);
  if (hexagonal) return { name: `R${hexagonal[1]!.replace(/\s*:\s*H$/, '')}`, code: 'H' };
  const colon = /^(.*?)\s*:\s*(\S+)$/.exec(given);
  if (colon) return { name: colon[1]!, code: colon[2]!.replace(/^s$/i, '1').replace(/^z$/i, '2') };
  const suffix = /^([A-Za-z].*?)\s*([HRSZ])$/.exec(given);
  if (suffix)
    return { name: suffix[1]!, code: suffix[2] === 'S' ? '1' : suffix[2] === 'Z' ? '2' : suffix[2]! };
  return { name: given, code: null };
}

function choose(candidates: number[], cell: Cell | undefined): { group: SpaceGroup; assumed: string | null } {
  const setting = (i: number) => table()[i]![1];
  if (candidates.some((i) => setting(i) === 'H')) {
    const rhombohedral = cell !== undefined && Math.abs(cell.gamma_deg - 120) > 1;
    return {
      group: withOperations(candidates.find((i) => setting(i) === (rhombohedral ? 'R' : 'H'))!),
      assumed: cell ? null : 'hexagonal axes',
    };
  }
  const number = table()[candidates[0]!]![0];
  if (number >= 3 && number <= 15) {
    const fitting = cell
      ? candidates.filter((i) => setting(i).replace('-', '')[0] === uniqueAxis(cell))
      : candidates;
    const chosen = (fitting.length > 0 ? fitting : candidates)[0]!;
    return { group: withOperations(chosen), assumed: null };
  }
  const second = candidates.find((i) => setting(i).startsWith('2'));
  if (second !== undefined) return { group: withOperations(second), assumed: 'origin choice 2' };
  return { group: withOperations(candidates[0]!), assumed: null };
}

/** The axis whose angle is not 90 degrees; b where all are. */
function uniqueAxis(cell: Cell): 'a' | 'b' | 'c' {
  const off = [cell.alpha_deg, cell.beta_deg, cell.gamma_deg].map((angle) => Math.abs(angle - 90));
  if (off[2]! > 1e-3 && off[2]! > off[1]!) return 'c';
  if (off[0]! > 1e-3 && off[0]! > off[1]!) return 'a';
  return 'b';
}
