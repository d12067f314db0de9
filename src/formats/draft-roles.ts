import { InputError } from '../errors.js';
import { elementSymbol } from '../reference/elements.js';
import { parseFormula } from '../reference/formula.js';

/** What a spectrum of this name probably is for; `why` where it is a guess that the user should check. */
export interface LikelyRole {
  role: 'calibrant' | 'reference' | 'sample';
  why: string | null;
}

const FOIL = /(?:^|[\W_])foil(?:[\W_\d]|$)/iu;
const STANDARD = /(?:^|[\W_])(?:standards?|std|ref(?:erence)?s?)(?:[\W_]|$)/iu;
const PURE = /^([A-Za-z]+)[\s_-]*(?:metal|powder)$/iu;

/**
 * A role by the title of a spectrum and by its file: foils calibrate; standards by name or folder, metals, and whatever
 * is called by the formula of a compound of the measured element are references; the rest is sample.
 */
export function likelyRole(
  title: string,
  path: string,
  element: string | null,
  isReferenceChannel: boolean,
): LikelyRole {
  const [folder, name] = [path.replace(/[^/]*$/u, ''), path.replace(/^.*\//u, '')];
  if (FOIL.test(title) || FOIL.test(name) || isReferenceChannel)
    return { role: 'calibrant', why: 'CHECK: a calibrant?' };
  if (STANDARD.test(title) || STANDARD.test(name) || STANDARD.test(folder))
    return { role: 'reference', why: 'CHECK: a reference, by its name' };
  if (element !== null && [title, stem(name)].some((word) => isCompoundOf(word, element)))
    return { role: 'reference', why: 'CHECK: a reference, as it is called by its formula?' };
  return { role: 'sample', why: null };
}

const stem = (name: string): string => name.replace(/(?:\.[a-z]\w*)+$/iu, '');

/** 'InCl3' at an edge of In or Cl, 'Y metal' at one of Y. 'P5' is no phosphorus. */
function isCompoundOf(text: string, element: string): boolean {
  const pure = PURE.exec(text.trim());
  if (pure) return elementSymbol(pure[1]!) === element;
  const word = text.trim().replace(/^[A-Z][a-z]?[_\s]+(?=[A-Z])/u, '');
  if (!/^(?:[A-Z][a-z]?[\d.]*|[()])+$/u.test(word)) return false;
  try {
    const atoms = parseFormula(word);
    return atoms.size > 1 && atoms.has(element);
  } catch (thrown) {
    if (thrown instanceof InputError) return false;
    throw thrown;
  }
}
