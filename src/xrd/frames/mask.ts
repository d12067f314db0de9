/** Masks of powder patterns: 1 keeps a channel, 0 leaves it out. */
export type Mask = Uint8Array;

/** Ranges of 2theta (degrees, inclusive) that a user leaves out, and the ends of the range that is used. */
export interface MaskOptions {
  exclude_deg?: [number, number][];
  range_deg?: [number, number] | null;
}

/** Mask that keeps finite channels inside `range_deg` and outside all excluded regions. */
export function buildMask(
  twoTheta_deg: Float64Array,
  intensity: Float64Array,
  options: MaskOptions = {},
): Mask {
  const mask = new Uint8Array(twoTheta_deg.length);
  for (let i = 0; i < mask.length; i++) {
    const angle = twoTheta_deg[i]!;
    const inRange = !options.range_deg || (angle >= options.range_deg[0] && angle <= options.range_deg[1]);
    const excluded = options.exclude_deg?.some(([low, high]) => angle >= low && angle <= high) ?? false;
    mask[i] = inRange && !excluded && Number.isFinite(intensity[i]!) ? 1 : 0;
  }
  return mask;
}

/** Channels that both masks keep. */
export const intersectMasks = (a: Mask, b: Mask): Mask => a.map((keep, i) => keep & b[i]!);

export const countKept = (mask: Mask): number => mask.reduce((sum, keep) => sum + keep, 0);
