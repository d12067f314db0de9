/**
 * The real fly map, fitted by this program and by PyMca on the same axis, channels and lines.
 *
 *   PEER_PYTHON=.../python npx tsx bench/xrf/real-map.ts ../shared/data/xrf/2xfm_0011_2xfm3__0.h5
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readMap } from '../../src/formats/maps/map-file.js';
import { planSpectra } from '../../src/xrf/spectrum/spectrum-plan.js';
import { fitMap, wholeMap } from '../../test/support/fit-map.js';
import { mapEntry } from '../../test/support/map-entry.js';

async function main(): Promise<void> {
  const file = process.argv[2] ?? '../shared/data/xrf/2xfm_0011_2xfm3__0.h5';
  const elements = ['Ar', 'Ca', 'Ti', 'Fe', 'Cu', 'La L'];
  const entry = mapEntry(
    { file, data: null },
    { incidentEnergy_eV: 10000, pixel_um: { x: 1, y: 1 }, elements },
  );
  const read = await readMap(entry, () => {});
  if (read.kind !== 'spectrum-map') throw new Error(`not a map of spectra: ${read.kind}`);
  const { map } = read;
  const { counts, recorded: sum, variance } = await wholeMap(map);
  const found = planSpectra(sum, null, { elements, incident_eV: 10000 });
  if ('impossible' in found) throw new Error(found.impossible);
  const axis = { offset_eV: found.detector.offset_eV, gain_eV: found.detector.gain_eV };
  const first = 250;
  const last = 950;
  const plan = planSpectra(sum, axis, {
    elements,
    incident_eV: 10000,
    detector: found.detector,
    refine: false,
    pileUp: false,
    lowest_eV: axis.offset_eV + axis.gain_eV * (first + 0.01),
    highest_eV: axis.offset_eV + axis.gain_eV * (last + 0.5),
  });
  if ('impossible' in plan) throw new Error(plan.impossible);
  const { images } = fitMap(counts, map.channels, plan, variance);
  const folder = mkdtempSync(join(tmpdir(), 'xrf-'));
  const peaks = Object.fromEntries(elements.map((e) => [e.split(' ')[0], [e.split(' ')[1] ?? 'K']]));
  const settings = {
    snip: true,
    snipwidth: 30,
    escape: true,
    scatter: false,
    incident_keV: 10,
    first,
    last,
    zero_keV: axis.offset_eV / 1000,
    gain_keV: axis.gain_eV / 1000,
    noise_keV: found.detector.noise_eV / 1000,
    fano: found.detector.fano,
    peaks,
  };
  const peer = (spectra: Float32Array, shape: number[]): Record<string, number> => {
    const raw = join(folder, 'spectra.f32');
    writeFileSync(raw, Buffer.from(spectra.buffer, spectra.byteOffset, spectra.byteLength));
    const request = join(folder, 'request.json');
    writeFileSync(request, JSON.stringify({ ...settings, file: raw, shape }));
    const script = fileURLToPath(new URL('pymca_fit.py', import.meta.url));
    const output = execFileSync(process.env.PEER_PYTHON ?? 'python3', [script, request], {
      encoding: 'utf8',
    });
    return (JSON.parse(output.trim().split('\n').at(-1)!) as { areas: Record<string, number> }).areas;
  };
  const pixels = peer(counts, [map.grid.ny, map.grid.nx, map.channels]);
  // Its fast fit wants an image: the sum spectrum twice by twice.
  const whole = peer(
    Float32Array.from({ length: 4 * map.channels }, (_, i) => sum[i % map.channels]),
    [2, 2, map.channels],
  );
  console.log(
    'axis',
    axis,
    'noise',
    found.detector.noise_eV.toFixed(1),
    'fano',
    found.detector.fano.toFixed(3),
  );
  console.log('group     ours, sum   PyMca, sum   ratio     ours, pixels   PyMca, pixels   ratio');
  plan.groups.forEach((group, g) => {
    const name = group.shell === 'K' ? `${group.element} K` : group.name;
    const each = images[g].values.reduce((a, b) => a + b, 0);
    const once = plan.areas[g].counts;
    const cells = [
      once.toFixed(0),
      (whole[name] / 4).toFixed(0),
      ((4 * once) / whole[name]).toFixed(4),
      each.toFixed(0),
      pixels[name].toFixed(0),
      (each / pixels[name]).toFixed(4),
    ];
    console.log(group.name.padEnd(8), ...cells.map((c) => c.padStart(12)));
  });
}

await main();
