/**
 * Step of evenly spaced coordinates: the median of the gaps that are not jitter.
 * @returns null for a single coordinate.
 */
export function stepOf(values: ArrayLike<number>): number | null {
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
  let widest = 0;
  for (let i = 1; i < sorted.length; i++) widest = Math.max(widest, sorted[i]! - sorted[i - 1]!);
  if (!(widest > 0)) return null;
  const gaps: number[] = [];
  for (let i = 1; i < sorted.length; i++)
    if (sorted[i]! - sorted[i - 1]! > 0.25 * widest) gaps.push(sorted[i]! - sorted[i - 1]!);
  return gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)]!;
}
