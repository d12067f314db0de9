/** Which sites of a Li3YCl6 structure are which, for any choice of origin. */
import { InputError } from '../../errors.js';
import { siteMultiplicity } from './site-orbit.js';
import type { PhaseStructure, Site } from './structure.js';

const EMPTY = 1e-9;

export const occupancyOf = (site: Site, element: string): number =>
  site.occupants.reduce((sum, o) => sum + (o.element === element ? o.occupancy : 0), 0);

export const totalOccupancy = (site: Site): number => site.occupants.reduce((sum, o) => sum + o.occupancy, 0);

export const sitesHolding = (structure: PhaseStructure, element: string): number[] =>
  structure.sites.flatMap((site, i) => (occupancyOf(site, element) > EMPTY ? [i] : []));

/** Yttrium's own sites: not a lithium site that some of it moved to. */
export const yttriumSites = (structure: PhaseStructure): number[] =>
  sitesHolding(structure, 'Y').filter((i) => siteMultiplicity(structure, structure.sites[i]!) < 6);

/** Distance of two heights in the cell, 0 to 1/2. */
const heightBetween = (z1: number, z2: number): number => Math.abs(z1 - z2 - Math.round(z1 - z2));

/**
 * Lithium sites of Li3YCl6 by their height over the yttrium that fills the cell's axis: 6g at its height, 6h half a
 * cell above. So the labels hold for any choice of origin.
 */
export function lithiumSites(structure: PhaseStructure, wyckoff: '6g' | '6h'): number[] {
  const z0 = axisHeight(structure);
  const wanted = wyckoff === '6g' ? 0 : 0.5;
  const found = structure.sites.flatMap((site, i) =>
    occupancyOf(site, 'Cl') === 0 &&
    siteMultiplicity(structure, site) === 6 &&
    Math.abs(heightBetween(site.position[2], z0) - wanted) < 0.1
      ? [i]
      : [],
  );
  if (found.length === 0) throw notLi3YCl6(structure, `no lithium site ${wyckoff}`);
  return found;
}

/** Height of the one full yttrium site on the axis (1a of the usual origin). */
function axisHeight(structure: PhaseStructure): number {
  const axis = structure.sites.filter(
    (site) =>
      occupancyOf(site, 'Y') > 0.5 && Math.abs(site.position[0]) < 0.02 && Math.abs(site.position[1]) < 0.02,
  );
  if (structure.spaceGroup.number !== 164 && structure.operations.length !== 12)
    throw notLi3YCl6(structure, 'another space group');
  if (axis.length !== 1) throw notLi3YCl6(structure, `${axis.length} full yttrium sites on the axis`);
  return axis[0]!.position[2];
}

/** [Y2, Y3]: the sites off the axis, near half a cell above the full one, and near its height. */
export function yDisorderSites(structure: PhaseStructure): [Site, Site] {
  const z0 = axisHeight(structure);
  const off = structure.sites.filter(
    (site) => site.occupants.some((o) => o.element === 'Y') && Math.abs(site.position[0]) > 0.1,
  );
  const y2 = off.find((site) => heightBetween(site.position[2], z0) > 0.25);
  const y3 = off.find((site) => heightBetween(site.position[2], z0) <= 0.25);
  if (!y2 || !y3) throw notLi3YCl6(structure, 'no pair of 2d yttrium sites');
  return [y2, y3];
}

const notLi3YCl6 = (structure: PhaseStructure, why: string): InputError =>
  new InputError(
    `${structure.name} cannot take indium on lithium or yttrium sites as Li3YCl6 does: ${why}`,
    null,
    'use the built-in Li3YCl6 or one of its variants',
  );
