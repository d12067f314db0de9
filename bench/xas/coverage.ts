/**
 * How often the stated 95 % intervals hold the truth, on simulated chlorine spectra with noise, energy drift and
 * glitches: npx tsx bench/xas/coverage.ts [spectra, default 500]
 */
import type { CalibratedSpectrum, Spectrum } from '../../src/measurement.js';
import { Random } from '../../src/numeric/random.js';
import { chlorineShapes } from '../../src/simulate/reference-shapes.js';
import { energyGrid } from '../../src/simulate/spectrum-scan.js';
import { inflectionsOf, mainInflection, mixtureAt, type XanesShape } from '../../src/simulate/xanes-shape.js';
import { edgeFeaturesOf } from '../../src/xas/edge/analyse-edge.js';
import type { EdgeFeatures } from '../../src/xas/edge/edge-features.js';
import { fitMixture } from '../../src/xas/mixture/mixture.js';
import { normalizeSpectrum } from '../../src/xas/normalize/normalize.js';
import { defaultPeakWindows } from '../../src/xas/peaks/peak-windows.js';
import { fitPreEdge } from '../../src/xas/peaks/pre-edge-fit.js';
import { preEdgeFrame } from '../../src/xas/peaks/pre-edge-frame.js';

const count = Number(process.argv[2] ?? 500);
const energy = energyGrid([
  [2775, 2815, 0.5],
  [2815, 2820, 0.2],
  [2820, 2835, 0.1],
  [2835, 2850, 0.25],
  [2850, 2910, 0.75],
]);
/** Standard deviation of the axis from scan to scan, eV. */
const DRIFT = 0.02;
const names = ['LYC', 'InCl3', 'InCl'] as const;
type Parts = { shape: XanesShape; weight: number }[];

function measure(parts: Parts, noise: number, random: Random, glitch: boolean): CalibratedSpectrum {
  const drift = random.normal(0, DRIFT);
  const mu = energy.map((e) => 0.2 - 2e-4 * (e - 2800) + mixtureAt(parts, e + drift));
  for (let i = 0; i < mu.length; i++)
    mu[i] = mu[i]! + noise * Math.sqrt(Math.max(0.1, mu[i]!)) * random.normal(0, 1);
  if (glitch) {
    const at = 100 + Math.floor(random.uniform() * 200);
    mu[at] = mu[at]! + 0.15;
  }
  const plain: Spectrum = {
    label: 'simulated',
    element: 'Cl',
    edge: 'K',
    energy_eV: energy,
    mu,
    sigma: null,
    source: 'fluorescence',
    reference: null,
  };
  return { ...plain, shift_eV: { value: 0, sigma: DRIFT } } as CalibratedSpectrum;
}

const area = ({ height, fwhm_eV, eta }: { height: number; fwhm_eV: number; eta: number }): number =>
  height * fwhm_eV * ((eta * Math.PI) / 2 + ((1 - eta) * Math.sqrt(Math.PI / Math.LN2)) / 2);

const tallies = new Map<string, { inside: number; all: number; squares: number }>();
function judge(name: string, value: number, sigma: number, truth: number): void {
  const tally = tallies.get(name) ?? { inside: 0, all: 0, squares: 0 };
  const pull = (value - truth) / sigma;
  tally.all++;
  if (Math.abs(pull) < 1.96) tally.inside++;
  tally.squares += Math.min(100, pull * pull);
  tallies.set(name, tally);
}

/** The other features of an edge: every inflection, the half step and the white line. */
function judgeFeatures(
  { inflections, halfStep, whiteLine }: EdgeFeatures,
  parts: Parts,
  main_eV: number,
): void {
  const at = (e: number): number => mixtureAt(parts, e);
  const known = inflectionsOf(at, 2815, 2838, 0.02);
  for (const { energy_eV, prominence } of inflections) {
    const nearest = known.reduce((best, next) =>
      Math.abs(next.energy_eV - energy_eV.value) < Math.abs(best.energy_eV - energy_eV.value) ? next : best,
    );
    const which = prominence > 0.5 ? 'strong' : 'weak';
    if (Math.abs(nearest.energy_eV - energy_eV.value) > 1) tell(`an inflection that is none (${which})`);
    else
      judge(
        `all inflections (${which})`,
        energy_eV.value,
        Math.hypot(energy_eV.sigma, DRIFT),
        nearest.energy_eV,
      );
  }
  const grid = Float64Array.from({ length: 2001 }, (_, i) => main_eV - 5 + 0.01 * i);
  const values = grid.map(at);
  if (whiteLine) {
    let top = 500;
    while (values[top + 1]! > values[top]! && top < 1900) top++;
    judge('white line', whiteLine.value, Math.hypot(whiteLine.sigma, DRIFT), grid[top]!);
  }
  if (halfStep) {
    let k = 500;
    if (values[k]! < 0.5) while (values[k]! < 0.5) k++;
    else while (values[k - 1]! >= 0.5) k--;
    judge('half step', halfStep.value, Math.hypot(halfStep.sigma, DRIFT), grid[k]!);
  }
}

