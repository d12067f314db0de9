import type { Column } from '../../measurement.js';
import { elementSymbol } from '../../reference/elements.js';

/** 'Mn_Ka_mca1', 'XMAP4:MnKa_Sum', 'Fe Ka': a region of interest on a line of an element. */
const LINE = /^(?:[\w.]+:)?(?:sum_)?([A-Z][a-z]?)[\s_-]?[KLM](?:a|b|alpha|beta)?\d?(?:[\s_.-]|$)/iu;

/** Without a line: 'DXP12:3:Hg' of one detector, 'DXP12:Hg_Sum', 'As_SUM' of all. */
const REGION = /^(?:[A-Z]+\d+:\d+:([A-Z][a-z]?)|(?:[A-Z]+\d+:)?([A-Z][a-z])_sum)$/iu;

function elementOf(name: string): string | null {
  const region = REGION.exec(name.trim());
  const symbol = LINE.exec(name)?.[1] ?? region?.[1] ?? region?.[2];
  return symbol === undefined ? null : elementSymbol(symbol);
}

const isFluorescence = ({ role }: Column): boolean => role === 'fluorescence';

/**
 * The columns, where none is plainly fluorescence with those as fluorescence that are named after a line of the element:
 * the sum where the program made one, else the channels.
 */
export function withElementChannels(columns: Column[], element: string): Column[] {
  if (columns.some(isFluorescence)) return columns;
  const channels = columns.filter(({ name, role }) => role === 'other' && elementOf(name) === element);
  const sums = channels.filter(({ name }) => /(?:^|[\s_.:-])sum(?:[\s_.-]|$)/iu.test(name));
  const chosen = sums.length > 0 ? sums.slice(0, 1) : channels;
  return columns.map((column) => (chosen.includes(column) ? { ...column, role: 'fluorescence' } : column));
}

/** Elements that channels are named after, where none is plainly fluorescence. */
export function elementsOfChannels(columns: Column[]): string[] {
  if (columns.some(isFluorescence)) return [];
  const named = columns.flatMap(({ name, role }) => (role === 'other' ? (elementOf(name) ?? []) : []));
  return [...new Set(named)];
}
