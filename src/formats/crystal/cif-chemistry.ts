/** Does the content of the cell agree with the formula that the CIF states, and which ions are in it? */
import { InputError } from '../../errors.js';
import { formFactor, ionName } from '../../reference/form-factors.js';
import { type Composition, formatFormula, parseFormula } from '../../reference/formula.js';
import { chargeOf, compositionOf } from '../../xrd/crystal/composition.js';
import type { PhaseStructure } from '../../xrd/crystal/structure.js';
import { type CifBlock, cifNumber, isMissing } from './cif-syntax.js';

/** Counts may be off by rounding of occupancies. */
const TOLERANCE = 0.02;

/**
 * Formula units in the cell. The stated Z is believed where it divides the content into the stated formula, or where
 * the formula is the content itself (as pymatgen writes it); otherwise the ratio of content and formula decides.
 * Disagreement becomes a warning.
 */
export function formulaOf(
  structure: PhaseStructure,
  block: CifBlock,
  path: string,
  warnings: string[],
): number {
  const content = compositionOf({ ...structure, formulaUnits: 1 });
  const stated =
    cifNumber(block.items.get('_cell_formula_units_z'), '_cell_formula_units_Z', path)?.value ?? null;
  const formula = statedFormula(block, warnings);
  if (!formula) return stated ?? commonDivisor(content);
  const ratio = ratioOf(content, formula);
  if (ratio === null) {
    const shown = stated && stated > 0 ? new Map([...content].map(([el, n]) => [el, n / stated])) : content;
    warnings.push(`the atom sites give ${formatFormula(shown)}, the formula says ${formatFormula(formula)}`);
    return stated ?? commonDivisor(content);
  }
  if (stated !== null && (Math.abs(ratio / stated - 1) < TOLERANCE || Math.abs(ratio - 1) < TOLERANCE))
    return stated;
  const z = Math.abs(ratio - 1) < TOLERANCE ? commonDivisor(content) : ratio;
  const rounded = Math.abs(z - Math.round(z)) < TOLERANCE * z ? Math.round(z) : z;
  if (stated !== null) warnings.push(`the cell holds ${rounded} formula units, not ${stated} as stated`);
  return rounded;
}

function statedFormula(block: CifBlock, warnings: string[]): Composition | null {
  for (const tag of ['_chemical_formula_sum', '_chemical_formula_structural', '_chemical_formula_moiety']) {
    const value = block.items.get(tag);
    if (!value || isMissing(value)) continue;
    try {
      return parseFormula(value.text);
    } catch (thrown) {
      if (!(thrown instanceof InputError)) throw thrown;
      warnings.push(`${tag} cannot be read: ${thrown.what}`);
    }
  }
  return null;
}

/**
 * content / formula where it is the same for every element within 2 % or .01 atoms (formulas are rounded), else null.
 * Hydrogen that was not located may lack.
 */
function ratioOf(content: Composition, formula: Composition): number | null {
  const shared = [...formula.keys()].filter((element) => content.has(element));
  const sum = (composition: Composition) =>
    shared.reduce((total, element) => total + composition.get(element)!, 0);
  const ratio = sum(content) / sum(formula);
  for (const element of new Set([...content.keys(), ...formula.keys()])) {
    const [have, want] = [(content.get(element) ?? 0) / ratio, formula.get(element) ?? 0];
    if (element === 'H' && have === 0) continue;
    if (!(Math.abs(have - want) <= Math.max(0.01, TOLERANCE * want))) return null;
  }
  return ratio;
}

/** Largest number that divides all counts into whole ones; 1 where the counts are not whole. */
function commonDivisor(content: Composition): number {
  const counts = [...content.values()].filter((n) => n > 0);
  const whole = counts.map(Math.round);
  if (counts.length === 0 || counts.some((n, i) => Math.abs(n - whole[i]!) > TOLERANCE * n || whole[i] === 0))
    return 1;
  const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
  return whole.reduce(gcd);
}

/** The one common oxidation state of elements that have only one in solids with these anions. */
const OXIDATION: Record<string, number> = {
  ...Object.fromEntries(['H', 'Li', 'Na', 'K', 'Rb', 'Cs', 'Ag'].map((el) => [el, 1])),
  ...Object.fromEntries(['Be', 'Mg', 'Ca', 'Sr', 'Ba', 'Zn', 'Cd'].map((el) => [el, 2])),
  ...Object.fromEntries(
    [
      'B',
      'Al',
      'Ga',
      'In',
      'Sc',
      'Y',
      'La',
      'Pr',
      'Nd',
      'Sm',
      'Gd',
      'Tb',
      'Dy',
      'Ho',
      'Er',
      'Tm',
      'Yb',
      'Lu',
      'Bi',
    ].map((el) => [el, 3]),
  ),
  ...Object.fromEntries(['Si', 'Zr', 'Hf'].map((el) => [el, 4])),
  ...Object.fromEntries(['P', 'Nb', 'Ta'].map((el) => [el, 5])),
  ...Object.fromEntries(['F', 'Cl', 'Br', 'I'].map((el) => [el, -1])),
  ...Object.fromEntries(['O', 'S', 'Se'].map((el) => [el, -2])),
};

/**
 * Gives ions their usual charges, for a CIF that states none, if every element has one usual state, those sum to zero and
 * form factors of all the ions are tabulated. Otherwise atoms stay neutral, as they do in alloys.
 */
export function assignCharges(structure: PhaseStructure, warnings: string[]): PhaseStructure {
  const occupants = structure.sites.flatMap((site) => site.occupants);
  const elements = [...new Set(occupants.map((o) => o.element))];
  const known = elements.every((el) => el in OXIDATION && isTabulated(el, OXIDATION[el]!));
  if (!known || !elements.some((el) => OXIDATION[el]! < 0) || elements.length < 2) return structure;
  const sites = structure.sites.map((site) => ({
    ...site,
    occupants: site.occupants.map((o) => ({ ...o, charge: OXIDATION[o.element]! })),
  }));
  const charged = { ...structure, sites };
  if (Math.abs(chargeOf(charged)) > TOLERANCE) return structure;
  const ions = elements.map((el) => ionName(el, OXIDATION[el]!)).join(', ');
  warnings.push(`the sites state no charges: ${ions} are taken for the form factors`);
  return charged;
}

const isTabulated = (element: string, charge: number): boolean =>
  formFactor(element, charge).source.startsWith(`${ionName(element, charge)} `);
