import { elementSymbol } from '../../reference/elements.js';

const LINE_NAME =
  /^([A-Z][a-z]?)(?:[\s_.:-]*((?:K|L|M)(?:[ab]|alpha|beta|[1-5])*\d?))?(?:[\s_-]*(?:counts|map|fluo|cps|intensity))?$/u;

/** Element of a signal's name: 'Y', 'Fe_K', 'In L', 'Cl_Ka'; null for anything else ('s_i', 'Compton', 'I0'). */
export function elementOfSignal(name: string): string | null {
  const match = LINE_NAME.exec(name.trim());
  return match ? elementSymbol(match[1]!) : null;
}

/** How good a line stands for its element, 0 the best: K or the element alone, then L (its third edge first), then M. */
function rankOf(name: string): number {
  const shell = LINE_NAME.exec(name.trim())?.[2] ?? 'K';
  const [family, line = ''] = [shell[0]!, shell.slice(1)];
  const base = family === 'K' ? 0 : family === 'L' ? 10 : 20;
  return base + (/^(?:|a|alpha|a1)$/u.test(line) || (family === 'L' && line === '3') ? 0 : 1);
}

/** Of the signals that belong to one element, the one of its best line; a signal without an element keeps its own name. */
export function bestOfElement<T>(
  signals: readonly T[],
  nameOf: (signal: T) => string,
  keepNameless: boolean,
): { element: string; signal: T }[] {
  const best = new Map<string, T>();
  for (const signal of signals) {
    const name = nameOf(signal);
    const element = elementOfSignal(name) ?? (keepNameless ? name : null);
    if (element === null) continue;
    const held = best.get(element);
    if (held === undefined || rankOf(name) < rankOf(nameOf(held))) best.set(element, signal);
  }
  return [...best].map(([element, signal]) => ({ element, signal }));
}
