import { edgesOf, parseEdge } from '../../reference/edges.js';
import { elementSymbol } from '../../reference/elements.js';
import type { Section } from './yaml-section.js';

/** Names are shown and written as text; file names are made of their plain letters. Any sign but the invisible ones will do. */
export function nameOf(section: Section, key: string, fallback: string): string {
  const name = section.text(key) ?? fallback;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/u.test(name))
    throw section.fault(key, 'holds signs that cannot be seen', 'leave out tabs and control characters');
  if (name.trim() === '') throw section.fault(key, 'is empty', `write ${key}: some name`);
  if (name.length > 120) throw section.fault(key, 'is longer than 120 characters', `write a shorter ${key}`);
  return name;
}

export function needElement(section: Section, key: string, text: string): string {
  const symbol = elementSymbol(text);
  if (symbol === null)
    throw section.fault(key, `'${text.slice(0, 40)}' is not an element`, 'write a symbol such as In');
  return symbol;
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
