/**
 * Runs the whole program on scans of the independent simulator and holds the answers against the truth.
 *
 *     python3 bench/independent/simulate_scans.py /tmp/scans --scans 50 --seed 1
 *     npx tsx bench/independent/score.ts /tmp/scans
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LineScanResult, Result } from '../../src/result.js';

interface Truth {
  present: boolean;
  site: '6h' | '6g' | 'y' | 'y-migration' | 'none';
  x: number;
  first_um: number;
  second_um: number | null;
  counts: number;
  grain: number;
}

const folder = process.argv[2];
const out = join(folder, 'results');
const names = readdirSync(folder).filter((name) => /^\d+$/.test(name));
const started = Date.now();
spawnSync(
  process.execPath,
  ['dist/cli/main.js', 'batch', ...names.map((name) => join(folder, name)), '--out', out, '--quiet'],
  {
    stdio: 'inherit',
  },
);
const seconds = (Date.now() - started) / 1000;

const nameOfSite = {
  '6h': 'in-on-6h',
  '6g': 'in-on-6g',
  y: 'in-on-y',
  'y-migration': 'y-migration',
  none: 'none',
} as const;
const within = (value: number, [low, high]: [number, number]): boolean => low <= value && value <= high;
const tally = new Map<string, { hits: number; of: number }>();
const count = (what: string, hit: boolean): string => {
  const entry = tally.get(what) ?? { hits: 0, of: 0 };
  tally.set(what, { hits: entry.hits + (hit ? 1 : 0), of: entry.of + 1 });
  return hit ? '' : ` [${what}]`;
};
const errors: Record<'x' | 'boundary', number[]> = { x: [], boundary: [] };

for (const name of names) {
  const truth = JSON.parse(readFileSync(join(folder, name, 'truth.json'), 'utf8')) as Truth;
  let scan: LineScanResult;
  try {
    scan = (JSON.parse(readFileSync(join(out, name, 'result.json'), 'utf8')) as Result).lineScans[0];
  } catch {
    console.log(name, 'no result');
    count('answered', false);
    continue;
  }
  count('answered', true);
  let remarks = count(truth.present ? 'AEI found' : 'no false AEI', scan.aei.present === truth.present);
  if (truth.present) {
    const best = scan.hypotheses[0]?.name;
    const told = nameOfSite[truth.site];
    const alike = told.startsWith('in-on-6') && best?.startsWith('in-on-6');
    remarks += count('hypothesis (6h and 6g as one)', best === told || alike === true);
    const amount = scan.hypotheses.find((hypothesis) => hypothesis.name === told)?.amount;
    if (truth.site.startsWith('6') && scan.aei.x) {
      remarks += count('x in its interval', within(truth.x, scan.aei.x.interval95));
      errors.x.push(Math.abs(scan.aei.x.value - truth.x));
    } else if (amount)
      remarks += count('amount within 1.96 sigma', Math.abs(amount.value - truth.x) < 1.96 * amount.sigma);
  }
  const edges =
    truth.second_um === null
      ? { 'anode|electrolyte': truth.first_um }
      : { 'anode|aei': truth.first_um, 'aei|electrolyte': truth.second_um };
  for (const [edge, position] of Object.entries(edges)) {
    const found = scan.boundaries.find((boundary) => boundary.name === edge);
    if (!found) continue;
    remarks += count(`${edge} in its interval`, within(position, found.interval95_um));
    errors.boundary.push(Math.abs(found.position_um - position));
  }
  console.log(
    name,
    truth.site,
    truth.x.toFixed(3),
    '->',
    scan.hypotheses[0]?.name,
    scan.aei.x?.value.toFixed(3) ?? '-',
    remarks,
  );
}
const median = (values: number[]): string =>
  values.sort((a, b) => a - b)[Math.floor(values.length / 2)]?.toFixed(4) ?? '-';
for (const [what, { hits, of }] of tally)
  console.log(`${what}: ${hits} of ${of} (${((100 * hits) / of).toFixed(0)} %)`);
console.log(
  `median |error|: x ${median(errors.x)}, boundary ${median(errors.boundary)} um; ${(seconds / names.length).toFixed(2)} s a scan`,
);
