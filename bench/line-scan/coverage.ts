/**
 * Coverage from raw patterns: random scans are simulated, every pattern refined, the scan coupled, and the answer
 * compared with the truth.   npx tsx bench/line-scan/coverage.ts [scans] [first seed]
 */
import { Random } from '../../src/numeric/random.js';
import { analyseScan } from './end-to-end.js';
import { randomSettings, simulated } from './simulated.js';
import { HYPOTHESIS_CYCLE, Tally } from './tally.js';

const count = Number(process.argv[2] ?? 20);
const first = Number(process.argv[3] ?? 1);
const tally = new Tally();
const started = performance.now();
for (let k = 0; k < count; k++) {
  const seed = first + k;
  const truth = randomSettings(new Random(seed, 'coverage'), HYPOTHESIS_CYCLE[k % 10]);
  const { answer } = analyseScan(simulated(truth, seed));
  const faults = tally.add(
    {
      present: answer.aei.present,
      x: answer.aei.x,
      boundaries: answer.boundaries,
      thickness: answer.aei.thickness_um,
      hypotheses: answer.hypotheses.map((h) => h.name),
    },
    truth,
  );
  for (const warning of answer.warnings) faults.push(`warning: ${warning}`);
  if (faults.length > 0)
    console.log(`${seed} ${truth.hypothesis} ${truth.settings.join(' ')}\n    ${faults.join('\n    ')}`);
  if (k % 20 === 19) console.log(`after ${k + 1} scans\n${tally}`);
}
console.log(`${count} scans, ${((performance.now() - started) / 1000 / count).toFixed(1)} s each\n${tally}`);
