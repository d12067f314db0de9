/**
 * Atomic form factors f0(s), s = sin(theta)/lambda in 1/angstrom.
 * Sources: D. Waasmaier, A. Kirfel, Acta Cryst. A51 (1995) 416 (five Gaussians, s < 6);
 * International Tables for Crystallography C, table 6.1.1.4 (four Gaussians, s < 2).
 */
import { InputError } from '../errors.js';
import itcText from './data/international-tables.js';
import wkText from './data/waasmaier-kirfel.js';
import { lazyTable } from './table.js';

/** `neutral` takes Waasmaier-Kirfel and leaves the charges out. */
export type FormFactorSet = 'waasmaier-kirfel' | 'itc' | 'neutral';

/** f0(s) = constant + sum of amplitude * exp(-width s^2). */
export interface FormFactor {
  constant: number;
  amplitudes: readonly number[];
  widths: readonly number[];
  /** What was taken, e.g. 'Y3+ (itc)', where the set asked for holds no such ion. */
  source: string;
}

const waasmaierKirfel = lazyTable<number[]>(wkText);
const internationalTables = lazyTable<number[]>(itcText);

/** 'Y3+', 'Cl1-', 'Y': as the tables name them. */
export const ionName = (element: string, charge: number): string =>
  charge === 0 ? element : `${element}${Math.abs(charge)}${charge > 0 ? '+' : '-'}`;

const fromRow = (row: readonly number[], source: string): FormFactor => {
  const terms = (row.length - 1) / 2;
  return { constant: row[0]!, amplitudes: row.slice(1, 1 + terms), widths: row.slice(1 + terms), source };
};

/**
 * The form factor of an atom or ion. An ion that the set lacks is taken from the other set, and a charge that
 * neither lists falls back to the neutral atom; `source` says what was taken. Charges are rounded to integers.
 */
export function formFactor(
  element: string,
  charge: number,
  set: FormFactorSet = 'waasmaier-kirfel',
): FormFactor {
  const ion = ionName(element, set === 'neutral' ? 0 : Math.round(charge));
  const wk = () => rowOf(waasmaierKirfel(), ion, 'waasmaier-kirfel');
  const itc = () => rowOf(internationalTables(), ion, 'itc');
  const found = set === 'itc' ? (itc() ?? wk()) : (wk() ?? itc());
  if (found) return found;
  if (charge !== 0) return formFactor(element, 0, set);
  throw new InputError(`no form factor is tabulated for '${element}'`, null, 'the tables run from H to Cf');
}

const rowOf = (table: Record<string, number[]>, ion: string, set: string): FormFactor | null =>
  Object.hasOwn(table, ion) ? fromRow(table[ion]!, `${ion} (${set})`) : null;

/** f0 at s^2 (1/angstrom^2). */
export function formFactorAt(factor: FormFactor, s2: number): number {
  let sum = factor.constant;
  for (let i = 0; i < factor.amplitudes.length; i++)
    sum += factor.amplitudes[i]! * Math.exp(-factor.widths[i]! * s2);
  return sum;
}
