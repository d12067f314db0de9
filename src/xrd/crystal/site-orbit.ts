/** The copies of a site in the cell. */
import { type Cell, type Metric, metric, reciprocalMetric } from './cell.js';
import { type GroupParts, groupParts, OPERATION_SIZE, type SiteOrbit } from './group-parts.js';
import { Recent } from './recent.js';
import type { PhaseStructure, Site } from './structure.js';

/** Copies of a site nearer to each other than this (angstrom) are one atom on a special position. */
const COINCIDENCE_A = 0.05;
/** Enough for large structures; the refinement of coordinates makes new positions without end. */
const KEPT_ORBITS = 1000;

/** The copies of a site. One within .05 angstrom of a special position is moved onto it. */
export function siteOrbit({ cell, operations }: PhaseStructure, site: Site): SiteOrbit {
  const parts = groupParts(operations);
  const known = parts.orbits.get(site.position);
  if (known?.cell === cell) return known;
  const orbit = findOrbit(parts, site.position, cell);
  if (parts.orbits.size >= KEPT_ORBITS) parts.orbits.clear();
  parts.orbits.set(site.position, orbit);
  return orbit;
}

export const siteMultiplicity = (structure: PhaseStructure, site: Site): number =>
  siteOrbit(structure, site).multiplicity;

/** Fractional coordinates of all copies of a site in the cell, in [0, 1), as x, y, z triples one after another. */
export function siteCopies(structure: PhaseStructure, site: Site): Float64Array {
  const { centring, centred } = groupParts(structure.operations);
  const { independent } = siteOrbit(structure, site);
  const copies: number[] = [];
  for (let i = 0; i < independent.length; i += 4) {
    const paired = centred && independent[i + 3]! > centring.length / 3;
    for (const sign of paired ? [1, -1] : [1])
      for (let j = 0; j < centring.length; j += 3)
        for (let axis = 0; axis < 3; axis++)
          copies.push(wrap(sign * independent[i + axis]! + centring[j + axis]!));
  }
  return Float64Array.from(copies);
}

const wrap = (v: number): number => {
  const w = v - Math.floor(v);
  return w > 1 - 1e-9 ? 0 : w;
};

function findOrbit(parts: GroupParts, at: Site['position'], cell: Cell): SiteOrbit {
  const { half, centring, centred } = parts;
  const near = nearness(cell);
  const general = snapToSpecialPosition(parts, [...at], near) === 1;
  const vectors = centring.length / 3;
  const found: number[] = [];
  let multiplicity = 0;
  // with the inversion at the origin the later copies are the first ones, negated
  const end = centred ? (3 * half.length) / OPERATION_SIZE : imageNumbers(parts);
  for (let i = 0; i < end; i += 3) {
    const x = images[i]!;
    const y = images[i + 1]!;
    const z = images[i + 2]!;
    if (!general && isKnown(found, parts, near, x, y, z)) continue;
    const paired = centred && (general || !coincide(centring, near, 2 * x, 2 * y, 2 * z));
    const weight = paired ? 2 * vectors : vectors;
    found.push(x, y, z, weight);
    multiplicity += weight;
  }
  return { cell, multiplicity, independent: found, amplitudes: null };
}

function isKnown(
  found: readonly number[],
  { centring, centred }: GroupParts,
  near: Nearness,
  x: number,
  y: number,
  z: number,
): boolean {
  for (let k = 0; k < found.length; k += 4) {
    if (coincide(centring, near, x - found[k]!, y - found[k + 1]!, z - found[k + 2]!)) return true;
    if (centred && coincide(centring, near, x + found[k]!, y + found[k + 1]!, z + found[k + 2]!)) return true;
  }
  return false;
}

/** Images of the position at hand under each rotation: three numbers each, at most 48. */
const images = new Float64Array(3 * 48);

const imageNumbers = ({ half, negatives }: GroupParts): number =>
  (3 * (half.length + negatives.length)) / OPERATION_SIZE;

