/** Structure factors of families of reflections; see docs/structures.md. */
import { type Dispersion, dispersion, energyOfWavelength_eV } from '../reference/dispersion.js';
import { formFactor, formFactorAt, type FormFactorSet } from '../reference/form-factors.js';
import type { Metric } from './cell.js';
import { betaOfU, defaultB_A2 } from './debye-waller.js';
import type { ReflectionFamily } from './reflections.js';
import { type Occupant, type PhaseStructure, type Site, siteOrbit } from './structure.js';
import type { OccupancyRate } from './substitution.js';
import { hasInversionAtOrigin } from './symmetry.js';

/** f0 of an ion at s^2 = (sin(theta)/lambda)^2, for tables other than ours. */
export type FormFactorFunction = (element: string, charge: number, s2: number) => number;

export interface ScatteringOptions {
  wavelength_A: number;
  /** Default Waasmaier-Kirfel of the ions. */
  formFactors?: FormFactorSet | FormFactorFunction;
  /** Anomalous scattering; on by default. Values of another table, by element, may be given instead. */
  dispersion?: boolean | Readonly<Record<string, Dispersion>>;
  /** 'structure' (default): each site's own B or U, else its element's; 'none': atoms at rest. */
  debyeWaller?: 'structure' | 'none';
  /** B (angstrom^2) by element: wins over the structure. */
  B_A2?: Readonly<Record<string, number>>;
}

/** Real and imaginary part of an amplitude for each family. */
interface Amplitudes {
  real: Float64Array;
  imaginary: Float64Array;
}

/**
 * F(h) = sum over sites of G(h) * sum over occupants of occupancy * (f0 + f' + i f'') exp(-B s^2), with
 * G(h) = sum over the copies of the site of exp(2 pi i h.r) (times the anisotropic factor of each copy).
 * `P` collects the parts with f0 + f', `Q` those with f'': F(h) = P + iQ, F(-h) = conj(P - iQ), and a powder line
 * holds the mean of |F(h)|^2 and |F(-h)|^2 = |P|^2 + |Q|^2.
 */
export interface StructureFactors {
  P: Amplitudes;
  Q: Amplitudes;
}

/** Geometry and scattering of a structure, ready to be evaluated for any occupancies. */
export class StructureFactorCalculator {
  private readonly geometry: Amplitudes[];
  /** sin^2(theta)/lambda^2 of each family. */
  private readonly s2: Float64Array;
  private readonly factors = new Map<string, Float64Array>();
  private readonly anomalous = new Map<string, Dispersion>();

  constructor(
    private readonly structure: PhaseStructure,
    families: readonly ReflectionFamily[],
    private readonly options: ScatteringOptions,
  ) {
    const n = families.length;
    const hkl = new Int32Array(3 * n);
    this.s2 = new Float64Array(n);
    for (let j = 0; j < n; j++) {
      hkl.set(families[j]!.hkl, 3 * j);
      this.s2[j] = families[j]!.inverseD2 / 4;
    }
    const phases = phaseTables(structure, hkl);
    this.geometry = structure.sites.map((site) =>
      siteAmplitudes(structure, site, hkl, phases, options.debyeWaller !== 'none' && !options.B_A2),
    );
  }

  /** P and Q for the given occupants of each site (as many as the structure has). */
  evaluate(sites: readonly Site[]): StructureFactors {
    const sum = this.zero();
    sites.forEach((site, i) => {
      for (const occupant of site.occupants)
        if (occupant.occupancy !== 0) this.add(sum, i, site, occupant, occupant.occupancy);
    });
    return sum;
  }

  /** dP and dQ by the amount of a substitution. */
  derivative(rates: readonly OccupancyRate[]): StructureFactors {
    const sum = this.zero();
    for (const { site, element, charge, rate } of rates)
      this.add(sum, site, this.structure.sites[site]!, { element, charge, occupancy: 1 }, rate);
    return sum;
  }

  private zero(): StructureFactors {
    const n = this.s2.length;
    const amplitudes = () => ({ real: new Float64Array(n), imaginary: new Float64Array(n) });
    return { P: amplitudes(), Q: amplitudes() };
  }

