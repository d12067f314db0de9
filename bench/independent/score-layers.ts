/**
 * Measures the layers of independently simulated maps and holds presence, thickness and interval against the truth.
 *
 *     python3 bench/independent/simulate_layers.py /tmp/layers --kind all --maps 20
 *     npx tsx bench/independent/score-layers.ts /tmp/layers [name begins with] [--all]
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMap } from '../../src/formats/maps/map-file.js';
import { measureLayer } from '../../src/xrf/layer/measure-layer.js';
import { segmentMap } from '../../src/xrf/regions/segment.js';
import { mapEntry } from '../../test/support/map-entry.js';

interface Truth {
  kind: string;
  present: boolean;
  pixel_um: number;
  thickness_um: number | null;
  rate: number;
  blur_px: number;
  /** Bodies that can be told apart, in pixels of the map. */
  bodies: { foot: [number, number]; head: [number, number]; bulb: number }[];
}

interface Tally {
  cases: number;
  found: number;
  told: number;
  wrong: number;
  held: number;
  close: number;
  pulls: number[];
  bias: number[];
  /** Bodies on the maps, of them found, and found where there is none. */
  bodies: number;
  seen: number;
  invented: number;
}

/** Number of bodies that have a found place of their own on the way from foot to head, within the head's radius. */
function matched(bodies: Truth['bodies'], places: (readonly [number, number])[]): number {
  const pairs = bodies.flatMap(({ foot, head, bulb }, b) =>
    places.map((place, p) => ({ b, p, away: awayFrom(foot, head, place), near: bulb + 1.5 })),
  );
  const [taken, used] = [new Set<number>(), new Set<number>()];
  for (const { b, p, away, near } of pairs.sort((one, other) => one.away - other.away))
    if (away < near && !taken.has(b) && !used.has(p)) {
      taken.add(b);
      used.add(p);
    }
  return taken.size;
}

/** Distance of a place from the stretch between two points. */
function awayFrom(
  [ax, ay]: readonly [number, number],
  [bx, by]: readonly [number, number],
  [x, y]: readonly [number, number],
): number {
  const [dx, dy] = [bx - ax, by - ay];
  const share = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / Math.max(dx * dx + dy * dy, 1e-9)));
  return Math.hypot(x - ax - share * dx, y - ay - share * dy);
}

const [folder, prefix = ''] = process.argv.slice(2).filter((a) => !a.startsWith('--'));
const all = process.argv.includes('--all');
const tallies = new Map<string, Tally>();
const names = readdirSync(folder).filter((name) => name.startsWith(prefix) && /-\d+$/.test(name));

for (const name of names) {
  const truth = JSON.parse(readFileSync(join(folder, name, 'truth.json'), 'utf8')) as Truth;
  const tally = tallies.get(truth.kind) ?? {
    cases: 0,
    found: 0,
    told: 0,
    wrong: 0,
    held: 0,
    close: 0,
    pulls: [],
    bias: [],
    bodies: 0,
    seen: 0,
    invented: 0,
  };
  tallies.set(truth.kind, tally);
  tally.cases++;
  const pixel = truth.pixel_um;
  const entry = mapEntry(
    { file: join(folder, name, 'xrf.h5'), data: '/entry/xrf' },
    { pixel_um: { x: pixel, y: pixel }, elements: ['Y', 'In', 'Cl'] },
  );
  const read = await readMap(entry, () => {});
  if (read.kind !== 'element-map') throw new Error(`${name} is no element map`);
  const segmentation = segmentMap(read.map);
  const layer = measureLayer(segmentation, { draws: 200 });
  const t = layer?.thickness_um;
  const present = layer?.aeiPresent ?? null;
  let remark = '';
  if (present === truth.present) tally.found++;
  else if (present === null) remark += ' [cannot tell]';
  else {
    tally.wrong++;
    remark += ' [WRONG presence]';
  }
  if (t && truth.thickness_um !== null) {
    const off = t.mean - truth.thickness_um;
    tally.told++;
    tally.pulls.push(off / t.sigma);
    tally.bias.push(off / pixel);
    if (t.interval95[0] <= truth.thickness_um && truth.thickness_um <= t.interval95[1]) tally.held++;
    else remark += ' [outside]';
    if (Math.abs(off) < 0.03 * truth.thickness_um) tally.close++;
    else remark += ' [not within 3 %]';
  }
  const places = (layer?.intrusions ?? []).map((b) => [b.x_um / pixel, b.y_um / pixel] as const);
  const seen = matched(truth.bodies, places);
  tally.bodies += truth.bodies.length;
  tally.seen += seen;
  tally.invented += places.length - seen;
  if (seen < truth.bodies.length || places.length > seen)
    remark += ` [${seen} of ${truth.bodies.length} bodies, ${places.length - seen} invented]`;
  if (all || remark) {
    const told = t
      ? `${(t.mean / pixel).toFixed(2)} ± ${(t.sigma / pixel).toFixed(2)} [${t.interval95.map((v) => (v / pixel).toFixed(2)).join(', ')}]`
      : '-';
    const rate = truth.rate.toFixed(0);
    const want = truth.thickness_um === null ? 'none' : (truth.thickness_um / pixel).toFixed(2);
    const dbic = layer?.deltaBic?.toFixed(0) ?? '-';
    console.log(
      `${name}: ${want} px -> ${told}; ${rate} counts, blur ${truth.blur_px.toFixed(1)}, dBIC ${dbic}, regions ${segmentation.regions.map((r) => r.name).join(' ')}${remark}`,
    );
    if (remark) for (const s of layer?.statements ?? ['no layers']) console.log(`    ${s}`);
  }
}

const rms = (v: number[]): number => Math.sqrt(v.reduce((s, p) => s + p * p, 0) / Math.max(v.length, 1));
console.log(
  'kind, cases, presence right, wrong, thickness told, in interval, within 3 %, rms pull, mean off (px), bodies, seen, invented',
);
for (const [kind, t] of tallies)
  console.log(
    kind.padEnd(12),
    [t.cases, t.found, t.wrong, t.told, t.held, t.close].map((v) => String(v).padStart(5)).join(''),
    rms(t.pulls).toFixed(2).padStart(7),
    (t.bias.reduce((s, b) => s + b, 0) / Math.max(t.bias.length, 1)).toFixed(3).padStart(8),
    [t.bodies, t.seen, t.invented].map((v) => String(v).padStart(5)).join(''),
  );
