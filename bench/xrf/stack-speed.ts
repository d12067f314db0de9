/**
 * Fractions with errors of a 500 000 pixel, ten-energy stack with two references and a constant, beside numpy.
 *
 *   PEER_PYTHON=.../python npx tsx bench/xrf/stack-speed.ts
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Random } from '../../src/numeric/random.js';
import { analyseStack } from '../../src/xrf/stack/stack-analysis.js';
import { stackFractions } from '../../src/xrf/stack/stack-fractions.js';

/** Enough that the shortest is one of compiled code on both sides. */
const ROUNDS = 10;
const energies_eV = Float64Array.of(17000, 17025, 17034, 17038, 17042, 17046, 17050, 17055, 17070, 17099);
const edge = (e: number, e0: number, white: number): number =>
  0.5 + Math.atan((e - e0) / 2.2) / Math.PI + white * Math.exp(-0.5 * ((e - e0 - 4) / 3.2) ** 2);
const metal = energies_eV.map((e) => edge(e, 17038, 0));
const salt = energies_eV.map((e) => edge(e, 17046.5, 1.1));
const [ny, nx] = [500, 1000];
const random = new Random(2);
const data = new Float32Array(10 * ny * nx);
for (let k = 0; k < 10; k++)
  for (let i = 0; i < ny * nx; i++) data[k * ny * nx + i] = random.poisson(200 * (0.15 + salt[k]));
const stack = {
  name: 's',
  element: 'Y',
  edge: 'K',
  grid: { ny, nx, pixel_um: { x: 2, y: 2 } },
  energies_eV,
  data,
};
const references = [
  { name: 'Y metal', norm: metal, sigma: new Float64Array(10) },
  { name: 'LYC', norm: salt, sigma: new Float64Array(10) },
];
/** Shortest time on the clock and of the processors (which a busy machine does not lengthen), of all rounds. */
const time = (work: () => unknown): string => {
  let [clock, processor] = [Infinity, Infinity];
  for (let k = 0; k < ROUNDS; k++) {
    const [start, before] = [performance.now(), process.cpuUsage()];
    work();
    const used = process.cpuUsage(before);
    clock = Math.min(clock, (performance.now() - start) / 1000);
    processor = Math.min(processor, (used.user + used.system) / 1e6);
  }
  return told(clock, processor);
};
const told = (clock: number, processor: number): string =>
  `${clock.toFixed(2)} s, ${processor.toFixed(2)} s of the processors`;
const folder = mkdtempSync(join(tmpdir(), 'stack-'));
writeFileSync(join(folder, 'stack.f32'), Buffer.from(data.buffer));
writeFileSync(
  join(folder, 'request.json'),
  JSON.stringify({
    energies: 10,
    repeat: ROUNDS,
    design: [Array.from(metal), Array.from(salt), new Array(10).fill(1)],
  }),
);
const script = fileURLToPath(new URL('stack_numpy.py', import.meta.url));
const peer = JSON.parse(
  execFileSync(
    process.env.PEER_PYTHON ?? 'python3',
    [script, join(folder, 'stack.f32'), join(folder, 'request.json')],
    { encoding: 'utf8' },
  ),
) as { seconds: number; processor: number };
rmSync(folder, { recursive: true });
console.log(
  'fractions with errors     ',
  time(() => stackFractions(stack, references)),
);
console.log(
  'the same, non-negative    ',
  time(() => stackFractions(stack, references, { nonNegative: true })),
);
console.log(
  'with patches and components',
  time(() => analyseStack(stack, references)),
);
console.log('numpy, fractions with errors', told(peer.seconds, peer.processor));
