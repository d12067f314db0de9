/**
 * A phase as the pattern model sees it: its lattice, its lines, and the intensity of each line as a function of
 * structural parameters (indium content, migrated yttrium, occupancies). No file, no symmetry code: the adapter in
 * structure-phase.ts makes it from a structure.
 */
import type { CellParameters } from '../crystal/cell-metric.js';

/** Structural parameter that changes line intensities, bounded by physics. */
export interface CompositionParameter {
  name: string;
  value: number;
  min: number;
  max: number;
}

/**
 * Line intensities m |F|^2 (electrons squared per cell, Debye-Waller of the structure included, without
 * Lorentz-polarisation) and their derivatives by the composition parameters.
 */
export interface IntensityModel {
  readonly parameters: readonly CompositionParameter[];
  /** `derivatives[k][line]` for each parameter, or null if they are not needed. */
  evaluate(values: ArrayLike<number>, out: Float64Array, derivatives: Float64Array[] | null): void;
}

export interface PhaseLines {
  name: string;
  cell: CellParameters;
  /** Crystal system, see `freeCellParameters`. */
  system: string;
  /** Indices of one representative of each family of symmetry-equivalent reflections. */
  hkl: readonly (readonly [number, number, number])[];
  /** All equivalents of each line's families, for texture; called only where a texture is modelled. */
  equivalents: () => readonly (readonly (readonly [number, number, number])[])[];
  intensities: IntensityModel;
  /** The site with the smallest B of its own: what is added to all of them must not take it below zero. */
  stiffest?: { label: string; B_A2: number };
  /** Mass of the cell content in g/mol at given composition: Z M of Hill & Howard's weight fractions. */
  cellMass(values: ArrayLike<number>): number;
}

/** Intensities that depend on nothing. */
export const fixedIntensities = (values: ArrayLike<number>): IntensityModel => ({
  parameters: [],
  evaluate: (_, out) => out.set(values),
});

/**
 * Intensities that are exactly quadratic in the parameters, as they are in occupancies because F is linear in them:
 * I = c0 + sum_a c_a v_a + sum_a<=b c_ab v_a v_b. `sample` gives the intensities at any point; (n+1)(n+2)/2 calls fix
 * the coefficients once and for all.
 */
export function quadraticIntensities(
  parameters: readonly CompositionParameter[],
  sample: (values: number[]) => ArrayLike<number>,
): IntensityModel {
  const n = parameters.length;
  const at = (entries: [number, number][]): ArrayLike<number> => {
    const values = new Array<number>(n).fill(0);
    for (const [index, value] of entries) values[index] = value;
    return Float64Array.from(sample(values));
  };
  const c0 = at([]);
  const lines = c0.length;
  const h = 0.05;
  const linear = parameters.map((_, a) => {
    const plus = at([[a, h]]);
    const twice = at([[a, 2 * h]]);
    return Float64Array.from({ length: lines }, (_v, i) => (4 * plus[i]! - twice[i]! - 3 * c0[i]!) / (2 * h));
  });
  const square = parameters.map((_, a) => {
    const plus = at([[a, h]]);
    return Float64Array.from(
      { length: lines },
      (_v, i) => (plus[i]! - c0[i]! - linear[a]![i]! * h) / (h * h),
    );
  });
  const mixed = parameters.map((_, a) =>
    parameters.map((_q, b) => {
      if (b <= a) return null;
      const both = at([
        [a, h],
        [b, h],
      ]);
      return Float64Array.from({ length: lines }, (_v, i) => {
        const alone =
          c0[i]! + h * (linear[a]![i]! + linear[b]![i]!) + h * h * (square[a]![i]! + square[b]![i]!);
        return (both[i]! - alone) / (h * h);
      });
    }),
  );
  return {
    parameters,
    evaluate(values, out, derivatives) {
      for (let i = 0; i < lines; i++) out[i] = c0[i]!;
      for (let a = 0; a < n; a++) {
        const v = values[a]!;
        const la = linear[a]!;
        const qa = square[a]!;
        for (let i = 0; i < lines; i++) out[i] = out[i]! + v * (la[i]! + v * qa[i]!);
        const da = derivatives?.[a];
        if (da) for (let i = 0; i < lines; i++) da[i] = la[i]! + 2 * v * qa[i]!;
      }
      for (let a = 0; a < n; a++)
        for (let b = a + 1; b < n; b++) addMixed(mixed[a]![b]!, a, b, values, out, derivatives);
    },
  };
}

function addMixed(
  c: Float64Array,
  a: number,
  b: number,
  values: ArrayLike<number>,
  out: Float64Array,
  derivatives: Float64Array[] | null,
): void {
  const va = values[a]!;
  const vb = values[b]!;
  for (let i = 0; i < c.length; i++) {
    out[i] = out[i]! + c[i]! * va * vb;
    if (!derivatives) continue;
    derivatives[a]![i] = derivatives[a]![i]! + c[i]! * vb;
    derivatives[b]![i] = derivatives[b]![i]! + c[i]! * va;
  }
}