  private add(
    { P, Q }: StructureFactors,
    index: number,
    site: Site,
    occupant: Occupant,
    weight: number,
  ): void {
    const { real, imaginary } = this.geometry[index]!;
    const f0 = this.thermalFormFactor(site, occupant);
    const { real: f1, imaginary: f2 } = this.dispersionOf(occupant.element);
    const n = this.s2.length;
    for (let j = 0; j < n; j++) {
      const thermal = weight * f0[2 * j + 1]!;
      const p = weight * f0[2 * j]! + thermal * f1;
      const q = thermal * f2;
      P.real[j]! += p * real[j]!;
      P.imaginary[j]! += p * imaginary[j]!;
      Q.real[j]! += q * real[j]!;
      Q.imaginary[j]! += q * imaginary[j]!;
    }
  }

  /** Pairs of f0(s) exp(-B s^2) and exp(-B s^2) for each family; the same for equal ions with equal B. */
  private thermalFormFactor(site: Site, { element, charge }: Occupant): Float64Array {
    const B = this.bOf(site, element);
    const key = `${element}|${charge}|${B}`;
    let values = this.factors.get(key);
    if (values) return values;
    const n = this.s2.length;
    values = new Float64Array(2 * n);
    const set = this.options.formFactors;
    const factor = typeof set === 'function' ? null : formFactor(element, charge, set);
    for (let j = 0; j < n; j++) {
      const s2 = this.s2[j]!;
      const thermal = B === 0 ? 1 : Math.exp(-B * s2);
      const f0 = factor ? formFactorAt(factor, s2) : (set as FormFactorFunction)(element, charge, s2);
      values[2 * j] = f0 * thermal;
      values[2 * j + 1] = thermal;
    }
    this.factors.set(key, values);
    return values;
  }

  private bOf(site: Site, element: string): number {
    if (this.options.debyeWaller === 'none') return 0;
    const forced = this.options.B_A2?.[element];
    if (forced !== undefined) return forced;
    if (site.U_A2 && !this.options.B_A2) return 0;
    return site.B_A2 ?? defaultB_A2(element);
  }

  private dispersionOf(element: string): Dispersion {
    const given = this.options.dispersion ?? true;
    if (given === false) return { real: 0, imaginary: 0 };
    if (given !== true && given[element]) return given[element];
    let value = this.anomalous.get(element);
    if (!value) {
      value = dispersion(element, energyOfWavelength_eV(this.options.wavelength_A));
      this.anomalous.set(element, value);
    }
    return value;
  }
}

/** Room for exp(2 pi i n x) of one copy, n up to the largest index of each axis. */
interface PhaseTables {
  px: Float64Array;
  py: Float64Array;
  pz: Float64Array;
  /** With an inversion at the origin copies come in pairs r, -r: the imaginary parts cancel. */
  centred: boolean;
}

function phaseTables(structure: PhaseStructure, hkl: Int32Array): PhaseTables {
  let h = 0;
  let k = 0;
  let l = 0;
  for (let j = 0; j < hkl.length; j += 3) {
    h = Math.max(h, Math.abs(hkl[j]!));
    k = Math.max(k, Math.abs(hkl[j + 1]!));
    l = Math.max(l, Math.abs(hkl[j + 2]!));
  }
  return {
    px: new Float64Array(2 * h + 2),
    py: new Float64Array(2 * k + 2),
    pz: new Float64Array(2 * l + 2),
    centred: hasInversionAtOrigin(structure.operations),
  };
}

/** G(h) of a site for each family; `hkl` holds three indices a family. */
function siteAmplitudes(
  structure: PhaseStructure,
  site: Site,
  hkl: Int32Array,
  phases: PhaseTables,
  anisotropic: boolean,
): Amplitudes {
  const n = hkl.length / 3;
  const real = new Float64Array(n);
  const imaginary = new Float64Array(n);
  const orbit = siteOrbit(structure, site);
  if (site.U_A2 && anisotropic) {
    anisotropicAmplitudes(structure, site, orbit.length / 3, hkl, real, imaginary);
    return { real, imaginary };
  }
  const { px, py, pz, centred } = phases;
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
  return { real, imaginary };
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
  real: Float64Array,
  imaginary: Float64Array,
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
