import { findElement } from '../../reference/elements.js';

/**
 * Element and charge of an atom site, from its type symbol ('Y3+', 'Cl1-', 'O2-') or, without one, from its label
 * ('Cl2', 'IN1', 'O1W'). `formula` settles labels in capitals: CO1 is cobalt only where the formula holds Co.
 * Charge is null where the type states none; null altogether where no element can be told.
 */
export function siteElement(
  type: string | null,
  label: string,
  formula: string | null,
): { element: string; charge: number | null } | null {
  if (type !== null) {
    const match = /^([A-Za-z]{1,2})(?:([+-])(\d+)|(\d*)([+-]))?/.exec(type.trim());
    const element = match ? elementOfLetters(match[1]!, formula) : null;
    if (match && element) {
      const sign = match[2] ?? match[5];
      const charge = sign ? (sign === '-' ? -1 : 1) * Number(match[3] || match[4] || 1) : null;
      return { element, charge };
    }
  }
  const letters = /^[A-Za-z]{1,2}/.exec(label.trim())?.[0];
  const element = letters ? elementOfLetters(letters, formula) : null;
  return element ? { element, charge: null } : null;
}

function elementOfLetters(letters: string, formula: string | null): string | null {
  if (letters === 'D' || letters === 'T') return 'H';
  const both = letters.length === 2 ? findElement(letters) : null;
  const first = findElement(letters[0]!);
  if (!both) return first;
  const asWritten = letters === both;
  if (asWritten || !first || !formula) return both;
  const inFormula = new Set(formula.match(/[A-Z][a-z]?/g) ?? []);
  return inFormula.has(both) || !inFormula.has(first) ? both : first;
}
