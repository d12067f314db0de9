/**
 * Ways in which the electrolyte's composition can change, as occupancies that are linear in one amount.
 * Each keeps the charge balance, except 'li-removed', which is there to be told apart from the others.
 */
import { InputError } from '../../errors.js';
import { siteMultiplicity } from './site-orbit.js';
import type { Occupant, PhaseStructure, Site } from './structure.js';
import {
  lithiumSites,
  occupancyOf,
  totalOccupancy,
  yDisorderSites,
  yttriumSites,
} from './substitution-sites.js';

/**
 * - in-on-6h, in-on-6g: x In3+ per formula unit on that lithium site, three Li+ leaving: Li3-3xInxYCl6. The site of the
 *   indium gives its lithium first, then the other one does (6h is empty of lithium at x = .583).
 * - in-on-y: x In3+ per formula unit for Y3+, over all yttrium sites alike.
 * - y-migration: that fraction of all yttrium exchanges places with lithium of 6h, so that composition and charge stay.
 *   (With vacancies instead of lithium on the yttrium sites the lines change by 5 % more for the same amount.)
 * - li-removed: that many Li per formula unit, from 6h and then from 6g; not neutral.
 * - y-disorder: that occupancy moves from Y2 (2d, z near 1/2) to Y3 (2d, z near 0); may be negative.
 */
export type SubstitutionKind =
  | 'in-on-6h'
  | 'in-on-6g'
  | 'in-on-y'
  | 'y-migration'
  | 'li-removed'
  | 'y-disorder';

export const SUBSTITUTION_KINDS: readonly SubstitutionKind[] = [
  'in-on-6h',
  'in-on-6g',
  'in-on-y',
  'y-migration',
  'li-removed',
  'y-disorder',
];

export interface Dopant {
  element: string;
  charge: number;
  /** How many Li+ leave a lithium site for it; as many as its charge asks for unless told otherwise. */
  lithiumOut?: number;
}

export interface Substitution {
  kind: SubstitutionKind;
  /** The ion that comes in; In3+ unless told otherwise. */
  dopant?: Dopant;
}

/** d(occupancy)/d(amount) of an ion on a site. */
export interface OccupancyRate {
  site: number;
  element: string;
  charge: number;
  rate: number;
}

/** Amounts `from` to `to` over which the occupancies are linear; `sites` are those at `from`. */
export interface SubstitutionSegment {
  from: number;
  to: number;
  sites: readonly Site[];
  rates: readonly OccupancyRate[];
}

const EMPTY = 1e-9;

/**
 * The pieces of a substitution, from amount 0 up. The last one ends where the structure can give no more.
 * Throws InputError where the structure lacks the sites.
 */
export function substitutionSegments(
  structure: PhaseStructure,
  substitution: Substitution,
): SubstitutionSegment[] {
  const start = substitution.kind === 'y-disorder' ? -occupancyOf(yDisorderSites(structure)[1], 'Y') : 0;
  const segments: SubstitutionSegment[] = [];
  let sites = start === 0 ? structure.sites : applyRates(structure.sites, yDisorderRates(structure), start);
  let from = start;
  while (segments.length < 10) {
    const rates = ratesAt({ ...structure, sites }, structure, substitution);
    if (rates.length === 0) break;
    const step = largestStep(sites, rates);
    if (!(step > EMPTY)) break;
    segments.push({ from, to: from + step, sites, rates });
    sites = applyRates(sites, rates, step);
    from += step;
  }
  return segments;
}

/**
 * The structure with an amount of a substitution in it.
 * Throws InputError for an amount that would need a negative occupancy, or more than one atom on a site.
 */
export function substitute(
  structure: PhaseStructure,
  substitution: Substitution,
  amount: number,
): PhaseStructure {
  const segments = substitutionSegments(structure, substitution);
  const segment = segmentAt(segments, amount, structure.name, substitution.kind);
  return { ...structure, sites: applyRates(segment.sites, segment.rates, amount - segment.from) };
}

/** The piece that holds an amount. Throws InputError beyond the last. */
export function segmentAt<S extends { from: number; to: number }>(
  segments: readonly S[],
  amount: number,
  name: string,
  kind: string,
): S {
  const found = segments.find((s) => amount >= s.from - EMPTY && amount <= s.to + EMPTY);
  if (!found) {
    const [low, high] = [segments[0]?.from ?? 0, segments.at(-1)?.to ?? 0];
    throw new InputError(
      `${name} cannot take ${amount} of ${kind}: an occupancy would be negative or above one`,
      null,
      `the amount can be ${Number(low.toFixed(4))} to ${Number(high.toFixed(4))}`,
    );
  }
  return found;
}

// ---------------------------------------------------------------- what changes

