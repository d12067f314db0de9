import { edgesOf } from '../reference/edges.js';
import type { Section } from './yaml-section.js';

/** A name becomes part of keys and of output file names: no path separators, no control characters. */
export function nameOf(section: Section, key: string, fallback: string): string {
  const name = section.text(key) ?? fallback.replace(/[\\/]/gu, '-');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\\/\u0000-\u001f\u007f]/u.test(name) || name === '.' || name === '..') {
    throw section.fault(
      key,
      `'${name.slice(0, 60)}' cannot be a name`,
      'leave out slashes and control characters',
    );
  }
  if (name.length > 120) throw section.fault(key, 'is longer than 120 characters');
  return name;
}

const SYMBOLS =
  'H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf'.split(
    ' ',
  );
const known = new Set(SYMBOLS);

/** The symbol in its usual spelling ('in' is In), or null where there is no such element. */
export function elementSymbol(text: string): string | null {
  const symbol = text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();
  return known.has(symbol) ? symbol : null;
}

export function needElement(section: Section, key: string, text: string): string {
  const symbol = elementSymbol(text);
  if (symbol === null)
    throw section.fault(key, `'${text.slice(0, 40)}' is not an element`, 'write a symbol such as In');
  return symbol;
}

/** 'Y K', 'Y-K' or 'Au L3' as element and edge. */
export function parseEdge(text: string): { element: string; edge: string } | null {
  const match = /^\s*([A-Za-z]{1,2})[\s_-]*(K|L[123]|M[1-5]|L(?:III|II|I))(?:[\s-]*edge)?\s*$/iu.exec(text);
  const element = elementSymbol(match?.[1] ?? '');
  if (!match || element === null) return null;
  const edge = match[2]!.toUpperCase().replace('LIII', 'L3').replace('LII', 'L2').replace(/LI$/u, 'L1');
  return { element, edge };
}

export function edgeOf(section: Section): { element: string; edge: string } | null {
  const text = section.text('edge');
  if (text === null) return null;
  const parsed = parseEdge(text);
  if (parsed === null)
    throw section.fault('edge', `'${text.slice(0, 40)}' is not an edge`, "write it as 'Y K' or 'Au L3'");
  const known = edgesOf(parsed.element).map(({ edge }) => edge);
  if (!known.includes(parsed.edge)) {
    throw section.fault('edge', `${parsed.element} has no ${parsed.edge} edge`, `it has ${known.join(', ')}`);
  }
  return parsed;
}
