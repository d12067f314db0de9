/** From a structure and its line table to what the pattern model refines. */
import { type Cell, type Metric, metric, symmetrizeMetric } from '../crystal/cell.js';
import type { CellParameters } from '../crystal/cell-metric.js';
import { type LineTable, lineFamilies } from '../crystal/line-table.js';
import { equivalentsOf } from '../crystal/reflections.js';
import type { SymmetryOperation } from '../crystal/symmetry.js';
import type { CompositionParameter, IntensityModel, PhaseLines } from './phase-lines.js';

export interface StructurePhaseOptions {
  /** Name of the composition parameter of the table's substitution ('x', 'y_migration' …); null: nothing to refine. */
  compositionName: string | null;
  /** Largest amount; by default the largest that the structure can take. */
  max?: number;
  start?: number;
}

/** Makes a phase for the pattern model from a line table; `name` is what its parameters are called by. */
export function phaseFromTable(name: string, table: LineTable, options: StructurePhaseOptions): PhaseLines {
  const { cell } = table;
  const parameters = cellParameters(cell);
  return {
    name,
    cell: parameters,
    system: latticeSystem(table.operations, cell),
    hkl: Array.from({ length: table.count }, (_, i) => [
      table.hkl[3 * i]!,
      table.hkl[3 * i + 1]!,
      table.hkl[3 * i + 2]!,
    ]),
    equivalents: () =>
      lineFamilies(table).map((families) =>
        families.flatMap(({ hkl }) => equivalentsOf(hkl, table.operations)),
      ),
    intensities: tableIntensities(table, options),
    cellMass: (values) => {
      const amount = options.compositionName === null ? 0 : (values[0] ?? 0);
      const { massAt0, massSlope } = segmentFor(table, amount);
      return table.Z * (massAt0 + massSlope * amount);
    },
  };
}

export const cellParameters = (cell: Cell): CellParameters => [
  cell.a_A,
  cell.b_A,
  cell.c_A,
  cell.alpha_deg,
  cell.beta_deg,
  cell.gamma_deg,
];

const segmentFor = (table: LineTable, amount: number): LineTable['segments'][number] =>
  table.segments.find(({ from, to }) => amount >= from && amount <= to) ??
  table.segments[table.segments.length - 1]!;

function tableIntensities(table: LineTable, options: StructurePhaseOptions): IntensityModel {
  const last = table.segments[table.segments.length - 1]!;
  const parameters: CompositionParameter[] =
    options.compositionName === null
      ? []
      : [
          {
            name: options.compositionName,
            value: options.start ?? 0,
            min: Math.min(0, table.segments[0]!.from),
            max: Math.min(options.max ?? Number.POSITIVE_INFINITY, last.to),
          },
        ];
  return {
    parameters,
    evaluate(values, out, derivatives) {
      const x = parameters.length > 0 ? values[0]! : 0;
      const { i0, i1, i2 } = segmentFor(table, x);
      for (let i = 0; i < out.length; i++) out[i] = i0[i]! + x * (i1[i]! + x * i2[i]!);
      const by = derivatives?.[0];
      if (by) for (let i = 0; i < out.length; i++) by[i] = i1[i]! + 2 * x * i2[i]!;
    },
  };
}

/**
 * Crystal system of a group's lattice, from what its rotations leave of a crooked metric; so that any setting of any
 * group, and a list of operations without a symbol, gets the right free cell parameters.
 */
export function latticeSystem(operations: readonly SymmetryOperation[], cell: Cell): string {
  const [g11, g22, g33] = metric(cell);
  const rotations = operations.flatMap(({ rotation }) => rotation);
  const bent: Metric = [g11 * 1.01, g22 * 1.03, g33 * 1.07, g22 * 0.011, g33 * 0.023, g11 * 0.037];
  const [a, b, c, d, e, f] = symmetrizeMetric(bent, rotations);
  const small = 1e-6 * a;
  const equal = (u: number, v: number): boolean => Math.abs(u - v) < small;
  const zero = (v: number): boolean => Math.abs(v) < small;
  const obliques = [d, e, f].filter((v) => !zero(v)).length;
  if (equal(a, b) && equal(b, c) && obliques === 0) return 'cubic';
  if (equal(a, b) && obliques === 0) return 'tetragonal';
  if (equal(a, b) && zero(d) && zero(e) && equal(f, -a / 2)) return 'hexagonal';
  if (equal(a, b) && equal(b, c) && equal(d, e) && equal(e, f)) return 'trigonal';
  if (obliques === 0) return 'orthorhombic';
  if (obliques === 1) return 'monoclinic';
  return 'triclinic';
}
