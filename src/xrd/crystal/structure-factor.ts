/** Structure factors of families of reflections; see docs/structures.md. */
import { type Dispersion, dispersion, energyOfWavelength_eV } from '../../reference/dispersion.js';
import { type FormFactorSet, formFactor, formFactorAt } from '../../reference/form-factors.js';
import { defaultB_A2 } from './debye-waller.js';
import type { ReflectionFamily } from './reflections.js';
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
    const ready = prepareFamilies(structure, families);
    this.s2 = ready.s2;
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
