/**
 * Holds what `interphase run` said of simulated energy stacks against their truth.
 *
 *     python3 bench/independent/simulate_stacks.py /tmp/stacks --stacks 16
 *     for s in /tmp/stacks/0*; do interphase run $s; done
 *     npx tsx bench/independent/score-stacks.ts /tmp/stacks
 *
 * A patch found is matched to the injected one within 6 pixels. Its fraction is held against the true mean over as many
 * pixels: those of the injected patch, the rest of the area without metal.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Patch {
  x_um: number;
  y_um: number;
}

interface Truth {
  counts: number;
  mean: number;
  patches: (Patch & { pixels: number; fraction: number })[];
}

interface Component {
  name: string;
  mean: number;
  sigma: number;
  limit95: number;
  patches: (Patch & { area_um2: number; mean: { value: number; sigma: number } })[];
}

interface Result {
  maps: { name: string; statements: string[]; components?: Component[] }[];
}

const pixel_um = 2;
const folder = process.argv[2];
const far = (a: Patch, b: Patch): number => Math.hypot(a.x_um - b.x_um, a.y_um - b.y_um);
const rms = (v: number[]): string => Math.sqrt(v.reduce((s, x) => s + x * x, 0) / v.length).toFixed(2);
const json = (...path: string[]): unknown => JSON.parse(readFileSync(join(folder, ...path), 'utf8'));

const patchPulls: number[] = [];
const meanPulls: number[] = [];
const widths: number[] = [];
let [stacks, held, injected, found, invented, within, told] = [0, 0, 0, 0, 0, 0, 0];

for (const name of readdirSync(folder).filter((n) => /^\d+$/.test(n))) {
  const truth = json(name, 'truth.json') as Truth;
  const map = (json(name, 'results', 'result.json') as Result).maps[0];
  const metal = map.components?.find((c) => c.name === 'Y metal');
  stacks++;
  if (!metal) {
    console.log(`${name}: no fractions`);
    continue;
  }
  if (metal.limit95 >= truth.mean) held++;
  meanPulls.push((metal.mean - truth.mean) / metal.sigma);
  widths.push(metal.limit95);
  injected += truth.patches.length;
  const remarks: string[] = [];
  for (const t of truth.patches)
    if (!metal.patches.some((p) => far(p, t) <= 6 * pixel_um))
      remarks.push(`missed ${t.pixels} px of ${(100 * t.fraction).toFixed(1)} %`);
    else found++;
  for (const p of metal.patches) {
    const t = truth.patches.find((q) => far(p, q) <= 6 * pixel_um);
    if (!t) {
      invented++;
      remarks.push(`INVENTED at ${p.x_um.toFixed(0)}, ${p.y_um.toFixed(0)}`);
      continue;
    }
    const pixels = p.area_um2 / pixel_um ** 2;
    const pull = (p.mean.value - (t.fraction * Math.min(t.pixels, pixels)) / pixels) / p.mean.sigma;
    patchPulls.push(pull);
    if (Math.abs(pull) < 1.96) within++;
    remarks.push(
      `${t.pixels} px of ${(100 * t.fraction).toFixed(1)} %: ${pixels} px of ${(100 * p.mean.value).toFixed(1)} ± ${(100 * p.mean.sigma).toFixed(1)} % (${pull.toFixed(1)})`,
    );
  }
  const warned = map.statements.some((s) => /leave/.test(s));
  if (warned) told++;
  const mean = `${(100 * metal.mean).toFixed(2)} ± ${(100 * metal.sigma).toFixed(2)} % (true ${(100 * truth.mean).toFixed(3)})`;
  console.log(
    `${name} ${truth.counts.toFixed(0).padStart(6)} counts  mean ${mean}, limit ${(100 * metal.limit95).toFixed(2)} %${warned ? ', misfit told' : ''}; ${remarks.join('; ')}`,
  );
}

widths.sort((a, b) => a - b);
console.log(
  [
    `${stacks} stacks: limit95 holds the true mean in ${held}, median limit ${(100 * widths[widths.length >> 1]).toFixed(2)} %, pulls of the mean rms ${rms(meanPulls)}`,
    `patches: ${found} of ${injected} injected found, ${invented} invented; ${within} of ${patchPulls.length} fractions within 1.96 sigma, pulls rms ${rms(patchPulls)}`,
    `a misfit of the references told in ${told}`,
  ].join('\n'),
);
