/** Where the anode ends, by its own profile alone: likelihood of an edge, and the best one on a grid. */

import { blurredShare } from '../edges/transition.js';
import { leastBlur, logWidthPrior, MAX_WIDTH_STEPS, resolved } from './layer-state.js';

/** The anode's share of what diffracts, along the scan; anode-profile.ts makes it. */
export interface AnodeProfile {
  position_um: Float64Array;
  /** anode / (anode + electrolyte), each over its plateau: 0 to 1 but for noise. */
  share: Float64Array;
  /** Counting variance of `share`. */
  counting: Float64Array;
  /** Relative scatter of the anode's and of the electrolyte's amount from pattern to pattern. */
  anodeScatter: number;
  electrolyteScatter: number;
  /** How well ln of one plateau over the other is known to be that of equal volumes. */
  ratioSigma: number;
  /** Levels of the two plateaus and their scatter. */
  low: number;
  high: number;
  floor: number;
  /** +1 where the anode lies at small positions, -1 where at large ones. */
  direction: 1 | -1;
}

export interface AnodeEdge {
  /** Positions count away from the anode: times the direction of the profile. */
  position: number;
  /** Blur as `blurredShare` takes it. */
  width: number;
  /** ln of what the plateaus make of one volume of anode over one of electrolyte. */
  ratio: number;
}

/**
 * Log likelihood of the profile for given beam shares in the anode (Student-t, 4 degrees of freedom). The variance
 * follows the model: scatter of the amounts matters where both are seen, while a plateau's ratio hardly scatters at all.
 */
export function anodeLogLikelihood(profile: AnodeProfile, inAnode: ArrayLike<number>, ratio: number): number {
  const { share, counting, low, high, floor } = profile;
  // Something that passes for anode beyond it, or for electrolyte before it, may do so to another degree in between.
  const foreign = Math.max(0, low) ** 2 + Math.max(0, 1 - high) ** 2;
  const scatter = profile.anodeScatter ** 2 + profile.electrolyteScatter ** 2 + 4 * foreign;
  const r = Math.exp(ratio);
  let sum = 0;
  for (let i = 0; i < share.length; i++) {
    const w = Math.min(1, Math.max(0, inAnode[i]));
    const seen = (r * w) / (r * w + 1 - w);
    const variance = counting[i] + floor * floor + (seen * (1 - seen)) ** 2 * scatter;
    const residual = share[i] - low - (high - low) * seen;
    sum -= 0.5 * Math.log(variance) + 2.5 * Math.log(1 + (residual * residual) / (4 * variance));
  }
  return sum;
}

/** Prior of the ratio of the plateaus. */
export const logRatioPrior = ({ ratioSigma }: AnodeProfile, ratio: number): number =>
  -0.5 * (ratio / ratioSigma) ** 2;

/** The most likely edge on a grid about the place where the shares cross the middle. */
export function findAnodeEdge(profile: AnodeProfile, beam_um: number): AnodeEdge {
  const { direction } = profile;
  const place = profile.position_um.map((p) => direction * p);
  const spacing = resolved(place, beam_um);
  const middle = crossing(profile, place);
  const shares = new Float64Array(place.length);
  const widths = [
    0.5 * leastBlur(beam_um),
    -0.9 * beam_um,
    -0.5 * beam_um,
    ...[0.1, 0.25, 0.5, 1, 2].map((w) => w * spacing),
  ];
  const ratios = [0, -0.5, 0.5, -1, 1].map((r) => r * profile.ratioSigma);
  let best: AnodeEdge = { position: middle, width: 0.25 * spacing, ratio: 0 };
  let bestLog = -Infinity;
  for (const width of widths)
    for (let position = middle - 4 * spacing; position < middle + 4 * spacing; position += 0.05 * spacing) {
      for (let i = 0; i < place.length; i++)
        shares[i] = 1 - blurredShare(place[i] - position, width, beam_um);
      for (const ratio of ratios) {
        const value =
          anodeLogLikelihood(profile, shares, ratio) +
          logWidthPrior(width / spacing) +
          logRatioPrior(profile, ratio);
        if (value > bestLog) {
          bestLog = value;
          best = { position, width, ratio };
        }
      }
    }
  return climbEdge(profile, place, beam_um, best);
}

/** To the best edge nearby: a layer must not gain from a finer fit of the anode than 'no layer' had. */
function climbEdge(profile: AnodeProfile, place: Float64Array, beam_um: number, start: AnodeEdge): AnodeEdge {
  const spacing = resolved(place, beam_um);
  const shares = new Float64Array(place.length);
  const value = ({ position, width, ratio }: AnodeEdge): number => {
    if (width < leastBlur(beam_um) || width > MAX_WIDTH_STEPS * spacing) return -Infinity;
    for (let i = 0; i < place.length; i++) shares[i] = 1 - blurredShare(place[i] - position, width, beam_um);
    return (
      anodeLogLikelihood(profile, shares, ratio) +
      logWidthPrior(width / spacing) +
      logRatioPrior(profile, ratio)
    );
  };
  const unit = { position: spacing, width: spacing, ratio: profile.ratioSigma };
  let best = start;
  let bestLog = value(best);
  for (let step = 0.4; step > 0.004; ) {
    let improved = false;
    for (const key of ['position', 'width', 'ratio'] as const)
      for (const sign of [1, -1]) {
        const trial = { ...best, [key]: best[key] + sign * step * unit[key] };
        const found = value(trial);
        if (found > bestLog + 1e-7) {
          best = trial;
          bestLog = found;
          improved = true;
        }
      }
    if (!improved) step /= 2;
  }
  return best;
}

/** The place that parts anode from electrolyte with the fewest points on the wrong side. */
function crossing({ share, low, high }: AnodeProfile, place: Float64Array): number {
  const order = Array.from(place.keys()).sort((a, b) => place[a] - place[b]);
  const isAnode = (i: number): boolean => share[i] > (low + high) / 2;
  let wrong = order.filter(isAnode).length;
  let best = { wrong, at: place[order[0]] };
  order.forEach((i, k) => {
    wrong += isAnode(i) ? -1 : 1;
    const next = order[k + 1];
    if (wrong < best.wrong)
      best = { wrong, at: next === undefined ? place[i] : (place[i] + place[next]) / 2 };
  });
  return best.at;
}
