/** Structure factors of families of reflections; see docs/structures.md. */
import { InputError } from '../../errors.js';
import { zeros } from '../../numeric/pooled.js';
import { type Dispersion, dispersion, energyOfWavelength_eV } from '../../reference/dispersion.js';
import { formFactorCurve } from '../../reference/form-factor-curve.js';
import type { FormFactorSet } from '../../reference/form-factors.js';
import { defaultB_A2 } from './debye-waller.js';
import type { Amplitudes } from './group-parts.js';
import type { ReflectionFamilies } from './reflections.js';
import { type PreparedFamilies, prepareFamilies, siteAmplitudes } from './site-amplitudes.js';
import type { Occupant, PhaseStructure, Site } from './structure.js';
import type { OccupancyRate } from './substitution.js';

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

/**
 * F(h) = sum over sites of G(h) * sum over occupants of occupancy * (f0 + f' + i f'') exp(-B s^2), with
 * G(h) = sum over the copies of the site of exp(2 pi i h.r) (times the anisotropic factor of each copy).
 * With P the part of f0 + f' and Q that of f'', F(h) = P + iQ and F(-h) = conj(P - iQ), so that a powder line holds the
 * mean of |F(h)|^2 and |F(-h)|^2 = |P|^2 + |Q|^2: the sum of the squares of up to four real numbers. Listed are those
 * that can differ from zero, for each family: Re P, Im P (without an inversion at the origin), Re Q, Im Q (with
 * anomalous scattering).
 */
export type StructureFactors = readonly Float64Array[];

/** Guards against a large structure with a large range, which would fill the memory. */
const MAX_AMPLITUDES = 20_000_000;

/** f0(s) exp(-B s^2) and exp(-B s^2) of an ion for each family; `thermal` is null where B is zero. */
interface ThermalFactor {
  f0: Float64Array;
  thermal: Float64Array | null;
}

/** Geometry and scattering of a structure, ready to be evaluated for any occupancies. */
export class StructureFactorCalculator {
  private readonly geometry: (Amplitudes | undefined)[] = [];
  private readonly families: PreparedFamilies;
  /** sin^2(theta)/lambda^2 of each family. */
  private readonly s2: Float64Array;
  private readonly factors: { element: string; charge: number; B: number; factor: ThermalFactor }[] = [];
  private readonly anomalous = new Map<string, Dispersion>();

  constructor(
    private readonly structure: PhaseStructure,
    families: ReflectionFamilies,
    private readonly options: ScatteringOptions,
  ) {
    if (structure.sites.length * families.count > MAX_AMPLITUDES)
      throw new InputError(
        `${structure.name} has ${structure.sites.length} sites and ${families.count} lines in the range: too many`,
        null,
        'narrow the range of angles or lengthen the wavelength',
      );
    this.families = prepareFamilies(structure, families);
    this.s2 = this.families.s2;
  }

  /** P and Q for the given occupants of each site (as many as the structure has). */
  evaluate(sites: readonly Site[]): StructureFactors {
    const sum = this.zero();
    for (let i = 0; i < sites.length; i++)
      for (const occupant of sites[i]!.occupants)
        if (occupant.occupancy !== 0) this.add(sum, i, sites[i]!, occupant, occupant.occupancy);
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
    const parts = (this.families.parts.centred ? 1 : 2) * (this.options.dispersion === false ? 1 : 2);
    const sum: Float64Array[] = [];
    for (let part = 0; part < parts; part++) sum.push(zeros(this.s2.length));
    return sum;
  }

  private add(sum: StructureFactors, index: number, site: Site, occupant: Occupant, weight: number): void {
    const { real, imaginary } = this.amplitudesOf(index);
    const { f0, thermal } = this.thermalFactor(site, occupant);
    addProduct(sum[0]!, real, weight, f0);
    if (imaginary) addProduct(sum[1]!, imaginary, weight, f0);
    if (this.options.dispersion === false) return;
    const { real: f1, imaginary: f2 } = this.dispersionOf(occupant.element);
    addProduct(sum[0]!, real, weight * f1, thermal);
    if (imaginary) addProduct(sum[1]!, imaginary, weight * f1, thermal);
    addProduct(sum[imaginary ? 2 : 1]!, real, weight * f2, thermal);
    if (imaginary) addProduct(sum[3]!, imaginary, weight * f2, thermal);
  }

  private amplitudesOf(index: number): Amplitudes {
    const known = this.geometry[index];
    if (known) return known;
    const anisotropic = this.options.debyeWaller !== 'none' && !this.options.B_A2;
    const site = this.structure.sites[index]!;
    const amplitudes = siteAmplitudes(this.structure, site, this.families, anisotropic);
    this.geometry[index] = amplitudes;
    return amplitudes;
  }

  /** The same for equal ions with equal B. */
  private thermalFactor(site: Site, { element, charge }: Occupant): ThermalFactor {
    const B = this.bOf(site, element);
    for (const known of this.factors)
      if (known.element === element && known.charge === charge && known.B === B) return known.factor;
    const n = this.s2.length;
    const factor = { f0: zeros(n), thermal: B === 0 ? null : zeros(n) };
    const set = this.options.formFactors;
    if (typeof set === 'function')
      for (let j = 0; j < n; j++) factor.f0[j] = set(element, charge, this.s2[j]!);
    else formFactorCurve(element, charge, set).fill(this.s2, factor.f0);
    if (factor.thermal) {
      for (let j = 0; j < n; j++) {
        factor.thermal[j] = Math.exp(-B * this.s2[j]!);
        factor.f0[j]! *= factor.thermal[j]!;
      }
    }
    this.factors.push({ element, charge, B, factor });
    return factor;
  }

  private bOf(site: Site, element: string): number {
    if (this.options.debyeWaller === 'none') return 0;
    const forced = this.options.B_A2?.[element];
    if (forced !== undefined) return forced;
    if (site.U_A2 && !this.options.B_A2) return 0;
    return site.B_A2 ?? defaultB_A2(element);
  }

  private dispersionOf(element: string): Dispersion {
    const given = this.options.dispersion;
    if (typeof given === 'object' && given[element]) return given[element];
    let value = this.anomalous.get(element);
    if (!value) {
      value = dispersion(element, energyOfWavelength_eV(this.options.wavelength_A));
      this.anomalous.set(element, value);
    }
    return value;
  }
}

/** sum += weight amplitude factor; a factor that is null is one. */
function addProduct(
  sum: Float64Array,
  amplitude: Float64Array,
  weight: number,
  factor: Float64Array | null,
): void {
  if (factor) for (let j = 0; j < sum.length; j++) sum[j]! += weight * amplitude[j]! * factor[j]!;
  else for (let j = 0; j < sum.length; j++) sum[j]! += weight * amplitude[j]!;
}
