import { HC_EV_ANGSTROM } from './constants.js';

export type QuantityKind = 'length' | 'energy' | 'wavelength' | 'time';

/** Factors to the product's own units: length in um, energy in eV, wavelength in angstrom, time in s. */
const factors: Record<QuantityKind, Record<string, number>> = {
  length: { um: 1, micron: 1, microns: 1, micrometer: 1, micrometre: 1, nm: 1e-3, mm: 1e3, cm: 1e4, m: 1e6 },
  energy: { ev: 1, kev: 1e3, mev: 1e6 },
  wavelength: { angstrom: 1, angstroms: 1, a: 1, å: 1, nm: 10, pm: 0.01 },
  time: { s: 1, ms: 1e-3, us: 1e-6, ns: 1e-9 },
};

const examples: Record<QuantityKind, string> = {
  length: "'2 um'",
  energy: "'17038 eV' or '17.038 keV'",
  wavelength: "'1.2398 angstrom'",
  time: "'0.3 us' or '1 s'",
};

const normalUnit = (unit: string): string =>
  unit.normalize('NFKC').replaceAll('μ', 'u').replaceAll('µ', 'u').toLowerCase();

export type ParsedQuantity = { value: number } | { fault: string; cure: string };

/**
 * '2 um', '1.2398 angstrom', '17.038 keV' in the product's own unit of that kind (um, eV, angstrom, s).
 * A wavelength may also be given as a photon energy (lambda = hc/E). A bare number is a fault: units are always written.
 */
export function parseQuantity(text: string, kind: QuantityKind): ParsedQuantity {
  const match = /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*(\S*)\s*$/u.exec(text.slice(0, 200));
  const cure = `write it with its unit, for example ${examples[kind]}`;
  if (!match) return { fault: `'${text.slice(0, 60)}' is not a number with a unit`, cure };
  const value = Number(match[1]);
  const unit = normalUnit(match[2] ?? '');
  if (unit === '') return { fault: `'${text}' has no unit`, cure };
  if (!Number.isFinite(value)) return { fault: `'${text}' is not a finite number`, cure };
  const factor = factors[kind][unit];
  if (factor !== undefined) return { value: rounded(value * factor) };
  const asEnergy = factors.energy[unit];
  if (kind === 'wavelength' && asEnergy !== undefined && value > 0) {
    return { value: HC_EV_ANGSTROM / (value * asEnergy) };
  }
  return { fault: `'${match[2]}' is not a unit of ${kind}`, cure };
}

/** Takes the binary dust off a decimal conversion: 17.038 keV is 17038 eV, not 17037.999999999996. */
const rounded = (value: number): number => Number(value.toPrecision(14));
