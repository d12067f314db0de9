import { type CountImages, median } from './noise.js';

/** Effective counts of all elements together that a line or pixel must have about it for its emptiness to be no chance. */
const COUNTS_ABOUT = 25;

/**
 * Pixels that hold nothing in any element amid pixels with many counts: whole rows or columns (a lost line of a scan), and
 * single pixels all of whose neighbours hold counts. Empty regions (pores, the outside of a sample) are larger and are left.
 */
export function unmeasuredPixels({ ny, nx, counts }: CountImages): { pixels: number[]; lines: string[] } {
  const total = new Float64Array(ny * nx);
  for (const values of counts) for (let i = 0; i < total.length; i++) total[i] += values[i];
  const lines: string[] = [];
  const pixels = new Set<number>();
  const rowOf = (r: number): number[] => Array.from({ length: nx }, (_, c) => r * nx + c);
  const columnOf = (c: number): number[] => Array.from({ length: ny }, (_, r) => r * nx + c);
  for (const [noun, count, line] of [
    ['row', ny, rowOf],
    ['column', nx, columnOf],
  ] as const) {
    const sums = Array.from({ length: count }, (_, k) => line(k).map((i) => total[i]));
    const isEmpty = sums.map(
      (values) => values.includes(0) && values.every((v) => v === 0 || Number.isNaN(v)),
    );
    const typical = sums.map((values) => median(values.filter(Number.isFinite)));
    for (let k = 0; k < count; k++) {
      if (!isEmpty[k]) continue;
      const before = typical[k - 1 - run(isEmpty, k, -1)];
      const after = typical[k + 1 + run(isEmpty, k, 1)];
      // At an end of the map one side is enough; a wide empty band is a region, not a lost line.
      const beside = [before, after].filter((v) => v !== undefined);
      const width = run(isEmpty, k, -1) + run(isEmpty, k, 1) + 1;
      if (beside.length === 0 || width > count / 4 || beside.some((v) => !(v > COUNTS_ABOUT))) continue;
      lines.push(`${noun} ${k}`);
      for (const i of line(k)) pixels.add(i);
    }
  }
  for (let r = 1; r < ny - 1; r++) {
    for (let c = 1; c < nx - 1; c++) {
      const i = r * nx + c;
      if (total[i] !== 0 || pixels.has(i)) continue;
      const around = [-nx - 1, -nx, -nx + 1, -1, 1, nx - 1, nx, nx + 1].map((step) => total[i + step]);
      if (around.every((v) => v > COUNTS_ABOUT)) pixels.add(i);
    }
  }
  return { pixels: [...pixels].sort((a, b) => a - b), lines };
}

/** How many of the lines next to k, in one direction, are empty too. */
function run(isEmpty: boolean[], k: number, step: 1 | -1): number {
  let count = 0;
  while (isEmpty[k + step * (count + 1)]) count++;
  return count;
}
