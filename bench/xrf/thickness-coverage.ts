/**
 * How often the interval on the mean thickness holds the truth, on simulated maps with wavy surfaces.
 *
 *   npx tsx bench/xrf/thickness-coverage.ts [cases = 100] [counts,counts,... = 3,10,100,1000] [thickness = 50] [seed = 5000]
 */
import { measureLayer } from '../../src/xrf/layer/measure-layer.js';
import { roughness } from '../../src/xrf/layer/thickness.js';
import { segmentMap } from '../../src/xrf/regions/segment.js';
import { phantom } from '../../test/xrf/phantom.js';

const cases = Number(process.argv[2] ?? 100);
const levels = (process.argv[3] ?? '3,10,100,1000').split(',').map(Number);
const thickness_um = Number(process.argv[4] ?? 50);
const firstSeed = Number(process.argv[5] ?? 5000);

console.log(
  'counts  cases  interval holds  within 3 %  rms (estimate - truth)/sigma  bias (um)  roughness bias (um)',
);
for (const counts of levels) {
  let held = 0;
  let close = 0;
  let squares = 0;
  let bias = 0;
  let rough = 0;
  let n = 0;
  for (let k = 0; k < cases; k++) {
    const { map, truth } = phantom({
      counts,
      thickness_um,
      seed: firstSeed + k,
      across: 56,
      along: 60,
      axis: k % 2 ? 'x' : 'y',
      independent: k % 3 ? 1 : 0.5,
    });
    const layer = measureLayer(segmentMap(map), { draws: 150 });
    const t = layer?.thickness_um;
    if (!layer || !t) continue;
    n++;
    const off = t.mean - truth.meanThickness_um;
    if (t.interval95[0] <= truth.meanThickness_um && truth.meanThickness_um <= t.interval95[1]) held++;
    if (Math.abs(off) < 0.03 * truth.meanThickness_um) close++;
    squares += (off / t.sigma) ** 2;
    bias += off;
    rough += layer.boundaries[0].roughness_um.value - roughness(truth.anode_um).rms;
  }
  const cells = [
    counts,
    n,
    held,
    close,
    Math.sqrt(squares / n).toFixed(2),
    (bias / n).toFixed(3),
    (rough / n).toFixed(2),
  ];
  console.log(cells.map((c) => String(c).padStart(7)).join('  '));
}
