import { basename, dirname, join } from 'node:path';
import { byNumbersInName, matches } from './common/file-pattern.js';
import { plainName } from './common/input.js';
import { holdsSpectra, likelyEdge, type ScanGroup, type SpectrumContent, scanName } from './draft-spectra.js';
import type { Inspection } from './inspect/inspection.js';

/** 'P5_003.xdi' and 'foil.003' are scans of 'P5' and 'foil'; 'P5.xdi' is no scan of P, as nothing parts its number from its name. */
const NUMBERED = /^(.*?\w)([-_. ]+)(\d+)((?:\.[A-Za-z]\w*)?)$/u;

/**
 * Files that are repeated scans of one spectrum, as far as names and headers say: they lie in one folder, differ in the last
 * number of their names only, and hold one spectrum each, of one edge, with the same columns over the same range and under
 * the same title. Whether one spot was measured again, or the next, they do not say.
 */
export function groupScans(details: ReadonlyMap<string, Inspection>, all: readonly string[]): ScanGroup[] {
  const groups = new Map<string, ScanGroup>();
  for (const [file, found] of details) {
    const key = scanKey(file, found) ?? file;
    const group = groups.get(key);
    if (group && sameRange(group.found, found)) group.files.push(file);
    else groups.set(group ? file : key, { files: [file], found, pattern: null });
  }
  return [...groups.values()].map((group) => {
    const files = group.files.sort(byNumbersInName);
    return { ...group, files, pattern: files.length > 1 ? exactPattern(files, all) : null };
  });
}

const numberedParts = (file: string): RegExpExecArray | null => NUMBERED.exec(plainName(file));

function scanKey(file: string, found: Inspection): string | null {
  const parts = numberedParts(file);
  const [spectrum, second] = (found.content.spectra as SpectrumContent[] | undefined) ?? [];
  if (!parts || !spectrum || second || !holdsSpectra(found)) return null;
  const title = scanName(spectrum.title);
  const columns = (spectrum.columns ?? []).map(({ name }) => name);
  return [dirname(file), parts[1], parts[4], likelyEdge(spectrum), title, ...columns].join('\0');
}

/** The ends of repeated scans differ by what a monochromator's readback does, not more. */
function sameRange(a: Inspection, b: Inspection): boolean {
  const [one, other] = [rangeOf(a), rangeOf(b)];
  if (!one || !other) return false;
  const most = 2 + 0.02 * (one.to - one.from);
  return Math.abs(one.from - other.from) < most && Math.abs(one.to - other.to) < most;
}

const rangeOf = ({ content }: Inspection): SpectrumContent['range'] =>
  (content.spectra as SpectrumContent[])[0]!.range;

/** A name with a star that means these files and no others of their folder. */
function exactPattern(files: readonly string[], all: readonly string[]): string | null {
  const [, name, between, , ending] = numberedParts(files[0]!)!;
  const folder = dirname(files[0]!);
  const pattern = `${name}${between}*${ending}`;
  if (/[?*]/u.test(`${name}${ending}`)) return null;
  const meant = all.filter(
    (file) =>
      dirname(file) === folder && [basename(file), plainName(file)].some((one) => matches(one, pattern)),
  );
  return meant.length === files.length && meant.every((file) => files.includes(file))
    ? join(folder, pattern)
    : null;
}
