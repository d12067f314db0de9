/** Which families of reflections make one powder line. */
import { inverseD2, invertMetric, type Metric, metric, symmetrizeMetric } from './cell.js';
import type { ReflectionFamily } from './reflections.js';
import type { PhaseStructure } from './structure.js';

/**
 * Families that share a d for every cell that the symmetry allows: equal in this cell and in a distorted one. So an
 * accidental overlap stays two lines, which part when the cell is refined, while 30l and 03l stay one.
 */
export function groupIntoLines(
  structure: PhaseStructure,
  families: readonly ReflectionFamily[],
): readonly (readonly number[])[] {
  let lines = grouped.get(families);
  if (!lines) {
    lines = findLines(structure, families);
    grouped.set(families, lines);
  }
  return lines;
}

/** Families come from a cell and a group, so that they alone decide. */
const grouped = new WeakMap<readonly ReflectionFamily[], readonly (readonly number[])[]>();

function findLines(structure: PhaseStructure, families: readonly ReflectionFamily[]): number[][] {
  let bent: Metric | null = null;
  const inBentCell = ({ hkl }: ReflectionFamily): number => {
    bent ??= bentReciprocalMetric(structure);
    return inverseD2(bent, hkl[0], hkl[1], hkl[2]);
  };
  const lines: number[][] = [];
  families.forEach((family, i) => {
    // sorted by q: only the last few lines can match
    for (let line = lines.length - 1; line >= 0; line--) {
      const first = families[lines[line]![0]!]!;
      if (family.inverseD2 - first.inverseD2 > 1e-7 * family.inverseD2) break;
      const q = inBentCell(family);
      if (Math.abs(q - inBentCell(first)) <= 1e-7 * q) {
        lines[line]!.push(i);
        return;
      }
    }
    lines.push([i]);
  });
  return lines;
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
  return invertMetric(
    symmetrizeMetric(
      bent,
      operations.map(({ rotation }) => rotation),
    ),
  );
}
