import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, delimiter, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { InputError, type Place } from '../../errors.js';
import { suggestion } from './nearest.js';

const MAX_MATCHES = 200_000;

/**
 * Folders that the relative paths of an experiment may reach: its own, and those that the person at the keyboard (not the experiment
 * file) opens in the environment variable INTERPHASE_DATA.
 */
export const allowedFolders = (experimentFolder: string): string[] =>
  [experimentFolder, ...(process.env.INTERPHASE_DATA ?? '').split(delimiter).filter(Boolean)]
    .filter((folder) => existsSync(folder))
    .map((folder) => realpathSync(folder));

/**
 * The file that a path in an experiment means: relative to `folder`, also found with .gz added.
 * @throws InputError when it is missing, not a file, or, being relative, leaves the allowed folders (also by a link).
 */
export function fileInside(folder: string, given: string, place: Place): string {
  const path = resolve(folder, checkedText(given, place));
  refuseOutside(folder, path, given, place);
  const found = [path, `${path}.gz`].find((candidate) => existsSync(candidate));
  if (found === undefined) throw missing(folder, path, given, place);
  refuseOutside(folder, realpathSync(found), given, place);
  if (!statSync(found).isFile()) throw new InputError(`'${given}' is not a file`, place);
  return found;
}

/**
 * The files that a name with * and ? means, in the order of the numbers in their names; `scan_*.xye` also finds
 * `scan_001.xye.gz` (the unpacked file wins where both exist).
 * @throws InputError when nothing matches or a match of a relative pattern leaves the allowed folders.
 */
export function filesMatching(folder: string, pattern: string, place: Place): string[] {
  checkedText(pattern, place);
  if (!/[*?]/u.test(pattern)) return [fileInside(folder, pattern, place)];
  const whole = resolve(folder, pattern);
  const parts = whole.split(sep);
  const firstWild = parts.findIndex((part) => /[*?]/u.test(part));
  const start = parts.slice(0, firstWild).join(sep) || sep;
  refuseOutside(folder, start, pattern, place);
  let found = [start];
  for (let depth = firstWild; depth < parts.length; depth++) {
    const last = depth === parts.length - 1;
    found = found.flatMap((parent) => childrenMatching(parent, parts[depth]!, last));
    if (found.length > MAX_MATCHES)
      throw new InputError(`'${pattern}' matches more than ${MAX_MATCHES} files`, place);
  }
  const present = new Set(found);
  const files = found.filter((path) => !(path.endsWith('.gz') && present.has(path.slice(0, -3))));
  if (files.length === 0) {
    throw new InputError(`no file matches '${pattern}'`, place, `looked in ${start}`);
  }
  for (const path of files) refuseOutside(folder, realpathSync(path), pattern, place);
  return files.sort(byNumbersInName);
}

function childrenMatching(parent: string, pattern: string, last: boolean): string[] {
  let names: string[];
  try {
    names = readdirSync(parent);
  } catch {
    return [];
  }
  return names
    .filter(
      (name) =>
        !name.startsWith('.') &&
        (matches(name, pattern) || (last && matches(name.replace(/\.gz$/u, ''), pattern))),
    )
    .map((name) => join(parent, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === last);
}

/** Whether a name fits a pattern with * and ?; greedy with one way back, so that its time is bounded by length times length. */
export function matches(name: string, pattern: string): boolean {
  let [n, p, star, mark] = [0, 0, -1, 0];
  while (n < name.length) {
    if (pattern[p] === '*') [star, mark, p] = [p, n, p + 1];
    else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n])) [n, p] = [n + 1, p + 1];
    else if (star >= 0) [p, mark, n] = [star + 1, mark + 1, mark + 1];
    else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** Numbers in names count as numbers: scan_2 comes before scan_10. */
export function byNumbersInName(a: string, b: string): number {
  const left = a.match(/\d+|\D+/gu) ?? [];
  const right = b.match(/\d+|\D+/gu) ?? [];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [l, r] = [left[i]!, right[i]!];
    const numeric = /^\d/u.test(l) && /^\d/u.test(r);
    const order = numeric ? Number(l) - Number(r) : Number(l > r) - Number(l < r);
    if (order !== 0) return order;
  }
  return left.length - right.length || Number(a > b) - Number(a < b);
}

function checkedText(given: string, place: Place): string {
  if (given.trim() === '' || given.includes('\0') || given.length > 2000) {
    throw new InputError(`'${given.slice(0, 60)}' is not a file name`, place);
  }
  return given;
}

/** A relative path may not climb out, nor a link lead out, unseen; an absolute path says plainly where it goes. */
function refuseOutside(folder: string, path: string, given: string, place: Place): void {
  if (isAbsolute(given)) return;
  const inside = [resolve(folder), ...allowedFolders(folder)].some(
    (allowed) => path === allowed || path.startsWith(allowed.endsWith(sep) ? allowed : allowed + sep),
  );
  if (inside) return;
  throw new InputError(
    `'${given}' lies outside the experiment's folder`,
    place,
    `copy it into ${folder}, write its absolute path, or name its folder in the environment variable INTERPHASE_DATA`,
  );
}

function missing(folder: string, path: string, given: string, place: Place): InputError {
  if (/[*?]/u.test(given))
    return new InputError(
      `'${given}': here stands one file, not several`,
      place,
      'write an entry for each file',
    );
  const parent = dirname(path);
  if (!existsSync(parent)) return new InputError(`there is no file '${given}'`, place, `no folder ${parent}`);
  let names: string[] = [];
  try {
    names = readdirSync(parent);
  } catch {
    // An unreadable folder offers no suggestion.
  }
  return new InputError(`there is no file '${given}' in ${folder}`, place, suggestion(basename(path), names));
}
