import { generalCourse } from './general-course.js';
import { type LayerData, type LayerState, lineAt } from './layer-data.js';
import { fewest, standing } from './standing-bodies.js';

/** A body of one layer's material inside the layer beyond it, such as a dendrite of the anode in the electrolyte. */
export interface Intrusion {
  /** Null for a hole: what lies there is of no layer, and only left out of the lines. */
  material: string | null;
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
  /** Pixels between the body and the boundary that it grows out of, where that boundary is not seen. */
  root: number[];
}

/** Log likelihood by which a pixel of a body is better explained by its material. */
const leastGain = 0.5;

/** Height above the beam's reach within which a body's foot is looked for (units across). */
const footHeight = 1.5;

/** What is known of each pixel that may belong to a body. */
interface Candidates {
  gain: Float64Array;
  material: Int8Array;
  home: Int8Array;
  beyond: Float64Array;
  /** How far pixels must lie beyond the boundary of each material to be candidates. */
  reach: number[];
  /** Where the beam's reach ends, beyond a boundary; and the material that pixels are better explained by just there, or -1. */
  beam: number;
  foot: Int8Array;
}

/**
 * Connected pixels (8 neighbours) that lie beyond the general course of a boundary by more than the beam and the
 * boundary's own waves reach, and are better explained by the material on the anode side of it (the rim of a body, which the
 * beam mixes, may look like another one and goes with it). The general course is
 * the running median of the line, so that a line which climbs a narrow protrusion does not hide it. `order` names the
 * layers across the map. A body counts when it has four pixels or more, gains 15 in log likelihood, reaches 2 units
 * or more beyond, and is no turn of the boundary.
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
  const solid = state.levels.filter((_, l) => order[l] === 'anode' || order[l] === 'aei');
  return bodies(data, found, order).map((body) =>
    solid.some((level) => holdsMaterial(body, data, level)) ? body : { ...body, material: null },
  );
}

/** A hole, or another layer that is as poor in what is around it, holds too little of what a body may be made of. */
function holdsMaterial({ members }: Intrusion, { counts, light }: LayerData, level: Float64Array): boolean {
  const main = level.indexOf(Math.max(...level));
  let found = 0;
  let expected = 0;
  for (const i of members) {
    if (!(counts[main][i] >= 0)) continue;
    found += counts[main][i];
    expected += light[i] * level[main];
  }
  return found > 0.4 * expected;
}

function candidates(
  data: LayerData,
  state: LayerState,
  waves: readonly number[],
  order: readonly string[],
  anodeFirst: boolean,
  phi: Float64Array,
): Candidates {
  const m = order.length - 1;
  const { frame } = data;
  const pixels = frame.s.length;
  const beam = 1 + 1.5 * state.sigma;
  const out: Candidates = {
    gain: new Float64Array(pixels),
    material: new Int8Array(pixels).fill(-1),
    home: new Int8Array(pixels),
    beyond: new Float64Array(pixels),
    reach: [],
    beam,
    foot: new Int8Array(pixels).fill(-1),
  };
  const edgeOf = (material: number): number => (anodeFirst ? material : material - 1);
  out.reach = order.map((_, l) => Math.max(beam, waves[edgeOf(l)] ?? 0));
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
      let best = 0;
      for (let l = layer + towards; l >= 0 && l <= m; l += towards) {
        if (order[l] === 'electrolyte' || order[l] === 'cathode') continue;
        const beyond = Math.abs(s - line[edgeOf(l)]);
        if (out.material[i] < 0) out.beyond[i] = beyond;
        const atFoot = beyond >= beam && beyond < beam + footHeight;
        if (beyond < out.reach[l] && !atFoot) continue;
        const { full, held } = gainOf(data, state.levels[l], state.levels[layer], phi, layer, i);
        if (held <= leastGain) continue;
        if (atFoot) out.foot[i] = l;
        if (beyond < out.reach[l] || full <= best) continue;
        best = full;
        out.gain[i] = held;
        out.material[i] = l;
        out.beyond[i] = beyond;
      }
    }
  }
  return out;
}

/** Log likelihood by which a pixel is of level `a` rather than `b`; held, no element counts for more than 12. */
function gainOf(
  { counts, light }: LayerData,
  a: Float64Array,
  b: Float64Array,
  phi: Float64Array,
  layer: number,
  i: number,
): { full: number; held: number } {
  const gain = { full: 0, held: 0 };
  counts.forEach((c, e) => {
    if (!(c[i] >= 0)) return;
    const g = (c[i] * Math.log(a[e] / b[e]) - light[i] * (a[e] - b[e])) / phi[layer * counts.length + e];
    // One element alone (a hot pixel) must not make a body.
    gain.held += Math.max(-12, Math.min(12, g));
    gain.full += g;
  });
  return gain;
}

