/**
 * Coverage of the scan model alone, on simulated line intensities (fast: thousands of scans are feasible).
 *   npx tsx bench/line-scan/coverage-lines.ts [scans] [seed]
 */
import { coupleScan } from '../../src/interphase/coupled/couple-scan.js';
import { Random } from '../../src/numeric/random.js';
import { randomTruth, simulateLines } from './line-level.js';
import { HYPOTHESIS_CYCLE, Tally } from './tally.js';

const count = Number(process.argv[2] ?? 60);
const first = Number(process.argv[3] ?? 1);
const tally = new Tally();
const started = performance.now();
for (let k = 0; k < count; k++) {
  const random = new Random(first + k, 'line coverage');
  const truth = randomTruth(random, HYPOTHESIS_CYCLE[k % 10]);
  const { scan, prior } = simulateLines(truth, random);
  const answer = coupleScan(scan, { prior, seed: k + 1 });
  const faults = tally.add(
    { ...answer, hypotheses: answer.hypotheses.map((h) => h.name) },
    { ...truth, edges_um: truth.edges },
  );
  if (faults.length > 0) console.log(`${first + k} ${JSON.stringify(truth)}\n    ${faults.join('\n    ')}`);
}
console.log(`${count} scans, ${((performance.now() - started) / count).toFixed(0)} ms each\n${tally}`);
