/** Geometric structure factors of single sites: sums of exp(2 pi i h.r) over the copies of a site. */
import { zeroIntegers, zeros } from '../../numeric/pooled.js';
import type { Metric } from './cell.js';
import { betaOfU } from './debye-waller.js';
import { type Amplitudes, type GroupParts, groupParts } from './group-parts.js';
import { Recent } from './recent.js';
import type { ReflectionFamilies } from './reflections.js';
import { siteOrbit } from './site-orbit.js';
import type { PhaseStructure, Site } from './structure.js';
import type { SymmetryOperation } from './symmetry.js';

/** What sums over the copies of sites need for a set of reflections. */
export interface PreparedFamilies {
  /** Three indices a family. */
  hkl: Int32Array;
  /** Where the three indices of each family stand in px, py and pz. */
  at: Int32Array;
  /** (sin(theta) / lambda)^2. */
  s2: Float64Array;
  /** exp(2 pi i n x) of one copy, n up to the largest index of each axis, negative ones too. */
  px: Float64Array;
  py: Float64Array;
  pz: Float64Array;
  parts: GroupParts;
}

/** Numbers that are kept for the sites of one group, whatever becomes of the structures that they came from. */
const KEPT_AMPLITUDES = 1_000_000;

const prepared = new Recent<ReflectionFamilies, PreparedFamilies>(32);

/** Families belong to one cell and group, so that everything here can hang on them. */
export function prepareFamilies(
  { operations }: PhaseStructure,
  families: ReflectionFamilies,
): PreparedFamilies {
  return prepared.get(families) ?? prepared.set(families, prepare(operations, families));
}

function prepare(operations: readonly SymmetryOperation[], families: ReflectionFamilies): PreparedFamilies {
  const { count, hkl, inverseD2 } = families;
  const s2 = zeros(count);
  let [h, k, l] = [0, 0, 0];
  for (let j = 0; j < count; j++) {
    s2[j] = inverseD2[j]! / 4;
    h = Math.max(h, Math.abs(hkl[3 * j]!));
    k = Math.max(k, Math.abs(hkl[3 * j + 1]!));
    l = Math.max(l, Math.abs(hkl[3 * j + 2]!));
  }
  // pairs of numbers; index 0 stands in the middle
  const at = zeroIntegers(3 * count);
  for (let j = 0; j < count; j++) {
    at[3 * j] = 2 * (h + hkl[3 * j]!);
    at[3 * j + 1] = 2 * (k + hkl[3 * j + 1]!);
    at[3 * j + 2] = 2 * (l + hkl[3 * j + 2]!);
  }
  return {
    hkl,
    at,
    s2,
    px: zeros(4 * h + 2),
    py: zeros(4 * k + 2),
    pz: zeros(4 * l + 2),
    parts: groupParts(operations),
  };
}

/** G(h) of a site for each family; structures that differ in occupancies share them. */
export function siteAmplitudes(
  structure: PhaseStructure,
  site: Site,
  families: PreparedFamilies,
  anisotropic: boolean,
): Amplitudes {
  const U_A2 = anisotropic ? site.U_A2 : null;
  const orbit = siteOrbit(structure, site);
  const { hkl, parts } = families;
  const known = orbit.amplitudes;
  if (known && known.hkl === hkl && known.U_A2 === U_A2) return known;
  const n = families.s2.length;
  const amplitudes = { hkl, U_A2, real: zeros(n), imaginary: parts.centred ? null : zeros(n) };
  if (U_A2) anisotropicAmplitudes(structure, site, orbit.multiplicity, hkl, amplitudes);
  else isotropicAmplitudes(orbit.independent, families, amplitudes);
  if (parts.orbits.size * n > KEPT_AMPLITUDES) parts.orbits.clear();
  orbit.amplitudes = amplitudes;
  return amplitudes;
}

function isotropicAmplitudes(
  copies: readonly number[],
  { at, px, py, pz }: PreparedFamilies,
  { real, imaginary }: Amplitudes,
): void {
  const n = real.length;
  for (let i = 0; i < copies.length; i += 4) {
    if (i === 0 || copies[i] !== copies[i - 4]) fillPowers(copies[i]!, px);
    if (i === 0 || copies[i + 1] !== copies[i - 3]) fillPowers(copies[i + 1]!, py);
    if (i === 0 || copies[i + 2] !== copies[i - 2]) fillPowers(copies[i + 2]!, pz);
    const weight = copies[i + 3]!;
    for (let j = 0; j < n; j++) {
      const h = at[3 * j]!;
      const k = at[3 * j + 1]!;
      const l = at[3 * j + 2]!;
      const r = px[h]! * py[k]! - px[h + 1]! * py[k + 1]!;
      const s = px[h]! * py[k + 1]! + px[h + 1]! * py[k]!;
      real[j]! += weight * (r * pz[l]! - s * pz[l + 1]!);
      if (imaginary) imaginary[j]! += weight * (r * pz[l + 1]! + s * pz[l]!);
    }
  }
}

/** exp(2 pi i n x) for n from -N to N as pairs of real and imaginary part, by multiplication. */
function fillPowers(x: number, out: Float64Array): void {
  const c = Math.cos(2 * Math.PI * x);
  const s = Math.sin(2 * Math.PI * x);
  const middle = (out.length >> 1) - 1;
  let re = 1;
  let im = 0;
  out[middle] = 1;
  out[middle + 1] = 0;
  for (let i = 2; i <= middle; i += 2) {
    const next = re * c - im * s;
    im = re * s + im * c;
    re = next;
    out[middle + i] = re;
    out[middle + i + 1] = im;
    out[middle - i] = re;
    out[middle - i + 1] = -im;
  }
}

/**
 * With anisotropic displacement each copy has its own factor: for the copy made by (R, t) it is that of the first
 * atom at the rotated indices h R. Summed over all operations and divided by how often each copy was met.
 */
function anisotropicAmplitudes(
  structure: PhaseStructure,
  site: Site,
  copies: number,
  hkl: Int32Array,
  { real, imaginary }: Amplitudes,
): void {
  const beta: Metric = betaOfU(structure.cell, site.U_A2!);
  const [x, y, z] = site.position;
  const share = copies / structure.operations.length;
  for (let j = 0; j < real.length; j++) {
    const [h, k, l] = [hkl[3 * j]!, hkl[3 * j + 1]!, hkl[3 * j + 2]!];
    for (const { rotation: r, translation: t } of structure.operations) {
      const a = h * r[0]! + k * r[3]! + l * r[6]!;
      const b = h * r[1]! + k * r[4]! + l * r[7]!;
      const c = h * r[2]! + k * r[5]! + l * r[8]!;
      const exponent =
        a * a * beta[0] +
        b * b * beta[1] +
        c * c * beta[2] +
        2 * (b * c * beta[3] + a * c * beta[4] + a * b * beta[5]);
      const weight = share * Math.exp(-exponent);
      const phase = 2 * Math.PI * (a * x + b * y + c * z + h * t[0]! + k * t[1]! + l * t[2]!);
      real[j]! += weight * Math.cos(phase);
      if (imaginary) imaginary[j]! += weight * Math.sin(phase);
    }
  }
}
