/**
 * Does `interphase xrd refine` find what another program put into a pattern? Patterns of known truth come from GSAS-II
 * (foreign/gsas2_patterns.py): its structure factors, texture, broadening and axial divergence, with Poisson noise. Each is
 * refined by the command line as a user would, from nominal structures. Printed for every quantity of every point: the part of the 95 %
 * intervals that hold the truth, mean and standard deviation of the pulls (value - truth) / esd, the median error, how
 * often a bound was met.
 *
 *   PEER_PYTHON=/path/to/python npx tsx bench/xrd/refine-foreign.ts [patterns per point, 24] [seed] [part of a point's name]
 *
 * GSAS-II is imported as `GSASII.GSASIIscriptable`: PYTHONPATH may have to name its folder.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Random } from '../../src/numeric/random.js';
import { findBuiltInPhase } from '../../src/xrd/crystal/built-in-phases.js';
import { cifText } from './foreign/cif-text.js';
import { LAB, type PeerPattern } from './foreign/draw.js';
import { type Drawn, POINTS, type Point } from './foreign/points.js';

interface Measured {
  value: number;
  sigma: number;
}
interface Fit {
  converged: boolean;
  r: { gof: number; rwp_percent: number };
  phases: { name: string; present: boolean; weight_fraction: Measured | null }[];
  parameters: (Measured & { name: string; varied: boolean; atBound: boolean })[];
  notes: string[];
}
interface Curve {
  angles: number[];
  counts: number[];
}
interface Found {
  pulls: number[];
  errors: number[];
  bound: number;
  missing: number;
}

const count = Number(process.argv[2] ?? 24);
const seed = Number(process.argv[3] ?? 1);
const wanted = process.argv[4] ?? '';
const keep = process.env.KEEP;
const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

const folder = keep ?? mkdtempSync(join(tmpdir(), 'refine-foreign-'));
try {
  for (const point of POINTS) if (point.name.includes(wanted)) study(point);
} finally {
  if (!keep) rmSync(folder, { recursive: true });
}

function study(point: Point): void {
  const random = new Random(seed, point.name);
  const drawn = Array.from({ length: count }, () => point.draw(random));
  const curves = simulate(
    point,
    drawn.map(({ pattern }) => pattern),
  );
  const place = join(folder, point.name.replace(/[^\w]+/g, '-'));
  mkdirSync(place, { recursive: true });
  const found = new Map<string, Found>();
  let gof = 0;
  let settled = 0;
  drawn.forEach((one, i) => {
    const fit = refine(point, one, curves[i]!, join(place, `${i}`));
    if (keep)
      writeFileSync(
        join(place, `${i}`, 'truth.json'),
        JSON.stringify({ ...one.truth, top: one.pattern.top }),
      );
    gof += fit.r.gof / count;
    if (fit.converged) settled++;
    collect(one, fit, found);
  });
  console.log(
    `\n${point.name}: ${count} patterns, ${settled} converged, mean GOF ${gof.toFixed(3)}\n  interphase xrd refine ... ${point.args.join(' ')}`,
  );
  for (const [name, values] of found) console.log(summary(name, values));
}

function simulate({ grid, name }: Point, patterns: PeerPattern[]): Curve[] {
  const python = process.env.PEER_PYTHON ?? 'python3';
  const script = fileURLToPath(new URL('foreign/gsas2_patterns.py', import.meta.url));
  const input = JSON.stringify({ seed: new Random(seed, `${name} noise`).integer(1e9), grid, patterns });
  const run = spawnSync(python, ['-W', 'ignore', script], { input, maxBuffer: 1 << 30 });
  if (run.status !== 0) {
    const why = run.error?.message ?? run.stderr.toString();
    if (/No module named|ENOENT/.test(why)) {
      console.log(`GSAS-II is not there (${python}): nothing is compared. ${why.trim().split('\n').at(-1)}`);
      process.exit(0);
    }
    throw new Error(`GSAS-II did not run (${python}): ${why}`);
  }
  return JSON.parse(run.stdout.toString().trim().split('\n').at(-1)!) as Curve[];
}

/** By the command line, from files. */
function refine(point: Point, { given }: Drawn, { angles, counts }: Curve, place: string): Fit {
  mkdirSync(place, { recursive: true });
  const path = join(place, 'pattern.xy');
  writeFileSync(path, angles.map((angle, i) => `${angle.toFixed(4)} ${counts[i]}\n`).join(''));
  const phases = given.flatMap((structure) => {
    if (findBuiltInPhase(structure.name)) return ['--phase', structure.name];
    const cif = join(place, `${structure.name}.cif`);
    writeFileSync(cif, cifText(structure));
    return ['--phase', cif];
  });
  const source =
    point.source === LAB
      ? ['--wavelength', 'Cu Ka', '--integration', 'lab']
      : ['--wavelength', '1.2398 angstrom', '--integration', 'mean-per-pixel'];
  const args = ['xrd', 'refine', path, ...phases, ...source, ...point.args];
  if (keep) writeFileSync(join(place, 'args.json'), JSON.stringify(args));
  const run = spawnSync(process.execPath, ['--import', 'tsx', main, ...args, '--json'], {
    maxBuffer: 1 << 28,
  });
  if (run.status !== 0) throw new Error(`${point.name}: ${run.stderr}`);
  return (JSON.parse(run.stdout.toString()) as Fit[])[0]!;
}

function collect({ truth }: Drawn, fit: Fit, found: Map<string, Found>): void {
  for (const [name, value] of Object.entries(truth)) {
    const entry = found.get(name) ?? { pulls: [], errors: [], bound: 0, missing: 0 };
    found.set(name, entry);
    const got = name.endsWith('.weight')
      ? weightOf(fit, name)
      : fit.parameters.find((p) => p.name === name && p.varied);
    if (!got || !(got.sigma > 0)) entry.missing++;
    else {
      entry.pulls.push((got.value - value) / got.sigma);
      entry.errors.push(Math.abs(got.value - value));
      if ('atBound' in got && got.atBound) entry.bound++;
    }
  }
}

function weightOf(fit: Fit, name: string): Measured | undefined {
  const phase = fit.phases.find((one) => `${one.name}.weight` === name);
  return phase?.present ? (phase.weight_fraction ?? undefined) : undefined;
}

function summary(name: string, { pulls, errors, bound, missing }: Found): string {
  const n = pulls.length;
  const mean = pulls.reduce((a, b) => a + b, 0) / n;
  const sd = Math.sqrt(pulls.reduce((a, b) => a + (b - mean) ** 2, 0) / (n - 1));
  const inside = pulls.filter((pull) => Math.abs(pull) < 1.96).length;
  const median = [...errors].sort((a, b) => a - b)[Math.floor(n / 2)] ?? Number.NaN;
  const rest = [bound > 0 ? `${bound} at a bound` : '', missing > 0 ? `${missing} not refined` : ''].filter(
    Boolean,
  );
  return `  ${name.padEnd(22)} holds ${inside} of ${n}   pull ${mean.toFixed(2).padStart(5)} +- ${sd.toFixed(2)}   median error ${median.toPrecision(2)}  ${rest.join(', ')}`;
}
