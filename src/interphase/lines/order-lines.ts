import type { ScanPhase } from '../../xrd/refine/scan-start.js';
import { isLi3YCl6 } from './responses.js';
import { lineClass } from './scan-observations.js';

/**
 * Lines of the Li3YCl6 family that tell the order among its cations as much as the composition: those with h - k not a
 * multiple of 3 (yttrium sites), and those with odd l (indium on 6g or on 6h, yttrium on Y2 or on Y3). Single patterns
 * are fitted without leaning on them, so that x does not hang on the site and on the variant that are assumed; the
 * model of the whole scan uses them to tell the sites apart.
 */
export function orderLines(phases: ScanPhase[]): Record<string, number[]> {
  const free: Record<string, number[]> = {};
  for (const { name, structure, table } of phases) {
    if (!isLi3YCl6(structure)) continue;
    free[name] = Array.from({ length: table.count }, (_, i) => i).filter((i) => {
      const [h, k, l] = [table.hkl[3 * i]!, table.hkl[3 * i + 1]!, table.hkl[3 * i + 2]!];
      return l % 2 !== 0 || lineClass(h, k, l) === 'C';
    });
  }
  return free;
}
