/**
 * Side by side with Larch in one run: e0, edge step and normalised curves on every real spectrum of ../shared/data, and
 * the times of four operations. Needs xraylarch in `python3` or $PEER_PYTHON: npx tsx bench/xas/compare-larch.ts
 *
 * What is timed is the compiled program, as it is installed: tsx would add its own cost to every function that is made.
 */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { readSpectrumScans } from '../../src/formats/spectra/spectrum-file.js';
import { spectrumFromScan } from '../../src/formats/spectra/spectrum-from-scan.js';
import type { MuSource } from '../../src/measurement.js';
import { nearestEdge } from '../../src/reference/edges.js';
import type { Curve } from '../../src/xas/mixture/mixture-options.js';
import { gaussian, step } from '../../src/xas/peaks/lineshapes.js';
import build from '../../test/support/build.js';

build();
const compiled = <T>(module: string): Promise<T> =>
  import(new URL(`../../dist/${module}.js`, import.meta.url).href) as Promise<T>;
const { leastSquares } = await compiled<typeof import('../../src/fit/least-squares.js')>('fit/least-squares');
const { buildPeakModel } =
  await compiled<typeof import('../../src/xas/peaks/peak-model.js')>('xas/peaks/peak-model');
const { larchNormalization } = await compiled<
  typeof import('../../src/xas/normalize/larch-normalization.js')
>('xas/normalize/larch-normalization');
const { fitMixture } =
  await compiled<typeof import('../../src/xas/mixture/mixture.js')>('xas/mixture/mixture');
const { searchMixtures } = await compiled<typeof import('../../src/xas/mixture/mixture-search.js')>(
  'xas/mixture/mixture-search',
);

const data = fileURLToPath(new URL('../../../shared/data/xas/', import.meta.url));
const python = process.env.PEER_PYTHON ?? 'python3';

interface Named {
  name: string;
  energy: Float64Array;
  mu: Float64Array;
}

/** Every spectrum that can be formed from the files, with every way to form mu that the columns allow. */
async function realSpectra(): Promise<Named[]> {
  const found: Named[] = [];
  for (const folder of ['y-k', 'in-k', 'cl-k', 'lcf-gold', 'pre-edge-fe2o3', 'foils', 'xdi-good', 'formats'])
    for (const file of readdirSync(join(data, folder)).sort()) {
      if (/licen/iu.test(file)) continue;
      try {
        for (const scan of await readSpectrumScans(join(data, folder, file)))
          for (const mu of ['transmission', 'fluorescence', 'reference', null] as (MuSource | null)[]) {
            const formed = form(scan, mu);
            if (formed) found.push({ name: `${file} ${scan.title} ${mu ?? 'default'}`, ...formed });
          }
      } catch {
        // Files that are no spectra are other tests' subject.
      }
    }
  return found;
}

function form(scan: Parameters<typeof spectrumFromScan>[0], mu: MuSource | null) {
  const energies = scan.columns.find(({ role }) => role === 'energy')?.values;
  if (!energies) return null;
  const near = nearestEdge(energies[energies.length >> 1]!) ?? nearestEdge(energies[0]! + 100);
  const element = scan.element ?? near?.element;
  const edge = scan.edge ?? near?.edge;
  if (!element || !edge) return null;
  try {
    const made = spectrumFromScan(scan, { element, edge, label: scan.title, mu, path: 'bench' });
    return { energy: made.energy_eV, mu: made.mu };
  } catch {
    return null;
  }
}

/** The times of single calls in seconds, for about so long. */
function timesOf(action: () => unknown, seconds: number): number[] {
  const times: number[] = [];
  const begin = performance.now();
  do {
    const before = performance.now();
    action();
    times.push((performance.now() - before) / 1000);
  } while (performance.now() - begin < 1000 * seconds);
  return times;
}

/** What other work on the machine does to the times shows above this quantile only. */
const tenthPercentile = (times: number[]): number =>
  times.sort((a, b) => a - b)[Math.floor(times.length / 10)]!;

/** A running Larch that answers each line with one line of JSON. */
class LarchSide {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly lines: AsyncIterator<string>;

