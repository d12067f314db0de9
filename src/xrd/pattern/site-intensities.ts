/**
 * Line intensities as functions of single sites (site-parameters.ts), for any structure. They are recomputed from the
 * structure when a value changes; derivatives are differences.
 */
import { buildLineTable, type LineTable, type LineTableOptions } from '../crystal/line-table.js';
import type { PhaseStructure, Site } from '../crystal/structure.js';
import type { IntensityModel } from './phase-lines.js';
import { siteParameters } from './site-parameters.js';

/** Step of the differences. */
const STEP = 1e-4;

/** The table of the structure as it is, the structure at given site parameters, and its intensities. */
export function siteIntensities(
  structure: PhaseStructure,
  options: LineTableOptions,
  names: readonly string[],
): { table: LineTable; at: (values: ArrayLike<number>) => PhaseStructure; intensities: IntensityModel } {
  const parameters = siteParameters(structure, names);
  const table = buildLineTable(structure, options);
  const structureAt = (values: ArrayLike<number>): PhaseStructure => ({
    ...structure,
    sites: parameters.reduce<readonly Site[]>((sites, p, k) => p.apply(sites, values[k]!), structure.sites),
  });
  const at = (values: ArrayLike<number>): Float64Array => buildLineTable(structureAt(values), options).i0;
  let known: { key: string; value: Float64Array; slopes: Float64Array[] | null } | null = null;
  return {
    table,
    at: structureAt,
    intensities: {
      parameters,
      evaluate(values, out, derivatives) {
        const now = Array.from(parameters, (_, k) => values[k]!);
        const key = now.join();
        if (known?.key !== key) known = { key, value: at(now), slopes: null };
        out.set(known.value);
        if (!derivatives) return;
        known.slopes ??= now.map((_, k) => slope(at, now, k));
        known.slopes.forEach((column, k) => {
          derivatives[k]!.set(column);
        });
      },
    },
  };
}

function slope(at: (values: number[]) => Float64Array, values: number[], k: number): Float64Array {
  const up = at(values.map((v, i) => (i === k ? v + STEP : v)));
  const down = at(values.map((v, i) => (i === k ? v - STEP : v)));
  return up.map((v, i) => (v - down[i]!) / (2 * STEP));
}
