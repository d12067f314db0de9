/**
 * Background under peaks by statistics-sensitive non-linear iterative peak clipping (Ryan, Clayton, Griffin, Sie and
 * Cousens, Nucl. Instrum. Methods B 34 (1988) 396): channels are compressed by ln(ln(sqrt(y + 1) + 1) + 1) and clipped
 * to the mean of the channels `w` to the left and right, for w from the half width of a peak down to 1. `width[k]` is that
 * half width in channels (about the full width at half maximum of a peak there).
 */
export function snipBackground(counts: ArrayLike<number>, width: (channel: number) => number): Float64Array {
  const n = counts.length;
  const smooth = smoothed(counts);
  let y = smooth.map((v) => Math.log(Math.log(Math.sqrt(v + 1) + 1) + 1));
  let widest = 1;
  const reach = Float64Array.from({ length: n }, (_, k) => Math.max(1, width(k)));
  for (const w of reach) widest = Math.max(widest, Math.round(w));
  for (let w = widest; w >= 1; w--) {
    const next = y.slice();
    for (let k = 0; k < n; k++) {
      if (w > reach[k]) continue;
      const a = Math.max(0, k - w);
      const b = Math.min(n - 1, k + w);
      const mean = (y[a] + y[b]) / 2;
      if (mean < y[k]) next[k] = mean;
    }
    y = next;
  }
  return y.map((v) => (Math.exp(Math.exp(v) - 1) - 1) ** 2 - 1).map((v) => Math.max(v, 0));
}

/** Weights 1 2 3 2 1: clipping follows the lower envelope, which noise would pull down. */
function smoothed(counts: ArrayLike<number>): Float64Array {
  const n = counts.length;
  const at = (k: number): number => Math.max(0, counts[Math.min(Math.max(k, 0), n - 1)]);
  return Float64Array.from(
    { length: n },
    (_, k) => (at(k - 2) + 2 * at(k - 1) + 3 * at(k) + 2 * at(k + 1) + at(k + 2)) / 9,
  );
}
