import type { Measured } from '../measurement.js';

/** An estimate from a window, null where the window does not determine it. */
export type WindowEstimate = (halfWidth: number) => Measured | null;

/**
 * Widens a window step by step for as long as its estimate agrees with those of all narrower ones, and returns the
 * last: the least noise that the shape of the curve allows (O. V. Lepski, Theory Probab. Appl. 35 (1990) 454). Two
 * estimates from nested windows differ by noise of variance sigma_narrow^2 - sigma_wide^2.
 */
export function widestConsistent(
  estimate: WindowEstimate,
  narrowest: number,
  widest: number,
): { value: Measured; halfWidth: number } | null {
  const accepted: { value: number; sigma: number; half: number }[] = [];
  for (let half = narrowest; half <= widest; half *= 1.2) {
    const found = estimate(half);
    if (!found) {
      if (accepted.length) break;
      continue;
    }
    const agrees = accepted.every(
      (other) =>
        Math.abs(found.value - other.value) <=
        1.2 * Math.sqrt(Math.max(0, other.sigma ** 2 - found.sigma ** 2)) + 0.3 * found.sigma,
    );
    if (!agrees) break;
    accepted.push({ ...found, half });
  }
  const last = accepted.at(-1);
  if (!last) return null;
  return { value: { value: last.value, sigma: last.sigma }, halfWidth: last.half };
}
