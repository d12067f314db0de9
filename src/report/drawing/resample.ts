/**
 * A curve on `n` equal steps of the range: the largest value that falls into each step, so that a narrow line does
 * not vanish, and straight lines between points where a step holds none. Outside the data it is not a number.
 */
export function resampled(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  [from, to]: readonly [number, number],
  n: number,
): Float64Array {
  const out = new Float64Array(n).fill(Number.NaN);
  const count = Math.min(x.length, y.length);
  if (count === 0 || !(to > from)) return out;
  const step = (to - from) / n;
  for (let i = 0; i < count; i++) {
    const at = Math.min(n - 1, Math.floor((x[i]! - from) / step));
    const value = y[i]!;
    if (at >= 0 && Number.isFinite(value) && !(out[at]! >= value)) out[at] = value;
  }
  let i = 0;
  for (let k = 0; k < n; k++) {
    if (!Number.isNaN(out[k]!)) continue;
    const centre = from + (k + 0.5) * step;
    while (i < count - 1 && x[i + 1]! <= centre) i++;
    if (i >= count - 1 || x[i]! > centre) continue;
    const t = (centre - x[i]!) / (x[i + 1]! - x[i]!);
    out[k] = y[i]! + t * (y[i + 1]! - y[i]!);
  }
  return out;
}

/** For each of `n` equal steps of the range, the index of the nearest position; -1 where it is too far away. */
export function nearestRows(
  positions: number[],
  [from, to]: readonly [number, number],
  n: number,
): Int32Array {
  const sorted = positions.map((at, index) => ({ at, index })).filter(({ at }) => Number.isFinite(at));
  sorted.sort((a, b) => a.at - b.at);
  const gaps = sorted
    .slice(1)
    .map(({ at }, i) => at - sorted[i]!.at)
    .filter((gap) => gap > 0);
  const usual = gaps.sort((a, b) => a - b)[gaps.length >> 1] ?? Number.POSITIVE_INFINITY;
  const out = new Int32Array(n).fill(-1);
  let i = 0;
  for (let k = 0; k < n && sorted.length > 0; k++) {
    const centre = from + ((k + 0.5) * (to - from)) / n;
    while (i < sorted.length - 1 && Math.abs(sorted[i + 1]!.at - centre) <= Math.abs(sorted[i]!.at - centre))
      i++;
    if (Math.abs(sorted[i]!.at - centre) <= 0.75 * usual) out[k] = sorted[i]!.index;
  }
  return out;
}