  constructor() {
    // One core for each side: threads that wait for each other on a busy machine would only slow Larch down.
    const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };
    this.child = spawn(python, [fileURLToPath(new URL('larch_side.py', import.meta.url))], { env });
    this.child.stderr.pipe(process.stderr);
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  async ask<T>(line: string): Promise<T> {
    this.child.stdin.write(`${line}\n`);
    const { value, done } = await this.lines.next();
    if (done) throw new Error('Larch ended early');
    return JSON.parse(value) as T;
  }

  end(): void {
    this.child.stdin.end();
  }
}

/** Both programs in turns, so that the load of the machine is the same for both. */
async function race(larch: LarchSide, name: string, action: () => unknown, turns = 5) {
  timesOf(action, 0.3);
  const theirs: number[] = [];
  const ours: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    theirs.push(...(await larch.ask<number[]>(`${name} 0.5`)));
    ours.push(...timesOf(action, 0.5));
  }
  return { theirs: tenthPercentile(theirs), ours: tenthPercentile(ours) };
}

const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let worst = 0;
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs(a[i]! - b[i]!));
  return worst;
};

/** Two Gaussians and an arctangent with noise, and where the fit starts. */
function peakTask() {
  const energy = Float64Array.from({ length: 150 }, (_, i) => 2815 + 0.1 * i);
  let state = 7;
  const random = () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647 - 0.5;
  };
  const norm = energy.map(
    (e) =>
      0.15 * gaussian(e - 2823.3, 1.8) +
      0.5 * gaussian(e - 2824.6, 1.1) +
      step('arctan', e - 2827.5, 1.6) +
      0.01 * random(),
  );
  const start: Record<string, [number, number, number]> = {
    a_amplitude: [0.1, 0, 10],
    a_center: [2823.1, 2822, 2824],
    a_sigma: [0.6, 0.1, 3],
    b_amplitude: [0.3, 0, 10],
    b_center: [2824.4, 2824, 2826],
    b_sigma: [0.6, 0.1, 3],
    s_amplitude: [0.8, 0, 10],
    s_center: [2827, 2825, 2830],
    s_sigma: [1, 0.1, 5],
    k_c: [0, -1, 1],
  };
  return { energy, norm, sigma: 0.003, start };
}

function fitPeaks({ energy, norm, sigma, start }: ReturnType<typeof peakTask>) {
  const at = (name: string, factor = 1) => {
    const [value, min, max] = start[name]!;
    return { value: value * factor, min: min * factor, max: max * factor };
  };
  const width = 2 * Math.sqrt(2 * Math.LN2);
  const peak = (name: string) => ({
    kind: 'peak' as const,
    name,
    shape: 'gaussian' as const,
    area: at(`${name}_amplitude`),
    centre: at(`${name}_center`),
    fwhm: at(`${name}_sigma`, width),
  });
  const model = buildPeakModel(energy, [
    peak('a'),
    peak('b'),
    {
      kind: 'step',
      name: 's',
      shape: 'arctan',
      height: at('s_amplitude'),
      centre: at('s_center'),
      fwhm: at('s_sigma', 2),
    },
    { kind: 'polynomial', name: 'k', reference_eV: 2820, coefficients: [at('k_c')] },
  ]);
  // The tolerance that the pre-edge fits use: the next step is shorter than a thousandth of every uncertainty.
  return leastSquares({
    ...model,
    y: norm,
    sigma: new Float64Array(norm.length).fill(sigma),
    tolerance: 1e-3,
  });
}

async function goldTask() {
  const load = async (name: string): Promise<Curve> => {
    const [scan] = await readSpectrumScans(join(data, 'lcf-gold', `${name}.dat`));
    return {
      label: name,
      energy_eV: scan!.columns[0]!.values,
      values: scan!.columns[1]!.values,
      sigma: null,
    };
  };
  return {
    unknown: await load('unknown'),
    standards: await Promise.all(['s1', 's2', 's3', 's4', 's5', 's6'].map(load)),
  };
}

