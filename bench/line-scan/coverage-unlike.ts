/** As coverage.ts, on scans of another making:  npx tsx bench/line-scan/coverage-unlike.ts [scans] [first seed] */
import { analyseScan } from './end-to-end.js';
import { HYPOTHESIS_CYCLE, Tally } from './tally.js';
import { unlikeScan } from './unlike.js';

const count = Number(process.argv[2] ?? 20);
const first = Number(process.argv[3] ?? 1);
const tally = new Tally();
for (let k = 0; k < count; k++) {
  const seed = first + k;
  const { scan, truth } = unlikeScan(seed, HYPOTHESIS_CYCLE[k % 10]);
  const { answer, seconds } = analyseScan(scan);
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
  const timing = `${seconds.refine.toFixed(1)} + ${seconds.couple.toFixed(1)} s`;
  console.log(
    `${seed} ${truth.hypothesis} ${truth.settings.join(' ')} (${timing})${faults.map((f) => `\n    ${f}`).join('')}`,
  );
  if (k % 10 === 9) console.log(`after ${k + 1} scans\n${tally}`);
}
console.log(`${tally}`);
