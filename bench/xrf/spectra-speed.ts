/**
 * Per-pixel fit of full spectra with non-negativity and errors, beside PyMca's FastXRFLinearFit, in one run on one machine.
 *
 *   PEER_PYTHON=.../python npx tsx bench/xrf/spectra-speed.ts [side = 500] [rounds = 5]
 *
 * A map of side x side x 2048 channels is made (nine element groups, 600 fitted channels, Poisson counts) and lies in memory
 * for both. Ours: on one thread and on two, from the counts to areas and errors; sum spectrum and plan included ('whole'), or
 * the fit of the pixels alone. PyMca: without a background, which is one product of matrices, and with a SNIP background of
 * every spectrum, as its users run it; both refit spectra with negative areas. Shortest of all rounds; ours and theirs alternate.
 * PyMca runs with the threads of its BLAS and with one: on a busy machine those threads wait for each other and make it look
 * several times slower than it is, so the better of both counts. Times of ours hold the start of the worker threads' code.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Random } from '../../src/numeric/random.js';
import { workerThreads } from '../../src/pipeline/pool.js';
import { type Share, shareHere } from '../../src/pipeline/share.js';
import { addPeak } from '../../src/xrf/spectrum/detector.js';
import { type LineGroup, lineGroup } from '../../src/xrf/spectrum/line-groups.js';
import type { PixelFits } from '../../src/xrf/spectrum/pixel-fits.js';
import { planSpectra, type SpectrumPlan } from '../../src/xrf/spectrum/spectrum-plan.js';
import { fitting, summing } from './shared-spectra.js';

const channels = 2048;
const detector = { offset_eV: 0, gain_eV: 10, noise_eV: 100, fano: 0.12 };
const elements = ['S', 'Cl', 'Ar', 'K', 'Ca', 'Ti', 'Cr', 'Fe', 'Ni'];
const PARTS = 32;

function makeMap(pixels: number): Float32Array {
  const random = new Random(1);
  const groups = elements.map(
    (e) => lineGroup(e, { incident_eV: 12000, lowest_eV: 1500, highest_eV: 12000 }) as LineGroup,
  );
  const shapes = groups.map((g) => {
    const shape = new Float64Array(channels);
    for (const line of g.lines) addPeak(shape, 0, detector, line.energy_eV, line.share);
    return shape;
  });
  const counts = new Float32Array(new SharedArrayBuffer(4 * pixels * channels));
  const mean = new Float64Array(channels);
  for (let i = 0; i < pixels; i++) {
    for (let k = 0; k < channels; k++) mean[k] = k > 100 && k < 1200 ? 0.01 : 0;
    shapes.forEach((shape, g) => {
      const area = 30 * (1 + Math.sin(i / (40 + 10 * g)));
      for (let k = 0; k < channels; k++) mean[k] += area * shape[k];
    });
    for (let k = 0; k < channels; k++) if (mean[k] > 0) counts[i * channels + k] = random.poisson(mean[k]);
  }
  return counts;
}

interface Timed {
  whole: number;
  pixels: number;
  /** Seconds of the processors, over the whole. */
  processor: number;
  plan: SpectrumPlan;
  fits: PixelFits[];
}

async function ours(counts: Float32Array, share: Share): Promise<Timed> {
  const pixels = counts.length / channels;
  const each = Math.ceil(pixels / PARTS) * channels;
  const parts = Array.from({ length: PARTS }, (_, i) => ({
    counts: counts.subarray(i * each, Math.min(counts.length, (i + 1) * each)),
    channels,
  }));
  const [start, before] = [performance.now(), process.cpuUsage()];
  const sum = new Float64Array(channels);
  for (const part of await Promise.all(share(summing, parts)))
    for (let k = 0; k < channels; k++) sum[k] += part[k];
  const plan = planSpectra(sum, detector, {
    elements,
    incident_eV: 12000,
    detector,
    refine: false,
    pileUp: false,
    lowest_eV: 2001,
    highest_eV: 8001,
  });
  if ('impossible' in plan) throw new Error(plan.impossible);
  const planned = performance.now();
  const fits = await Promise.all(
    share(
      fitting,
      parts.map((part) => ({ ...part, plan })),
    ),
  );
  const end = performance.now();
  const used = process.cpuUsage(before);
  const processor = (used.user + used.system) / 1e6;
  return { whole: (end - start) / 1000, pixels: (end - planned) / 1000, processor, plan, fits };
}

