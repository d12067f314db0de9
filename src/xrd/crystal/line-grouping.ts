/** Which families of reflections make one powder line. */
import { zeroIntegers } from '../../numeric/pooled.js';
import { Recent } from './recent.js';
import type { ReflectionFamilies } from './reflections.js';

export interface LineGroups {
  /** Number of lines. */
  count: number;
  /** The line of each family. */
  lineOf: Int32Array;
  /** The first family of each line, of largest d. */
  first: Int32Array;
}

/**
 * Families that share a d for every cell that the symmetry allows, and in this one. So an accidental overlap stays two
 * lines, which part when the cell is refined, while 30l and 03l stay one.
 */
export function groupIntoLines(families: ReflectionFamilies): LineGroups {
  return grouped.get(families) ?? grouped.set(families, findLines(families));
}

const grouped = new Recent<ReflectionFamilies, LineGroups>(32);

function findLines({ count, kind, inverseD2: q }: ReflectionFamilies): LineGroups {
  const lineOf = zeroIntegers(count);
  const first = zeroIntegers(count);
  let lines = 0;
  for (let j = 0; j < count; j++) {
    lineOf[j] = lines;
    // sorted by q: only the last few lines can match
    for (let line = lines - 1; line >= 0; line--) {
      const other = first[line]!;
      if (q[j]! - q[other]! > 1e-7 * q[j]!) break;
      if (kind[j] !== kind[other]) continue;
      lineOf[j] = line;
      break;
    }
    if (lineOf[j] === lines) first[lines++] = j;
  }
  return { count: lines, lineOf, first: first.subarray(0, lines) };
}
