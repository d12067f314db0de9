/**
 * Per-pixel fit of full spectra with non-negativity and errors, beside PyMca's FastXRFLinearFit, in one run on one machine.
 *
 *   PEER_PYTHON=.../python npx tsx bench/xrf/spectra-speed.ts [side = 150]
 *
 * A map of side x side x 2048 channels is made (nine element groups, 600 fitted channels, Poisson counts) and fitted by
 * both; the rates do not depend on the number of pixels, so a 500 x 500 map takes 250 000 / rate.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Random } from '../../src/numeric/random.js';
import { addPeak } from '../../src/xrf/spectrum/detector.js';
import { fitSpectrumMap, planSpectra, sumSpectrum } from '../../src/xrf/spectrum/fit-spectrum-map.js';
import { type LineGroup, lineGroup } from '../../src/xrf/spectrum/line-groups.js';

const channels = 2048;
const detector = { offset_eV: 0, gain_eV: 10, noise_eV: 100, fano: 0.12 };
const elements = ['S', 'Cl', 'Ar', 'K', 'Ca', 'Ti', 'Cr', 'Fe', 'Ni'];

function makeMap(side: number): Float32Array {
  const random = new Random(1);
  const groups = elements.map(
    (e) => lineGroup(e, { incident_eV: 12000, lowest_eV: 1500, highest_eV: 12000 }) as LineGroup,
  );
  const shapes = groups.map((g) => {
    const shape = new Float64Array(channels);
    for (const line of g.lines) addPeak(shape, 0, detector, line.energy_eV, line.share);
    return shape;
  });
  const counts = new Float32Array(side * side * channels);
  const mean = new Float64Array(channels);
  for (let i = 0; i < side * side; i++) {
    for (let k = 0; k < channels; k++) mean[k] = k > 100 && k < 1200 ? 0.01 : 0;
    shapes.forEach((shape, g) => {
      const area = 30 * (1 + Math.sin(i / (40 + 10 * g)));
      for (let k = 0; k < channels; k++) mean[k] += area * shape[k];
    });
    for (let k = 0; k < channels; k++) if (mean[k] > 0) counts[i * channels + k] = random.poisson(mean[k]);
  }
  return counts;
}

async function main(): Promise<void> {
  const side = Number(process.argv[2] ?? 150);
  const counts = makeMap(side);
  const pixels = side * side;
  const sum = sumSpectrum(counts, channels);
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
  const map = { grid: { ny: side, nx: side, pixel_um: { x: 1, y: 1 } }, channels, counts };
  let best = Infinity;
  let { images } = fitSpectrumMap(map, plan);
  for (let k = 0; k < 3; k++) {
    const start = performance.now();
    ({ images } = fitSpectrumMap(map, plan));
    best = Math.min(best, (performance.now() - start) / 1000);
  }
  const folder = mkdtempSync(join(tmpdir(), 'xrf-'));
  const file = join(folder, 'spectra.f32');
  writeFileSync(file, Buffer.from(counts.buffer));
  const request = join(folder, 'request.json');
  const peaks = Object.fromEntries(elements.map((e) => [e, ['K']]));
  writeFileSync(
    request,
    JSON.stringify({
      file,
      shape: [side, side, channels],
      snip: false,
      escape: true,
      scatter: false,
      incident_keV: 12,
      first: 200,
      last: 800,
      zero_keV: 0,
      gain_keV: 0.01,
      noise_keV: 0.1,
      fano: 0.12,
      peaks,
      repeat: 3,
    }),
  );
  const script = fileURLToPath(new URL('pymca_fit.py', import.meta.url));
  const output = execFileSync(process.env.PEER_PYTHON ?? 'python3', [script, request], { encoding: 'utf8' });
  const peer = JSON.parse(output.trim().split('\n').at(-1)!) as {
    seconds: number;
    areas: Record<string, number>;
  };
  rmSync(folder, { recursive: true });
  console.log(
    `${plan.fitter.count} components, ${plan.columns.lastChannel - plan.columns.firstChannel + 1} channels, ${pixels} spectra`,
  );
  console.log(`ours  ${best.toFixed(2)} s  ${(pixels / best).toFixed(0)} spectra/s (one thread)`);
  console.log(`PyMca ${peer.seconds.toFixed(2)} s  ${(pixels / peer.seconds).toFixed(0)} spectra/s`);
  console.log(`ratio ${(peer.seconds / best).toFixed(2)}`);
  images.forEach((image, g) => {
    const ours = image.values.reduce((a, b) => a + b, 0);
    console.log(image.element, 'area over that of PyMca', (ours / peer.areas[`${elements[g]} K`]).toFixed(4));
  });
}

await main();
