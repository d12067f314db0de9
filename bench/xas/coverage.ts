/**
 * How often the stated 95 % intervals hold the truth, on simulated chlorine spectra with noise, energy drift and
 * glitches: npx tsx bench/xas/coverage.ts [spectra, default 500] [seed, default 1]
 */
import { Random } from '../../src/numeric/random.js';
import { chlorineShapes } from '../../src/simulate/reference-shapes.js';
import { energyGrid } from '../../src/simulate/spectrum-scan.js';
import { inflectionsOf, mixtureAt, type ShapePeak, type XanesShape } from '../../src/simulate/xanes-shape.js';
import { scoreSpectrum, type TruePeak, type Truth } from './score-spectrum.js';
import { Tallies } from './tallies.js';

const count = Number(process.argv[2] ?? 500);
const seed = Number(process.argv[3] ?? 1);
const energy = energyGrid([
  [2775, 2815, 0.5],
  [2815, 2820, 0.2],
  [2820, 2835, 0.1],
  [2835, 2850, 0.25],
  [2850, 2910, 0.75],
]);
/** Standard deviation of the axis from scan to scan, eV. */
const DRIFT = 0.02;
const { LYC, InCl3, InCl } = chlorineShapes;
type Parts = { shape: XanesShape; weight: number }[];

function measure(parts: Parts, noise: number, random: Random, glitch: boolean) {
  const drift = random.normal(0, DRIFT);
  const mu = energy.map((e) => 0.2 - 2e-4 * (e - 2800) + mixtureAt(parts, e + drift));
  for (let i = 0; i < mu.length; i++)
    mu[i] = mu[i]! + noise * Math.sqrt(Math.max(0.1, mu[i]!)) * random.normal(0, 1);
  if (glitch) {
    const at = 100 + Math.floor(random.uniform() * 200);
    mu[at] = mu[at]! + 0.15;
  }
  return { energy, mu };
}

const areaOf = ({ height, fwhm_eV, eta }: ShapePeak): number =>
  height * fwhm_eV * ((eta * Math.PI) / 2 + ((1 - eta) * Math.sqrt(Math.PI / Math.LN2)) / 2);

const truePeak = (peak: ShapePeak, weight: number): TruePeak => ({
  area: weight * areaOf(peak),
  center: peak.center_eV,
  height: weight * peak.height,
  fwhm: peak.fwhm_eV,
});

/** Peak b is that of both indium chlorides; one number stands for it only where one of them is there. */
function truePeaks([host, b, c]: readonly [number, number, number]): Truth['peaks'] {
  const peaks: Truth['peaks'] = {};
  if (host > 0) peaks.a = truePeak(LYC.peaks[0]!, host);
  if (b + c > 0) {
    peaks.b = truePeak(InCl3.peaks[0]!, b);
    if (c > 0)
      peaks.b = { area: peaks.b.area + c * areaOf(InCl.peaks[0]!), center: null, height: null, fwhm: null };
  }
  return peaks;
}

function truthOf(parts: Parts, weights: readonly [number, number, number]): Truth {
  const at = (e: number): number => mixtureAt(parts, e);
  const inflections = inflectionsOf(at, 2815, 2838, 0.02).map(({ energy_eV, prominence }) => ({
    energy: energy_eV,
    height: prominence,
  }));
  const grid = Float64Array.from({ length: 2001 }, (_, i) => 2818 + 0.01 * i);
  const values = grid.map(at);
  const where = (is: (i: number) => boolean): number[] =>
    Array.from(grid).filter((_, i) => i > 0 && i < grid.length - 1 && is(i));
  const main = inflections.find(({ height }) => height === 1)!.energy;
  const halves = where((i) => values[i - 1]! < 0.5 && values[i]! >= 0.5);
  return {
    weights: [...weights],
    peaks: truePeaks(weights),
    inflections,
    crests: where((i) => values[i]! > values[i - 1]! && values[i]! >= values[i + 1]!),
    halfStep: halves.sort((a, b) => Math.abs(a - main) - Math.abs(b - main))[0] ?? null,
  };
}

const tallies = new Tallies();
for (let k = 0; k < count; k++) {
  const random = new Random(seed * 100_000 + k, 'xas coverage spectrum');
  const noise = [0.003, 0.006, 0.012][k % 3]!;
  const share = k % 5 === 0 ? 0 : 0.15 + 0.7 * random.uniform();
  const reduced = k % 2 ? 0 : 0.3 * share;
  const weights = [1 - share, share - reduced, reduced] as const;
  const parts = [LYC, InCl3, InCl].map((shape, j) => ({ shape, weight: weights[j]! }));
  scoreSpectrum(
    {
      element: 'Cl',
      edge: 'K',
      drift: DRIFT,
      sample: measure(parts, noise, random, k % 4 === 0),
      standards: parts.map(({ shape }) => measure([{ shape, weight: 1 }], 0.003, random, false)),
      truth: truthOf(parts, weights),
    },
    tallies,
  );
}
tallies.print();
