import type { LayerData, LayerState } from './layer-data.js';

/** A body of one layer's material inside the layer beyond it, such as a dendrite of the anode in the electrolyte. */
export interface Intrusion {
  material: string;
  inside: string;
  /** Centre in pixels across and along. */
  across: number;
  along: number;
  pixels: number;
  /** How far it reaches beyond the boundary, in pixels. */
  depth: number;
  /** Log likelihood gained by taking its pixels for the material rather than for the layer they lie in. */
  gain: number;
  members: number[];
}

/**
 * Connected pixels (8 neighbours) that lie beyond a boundary by more than the beam reaches and are better explained by
 * the material on the anode side of it. `order` names the layers from the anode outwards. A body counts when it has
 * four pixels or more, gains 15 in log likelihood, and reaches 2 pixels or more beyond.
 */
export function findIntrusions(
  data: LayerData,
  state: LayerState,
  order: readonly string[],
  anodeFirst: boolean,
  phi: Float64Array,
): Intrusion[] {
  const { across, along } = data;
  const m = order.length - 1;
  const elements = data.counts.length;
  const gain = new Float64Array(across * along);
  const material = new Int8Array(across * along).fill(-1);
  const home = new Int8Array(across * along);
  const beyond = new Float64Array(across * along);
  const reach = 1 + 1.5 * state.sigma;
  for (let j = 0; j < along; j++) {
    for (let s = 0; s < across; s++) {
      const i = j * across + s;
      let layer = 0;
      while (layer < m && s > state.boundaries[j * m + layer]) layer++;
      home[i] = layer;
      if (!['aei', 'electrolyte'].includes(order[layer]) || nearBoundary(state, j, m, s, reach)) continue;
      const towards = anodeFirst ? -1 : 1;
      let bestGain = 0;
      for (let l = layer + towards; l >= 0 && l <= m; l += towards) {
        const boundary = state.boundaries[j * m + (anodeFirst ? l : l - 1)];
        const distance = anodeFirst ? s - boundary : boundary - s;
        if (order[l] === 'electrolyte' || order[l] === 'cathode') continue;
        let g = 0;
        for (let e = 0; e < elements; e++) {
          const n = data.counts[e][i];
          if (!(n >= 0)) continue;
          const a = state.levels[l][e];
          const b = state.levels[layer][e];
          const ge = (n * Math.log(a / b) - (a - b)) / phi[layer * elements + e];
          // One element alone (a hot pixel) must not make a body.
          g += Math.max(-12, Math.min(12, ge));
        }
        if (g > bestGain) {
          bestGain = g;
          material[i] = l;
          beyond[i] = distance;
        }
      }
      gain[i] = bestGain;
    }
  }
  return components(data, gain, material, home, beyond, order);
}

/** Within the beam's reach of a boundary pixels are mixtures by themselves. */
function nearBoundary(state: LayerState, j: number, m: number, s: number, reach: number): boolean {
  for (let b = 0; b < m; b++) if (Math.abs(s - state.boundaries[j * m + b]) < reach) return true;
  return false;
}

function components(
  data: LayerData,
  gain: Float64Array,
  material: Int8Array,
  home: Int8Array,
  beyond: Float64Array,
  order: readonly string[],
): Intrusion[] {
  const { across, along } = data;
  const seen = new Uint8Array(gain.length);
  const found: Intrusion[] = [];
  for (let start = 0; start < gain.length; start++) {
    if (seen[start] || material[start] < 0 || gain[start] < 0.5) continue;
    const kind = material[start];
    const members: number[] = [start];
    seen[start] = 1;
    for (let at = 0; at < members.length; at++) {
      const s = members[at] % across;
      const j = (members[at] - s) / across;
      for (let dj = -1; dj <= 1; dj++) {
        for (let ds = -1; ds <= 1; ds++) {
          const ss = s + ds;
          const jj = j + dj;
          if (ss < 0 || jj < 0 || ss >= across || jj >= along) continue;
          const i = jj * across + ss;
          if (seen[i] || material[i] !== kind || gain[i] < 0.5) continue;
          seen[i] = 1;
          members.push(i);
        }
      }
    }
    const total = members.reduce((sum, i) => sum + gain[i], 0);
    const depth = Math.max(...members.map((i) => beyond[i]));
    if (members.length < 4 || total < 15 || depth < 2 || total / members.length < 2) continue;
    found.push({
      material: order[kind],
      inside: order[mostCommon(members.map((i) => home[i]))],
      across: members.reduce((sum, i) => sum + (i % across), 0) / members.length,
      along: members.reduce((sum, i) => sum + Math.floor(i / across), 0) / members.length,
      pixels: members.length,
      depth,
      gain: total,
      members,
    });
  }
  return found.sort((a, b) => b.pixels - a.pixels);
}

function mostCommon(values: number[]): number {
  const count = new Map<number, number>();
  for (const v of values) count.set(v, (count.get(v) ?? 0) + 1);
  return [...count].sort((a, b) => b[1] - a[1])[0][0];
}
