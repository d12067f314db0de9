/** Structure factors of families of reflections; see docs/structures.md. */
import { InputError } from '../../errors.js';
import { type Dispersion, dispersion, energyOfWavelength_eV } from '../../reference/dispersion.js';
import { formFactorCurve } from '../../reference/form-factor-curve.js';
import type { FormFactorSet } from '../../reference/form-factors.js';
import { defaultB_A2 } from './debye-waller.js';
import type { ReflectionFamilies } from './reflections.js';
import { type Amplitudes, prepareFamilies, siteAmplitudes } from './site-amplitudes.js';
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

/** Geometry and scattering of a structure, ready to be evaluated for any occupancies. */
export class StructureFactorCalculator {
  private readonly geometry: Amplitudes[];
  /** sin^2(theta)/lambda^2 of each family. */
  private readonly s2: Float64Array;
  private readonly centred: boolean;
  private readonly factors: { element: string; charge: number; B: number; values: Float64Array }[] = [];
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
    const ready = prepareFamilies(structure, families);
    this.s2 = ready.s2;
    this.centred = ready.centred;
    const anisotropic = options.debyeWaller !== 'none' && !options.B_A2;
    this.geometry = structure.sites.map((site) => siteAmplitudes(structure, site, ready, anisotropic));
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
    const parts = (this.centred ? 1 : 2) * (this.options.dispersion === false ? 1 : 2);
    return Array.from({ length: parts }, () => new Float64Array(this.s2.length));
  }

  private add(sum: StructureFactors, index: number, site: Site, occupant: Occupant, weight: number): void {
    const { real, imaginary } = this.geometry[index]!;
    const f0 = this.thermalFormFactor(site, occupant);
    const { real: f1, imaginary: f2 } = this.dispersionOf(occupant.element);
    let part = 0;
    for (const [atRest, constant] of [
      [weight, weight * f1],
      [0, weight * f2],
    ] as const) {
      if (part === sum.length) return;
      addProduct(sum[part++]!, real, atRest, constant, f0);
      if (imaginary) addProduct(sum[part++]!, imaginary, atRest, constant, f0);
    }
  }

  /** Pairs of f0(s) exp(-B s^2) and exp(-B s^2) for each family; the same for equal ions with equal B. */
  private thermalFormFactor(site: Site, { element, charge }: Occupant): Float64Array {
    const B = this.bOf(site, element);
    for (const known of this.factors)
      if (known.element === element && known.charge === charge && known.B === B) return known.values;
    const n = this.s2.length;
    const values = new Float64Array(2 * n);
    const set = this.options.formFactors;
    const curve = typeof set === 'function' ? null : formFactorCurve(element, charge, set);
    for (let j = 0; j < n; j++) {
      const s2 = this.s2[j]!;
      const thermal = B === 0 ? 1 : Math.exp(-B * s2);
      const f0 = curve ? curve.at(s2) : (set as FormFactorFunction)(element, charge, s2);
      values[2 * j] = f0 * thermal;
      values[2 * j + 1] = thermal;
    }
    this.factors.push({ element, charge, B, values });
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

/** sum += amplitude (weight f0 + constant) exp(-B s^2); `thermal` holds pairs of f0 exp(-B s^2) and exp(-B s^2). */
function addProduct(
  sum: Float64Array,
  amplitude: Float64Array,
  weight: number,
  constant: number,
  thermal: Float64Array,
): void {
  for (let j = 0; j < sum.length; j++)
    sum[j]! += amplitude[j]! * (weight * thermal[2 * j]! + constant * thermal[2 * j + 1]!);
}
