/** Which families of reflections make one powder line. */
import { inverseD2, invertMetric, type Metric, metric, symmetrizeMetric } from './cell.js';
import { groupParts, OPERATION_SIZE } from './group-parts.js';
import { Recent } from './recent.js';
import type { ReflectionFamilies } from './reflections.js';
import type { PhaseStructure } from './structure.js';

export interface LineGroups {
  /** Number of lines. */
  count: number;
  /** The line of each family. */
  lineOf: Int32Array;
  /** The first family of each line, of largest d. */
  first: Int32Array;
}

/**
 * Families that share a d for every cell that the symmetry allows: equal in this cell and in a distorted one. So an
 * accidental overlap stays two lines, which part when the cell is refined, while 30l and 03l stay one.
 */
export function groupIntoLines(structure: PhaseStructure, families: ReflectionFamilies): LineGroups {
  return grouped.get(families) ?? grouped.set(families, findLines(structure, families));
}

/** Families come from a cell and a group, so that they alone decide. */
const grouped = new Recent<ReflectionFamilies, LineGroups>(32);

function findLines(structure: PhaseStructure, { count, hkl, inverseD2: q }: ReflectionFamilies): LineGroups {
  let bent: Metric | null = null;
  const inBentCell = (j: number): number => {
    bent ??= bentReciprocalMetric(structure);
    return inverseD2(bent, hkl[3 * j]!, hkl[3 * j + 1]!, hkl[3 * j + 2]!);
  };
  const lineOf = new Int32Array(count);
  const first = new Int32Array(count);
  let lines = 0;
  // sorted by q: only the last few lines can match
  const lineWith = (j: number): number => {
    for (let line = lines - 1; line >= 0; line--) {
      const other = first[line]!;
      if (q[j]! - q[other]! > 1e-7 * q[j]!) return -1;
      if (Math.abs(inBentCell(j) / inBentCell(other) - 1) <= 1e-7) return line;
    }
    return -1;
  };
  for (let j = 0; j < count; j++) {
    const line = lineWith(j);
    if (line < 0) first[lines] = j;
    lineOf[j] = line < 0 ? lines++ : line;
  }
  return { count: lines, lineOf, first: first.slice(0, lines) };
}

/** Reciprocal metric of a cell that is out of shape in every way that the symmetry allows. */
function bentReciprocalMetric({ cell, operations }: PhaseStructure): Metric {
  const [a2, b2, c2, bc, ac, ab] = metric(cell);
  const bent: Metric = [
    a2 * 1.013,
    b2 * 1.0291,
    c2 * 1.0537,
    bc + 0.011 * b2,
    ac + 0.017 * c2,
    ab + 0.0073 * a2,
  ];
  const { half } = groupParts(operations); // a rotation and its negative do the same to a metric
  const rotations: Float64Array[] = [];
  for (let at = 0; at < half.length; at += OPERATION_SIZE) rotations.push(half.subarray(at, at + 9));
  return invertMetric(symmetrizeMetric(bent, rotations));
}
