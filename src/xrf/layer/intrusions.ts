import { type LayerData, type LayerState, lineAt } from './layer-data.js';
import { quantileOf } from './thickness.js';

/** A body of one layer's material inside the layer beyond it, such as a dendrite of the anode in the electrolyte. */
export interface Intrusion {
  material: string;
  inside: string;
  /** Centre on the map, in columns and rows. */
  column: number;
  row: number;
  pixels: number;
  /** How far it reaches beyond the boundary, in units across. */
  depth: number;
  /** Log likelihood gained by taking its pixels for the material rather than for the layer they lie in. */
  gain: number;
  members: number[];
}

/** What is known of each pixel that may belong to a body. */
interface Candidates {
  gain: Float64Array;
  material: Int8Array;
  home: Int8Array;
  beyond: Float64Array;
}

/**
 * Connected pixels (8 neighbours) that lie beyond the general course of a boundary by more than the beam and the
 * boundary's own waves reach, and are better explained by the material on the anode side of it (the rim of a body, which the
 * beam mixes, may look like another one and goes with it). The general course is
 * the running median of the line, so that a line which climbs a narrow protrusion does not hide it. `order` names the
 * layers across the map. A body counts when it has four pixels or more, gains 15 in log likelihood, and reaches 2 units
 * or more beyond.
 */
export function findIntrusions(
  data: LayerData,
  state: LayerState,
  order: readonly string[],
  anodeFirst: boolean,
  phi: Float64Array,
): Intrusion[] {
  const m = order.length - 1;
  const course = generalCourse(state.boundaries, m);
  const found = candidates(
    data,
    { ...state, boundaries: course.boundaries },
    course.reach,
    order,
    anodeFirst,
    phi,
  );
  return bodies(data, found, order);
}

/** Running median of each line, and how far pixels must lie from it. */
function generalCourse(boundaries: Float64Array, m: number): { boundaries: Float64Array; reach: number[] } {
  const along = boundaries.length / m;
  const half = Math.max(3, Math.min(20, Math.floor(along / 4)));
  const out = new Float64Array(boundaries.length);
  const reach = Array.from({ length: m }, (_, b) => {
    const away: number[] = [];
    for (let j = 0; j < along; j++) {
      const from = Math.max(0, Math.min(j - half, along - 1 - 2 * half));
      const to = Math.min(along - 1, from + 2 * half);
      const at = (k: number): number => boundaries[k * m + b];
      const lag = Math.max(1, (to - from) >> 1);
      const slope = medianOf(
        Array.from({ length: to - from - lag + 1 }, (_, k) => (at(from + k + lag) - at(from + k)) / lag),
      );
      out[j * m + b] = medianOf(
        Array.from({ length: to - from + 1 }, (_, k) => at(from + k) - slope * (from + k - j)),
      );
      away.push(Math.abs(at(j) - out[j * m + b]));
    }
    return 3.5 * 1.4826 * medianOf(away);
  });
  return { boundaries: out, reach };
}

const medianOf = (values: number[]): number =>
  quantileOf(
    values.sort((p, q) => p - q),
    0.5,
  );

