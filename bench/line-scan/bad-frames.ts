/**
 * How often faults of single frames are found, and good frames called bad: scans of two simulators, random layers,
 * counts, beams and grains, each fault put into one frame at random.
 *
 *   npx tsx bench/line-scan/bad-frames.ts [scans]
 */
import type { LineScan, Pattern } from '../../src/measurement.js';
import { Random } from '../../src/numeric/random.js';
import { checkFrames } from '../../src/xrd/frames/check-frame.js';
import { randomSettings, simulated } from './simulated.js';
import { unlikeScan } from './unlike.js';

type Fault = (patterns: Pattern[], i: number, random: Random) => Pattern;

const firstLines = (pattern: Pattern, count: number): Pattern => ({
  ...pattern,
  twoTheta_deg: pattern.twoTheta_deg.slice(0, count),
  intensity: pattern.intensity.slice(0, count),
  sigma: pattern.sigma?.slice(0, count) ?? null,
});

/** Moves the lines up by a number of degrees: the channel at an angle holds what belongs lower. */
function moved(pattern: Pattern, degrees: number): Pattern {
  const { twoTheta_deg: t, intensity } = pattern;
  const by = Math.round((degrees * (t.length - 1)) / (t[t.length - 1]! - t[0]!));
  const at = (i: number): number => intensity[Math.min(t.length - 1, Math.max(0, i - by))]!;
  return { ...pattern, intensity: Float64Array.from(t, (_, i) => at(i)) };
}

const faults: Record<string, Fault> = {
  'cut to 100 lines': (patterns, i) => firstLines(patterns[i]!, 100),
  'cut to 80 %': (patterns, i) => firstLines(patterns[i]!, Math.round(0.8 * patterns[i]!.intensity.length)),
  'cut to 95 %': (patterns, i) => firstLines(patterns[i]!, Math.round(0.95 * patterns[i]!.intensity.length)),
  'the frame before again': (patterns, i) => ({
    ...patterns[i]!,
    intensity: patterns[Math.max(0, i - 1)]!.intensity,
  }),
  'another frame again': (patterns, i, random) => ({
    ...patterns[i]!,
    intensity: patterns[random.integer(i)]!.intensity,
  }),
  'moved by .05 deg': (patterns, i, random) => moved(patterns[i]!, random.uniform(0, 1) < 0.5 ? 0.05 : -0.05),
  'moved by .1 deg': (patterns, i, random) => moved(patterns[i]!, random.uniform(0, 1) < 0.5 ? 0.1 : -0.1),
  'moved by .2 deg': (patterns, i, random) => moved(patterns[i]!, random.uniform(0, 1) < 0.5 ? 0.2 : -0.2),
};

const scans = Number(process.argv[2] ?? 40);
const found = new Map<string, [number, number]>();
const alarms: string[] = [];
let frames = 0;

for (let seed = 1; seed <= scans; seed++) {
  const random = new Random(seed, 'bad frames');
  const hypothesis = (['in-on-6h', 'none', 'y-migration'] as const)[seed % 3]!;
  const scan: LineScan =
    seed % 2 === 0 ? simulated(randomSettings(random, hypothesis), seed) : unlikeScan(seed, hypothesis).scan;
  const { rows, patterns } = scan;
  const clean = checkFrames(scan);
  frames += clean.length;
  for (const [i, { reason }] of clean.entries())
    if (reason) alarms.push(`scan ${seed}, frame ${i}: ${reason}`);
  for (const [name, fault] of Object.entries(faults)) {
    const i = 1 + random.integer(patterns.length - 1);
    const bad = patterns.map((pattern, k) => (k === i ? fault(patterns, i, random) : pattern));
    const checks = checkFrames({ rows, patterns: bad });
    const [seen, others] = found.get(name) ?? [0, 0];
    const wrong = checks.filter(({ reason }, k) => k !== i && reason !== null && clean[k]!.reason === null);
    found.set(name, [seen + (checks[i]!.status === 'ok' ? 0 : 1), others + wrong.length]);
  }
}

console.log(`${frames} good frames of ${scans} scans: ${alarms.length} called bad`);
for (const alarm of alarms) console.log(`  ${alarm}`);
console.log('\nfault                     found   good neighbours called bad');
for (const [name, [seen, others]] of found)
  console.log(`${name.padEnd(24)} ${String(seen).padStart(3)}/${scans}   ${others}`);
