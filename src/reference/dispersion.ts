/**
 * Anomalous scattering f' + i f'' in the forward direction, 1 to 100 keV, Z up to 92.
 * Source: C. T. Chantler, J. Phys. Chem. Ref. Data 29 (2000) 597, with the 3/5 CL relativistic and the nuclear
 * Thomson corrections, as carried by XrayDB. Other tables (Cromer-Liberman, Henke) differ by up to .03 e in f' and
 * 2 % in f'' away from edges. Within a few eV of an edge bonding matters and no table of free atoms holds.
 */
import { InputError } from '../errors.js';
import text from './data/chantler.js';
import { element as elementOf } from './elements.js';
import { lazyTable } from './table.js';

export interface Dispersion {
  /** f' (electrons). */
  real: number;
  /** f'' (electrons), positive. */
  imaginary: number;
}

/** h c in eV angstrom (CODATA 2018, exact). */
export const HC_EV_A = 12398.41984332;

export const energyOfWavelength_eV = (wavelength_A: number): number => HC_EV_A / wavelength_A;

const table = lazyTable<[number[], number[], number[]]>(text);

const LOWEST_EV = 1000;
const HIGHEST_EV = 100_000;

/** f' and f'' of an element at an energy (eV). Throws InputError outside 1 to 100 keV and above uranium. */
export function dispersion(element: string | number, energy_eV: number): Dispersion {
  const { symbol } = elementOf(element);
  const row = table()[symbol];
  if (!row)
    throw new InputError(
      `no anomalous scattering is tabulated for ${symbol}`,
      null,
      'the table runs from H to U',
    );
  if (!(energy_eV >= LOWEST_EV && energy_eV <= HIGHEST_EV))
    throw new InputError(
      `no anomalous scattering is tabulated at ${energy_eV} eV`,
      null,
      'the table runs from 1000 to 100000 eV; check the wavelength',
    );
  const [energies, real, imaginary] = row;
  let low = 0;
  let high = energies.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (energies[middle]! > energy_eV) high = middle;
    else low = middle;
  }
  const t = Math.log(energy_eV / energies[low]!) / Math.log(energies[high]! / energies[low]!);
  return {
    real: real[low]! + t * (real[high]! - real[low]!),
    imaginary: imaginary[low]! * (imaginary[high]! / imaginary[low]!) ** t,
  };
}
