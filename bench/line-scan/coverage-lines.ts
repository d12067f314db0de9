/** Coverage of the scan model on line-level simulations: npx tsx bench/line-scan/coverage-lines.ts [scans] [seed] */
import { coupleScan } from '../../src/interphase/couple-scan.js';
import { Random } from '../../src/numeric/random.js';
import { randomTruth, simulateLines } from './line-level.js';

const count = Number(process.argv[2] ?? 60);
const random = new Random(Number(process.argv[3] ?? 1), 'coverage');
const inside = (interval: [number, number], truth: number): boolean =>
  interval[0] <= truth && truth <= interval[1];
const median = (v: number[]): number => [...v].sort((a, b) => a - b)[v.length >> 1] ?? Number.NaN;

const kinds = ['in-on-6h', 'in-on-6g', 'in-on-y', 'y-migration', 'none'] as const;
const started = performance.now();
const tally = {
  x: 0,
  xn: 0,
  xs: 0,
  inner: 0,
  outer: 0,
  n: 0,
  found: 0,
  real: 0,
  false: 0,
  none: 0,
  cannot: 0,
  right: 0,
  judged: 0,
  group: 0,
  xNull: 0,
};
const errors = {
  x: [] as number[],
  inner: [] as number[],
  outer: [] as number[],
  z: [] as number[],
  delta: [] as number[],
};
for (let k = 0; k < count; k++) {
  const truth = randomTruth(
    random,
    kinds[k % 10 < 4 ? 0 : k % 10 < 5 ? 1 : k % 10 < 6 ? 2 : k % 10 < 7 ? 3 : 4],
  );
  const { scan, prior } = simulateLines(truth, random);
  const result = coupleScan(scan, { prior, seed: k + 1 });
  if (process.argv[4])
    console.log(
      k,
      JSON.stringify(truth),
      result.present,
      result.deltaBic?.toFixed(1),
      result.x?.value.toFixed(3),
      result.x?.sigma.toFixed(4),
      result.hypotheses.map((h) => `${h.name} ${h.deltaBic.toFixed(1)}`).join(' '),
      result.boundaries.map((b) => `${b.position_um.toFixed(2)}+-${b.sigma_um.toFixed(2)}`).join(' '),
      result.reasons.join(';'),
    );
  if (truth.hypothesis === 'none') {
    tally.none++;
    if (result.present) tally.false++;
    if (result.present === null) tally.cannot++;
    const b = result.boundaries[0];
    if (b) {
      tally.n++;
      if (inside(b.interval95_um, truth.edges[0])) tally.inner++;
    }
    continue;
  }
  tally.real++;
  if (!result.present) continue;
  tally.found++;
  const [inner, outer] = result.boundaries;
  tally.n++;
  if (inside(inner.interval95_um, truth.edges[0])) tally.inner++;
  if (inside(outer.interval95_um, truth.edges[1])) tally.outer++;
  errors.inner.push(Math.abs(inner.position_um - truth.edges[0]));
  errors.outer.push(Math.abs(outer.position_um - truth.edges[1]));
  tally.judged++;
  const best = result.hypotheses[0].name;
  if (best === truth.hypothesis) tally.right++;
  const onLi = (h: string): boolean => h === 'in-on-6h' || h === 'in-on-6g';
  if (best === truth.hypothesis || (onLi(best) && onLi(truth.hypothesis))) tally.group++;
  if (onLi(truth.hypothesis)) {
    tally.xn++;
    if (!result.x) tally.xNull++;
    else {
      tally.xs++;
      if (inside(result.x.interval95, truth.amount)) tally.x++;
      errors.x.push(Math.abs(result.x.value - truth.amount));
      errors.z.push((result.x.value - truth.amount) / result.x.sigma);
    }
  }
}
const share = (a: number, b: number): string => `${((100 * a) / b).toFixed(1)} % (${a}/${b})`;
console.log(`scans ${count}, ${((performance.now() - started) / count).toFixed(0)} ms each`);
console.log(
  `x interval covers ${share(tally.x, tally.xs)}, not given ${tally.xNull}; median |error| ${median(errors.x).toFixed(4)}; z rms ${Math.sqrt(errors.z.reduce((s, z) => s + z * z, 0) / errors.z.length).toFixed(2)} mean ${(errors.z.reduce((s, z) => s + z, 0) / errors.z.length).toFixed(2)}`,
);
console.log(
  `anode edge covers ${share(tally.inner, tally.n)}, median |error| ${median(errors.inner).toFixed(3)} um`,
);
console.log(
  `electrolyte edge covers ${share(tally.outer, tally.found)}, median |error| ${median(errors.outer).toFixed(3)} um`,
);
console.log(
  `layer found ${share(tally.found, tally.real)}; false layers ${share(tally.false, tally.none)}, cannot tell ${tally.cannot}`,
);
console.log(
  `right hypothesis first ${share(tally.right, tally.judged)}, up to 6g/6h ${share(tally.group, tally.judged)}`,
);
