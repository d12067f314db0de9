import { InputError } from '../errors.js';
import { element, findElement } from './elements.js';

/** Atoms per formula unit. */
export type Composition = ReadonlyMap<string, number>;

const MAX_LENGTH = 500;
const MAX_DEPTH = 20;

/**
 * Reads a chemical formula: 'Li3YCl6', 'Li2.4In0.2YCl6', 'Cu(SO4)(H2O)5', 'CuSO4.5H2O' or with a middle dot,
 * 'Cl6 Li3 Y1' as CIF writes it. Charges ('Y3+') are accepted in CIF's spaced form and left out.
 * Throws InputError with the place of the first thing that is no formula.
 */
export function parseFormula(text: string): Composition {
  if (text.length > MAX_LENGTH) throw new InputError('the formula is too long');
  const atoms = new Map<string, number>();
  // a plain dot is a decimal point, except before a solvent (CuSO4.5H2O) or between groups (LiCl.H2O)
  for (const part of text.split(
    /[·*•]|(?<=[A-Za-z)\d])\.(?=\d*(?:H2O|D2O|NH3))|(?<=[A-Za-z)])\.(?=\d*[A-Z(])/,
  )) {
    const { factor, rest } = leadingFactor(part.trim());
    addGroup(rest, factor, atoms, text);
  }
  if (atoms.size === 0) throw new InputError(`'${text}' holds no element`, null, 'write it as Li3YCl6');
  return atoms;
}

function leadingFactor(part: string): { factor: number; rest: string } {
  const match = /^(\d+(?:\.\d+)?)\s*(?=[A-Z(])/.exec(part);
  return match ? { factor: Number(match[1]), rest: part.slice(match[0].length) } : { factor: 1, rest: part };
}

function addGroup(text: string, factor: number, atoms: Map<string, number>, whole: string): void {
  const stack: Map<string, number>[] = [new Map()];
  const token =
    /\s*(?:([A-Z][a-z]?)(?:\d*[+-](?=\s|$))?|([([{])|([)\]}]))\s*(\d+(?:\.\d+)?|\.\d+)?(?:[+-](?=\s|$))?/y;
  let at = 0;
  while (at < text.length) {
    token.lastIndex = at;
    const match = token.exec(text);
    if (!match || match[0].length === 0) {
      if (text.slice(at).trim() === '') break;
      throw new InputError(
        `'${whole}' is no formula: '${text.slice(at)}' cannot be read`,
        null,
        'write it as Li3YCl6',
      );
    }
    at = token.lastIndex;
    const count = match[4] === undefined ? 1 : Number(match[4]);
    if (match[1]) {
      const symbol = findElement(match[1] === 'D' ? 'H' : match[1]);
      if (symbol === null || (symbol !== match[1] && match[1] !== 'D'))
        throw new InputError(
          `'${whole}' is no formula: '${match[1]}' is no element`,
          null,
          'write it as Li3YCl6',
        );
      add(stack.at(-1)!, symbol, count);
    } else if (match[2]) {
      if (stack.length > MAX_DEPTH) throw new InputError(`'${whole}' nests too deeply`);
      stack.push(new Map());
    } else {
      const group = stack.pop()!;
      const outer = stack.at(-1);
      if (!outer) throw new InputError(`'${whole}' closes a bracket that was not opened`);
      for (const [symbol, n] of group) add(outer, symbol, n * count);
    }
  }
  if (stack.length !== 1) throw new InputError(`'${whole}' leaves a bracket open`);
  for (const [symbol, n] of stack[0]!) add(atoms, symbol, n * factor);
}

const add = (atoms: Map<string, number>, symbol: string, n: number): void => {
  atoms.set(symbol, (atoms.get(symbol) ?? 0) + n);
};

/** Mass (g/mol) of one formula unit. */
export function molarMass_g_mol(composition: Composition): number {
  let sum = 0;
  for (const [symbol, n] of composition) sum += n * element(symbol).molarMass_g_mol;
  return sum;
}

/** Mass fraction of each element; they sum to one. */
export function massFractions(composition: Composition): Map<string, number> {
  const total = molarMass_g_mol(composition);
  return new Map(
    [...composition].map(([symbol, n]) => [symbol, (n * element(symbol).molarMass_g_mol) / total]),
  );
}

/** 'Li3YCl6': elements in the given order, counts with up to four digits, ones left out. */
export function formatFormula(composition: Composition): string {
  return [...composition]
    .filter(([, n]) => Math.abs(n) > 5e-5)
    .map(([symbol, n]) => symbol + (Math.abs(n - 1) < 5e-5 ? '' : String(Number(n.toFixed(4)))))
    .join('');
}
