/**
 * Line intensities as functions of single sites: occupancy, B and coordinates, for any structure. They are recomputed
 * from the structure when a value changes; derivatives are differences.
 *
 * Names: `occ:Y2` (share of the site's first ion; on a mixed site the other ions give way in proportion, so that the
 * total stays), `B:Pb`, `x:O1`, `y:O1`, `z:O1`. Occupancies lie between 0 and what the site holds, B between 0 and 15.
 */
import { InputError } from '../../errors.js';
import { defaultB_A2 } from '../crystal/debye-waller.js';
import { buildLineTable, type LineTable, type LineTableOptions } from '../crystal/line-table.js';
import type { PhaseStructure, Site } from '../crystal/structure.js';
import type { CompositionParameter, IntensityModel } from './phase-lines.js';

const COORDINATES = ['x', 'y', 'z'];
/** Step of the differences, and how far a coordinate may go. */
const STEP = 1e-4;
const COORDINATE_ROOM = 0.1;

interface SiteParameter extends CompositionParameter {
  apply(site: Site, value: number): Site;
  site: number;
}

/** The table of the structure as it is, the structure at given site parameters, and its intensities. */
export function siteIntensities(
  structure: PhaseStructure,
  options: LineTableOptions,
  names: readonly string[],
): { table: LineTable; at: (values: ArrayLike<number>) => PhaseStructure; intensities: IntensityModel } {
  const parameters = names.map((name) => siteParameter(structure, name));
  const table = buildLineTable(structure, options);
  const structureAt = (values: ArrayLike<number>): PhaseStructure => ({
    ...structure,
    sites: structure.sites.map((site, i) =>
      parameters.reduce((changed, p, k) => (p.site === i ? p.apply(changed, values[k]!) : changed), site),
    ),
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

function siteParameter(structure: PhaseStructure, name: string): SiteParameter {
  const [what, label] = name.split(':') as [string, string | undefined];
  const index = structure.sites.findIndex((site) => site.label === label);
  const site = structure.sites[index];
  if (!site)
    throw new InputError(
      `'${name}': ${structure.name} has no site '${label ?? ''}'`,
      null,
      `its sites are ${structure.sites.map((s) => s.label).join(', ')}; write occ:SITE, B:SITE, x:SITE, y:SITE or z:SITE`,
    );
  if (what === 'occ') return occupancy(name, index, site);
  if (what === 'B') return displacement(name, index, site);
  const axis = COORDINATES.indexOf(what);
  if (axis < 0)
    throw new InputError(`'${name}' is no site parameter`, null, 'write occ:, B:, x:, y: or z: and the site');
  const value = site.position[axis]!;
  return {
    name,
    site: index,
    value,
    min: value - COORDINATE_ROOM,
    max: value + COORDINATE_ROOM,
    apply: (old, v) => {
      const position = [...old.position] as [number, number, number];
      position[axis] = v;
      return { ...old, position };
    },
  };
}

function occupancy(name: string, index: number, site: Site): SiteParameter {
  const total = site.occupants.reduce((sum, o) => sum + o.occupancy, 0);
  const first = site.occupants[0]!.occupancy;
  const mixed = site.occupants.length > 1;
  return {
    name,
    site: index,
    value: first,
    min: 0,
    max: mixed ? total : 1,
    apply: (old, v) => ({
      ...old,
      occupants: old.occupants.map((o, i) => ({
        ...o,
        occupancy: i === 0 ? v : total > first ? (o.occupancy * (total - v)) / (total - first) : o.occupancy,
      })),
    }),
  };
}

function displacement(name: string, index: number, site: Site): SiteParameter {
  return {
    name,
    site: index,
    value: site.B_A2 ?? defaultB_A2(site.occupants[0]!.element),
    min: 0,
    max: 15,
    apply: (old, v) => ({ ...old, B_A2: v, U_A2: null }),
  };
}