function bodies(data: LayerData, c: Candidates, order: readonly string[]): Intrusion[] {
  const { ny, nx } = data.frame.grid;
  const seen = new Uint8Array(ny * nx);
  const found: Intrusion[] = [];
  for (let start = 0; start < ny * nx; start++) {
    if (seen[start] || c.material[start] < 0) continue;
    const members = [start];
    seen[start] = 1;
    for (let at = 0; at < members.length; at++) {
      eachNeighbour(members[at], ny, nx, (i) => {
        if (seen[i] || c.material[i] < 0) return;
        seen[i] = 1;
        members.push(i);
      });
    }
    for (const part of standing(members, data)) {
      const body = bodyOf(part, data, c, order);
      if (body) found.push(body);
    }
  }
  return found.sort((a, b) => b.pixels - a.pixels);
}

/** The body that these pixels make, or null where they are too few, too uncertain, or a turn of the boundary. */
function bodyOf(
  members: number[],
  data: LayerData,
  c: Candidates,
  order: readonly string[],
): Intrusion | null {
  const { nx } = data.frame.grid;
  const total = members.reduce((sum, i) => sum + c.gain[i], 0);
  if (members.length < fewest || total < 15 || total / members.length < 2) return null;
  // Pixels of the core speak more clearly than those of the rim, which the beam mixes.
  const material = heaviest(members.map((i) => [c.material[i], c.gain[i]]));
  const depth = Math.max(...members.map((i) => (c.material[i] === material ? c.beyond[i] : 0)));
  // What is wider at its foot than it is high has flanks that the line can follow: it is a turn of the boundary.
  const height_um = (depth - c.beam + 0.5) * data.frame.across_um;
  if (depth < 2 || footWidth(members, material, c, data) > height_um) return null;
  return {
    material: order[material],
    inside: order[heaviest(members.map((i) => [c.home[i], 1]))],
    column: members.reduce((sum, i) => sum + (i % nx), 0) / members.length,
    row: members.reduce((sum, i) => sum + Math.floor(i / nx), 0) / members.length,
    pixels: members.length,
    depth,
    gain: total,
    members,
    root: [...new Set(members.map((i) => c.material[i]))].flatMap((of) => rootOf(members, c, of, data)),
  };
}

/** Pixels nearer to the boundary of a material than any candidate may be, beside its members that touch that margin. */
function rootOf(members: readonly number[], c: Candidates, material: number, { frame }: LayerData): number[] {
  const margin = c.reach[material];
  const foot = members
    .filter((i) => c.material[i] === material && c.beyond[i] < margin + 1.5)
    .map((i) => frame.s[i]);
  if (foot.length === 0) return [];
  const [from, to] = [Math.min(...foot) - 1, Math.max(...foot) + 1];
  const root: number[] = [];
  c.beyond.forEach((beyond, i) => {
    const between = beyond > 0 && beyond < margin && Math.abs(c.home[i] - material) === 1;
    if (between && c.material[i] < 0 && frame.s[i] >= from && frame.s[i] <= to) root.push(i);
  });
  return root;
}

/** Width (um) of the material just above the boundary: where the members stand on it, and on to either side without a gap. */
function footWidth(
  members: readonly number[],
  material: number,
  c: Candidates,
  { frame }: LayerData,
): number {
  const filled = new Uint8Array(frame.along + 2);
  c.foot.forEach((of, i) => {
    if (of === material) filled[Math.round(frame.s[i])] = 1;
  });
  const places = members.map((i) => Math.round(frame.s[i]));
  let [from, to] = [Math.min(...places), Math.max(...places)];
  while (from > 0 && filled[from] && filled[from - 1]) from--;
  while (filled[to] && filled[to + 1]) to++;
  return filled.subarray(from, to + 1).reduce((sum, v) => sum + v, 0) * frame.along_um;
}

/** Calls `visit` for the pixel's eight neighbours on the map, and for itself. */
export function eachNeighbour(i: number, ny: number, nx: number, visit: (i: number) => void): void {
  const c = i % nx;
  const r = (i - c) / nx;
  for (let rr = Math.max(0, r - 1); rr <= Math.min(ny - 1, r + 1); rr++)
    for (let cc = Math.max(0, c - 1); cc <= Math.min(nx - 1, c + 1); cc++) visit(rr * nx + cc);
}

/** The value whose weights add up to most. */
function heaviest(values: [number, number][]): number {
  const total = new Map<number, number>();
  for (const [v, weight] of values) total.set(v, (total.get(v) ?? 0) + weight);
  return [...total].sort((a, b) => b[1] - a[1])[0][0];
}
