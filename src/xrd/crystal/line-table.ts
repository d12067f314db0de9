/**
 * The lines of a phase, with intensities that are exactly quadratic in one amount of substitution: F is linear in the
 * occupancies, so |F|^2 is a parabola, and nothing else needs to be computed while the amount is refined.
 */
import { InputError } from '../../errors.js';
import { zeroIntegers, zeros } from '../../numeric/pooled.js';
import { molarMass_g_mol } from '../../reference/formula.js';
import {
  braggTwoTheta_deg,
  type Cell,
  cellVolume_A3,
  inverseD2,
  type Metric,
  reciprocalMetric,
} from './cell.js';
import { compositionOf } from './composition.js';
import { fixedSegment, type IntensitySegment, intensitySegment, products } from './intensity-segments.js';
import { groupIntoLines, type LineGroups } from './line-grouping.js';
import { type ReflectionFamilies, reflectionFamilies } from './reflections.js';
import type { PhaseStructure } from './structure.js';
import { type ScatteringOptions, StructureFactorCalculator } from './structure-factor.js';
import { type Substitution, segmentAt, substitutionSegments } from './substitution.js';
import type { SymmetryOperation } from './symmetry.js';

/** Symmetry-equivalent reflections that share a line, with m and |F|^2 (mean of Friedel mates) at amount 0. */
export interface LineFamily {
  hkl: readonly [number, number, number];
  multiplicity: number;
  F2: number;
}

export type { IntensitySegment };

export interface LineTable {
  phase: string;
  wavelength_A: number;
  count: number;
  /** Three indices a line, of its strongest family. */
  hkl: Int32Array;
  d_A: Float64Array;
  twoTheta_deg: Float64Array;
  /** Reflections that make up the line. */
  multiplicity: Float64Array;
  /**
   * Sum over the families of a line (30l and 03l share a d, yet differ) of m |F|^2, Debye-Waller factor included,
   * Lorentz-polarisation not: i0 + i1 x + i2 x^2 for x up to `xMax`; i1 and i2 are zero without substitution.
   */
  i0: Float64Array;
  i1: Float64Array;
  i2: Float64Array;
  /** Where the parabola ends: a site is then empty or full. Beyond it `segments` goes on. */
  xMax: number;
  /** All parabolas, ascending; the one that starts at (or holds) 0 is the one above. */
  segments: IntensitySegment[];
  /** What `lineFamilies` sorts the reflections of each line by; plain arrays, so that a table can pass between threads. */
  reflections: { families: ReflectionFamilies; lines: LineGroups; F2: Float64Array };
  cell: Cell;
  cellVolume_A3: number;
  /** Mass of the formula unit at amount 0 (g/mol), and formula units in the cell. */
  formulaMass: number;
  Z: number;
  operations: readonly SymmetryOperation[];
}

export interface LineTableOptions extends ScatteringOptions {
  twoThetaMin_deg: number;
  twoThetaMax_deg: number;
  substitution?: Substitution;
}

/**
 * Computes the lines of a structure in a range of angles.
 * Throws InputError for an impossible wavelength or range, and for a substitution that the structure cannot take.
 */
export function buildLineTable(structure: PhaseStructure, options: LineTableOptions): LineTable {
  const { wavelength_A } = options;
  if (!(wavelength_A > 0.01 && wavelength_A < 20))
    throw new InputError(
      `a wavelength of ${wavelength_A} angstrom is not possible`,
      null,
      'give it in angstrom',
    );
  const reciprocal = reciprocalMetric(structure.cell);
  const families = familiesInRange(structure, reciprocal, options);
  const calculator = new StructureFactorCalculator(structure, families, options);
  const pieces = options.substitution
    ? substitutionSegments(structure, options.substitution)
    : [{ from: 0, to: Number.POSITIVE_INFINITY, sites: structure.sites, rates: [] }];
  const lines = groupIntoLines(families);
  const pristine = calculator.evaluate(structure.sites);
  const F2 = products(pristine, pristine);
  const formulaMass = molarMass_g_mol(compositionOf(structure));
  const segments = pieces.map((piece) => {
    if (piece.rates.length === 0) return fixedSegment(F2, formulaMass, families, lines, piece);
    return intensitySegment(structure, calculator, families, lines, piece);
  });
  const main = segments.find((s) => s.from <= 1e-9 && s.to > 1e-9) ?? segments[0];
  if (!main) throw new InputError(`${structure.name} can take no ${options.substitution!.kind}`);
  const { hkl, d_A, twoTheta_deg, multiplicity } = layOut(wavelength_A, families, lines, F2);
  // one literal: to spread another one into it would take longer than all the lines of a small cell
  return {
    phase: structure.name,
    wavelength_A,
    count: lines.count,
    hkl,
    d_A,
    twoTheta_deg,
    multiplicity,
    i0: main.i0,
    i1: main.i1,
    i2: main.i2,
    xMax: main.to,
    segments,
    reflections: { families, lines, F2 },
    cell: structure.cell,
    cellVolume_A3: cellVolume_A3(structure.cell),
    formulaMass,
    Z: structure.formulaUnits,
    operations: structure.operations,
  };
}

