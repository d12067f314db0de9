import { parseNumber } from '../common/text-table.js';

/** Fewer channels are no pattern; more are no file that was meant. */
const CHANNELS = { least: 50, most: 1_000_000 };

/**
 * Counts in rows under one line that gives first angle, step and last angle (degrees): what FullProf calls free format
 * (INSTRM = 0), DBWS and others write too. Null for any other text: as many counts must follow as the angles ask for.
 */
export function readCountsInRows(text: string): { x: Float64Array; y: Float64Array } | null {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !/^\s*[#!]/u.test(line));
  const [start, step, end] = (lines[0] ?? '')
    .trim()
    .split(/[\s,]+/u, 3)
    .map(Number);
  const count = Math.round((end! - start!) / step!) + 1;
  if (!(step! > 0 && start! >= -180 && end! <= 180)) return null;
  if (!(count >= CHANNELS.least && count <= CHANNELS.most)) return null;
  const y: number[] = [];
  for (const line of lines.slice(1)) {
    for (const word of line.trim().split(/[\s,]+/u)) {
      const value = parseNumber(word);
      if (value === undefined) return null;
      y.push(value);
    }
    // a last row may be filled up with zeros
    if (y.length > count + 20) return null;
  }
  if (y.length < count) return null;
  return {
    x: Float64Array.from({ length: count }, (_, i) => start! + i * step!),
    y: Float64Array.from(y.slice(0, count)),
  };
}