function candidates(
  data: LayerData,
  state: LayerState,
  waves: readonly number[],
  order: readonly string[],
  anodeFirst: boolean,
  phi: Float64Array,
): Candidates {
  const m = order.length - 1;
  const { frame, counts } = data;
  const pixels = frame.s.length;
  const out: Candidates = {
    gain: new Float64Array(pixels),
    material: new Int8Array(pixels).fill(-1),
    home: new Int8Array(pixels),
    beyond: new Float64Array(pixels),
  };
  const beam = 1 + 1.5 * state.sigma;
  const line = new Float64Array(m);
  const towards = anodeFirst ? -1 : 1;
  for (let j = 0; j < frame.along; j++) {
    for (let k = data.cell[j]; k < data.cell[j + 1]; k++) {
      const i = data.pixel[k];
      const s = data.across[k];
      let layer = 0;
      for (let b = 0; b < m; b++) {
        line[b] = lineAt(state.boundaries, m, b, j, data.next[k]);
        if (s > line[b]) layer = b + 1;
      }
      out.home[i] = layer;
      if (!['aei', 'electrolyte'].includes(order[layer])) continue;
      // Electrolyte with a little cathode can look like AEI.
      const far = anodeFirst ? order.indexOf('cathode') - 1 : order.indexOf('cathode');
      if (order.includes('cathode') && Math.abs(s - line[far]) < Math.max(1.5 * beam + 0.5, waves[far]))
        continue;
      for (let l = layer + towards; l >= 0 && l <= m; l += towards) {
        if (order[l] === 'electrolyte' || order[l] === 'cathode') continue;
        const edge = anodeFirst ? l : l - 1;
        if (Math.abs(s - line[edge]) < Math.max(beam, waves[edge])) continue;
        const gain = gainOf(counts, state.levels[l], state.levels[layer], phi, layer, i);
        if (gain <= out.gain[i]) continue;
        out.gain[i] = gain;
        out.material[i] = l;
        out.beyond[i] = Math.abs(s - line[edge]);
      }
    }
  }
  return out;
}

function gainOf(
  counts: readonly Float64Array[],
  a: Float64Array,
  b: Float64Array,
  phi: Float64Array,
  layer: number,
  i: number,
): number {
  let gain = 0;
  counts.forEach((c, e) => {
    if (!(c[i] >= 0)) return;
    const g = (c[i] * Math.log(a[e] / b[e]) - (a[e] - b[e])) / phi[layer * counts.length + e];
    // One element alone (a hot pixel) must not make a body.
    gain += Math.max(-12, Math.min(12, g));
  });
  return gain;
}

function bodies(data: LayerData, c: Candidates, order: readonly string[]): Intrusion[] {
  const { ny, nx } = data.frame.grid;
  const seen = new Uint8Array(ny * nx);
  const found: Intrusion[] = [];
  for (let start = 0; start < ny * nx; start++) {
    if (seen[start] || c.material[start] < 0 || c.gain[start] < 0.5) continue;
    const members = [start];
    seen[start] = 1;
    for (let at = 0; at < members.length; at++) {
      eachNeighbour(members[at], ny, nx, (i) => {
        if (seen[i] || c.material[i] < 0 || c.gain[i] < 0.5) return;
        seen[i] = 1;
        members.push(i);
      });
    }
    const total = members.reduce((sum, i) => sum + c.gain[i], 0);
    const depth = Math.max(...members.map((i) => c.beyond[i]));
    if (members.length < 4 || total < 15 || depth < 2 || total / members.length < 2) continue;
    found.push({
      material: order[mostCommon(members.map((i) => c.material[i]))],
      inside: order[mostCommon(members.map((i) => c.home[i]))],
      column: members.reduce((sum, i) => sum + (i % nx), 0) / members.length,
      row: members.reduce((sum, i) => sum + Math.floor(i / nx), 0) / members.length,
      pixels: members.length,
      depth,
      gain: total,
      members,
    });
  }
  return found.sort((a, b) => b.pixels - a.pixels);
}

/** Calls `visit` for the pixel's eight neighbours on the map, and for itself. */
export function eachNeighbour(i: number, ny: number, nx: number, visit: (i: number) => void): void {
  const c = i % nx;
  const r = (i - c) / nx;
  for (let rr = Math.max(0, r - 1); rr <= Math.min(ny - 1, r + 1); rr++)
    for (let cc = Math.max(0, c - 1); cc <= Math.min(nx - 1, c + 1); cc++) visit(rr * nx + cc);
}

function mostCommon(values: number[]): number {
  const count = new Map<number, number>();
  for (const v of values) count.set(v, (count.get(v) ?? 0) + 1);
  return [...count].sort((a, b) => b[1] - a[1])[0][0];
}
