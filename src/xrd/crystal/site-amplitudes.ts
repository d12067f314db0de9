/** Geometric structure factors of single sites: sums of exp(2 pi i h.r) over the copies of a site. */
import type { Metric } from './cell.js';
import { betaOfU } from './debye-waller.js';
import type { ReflectionFamily } from './reflections.js';
import { type PhaseStructure, type Site, siteOrbit } from './structure.js';
import { hasInversionAtOrigin } from './symmetry.js';

/** Real and imaginary part of an amplitude for each family. */
export interface Amplitudes {
  real: Float64Array;
  imaginary: Float64Array;
}

/** Reflections as flat arrays, room for powers of phase factors, and what was computed for them. */
export interface PreparedFamilies {
  /** Three indices a family. */
  hkl: Int32Array;
  /** (sin(theta) / lambda)^2. */
  s2: Float64Array;
  /** exp(2 pi i n x) of one copy, n up to the largest index of each axis. */
  px: Float64Array;
  py: Float64Array;
  pz: Float64Array;
  /** With an inversion at the origin copies come in pairs r, -r: the imaginary parts cancel. */
  centred: boolean;
  /** Amplitudes by the coordinates that they belong to: structures that differ in occupancies share them. */
  known: WeakMap<Site['position'], { U_A2: Metric | null; amplitudes: Amplitudes }>;
}

const prepared = new WeakMap<readonly ReflectionFamily[], PreparedFamilies>();

/** Families belong to one cell and group, so that everything here can hang on them. */
export function prepareFamilies(
  { operations }: PhaseStructure,
  families: readonly ReflectionFamily[],
): PreparedFamilies {
  const before = prepared.get(families);
  if (before) return before;
  const n = families.length;
  const hkl = new Int32Array(3 * n);
  const s2 = new Float64Array(n);
  let [h, k, l] = [0, 0, 0];
  for (let j = 0; j < n; j++) {
    const family = families[j]!;
    hkl.set(family.hkl, 3 * j);
    s2[j] = family.inverseD2 / 4;
    h = Math.max(h, Math.abs(family.hkl[0]));
    k = Math.max(k, Math.abs(family.hkl[1]));
    l = Math.max(l, Math.abs(family.hkl[2]));
  }
  const room = (most: number) => new Float64Array(2 * most + 2);
  const made = {
    hkl,
    s2,
    px: room(h),
    py: room(k),
    pz: room(l),
    centred: hasInversionAtOrigin(operations),
    known: new WeakMap(),
  };
  prepared.set(families, made);
  return made;
}

/** G(h) of a site for each family. */
export function siteAmplitudes(
  structure: PhaseStructure,
  site: Site,
  families: PreparedFamilies,
  anisotropic: boolean,
): Amplitudes {
  const U_A2 = anisotropic ? site.U_A2 : null;
  const before = families.known.get(site.position);
  if (before && before.U_A2 === U_A2) return before.amplitudes;
  const n = families.s2.length;
  const amplitudes = { real: new Float64Array(n), imaginary: new Float64Array(n) };
  const orbit = siteOrbit(structure, site);
  if (U_A2) anisotropicAmplitudes(structure, site, orbit.length / 3, families.hkl, amplitudes);
  else isotropicAmplitudes(orbit, families, amplitudes);
  families.known.set(site.position, { U_A2, amplitudes });
  return amplitudes;
}

function isotropicAmplitudes(
  orbit: Float64Array,
  { hkl, px, py, pz, centred }: PreparedFamilies,
  { real, imaginary }: Amplitudes,
): void {
  const n = real.length;
  for (let i = 0; i < orbit.length; i += 3) {
    fillPowers(orbit[i]!, px);
    fillPowers(orbit[i + 1]!, py);
    fillPowers(orbit[i + 2]!, pz);
    for (let j = 0; j < n; j++) {
      const h = hkl[3 * j]!;
      const k = hkl[3 * j + 1]!;
      const l = hkl[3 * j + 2]!;
      const ha = h < 0 ? -2 * h : 2 * h;
      const ka = k < 0 ? -2 * k : 2 * k;
      const la = l < 0 ? -2 * l : 2 * l;
      const xr = px[ha]!;
      const xi = h < 0 ? -px[ha + 1]! : px[ha + 1]!;
      const yr = py[ka]!;
      const yi = k < 0 ? -py[ka + 1]! : py[ka + 1]!;
      const zr = pz[la]!;
      const zi = l < 0 ? -pz[la + 1]! : pz[la + 1]!;
      const r = xr * yr - xi * yi;
      const s = xr * yi + xi * yr;
      real[j]! += r * zr - s * zi;
      if (!centred) imaginary[j]! += r * zi + s * zr;
    }
  }
}

/** exp(2 pi i n x) for n = 0, 1, 2 … as pairs of real and imaginary part, by multiplication. */
function fillPowers(x: number, out: Float64Array): void {
  const c = Math.cos(2 * Math.PI * x);
  const s = Math.sin(2 * Math.PI * x);
  out[0] = 1;
  out[1] = 0;
  for (let i = 2; i < out.length; i += 2) {
    const re = out[i - 2]!;
    const im = out[i - 1]!;
    out[i] = re * c - im * s;
    out[i + 1] = re * s + im * c;
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
      imaginary[j]! += weight * Math.sin(phase);
    }
  }
}
