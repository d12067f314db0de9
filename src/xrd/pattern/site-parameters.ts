/**
 * Parameters of single sites, by name:
 * - `occ:Ba`: share of the ion of that label; on a mixed site the other ions give way in proportion, so that the total
 *   stays, also where they stand in rows of their own;
 * - `exchange:Li1,Ni1`: share of the first site whose ion has changed places with that of the second, in numbers of atoms;
 * - `B:Pb`; `x:O1`, `y:O1`, `z:O1`, with the other coordinates following as the symmetry of the site asks.
 * Occupancies lie between 0 and what the site holds, B between 0 and 15.
 */
import { InputError } from '../../errors.js';
import { bOfU_A2, defaultB_A2 } from '../crystal/debye-waller.js';
import { siteMultiplicity } from '../crystal/site-orbit.js';
import { symmetricShift } from '../crystal/site-symmetry.js';
import type { Occupant, PhaseStructure, Site } from '../crystal/structure.js';
import type { CompositionParameter } from './phase-lines.js';

const COORDINATES = ['x', 'y', 'z'];
/** How far a coordinate may go. */
const COORDINATE_ROOM = 0.1;
const LARGEST_B_A2 = 15;
/** Rows of a CIF at the same place, though with displacements of their own, are one site. */
const SAME_PLACE = 1e-3;

export interface SiteParameter extends CompositionParameter {
  apply(sites: readonly Site[], value: number): readonly Site[];
  /** What the parameter changes; no two may change the same. */
  changes: readonly string[];
}

/** An ion on a site: places in the lists of sites and of occupants. */
interface Ion {
  site: number;
  occupant: number;
}

/** Throws InputError for a name that says nothing, and where two of them say the same. */
export function siteParameters(structure: PhaseStructure, names: readonly string[]): SiteParameter[] {
  const parameters = names.map((name) => siteParameter(structure, name));
  parameters.forEach(({ name, changes }, k) => {
    const other = parameters.slice(0, k).find((one) => one.changes.some((what) => changes.includes(what)));
    if (other)
      throw new InputError(
        `${structure.name}: '${other.name}' and '${name}' change the same`,
        null,
        'name one of them: the total of a site stays, and its symmetry ties coordinates together',
      );
  });
  return parameters;
}

function siteParameter(structure: PhaseStructure, name: string): SiteParameter {
  const [what, labels = ''] = name.split(':') as [string, string | undefined];
  if (what === 'occ') return occupancy(structure, name, ionOf(structure, name, labels));
  if (what === 'exchange') {
    const [one, two, ...more] = labels.split(',');
    if (!two || more.length > 0)
      throw new InputError(`'${name}' cannot be read`, null, 'two sites change their ions: exchange:Li1,Ni1');
    return exchange(structure, name, ionOf(structure, name, one!), ionOf(structure, name, two));
  }
  if (what === 'B') return displacement(structure, name, ionOf(structure, name, labels));
  const axis = COORDINATES.indexOf(what);
  if (axis < 0)
    throw new InputError(
      `'${name}' is no site parameter`,
      null,
      'write occ:, B:, x:, y: or z: and the site, or exchange: and two sites',
    );
  return coordinate(structure, name, ionOf(structure, name, labels), axis);
}

/** By the label of a site, or by that of one of the ions that share it (`Ba` of `Pb/Ba`). */
function ionOf(structure: PhaseStructure, name: string, label: string): Ion {
  const { sites } = structure;
  const whole = sites.findIndex((site) => site.label === label);
  if (whole >= 0) return { site: whole, occupant: 0 };
  for (const [site, { label: shared, occupants }] of sites.entries()) {
    const labels = shared.split('/');
    const occupant = labels.indexOf(label);
    if (occupant >= 0 && labels.length === occupants.length) return { site, occupant };
  }
  throw new InputError(
    `'${name}': ${structure.name} has no site '${label}'`,
    null,
    `its sites are ${sites.map((s) => s.label).join(', ')}; write occ:SITE, B:SITE, x:SITE, y:SITE, z:SITE or exchange:SITE,SITE`,
  );
}

/** All rows at the place of a site, itself among them. */
const sharing = ({ sites }: PhaseStructure, index: number): number[] =>
  sites.flatMap(({ position }, i) =>
    position.every((p, axis) => Math.abs(p - sites[index]!.position[axis]!) < SAME_PLACE) ? [i] : [],
  );

const placeOf = (structure: PhaseStructure, index: number): number => sharing(structure, index)[0]!;