if (!existsSync(data)) {
  console.log(`skipped: ${data} is absent`);
} else if (spawnSync(python, ['-c', 'import larch']).status !== 0) {
  console.log(`skipped: ${python} has no xraylarch (set PEER_PYTHON)`);
} else {
  const spectra = await realSpectra();
  const peaks = peakTask();
  const { unknown, standards } = await goldTask();
  const range = [11870, 12030] as const;
  const kcl = spectra.find(({ name }) => name.includes('KCl'))!;
  const plain = ({ label, energy_eV, values }: Curve) => ({
    name: label,
    energy: [...energy_eV],
    norm: [...values],
  });
  const task = {
    spectra: spectra.map(({ name, energy, mu }) => ({ name, energy: [...energy], mu: [...mu] })),
    timing: {
      normalize: { energy: [...kcl.energy], mu: [...kcl.mu] },
      peaks: { ...peaks, energy: [...peaks.energy], norm: [...peaks.norm] },
      lcf: { unknown: plain(unknown), standards: standards.map(plain), range },
    },
  };
  const side = new LarchSide();
  const larch = await side.ask<{
    spectra: (
      | { name: string; error: string }
      | { name: string; error?: undefined; e0: number; step: number; norm: number[]; flat: number[] }
    )[];
    peaks: Record<string, number>;
    lcf: number[];
  }>(JSON.stringify(task));

  let compared = 0;
  let worstStep = 0;
  let worstNorm = 0;
  let worstFlat = 0;
  let faults = 0;
  spectra.forEach(({ name, energy, mu }, k) => {
    const theirs = larch.spectra[k]!;
    if (theirs.error !== undefined) {
      console.log(`  Larch cannot: ${name}: ${theirs.error}`);
      return;
    }
    const ours = larchNormalization(energy, mu);
    const stepError = Math.abs(ours.edgeStep / theirs.step - 1);
    const normError = largest(ours.norm, theirs.norm);
    const flatError = largest(ours.flat, theirs.flat);
    compared++;
    worstStep = Math.max(worstStep, stepError);
    worstNorm = Math.max(worstNorm, normError);
    worstFlat = Math.max(worstFlat, flatError);
    if (ours.e0_eV !== theirs.e0 || stepError > 1e-6 || normError > 1e-8) {
      faults++;
      console.log(
        `  differs: ${name}: e0 ${ours.e0_eV} / ${theirs.e0}, step ${stepError.toExponential(1)}, norm ${normError.toExponential(1)}`,
      );
    }
  });
  console.log(
    `${compared} real spectra compared, ${faults} differ; largest differences: step ${worstStep.toExponential(1)} (relative), norm ${worstNorm.toExponential(1)}, flat ${worstFlat.toExponential(1)}`,
  );

  const three = [0, 1, 4].map((k) => standards[k]!);
  const options = { from_eV: range[0], to_eV: range[1] };
  const operations = [
    { name: 'normalize', wanted: 50, action: () => larchNormalization(kcl.energy, kcl.mu) },
    { name: 'peaks', wanted: 20, action: () => fitPeaks(peaks) },
    { name: 'lcf', wanted: 50, action: () => fitMixture(unknown, three, options) },
    { name: 'search', wanted: 50, action: () => searchMixtures(unknown, standards, options, 4, 2) },
  ];
  for (const { name, wanted, action } of operations) {
    const { theirs, ours } = await race(side, name, action);
    console.log(
      `${name.padEnd(10)} Larch ${(1e3 * theirs).toFixed(3)} ms, here ${(1e3 * ours).toFixed(4)} ms: ${(theirs / ours).toFixed(0)} times (wanted ${wanted})`,
    );
  }
  side.end();
  const fit = fitPeaks(peaks);
  const centre = fit.parameters.find(({ name }) => name === 'b.centre')!.value;
  console.log(
    `peak b at ${centre.toFixed(5)} / ${larch.peaks.b_center!.toFixed(5)}, chi2 ${fit.chi2.toFixed(4)} / ${larch.peaks.chi2!.toFixed(4)}`,
  );
  console.log(
    `gold weights ${fitMixture(unknown, three, options)
      .weights.map(({ value }) => value.toFixed(5))
      .join(' ')} / ${larch.lcf.map((w) => w.toFixed(5)).join(' ')}`,
  );
}