/** m |F|^2 of each line at an amount, into `out`. Throws InputError for an amount that the structure cannot take. */
export function lineIntensitiesAt(
  table: LineTable,
  amount: number,
  out = new Float64Array(table.count),
): Float64Array {
  const { i0, i1, i2 } = segmentAt(table.segments, amount, table.phase, 'the substitution');
  for (let i = 0; i < table.count; i++) out[i] = i0[i]! + amount * (i1[i]! + amount * i2[i]!);
  return out;
}

/** Index of the line that holds a reflection (any equivalent), or -1. */
export function findLine(table: LineTable, h: number, k: number, l: number): number {
  const q = inverseD2(reciprocalMetric(table.cell), h, k, l);
  let best = -1;
  let least = 1e-6;
  for (let i = 0; i < table.count; i++) {
    const off = Math.abs(1 / (table.d_A[i]! * table.d_A[i]!) / q - 1);
    if (off < least) {
      least = off;
      best = i;
    }
  }
  return best;
}

// ---------------------------------------------------------------- building

function familiesInRange(
  structure: PhaseStructure,
  reciprocal: Metric,
  options: LineTableOptions,
): ReflectionFamilies {
  const { twoThetaMin_deg: low, twoThetaMax_deg: high, wavelength_A } = options;
  if (!(low >= 0 && high > low && high <= 180))
    throw new InputError(
      `2theta from ${low} to ${high} degrees is no range`,
      null,
      'angles lie between 0 and 180 degrees',
    );
  return reflectionFamilies(
    reciprocal,
    structure.operations,
    inverseD2At(low, wavelength_A),
    inverseD2At(high, wavelength_A),
  );
}

const inverseD2At = (twoTheta_deg: number, wavelength_A: number): number =>
  ((2 * Math.sin((twoTheta_deg * Math.PI) / 360)) / wavelength_A) ** 2;

function layOut(
  wavelength_A: number,
  families: ReflectionFamilies,
  lines: LineGroups,
  F2: Float64Array,
): Pick<LineTable, 'hkl' | 'd_A' | 'twoTheta_deg' | 'multiplicity'> {
  const { count } = lines;
  const strongest = strongestFamilies(families, lines, F2);
  const hkl = zeroIntegers(3 * count);
  const d_A = zeros(count);
  const twoTheta_deg = zeros(count);
  const multiplicity = zeros(count);
  for (let line = 0; line < count; line++) {
    const best = 3 * strongest[line]!;
    hkl[3 * line] = families.hkl[best]!;
    hkl[3 * line + 1] = families.hkl[best + 1]!;
    hkl[3 * line + 2] = families.hkl[best + 2]!;
    const d = 1 / Math.sqrt(families.inverseD2[lines.first[line]!]!);
    d_A[line] = d;
    twoTheta_deg[line] = braggTwoTheta_deg(d, wavelength_A);
  }
  for (let j = 0; j < families.count; j++) multiplicity[lines.lineOf[j]!]! += families.multiplicity[j]!;
  return { hkl, d_A, twoTheta_deg, multiplicity };
}

/** The family with the largest m |F|^2 of each line. */
function strongestFamilies(
  { count, multiplicity }: ReflectionFamilies,
  { lineOf, first }: LineGroups,
  F2: Float64Array,
): Int32Array {
  const strongest = zeroIntegers(first.length);
  for (let line = 0; line < first.length; line++) strongest[line] = first[line]!;
  for (let j = 0; j < count; j++) {
    const best = strongest[lineOf[j]!]!;
    if (multiplicity[j]! * F2[j]! > multiplicity[best]! * F2[best]!) strongest[lineOf[j]!] = j;
  }
  return strongest;
}

/** The families of each line of a table, the strongest first. */
export function lineFamilies({ reflections }: LineTable): LineFamily[][] {
  const { lines, F2 } = reflections;
  const { count, hkl, multiplicity } = reflections.families;
  const families: LineFamily[][] = Array.from({ length: lines.count }, () => []);
  for (let j = 0; j < count; j++)
    families[lines.lineOf[j]!]!.push({
      hkl: [hkl[3 * j]!, hkl[3 * j + 1]!, hkl[3 * j + 2]!],
      multiplicity: multiplicity[j]!,
      F2: F2[j]!,
    });
  for (const own of families) own.sort((a, b) => b.multiplicity * b.F2 - a.multiplicity * a.F2);
  return families;
}