interface Peer {
  seconds: number;
  processor: number;
  areas: Record<string, number>;
}

async function main(): Promise<void> {
  const side = Number(process.argv[2] ?? 500);
  const rounds = Number(process.argv[3] ?? 5);
  const pixels = side * side;
  const counts = makeMap(pixels);
  const folder = mkdtempSync(join(tmpdir(), 'xrf-'));
  const file = join(folder, 'spectra.f32');
  const out = openSync(file, 'w');
  for (let at = 0; at < counts.length; at += 64 * 1024 * 1024)
    writeSync(out, Buffer.from(counts.slice(at, at + 64 * 1024 * 1024).buffer));
  closeSync(out);
  const peer = (snip: boolean, threads?: string): Peer => {
    const request = join(folder, 'request.json');
    const peaks = Object.fromEntries(elements.map((e) => [e, ['K']]));
    const axis = { zero_keV: 0, gain_keV: 0.01, noise_keV: 0.1, fano: 0.12 };
    const range = { incident_keV: 12, first: 200, last: 800 };
    const more = { escape: true, scatter: false, snip, snipwidth: 30, repeat: snip ? 1 : 2 };
    writeFileSync(
      request,
      JSON.stringify({ file, shape: [side, side, channels], ...axis, ...range, ...more, peaks }),
    );
    const script = fileURLToPath(new URL('pymca_fit.py', import.meta.url));
    const env = threads
      ? { ...process.env, OPENBLAS_NUM_THREADS: threads, OMP_NUM_THREADS: threads }
      : process.env;
    const output = execFileSync(process.env.PEER_PYTHON ?? 'python3', [script, request], {
      encoding: 'utf8',
      env,
    });
    return JSON.parse(output.trim().split('\n').at(-1)!) as Peer;
  };
  const threads = workerThreads(2);
  const best = {
    two: Infinity,
    twoPixels: Infinity,
    one: Infinity,
    own: Infinity,
    pymca: Infinity,
    theirs: Infinity,
  };
  let found: Timed | null = null;
  let other: Peer | null = null;
  for (let round = 0; round < rounds; round++) {
    found = await ours(counts, threads.share);
    best.two = Math.min(best.two, found.whole);
    best.twoPixels = Math.min(best.twoPixels, found.pixels);
    best.own = Math.min(best.own, found.processor);
    best.one = Math.min(best.one, (await ours(counts, shareHere)).pixels);
    for (const blas of [undefined, '1']) {
      other = peer(false, blas);
      best.pymca = Math.min(best.pymca, other.seconds);
      best.theirs = Math.min(best.theirs, other.processor);
    }
  }
  const snip = peer(true, '1');
  await threads.close();
  rmSync(folder, { recursive: true });
  if (!found || !other) return;
  const { plan, fits } = found;
  console.log(
    `${plan.pixels.columns.length} components, ${plan.pixels.expected.length} channels, sums of ${plan.pixels.summed}, ${pixels} spectra`,
  );
  const line = (name: string, seconds: number): void =>
    console.log(
      name.padEnd(34),
      `${seconds.toFixed(2)} s`.padStart(9),
      `${(pixels / seconds).toFixed(0)} spectra/s`.padStart(18),
      `${(best.pymca / seconds).toFixed(2)}`.padStart(7),
    );
  console.log(`PyMca's time over ours`.padStart(64));
  line('ours, pixels, one thread', best.one);
  line('ours, pixels, two threads', best.twoPixels);
  line('ours, whole, two threads', best.two);
  line('PyMca', best.pymca);
  line('PyMca with SNIP', snip.seconds);
  console.log(
    `seconds of the processors: ours, whole ${best.own.toFixed(2)}, PyMca ${best.theirs.toFixed(2)}, with SNIP ${snip.processor.toFixed(2)}`,
  );
  plan.groups.forEach((group, g) => {
    const area = fits.reduce((s, { values }) => values[g].reduce((a, b) => a + b, s), 0);
    console.log(group.name, 'area over that of PyMca', (area / other.areas[`${elements[g]} K`]).toFixed(4));
  });
}

await main();
