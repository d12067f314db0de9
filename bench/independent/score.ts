/**
 * Runs the whole program on scans of the independent simulators and holds the answers against the truth.
 *
 *     python3 bench/independent/simulate_scans.py /tmp/scans --scans 50 --seed 1     (or naive_scans.py)
 *     nice npx tsx bench/independent/score.ts /tmp/scans [--show] [--again]
 *
 * `--show` prints what was told for every scan, `--again` reads the results of an earlier run.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LineScanResult, Result } from '../../src/result.js';

interface Truth {
  site: '6h' | '6g' | 'both' | 'y' | 'y-migration' | 'none';
  x: number;
  /** x as Li3-3xInxYCl6 defines it, where another number of Li leaves for each In: what the same lines mean. */
  x_defined?: number;
  /** null: not in the scan. */
  first_um: number | null;
  second_um: number | null;
  /** Settings of the naive simulator, for the log. */
  [setting: string]: unknown;
}

const [folder, ...flags] = process.argv.slice(2);
const out = join(folder, 'results');
const names = readdirSync(folder)
  .filter((name) => /^\d+$/.test(name))
  .sort();
const started = Date.now();
if (!flags.includes('--again'))
  spawnSync(
    process.execPath,
    [
      'dist/cli/main.js',
      'batch',
      ...names.map((name) => join(folder, name)),
      '--out',
      out,
      '--quiet',
      '--jobs',
      '1',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
const seconds = (Date.now() - started) / 1000;

const nameOfSite = {
  '6h': 'in-on-6h',
  '6g': 'in-on-6g',
  both: 'in-on-6h',
  y: 'in-on-y',
  'y-migration': 'y-migration',
  none: 'none',
} as const;
const onLithium = (name: string | undefined): boolean => name?.startsWith('in-on-6') === true;
const within = (value: number, [low, high]: [number, number]): boolean => low <= value && value <= high;
const tally = new Map<string, { hits: number; of: number }>();
const count = (what: string, hit: boolean): string => {
  const entry = tally.get(what) ?? { hits: 0, of: 0 };
  tally.set(what, { hits: entry.hits + (hit ? 1 : 0), of: entry.of + 1 });
  return hit ? '' : ` [${what}]`;
};
interface Errors {
  absolute: number[];
  inSigmas: number[];
}
const errors: Record<'x' | 'anode edge' | 'outer edge', Errors> = {
  x: { absolute: [], inSigmas: [] },
  'anode edge': { absolute: [], inSigmas: [] },
  'outer edge': { absolute: [], inSigmas: [] },
};
const note = (what: keyof typeof errors, error: number, sigma: number): void => {
  errors[what].absolute.push(Math.abs(error));
  errors[what].inSigmas.push(error / sigma);
};

const read = <T>(...path: string[]): T => JSON.parse(readFileSync(join(...path), 'utf8')) as T;

for (const name of names) {
  const truth = read<Truth>(folder, name, 'truth.json');
  let result: Result;
  try {
    result = read<Result>(out, name, 'result.json');
  } catch {
    console.log(name, 'no result', count('answered', false));
    continue;
  }
  count('answered', true);
  const scan = result.lineScans[0];
  const remarks = judge(scan, truth);
  const show = flags.includes('--show');
  if (!show && !remarks) continue;
  const edges = scan.boundaries.map((b) => `${b.position_um.toFixed(2)}+-${b.sigma_um.toFixed(2)}`).join(' ');
  const x = scan.aei.x ? `${scan.aei.x.value.toFixed(3)}+-${scan.aei.x.sigma.toFixed(3)}` : '-';
  console.log(
    `${name} ${truth.site} ${(truth.x_defined ?? truth.x).toFixed(3)} ${truth.first_um?.toFixed(2) ?? '-'} ${truth.second_um?.toFixed(2) ?? '-'} -> present ${scan.aei.present} (${scan.aei.delta_bic?.toFixed(0)}) ${scan.hypotheses[0]?.name} x ${x} edges ${edges}${remarks}`,
  );
  if (show)
    for (const { severity, message } of result.problems)
      console.log(`      ${severity}: ${message.slice(0, 220)}`);
}

/** What is wrong with an answer, in brackets; nothing for a good one. */
function judge(scan: LineScanResult, truth: Truth): string {
  const present = truth.site !== 'none';
  if (scan.aei.present === null) return count('said whether there is an AEI', false);
  count('said whether there is an AEI', true);
  let remarks = count(present ? 'AEI found' : 'no false AEI', scan.aei.present === present);
  if (truth.first_um !== null) remarks += edgeRemark(scan, /^anode|\|anode$/, truth.first_um, 'anode edge');
  if (!present || !scan.aei.present) return remarks;
  if (truth.second_um !== null)
    remarks += edgeRemark(scan, /aei\|electrolyte|electrolyte\|aei/, truth.second_um, 'outer edge');
  const told = nameOfSite[truth.site];
  const best = scan.hypotheses[0]?.name;
  if (best)
    remarks += count('hypothesis (6h and 6g as one)', best === told || (onLithium(told) && onLithium(best)));
  if (!onLithium(told)) {
    remarks += count('no x where indium is not on lithium', scan.aei.x === null);
    const amount = scan.hypotheses.find((hypothesis) => hypothesis.name === told)?.amount;
    if (amount)
      remarks += count('amount within 1.96 sigma', Math.abs(amount.value - truth.x) < 1.96 * amount.sigma);
  } else if (best) {
    remarks += count('x given', scan.aei.x !== null);
    if (scan.aei.x) {
      const x = truth.x_defined ?? truth.x;
      remarks += count('x in its interval', within(x, scan.aei.x.interval95));
      note('x', scan.aei.x.value - x, scan.aei.x.sigma);
    }
  }
  return remarks;
}

function edgeRemark(
  scan: LineScanResult,
  name: RegExp,
  truth: number,
  what: 'anode edge' | 'outer edge',
): string {
  const found = scan.boundaries.find((boundary) => name.test(boundary.name));
  if (!found) return count(`${what} given`, false);
  count(`${what} given`, true);
  note(what, found.position_um - truth, found.sigma_um);
  return count(`${what} in its interval`, within(truth, found.interval95_um));
}

const median = (values: number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
for (const [what, { hits, of }] of tally)
  console.log(`${what}: ${hits} of ${of} (${((100 * hits) / of).toFixed(1)} %)`);
for (const [what, { absolute, inSigmas }] of Object.entries(errors)) {
  const rms = Math.sqrt(mean(inSigmas.map((z) => z * z)));
  console.log(
    `${what}: median |error| ${median(absolute).toFixed(4)}; in sigmas: mean ${mean(inSigmas).toFixed(2)}, rms ${rms.toFixed(2)}`,
  );
}
console.log(`${(seconds / names.length).toFixed(2)} s a scan`);