const told = new Map<string, number>();
const tell = (what: string): void => void told.set(what, (told.get(what) ?? 0) + 1);

/** A one-sided limit holds if the truth lies below. */
const judgeLimit = (name: string, limit: number, truth: number): void =>
  judge(name, truth <= limit ? truth : limit - 1, 0.1, truth);

const windows = defaultPeakWindows('Cl', 'K');
const lycEdge = mainInflection((e) => mixtureAt([{ shape: chlorineShapes.LYC, weight: 1 }], e), 2818, 2832);
const seeds = new Random(20240601, 'xas coverage');
let missedB = 0;
let inventedB = 0;
for (let k = 0; k < count; k++) {
  const random = new Random(k + 1, 'xas coverage spectrum');
  const noise = [0.003, 0.006, 0.012][k % 3]!;
  const share = k % 5 === 0 ? 0 : 0.15 + 0.7 * seeds.uniform();
  const reduced = k % 2 ? 0 : 0.3 * share;
  const weights = [1 - share, share - reduced, reduced];
  const parts = names.map((name, j): Parts[number] => ({ shape: chlorineShapes[name], weight: weights[j]! }));
  const prepared = (of: Parts, level: number, glitch: boolean) => {
    const spectrum = measure(of, level, random, glitch);
    const features = edgeFeaturesOf(spectrum)!;
    return { features, outcome: normalizeSpectrum(spectrum, features) };
  };
  const sample = prepared(parts, noise, k % 4 === 0);
  const standards = names.map((name) => prepared([{ shape: chlorineShapes[name], weight: 1 }], 0.003, false));
  const truth = mainInflection((e) => mixtureAt(parts, e), 2818, 2832);
  const main = sample.features.main!.energy_eV;
  judge('edge energy', main.value, Math.hypot(main.sigma, DRIFT), truth);
  judgeFeatures(sample.features, parts, truth);
  // What a report says of two scans: the difference of one feature, each on its own drifting axis.
  const pure = standards[0]!.features.main!.energy_eV;
  judge(
    'edge shift',
    main.value - pure.value,
    Math.hypot(main.sigma, pure.sigma, Math.SQRT2 * DRIFT),
    truth - lycEdge,
  );

  const curve = ({ outcome }: typeof sample, label: string) => ({
    label,
    energy_eV: outcome.spectrum.energy_eV,
    values: outcome.spectrum.norm,
    sigma: outcome.spectrum.sigma,
  });
  const mixture = fitMixture(
    curve(sample, 'sample'),
    standards.map((s, j) => curve(s, names[j]!)),
    {
      from_eV: truth - 20,
      to_eV: truth + 30,
      drift_eV: 1.4 * DRIFT,
      scales: [sample, ...standards].map(({ outcome }) => outcome.scale),
    },
  );
  mixture.weights.forEach(({ value, sigma }, j) => {
    judge(`weight (${weights[j] ? 'present' : 'absent'})`, value, sigma, weights[j]!);
  });

  const fit = fitPreEdge(sample.outcome.spectrum, windows, preEdgeFrame(sample.outcome.spectrum, windows));
  const b = fit.peaks.find(({ name }) => name === 'b');
  const expected =
    (share - reduced) * area(chlorineShapes.InCl3.peaks[0]!) + reduced * area(chlorineShapes.InCl.peaks[0]!);
  if (share === 0) {
    if (b) inventedB++;
  } else if (!b) missedB++;
  else {
    judge('area of b', b.area.value, b.area.sigma, expected);
    if (reduced === 0) {
      judge('centre of b', b.center_eV.value, b.center_eV.sigma, 2824.5);
      judge('height of b', b.height.value, b.height.sigma, share * chlorineShapes.InCl3.peaks[0]!.height);
      judge('width of b', b.fwhm_eV.value, b.fwhm_eV.sigma, chlorineShapes.InCl3.peaks[0]!.fwhm_eV);
    }
  }
  const a = fit.peaks.find(({ name }) => name === 'a');
  if (a) {
    judge('area of a', a.area.value, a.area.sigma, weights[0]! * area(chlorineShapes.LYC.peaks[0]!));
    judge('centre of a', a.center_eV.value, a.center_eV.sigma, 2823.3);
  } else tell('no peak a');
  for (const { name, areaLimit95 } of fit.absent)
    if (name === 'a') judgeLimit('limit of a', areaLimit95, weights[0]! * area(chlorineShapes.LYC.peaks[0]!));
}
for (const [name, { inside, all, squares }] of tallies)
  console.log(
    `${name.padEnd(18)} ${((100 * inside) / all).toFixed(1)} % of ${all} inside, rms pull ${Math.sqrt(squares / all).toFixed(2)}`,
  );
for (const [what, times] of told) console.log(`${what}: ${times} times`);
console.log(`peak b: ${missedB} missed, ${inventedB} invented in ${count} spectra`);