function ratesAt(
  now: PhaseStructure,
  pristine: PhaseStructure,
  { kind, dopant }: Substitution,
): OccupancyRate[] {
  const ion = dopant ?? { element: 'In', charge: 3 };
  switch (kind) {
    case 'in-on-6h':
      return dopantOnLithium(now, lithiumSites(pristine, '6h'), lithiumSites(pristine, '6g'), ion);
    case 'in-on-6g':
      return dopantOnLithium(now, lithiumSites(pristine, '6g'), lithiumSites(pristine, '6h'), ion);
    case 'in-on-y':
      return dopantOnYttrium(now, pristine, ion);
    case 'y-migration':
      return yttriumMigration(now, pristine);
    case 'li-removed':
      return lithiumRemoval(now, pristine);
    case 'y-disorder':
      return yDisorderRates(now);
  }
}

function dopantOnLithium(
  now: PhaseStructure,
  home: number[],
  other: number[],
  { element, charge, lithiumOut = charge }: Dopant,
): OccupancyRate[] {
  const z = now.formulaUnits;
  const rates: OccupancyRate[] = home.map((site) => ({
    site,
    element,
    charge,
    rate: z / (siteMultiplicity(now, now.sites[site]!) * home.length),
  }));
  const donors = [...home, ...other].filter((site) => occupancyOf(now.sites[site]!, 'Li') > EMPTY);
  if (donors.length === 0) return [];
  const donor = donors[0]!;
  rates.push({
    site: donor,
    element: 'Li',
    charge: 1,
    rate: (-z * lithiumOut) / siteMultiplicity(now, now.sites[donor]!),
  });
  return rates;
}

function dopantOnYttrium(
  now: PhaseStructure,
  pristine: PhaseStructure,
  { element, charge }: Dopant,
): OccupancyRate[] {
  if (!yttriumSites(pristine).some((i) => occupancyOf(now.sites[i]!, 'Y') > EMPTY)) return [];
  return yttriumSites(pristine).flatMap((site) => {
    const share = occupancyOf(pristine.sites[site]!, 'Y');
    return [
      { site, element: 'Y', charge: 3, rate: -share },
      { site, element, charge, rate: share },
    ];
  });
}

function yttriumMigration(now: PhaseStructure, pristine: PhaseStructure): OccupancyRate[] {
  const [target] = lithiumSites(pristine, '6h') as [number];
  const arriving = now.formulaUnits / siteMultiplicity(now, now.sites[target]!);
  if (occupancyOf(now.sites[target]!, 'Li') < EMPTY) return [];
  const rates: OccupancyRate[] = [
    { site: target, element: 'Y', charge: 3, rate: arriving },
    { site: target, element: 'Li', charge: 1, rate: -arriving },
  ];
  for (const site of yttriumSites(pristine)) {
    const share = occupancyOf(pristine.sites[site]!, 'Y');
    if (occupancyOf(now.sites[site]!, 'Y') < EMPTY) return [];
    rates.push(
      { site, element: 'Y', charge: 3, rate: -share },
      { site, element: 'Li', charge: 1, rate: share },
    );
  }
  return rates;
}

function lithiumRemoval(now: PhaseStructure, pristine: PhaseStructure): OccupancyRate[] {
  const donor = [...lithiumSites(pristine, '6h'), ...lithiumSites(pristine, '6g')].find(
    (site) => occupancyOf(now.sites[site]!, 'Li') > EMPTY,
  );
  if (donor === undefined) return [];
  const rate = -now.formulaUnits / siteMultiplicity(now, now.sites[donor]!);
  return [{ site: donor, element: 'Li', charge: 1, rate }];
}

function yDisorderRates(structure: PhaseStructure): OccupancyRate[] {
  const [y2, y3] = yDisorderSites(structure).map((site) => structure.sites.indexOf(site)) as [number, number];
  return [
    { site: y2, element: 'Y', charge: 3, rate: -1 },
    { site: y3, element: 'Y', charge: 3, rate: 1 },
  ];
}

function applyRates(sites: readonly Site[], rates: readonly OccupancyRate[], amount: number): Site[] {
  return sites.map((site, i) => {
    const mine = rates.filter((r) => r.site === i);
    if (mine.length === 0) return site;
    const occupants: Occupant[] = site.occupants.map((o) => ({ ...o }));
    for (const { element, charge, rate } of mine) {
      const known = occupants.find((o) => o.element === element && o.charge === charge);
      const value = (known?.occupancy ?? 0) + rate * amount;
      const occupancy = Math.abs(value) < 1e-12 ? 0 : value;
      if (known) known.occupancy = occupancy;
      else occupants.push({ element, charge, occupancy });
    }
    return { ...site, occupants };
  });
}

/** How far the amount can grow before an occupancy falls to zero or a site fills up. */
function largestStep(sites: readonly Site[], rates: readonly OccupancyRate[]): number {
  let step = Number.POSITIVE_INFINITY;
  for (const { site, element, rate } of rates)
    if (rate < 0) step = Math.min(step, occupancyOf(sites[site]!, element) / -rate);
  for (const index of new Set(rates.map((r) => r.site))) {
    const growth = rates.reduce((sum, r) => sum + (r.site === index ? r.rate : 0), 0);
    const room = Math.max(1, totalOccupancy(sites[index]!)) - totalOccupancy(sites[index]!);
    if (growth > 1e-12) step = Math.min(step, room / growth);
  }
  return step;
}