/** Images by `half`, then those by `negatives`, centring aside. */
function fillImages(parts: GroupParts, position: Site['position']): void {
  const first = applyAll(parts.half, position, 0);
  if (parts.centred) for (let i = 0; i < first; i++) images[first + i] = -images[i]!;
  else applyAll(parts.negatives, position, first);
}

function applyAll(list: Float64Array, [x, y, z]: Site['position'], to: number): number {
  let at = to;
  for (let i = 0; i < list.length; i += OPERATION_SIZE)
    for (let row = 0; row < 3; row++)
      images[at++] =
        list[i + 3 * row]! * x + list[i + 3 * row + 1]! * y + list[i + 3 * row + 2]! * z + list[i + 9 + row]!;
  return at;
}

/** True where a fractional difference is nearly a vector of the centred lattice. */
function coincide(centring: Float64Array, near: Nearness, x: number, y: number, z: number): boolean {
  for (let j = 0; j < centring.length; j += 3)
    if (isNear(near, x - centring[j]!, y - centring[j + 1]!, z - centring[j + 2]!)) return true;
  return false;
}

const nearnesses = new Recent<Cell, Nearness>(8);

const nearness = (cell: Cell): Nearness => nearnesses.get(cell) ?? nearnesses.set(cell, nearnessIn(cell));

/** Metric of a cell, and how far a vector of .05 angstrom reaches along each axis in it. */
interface Nearness {
  g: Metric;
  reach: readonly [number, number, number];
}

/** A component of r is r . a*: at most |r| |a*|. */
function nearnessIn(cell: Cell): Nearness {
  const [s11, s22, s33] = reciprocalMetric(cell);
  return { g: metric(cell), reach: [reachOf(s11), reachOf(s22), reachOf(s33)] };
}

const reachOf = (s: number): number => COINCIDENCE_A * Math.sqrt(s);

/** True for a fractional difference of less than .05 angstrom, each component taken to the nearest whole number. */
function isNear({ g, reach }: Nearness, x: number, y: number, z: number): boolean {
  const dx = toWhole(x);
  if (Math.abs(dx) > reach[0]) return false;
  const dy = toWhole(y);
  if (Math.abs(dy) > reach[1]) return false;
  const dz = toWhole(z);
  if (Math.abs(dz) > reach[2]) return false;
  const [g11, g22, g33, g23, g13, g12] = g;
  return (
    dx * dx * g11 + dy * dy * g22 + dz * dz * g33 + 2 * (dy * dz * g23 + dx * dz * g13 + dx * dy * g12) <
    COINCIDENCE_A ** 2
  );
}

/** Distance from the nearest whole number. */
const toWhole = (v: number): number => v - Math.floor(v + 0.5);

/**
 * Moves a position to the mean of its images that nearly fall onto it, until it stays, since the place that it comes to
 * may be more special than the one that it was near. Returns how many images then fall onto it; all are in `images`.
 */
function snapToSpecialPosition(
  parts: GroupParts,
  position: [number, number, number],
  near: Nearness,
): number {
  const { centring } = parts;
  const end = imageNumbers(parts);
  fillImages(parts, position);
  for (let round = 0; ; round++) {
    let count = 0;
    let sx = 0;
    let sy = 0;
    let sz = 0;
    for (let i = 0; i < end; i += 3) {
      const dx = images[i]! - position[0];
      const dy = images[i + 1]! - position[1];
      const dz = images[i + 2]! - position[2];
      for (let j = 0; j < centring.length; j += 3) {
        const x = dx - centring[j]!;
        const y = dy - centring[j + 1]!;
        const z = dz - centring[j + 2]!;
        if (!isNear(near, x, y, z)) continue;
        sx += toWhole(x);
        sy += toWhole(y);
        sz += toWhole(z);
        count++;
        break;
      }
    }
    if (sx !== 0 || sy !== 0 || sz !== 0) {
      position[0] += sx / count;
      position[1] += sy / count;
      position[2] += sz / count;
      fillImages(parts, position);
    }
    if (round === 2 || Math.abs(sx) + Math.abs(sy) + Math.abs(sz) < 1e-9) return count;
  }
}
