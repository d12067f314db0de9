import { InputError } from '../errors.js';
import text from './data/elements.js';
import { lazyTable } from './table.js';

export interface Element {
  symbol: string;
  atomicNumber: number;
  name: string;
  molarMass_g_mol: number;
  /** Density of the element at room conditions. */
  density_g_cm3: number;
}

const table = lazyTable<[number, string, number, number]>(text);
let symbols: string[] | null = null;

/** Symbols in order of atomic number: `elementSymbols()[0]` is H. */
export function elementSymbols(): readonly string[] {
  symbols ??= Object.keys(table());
  return symbols;
}

/** 'cl', 'CL' and 17 all mean 'Cl'; null for what is no element up to Cf. */
export function findElement(nameOrNumber: string | number): string | null {
  if (typeof nameOrNumber === 'number') return elementSymbols()[nameOrNumber - 1] ?? null;
  const name = nameOrNumber.trim();
  return elementSymbol(name) ?? elementSymbols().find((s) => table()[s]![1] === name.toLowerCase()) ?? null;
}

/** The symbol in its usual spelling ('in' is In); null for a name in words and for what is no element. */
export function elementSymbol(text: string): string | null {
  const symbol = text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();
  return Object.hasOwn(table(), symbol) ? symbol : null;
}

/** The element of a symbol, name or atomic number. Throws InputError for an unknown one. */
export function element(nameOrNumber: string | number): Element {
  // most callers give the symbol as the table has it
  const isSymbol = typeof nameOrNumber === 'string' && Object.hasOwn(table(), nameOrNumber);
  const symbol = isSymbol ? nameOrNumber : findElement(nameOrNumber);
  if (symbol === null)
    throw new InputError(
      `'${nameOrNumber}' is no chemical element`,
      null,
      'give a symbol such as Y, In or Cl',
    );
  const [atomicNumber, name, molarMass_g_mol, density_g_cm3] = table()[symbol]!;
  return { symbol, atomicNumber, name, molarMass_g_mol, density_g_cm3 };
}