function occupancy(structure: PhaseStructure, name: string, ion: Ion): SiteParameter {
  const rows = sharing(structure, ion.site);
  const start = structure.sites[ion.site]!.occupants[ion.occupant]!.occupancy;
  const all = rows.flatMap((i) => structure.sites[i]!.occupants);
  const total = all.reduce((sum, o) => sum + o.occupancy, 0);
  const share = (old: number, value: number): number =>
    total > start ? (old * (total - value)) / (total - start) : (total - value) / (all.length - 1);
  return {
    name,
    value: start,
    min: 0,
    max: all.length > 1 ? total : 1,
    changes: [`occupancies ${rows[0]}`],
    apply: (sites, value) =>
      withOccupancies(sites, rows, ({ occupancy: old }, site, occupant) =>
        site === ion.site && occupant === ion.occupant ? value : share(old, value),
      ),
  };
}

function exchange(structure: PhaseStructure, name: string, one: Ion, two: Ion): SiteParameter {
  const [first, second] = [one, two].map(({ site }) => sharing(structure, site));
  if (first![0] === second![0])
    throw new InputError(`'${name}': both ions are on one site`, null, 'name two sites');
  const [a, b] = [one, two].map(({ site, occupant }) => structure.sites[site]!.occupants[occupant]!);
  const ratio =
    siteMultiplicity(structure, structure.sites[one.site]!) /
    siteMultiplicity(structure, structure.sites[two.site]!);
  const held = (rows: number[], ion: Occupant): number =>
    rows.reduce(
      (sum, i) =>
        sum + structure.sites[i]!.occupants.reduce((s, o) => (isSame(o, ion) ? s + o.occupancy : s), 0),
      0,
    );
  return {
    name,
    value: 0,
    min: -Math.min(held(first!, b!), held(second!, a!) / ratio),
    max: Math.min(a!.occupancy, b!.occupancy / ratio),
    changes: [`occupancies ${first![0]}`, `occupancies ${second![0]}`],
    apply: (sites, value) => {
      const left = moved(sites, one.site, first!, a!, b!, value);
      return moved(left, two.site, second!, b!, a!, value * ratio);
    },
  };
}

const isSame = (one: Occupant, other: Occupant): boolean =>
  one.element === other.element && one.charge === other.charge;

/** `share` of the site goes from one ion to another, which may be new there. */
function moved(
  sites: readonly Site[],
  home: number,
  rows: number[],
  from: Occupant,
  to: Occupant,
  share: number,
): readonly Site[] {
  const known = rows.find((i) => sites[i]!.occupants.some((o) => isSame(o, to)));
  const open = known === undefined ? withOccupant(sites, home, { ...to, occupancy: 0 }) : sites;
  const target = known ?? home;
  return withOccupancies(open, [...new Set([home, target])], (o, site) => {
    if (site === home && isSame(o, from)) return o.occupancy - share;
    return site === target && isSame(o, to) ? o.occupancy + share : o.occupancy;
  });
}

const withOccupant = (sites: readonly Site[], index: number, occupant: Occupant): readonly Site[] =>
  sites.map((site, i) => (i === index ? { ...site, occupants: [...site.occupants, occupant] } : site));

const withOccupancies = (
  sites: readonly Site[],
  rows: readonly number[],
  occupancyOf: (occupant: Occupant, site: number, place: number) => number,
): readonly Site[] =>
  sites.map((site, i) =>
    rows.includes(i)
      ? { ...site, occupants: site.occupants.map((o, k) => ({ ...o, occupancy: occupancyOf(o, i, k) })) }
      : site,
  );

function displacement(structure: PhaseStructure, name: string, { site }: Ion): SiteParameter {
  const { B_A2, U_A2, occupants } = structure.sites[site]!;
  const mean = U_A2 ? bOfU_A2((U_A2[0] + U_A2[1] + U_A2[2]) / 3) : null;
  return {
    name,
    value: mean ?? B_A2 ?? defaultB_A2(occupants[0]!.element),
    min: 0,
    max: LARGEST_B_A2,
    changes: [`B ${site}`],
    apply: (sites, value) => sites.map((old, i) => (i === site ? { ...old, B_A2: value, U_A2: null } : old)),
  };
}

function coordinate(structure: PhaseStructure, name: string, { site }: Ion, axis: number): SiteParameter {
  const { position, label } = structure.sites[site]!;
  const shift = symmetricShift(structure, structure.sites[site]!, axis);
  if (!shift)
    throw new InputError(
      `'${name}': symmetry holds ${COORDINATES[axis]} of ${label} at ${Number(position[axis]!.toFixed(5))}`,
      null,
      'only coordinates that symmetry leaves free can be refined',
    );
  const start = position[axis]!;
  const rows = sharing(structure, site);
  const place = placeOf(structure, site);
  return {
    name,
    value: start,
    min: start - COORDINATE_ROOM,
    max: start + COORDINATE_ROOM,
    changes: shift.flatMap((s, i) => (Math.abs(s) > 1e-6 ? [`${COORDINATES[i]} ${place}`] : [])),
    apply: (sites, value) =>
      sites.map((old, i) =>
        rows.includes(i)
          ? {
              ...old,
              position: old.position.map((p, k) => p + shift[k]! * (value - start)) as [
                number,
                number,
                number,
              ],
            }
          : old,
      ),
  };
}
