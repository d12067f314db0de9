import type { LayerData } from './layer-data.js';

/** Pixels of the smallest body. */
export const fewest = 4;

/** Material of a gap as a share of what stands to either side, below which the two are bodies of their own. */
const gapShare = 2 / 3;

/**
 * Connected pixels as the bodies that stand side by side on the boundary. Dendrites that touch, with their heads or at
 * their feet, still leave room between them: how much material lies at each place along the layer has a maximum at each
 * of them and a minimum between two, whatever part of them touches.
 */
export function standing(members: readonly number[], data: LayerData): number[][] {
  const { s, t } = data.frame;
  const first = members.reduce((low, i) => Math.min(low, s[i]), Infinity);
  const amount = amountAlong(members, s, first);
  const cut = deepestGap(amount);
  if (cut === null) return [[...members]];
  const parts = [true, false].map((before) => members.filter((i) => s[i] - first <= cut === before));
  return parts.some((p) => p.length < fewest || spanOf(p, t) < 2)
    ? [[...members]]
    : parts.flatMap((p) => standing(p, data));
}

/** Number of pixels at each unit along, each shared between the two nearest. */
function amountAlong(members: readonly number[], s: Float64Array, first: number): Float64Array {
  const last = members.reduce((high, i) => Math.max(high, s[i]), first);
  const amount = new Float64Array(Math.floor(last - first) + 2);
  for (const i of members) {
    const j = Math.floor(s[i] - first);
    const share = s[i] - first - j;
    amount[j] += 1 - share;
    amount[j + 1] += share;
  }
  return amount;
}

/** Place of the lowest minimum between two maxima that it parts clearly; null where there is none. */
function deepestGap(amount: Float64Array): number | null {
  const highest = (values: Float64Array): Float64Array => {
    let top = 0;
    return values.map((v) => {
      top = Math.max(top, v);
      return top;
    });
  };
  const left = highest(amount);
  const right = highest(amount.toReversed()).reverse();
  let cut: number | null = null;
  let least = gapShare;
  amount.forEach((v, j) => {
    const sides = Math.min(left[j], right[j]);
    if (sides - v < 3 || v >= least * sides) return;
    least = v / sides;
    cut = j;
  });
  return cut;
}

const spanOf = (members: readonly number[], t: Float64Array): number => {
  const [low, high] = members.reduce(
    ([a, b], i) => [Math.min(a, t[i]), Math.max(b, t[i])],
    [Infinity, -Infinity],
  );
  return high - low;
};
