import { InputError } from '../../errors.js';
import type { Pattern } from '../../measurement.js';

/**
 * Makes a pattern of raw columns: rows without an angle are dropped, angles brought into ascending order, equal angles
 * averaged; each of these is told. Intensities that are not finite stay (the frame is judged later).
 * @throws InputError where the angles cannot be 2theta in degrees.
 */
export function cleanPattern(
  label: string,
  x: Float64Array,
  y: Float64Array,
  sigma: Float64Array | null,
  path: string,
): { pattern: Pattern; warnings: string[] } {
  const warnings: string[] = [];
  const kept = Uint32Array.from(x.keys()).filter((i) => Number.isFinite(x[i]!));
  if (kept.length < x.length) warnings.push(`${x.length - kept.length} rows have no angle and are left out`);
  if (kept.length < 3)
    throw new InputError(`has only ${kept.length} rows with an angle: not a pattern`, { path });
  const ordered = inOrder(kept, x, warnings);
  checkAngles(x[ordered[0]!]!, x[ordered.at(-1)!]!, path);
  const merged = mergeEqual(ordered, x, y, sigma);
  const equal = ordered.length - merged.twoTheta_deg.length;
  if (equal > 0) warnings.push(`${equal} repeated angles are averaged`);
  if (merged.twoTheta_deg.length < 3)
    throw new InputError('all its angles are equal: not a pattern', { path });
  return { pattern: { label, ...merged }, warnings };
}

function inOrder(kept: Uint32Array, x: Float64Array, warnings: string[]): Uint32Array {
  let rises = 0;
  let falls = 0;
  for (let i = 1; i < kept.length; i++) {
    if (x[kept[i]!]! < x[kept[i - 1]!]!) falls++;
    else rises++;
  }
  if (falls === 0) return kept;
  if (rises > 0) warnings.push('its angles are not in order and are sorted');
  return kept.toSorted((a, b) => x[a]! - x[b]!);
}

function checkAngles(first: number, last: number, path: string): void {
  if (last > 180 || first < -180) {
    throw new InputError(
      `its first column reaches ${Number((last > 180 ? last : first).toPrecision(6))}, which cannot be 2theta in degrees`,
      { path },
      'give 2theta in degrees in the first column',
    );
  }
}

function mergeEqual(
  order: Uint32Array,
  x: Float64Array,
  y: Float64Array,
  sigma: Float64Array | null,
): Omit<Pattern, 'label'> {
  const angle: number[] = [];
  const value: number[] = [];
  const variance: number[] = [];
  for (let start = 0, end = 0; start < order.length; start = end) {
    let [sum, square] = [0, 0];
    for (end = start; end < order.length && x[order[end]!] === x[order[start]!]; end++) {
      sum += y[order[end]!]!;
      square += (sigma?.[order[end]!] ?? 0) ** 2;
    }
    angle.push(x[order[start]!]!);
    value.push(sum / (end - start));
    variance.push(square / (end - start) ** 2);
  }
  return {
    twoTheta_deg: Float64Array.from(angle),
    intensity: Float64Array.from(value),
    sigma: sigma === null ? null : Float64Array.from(variance, Math.sqrt),
  };
}

/** A frame that could not be read: it keeps its place in the scan, with intensities that are not numbers. */
export const unreadablePattern = (label: string, like: Pattern): Pattern => ({
  label,
  twoTheta_deg: like.twoTheta_deg,
  intensity: new Float64Array(like.twoTheta_deg.length).fill(Number.NaN),
  sigma: null,
});
