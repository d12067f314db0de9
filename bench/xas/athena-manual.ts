/**
 * The linear combination fits of Athena's manual (chapter "Reduction of gold chloride by cyanobacteria") and of Demeter's
 * own test, made by the athena-0.9.26 profile beside the published numbers.
 *
 *   npx tsx bench/xas/athena-manual.ts path/to/cyanobacteria.prj
 *
 * The project is Demeter's example. Athena has two backends: the pictures were made with IFEFFIT, whose edge steps the
 * project stores (its R is about the mean); with Larch the steps are fitted again, as the profile does unless they are
 * fixed. The text of the manual is older than its pictures.
 */

import { pickScan, readSpectrumScans } from '../../src/formats/spectra/spectrum-file.js';
import { spectrumFromScan } from '../../src/formats/spectra/spectrum-from-scan.js';
import { ratioDerivative } from '../../src/xas/curve/grid.js';
import { fitMixture } from '../../src/xas/mixture/mixture.js';
import type { Curve } from '../../src/xas/mixture/mixture-options.js';
import { athenaNormalization } from '../../src/xas/normalize/athena-normalization.js';
import { storedChoices } from '../../src/xas/normalize/stored-choices.js';

type Space = 'norm' | 'flat' | 'derivative';

interface Published {
  standards: string[];
  space: Space;
  /** Relative to e0. */
  range: [number, number];
  numbers: string;
}

const FOIL = 'Au foil';
const CHLORIDE = 'Au3 Cl aq';
const published: Published[] = [
  { standards: [FOIL, CHLORIDE], space: 'norm', range: [-20, 30], numbers: 'text: foil 0.51(1)' },
  {
    standards: [FOIL, CHLORIDE, 'Au sulphide'],
    space: 'norm',
    range: [-20, 30],
    numbers: 'text: foil 0.34(2), sulphide 0.18(2)',
  },
  ...[
    ['Au thiomalate aq', '0.357(8) 0.429(5) 0.057(14) 0.157(7), R 5.72e-5, 8.60e-6'],
    ['Au thiosulphate aq', 'R 5.97e-5, 9.0e-6'],
    ['Au sulphide', 'R 7.35e-5, 1.10e-5'],
  ].map(
    ([third, numbers]): Published => ({
      standards: [FOIL, CHLORIDE, 'Au hydroxide', third!],
      space: 'flat',
      range: [-20, 70],
      numbers: `picture: ${numbers}`,
    }),
  ),
  {
    standards: [FOIL, CHLORIDE, 'Au sulphide'],
    space: 'derivative',
    range: [-20, 60],
    numbers: 'test 025: foil 0.322(28), R 4.72e-3',
  },
];

const path = process.argv[2];
if (path === undefined) throw new Error('give the path of cyanobacteria.prj');
const scans = await readSpectrumScans(path);

function curveOf(name: string, space: Space, storedStep: boolean): Curve & { e0_eV: number } {
  const scan = pickScan(scans, name, path!);
  const { energy_eV, mu } = spectrumFromScan(scan, { element: 'Au', edge: 'L3', label: name });
  const step = storedStep ? { step: Number(scan.stored.edgeStep) } : {};
  const made = athenaNormalization(energy_eV, mu, { ...storedChoices(scan.stored), ...step });
  const values = space === 'derivative' ? ratioDerivative(energy_eV, made.norm) : made[space];
  return { label: name, energy_eV, values, sigma: null, e0_eV: made.e0_eV };
}

function mixtureOf({ standards, space, range }: Published, storedStep: boolean): string {
  const [data, ...others] = ['7.03', ...standards].map((name) => curveOf(name, space, storedStep));
  const result = fitMixture(data!, others, {
    from_eV: data!.e0_eV + range[0],
    to_eV: data!.e0_eV + range[1],
    sumToOne: true,
    nonNegative: true,
    sigma: 1,
  });
  const { chi2, points, rFactor, rFactorAboutMean } = result.statistics;
  const reduced = chi2 / (points - standards.length + 1);
  const weights = result.weights.map(
    ({ value, sigma }) => `${value.toFixed(3)}(${Math.round(1000 * sigma * Math.sqrt(reduced))})`,
  );
  return `${weights.join(' ')}, R ${rFactor.toExponential(2)}, about the mean ${rFactorAboutMean.toExponential(2)}, reduced chi2 ${reduced.toExponential(2)}`;
}

for (const one of published) {
  console.log(`${one.standards.join(' + ')}, ${one.space}, ${one.range.join(' to ')} eV`);
  console.log(`  ${one.numbers}`);
  console.log(`  stored steps: ${mixtureOf(one, true)}`);
  console.log(`  fitted steps: ${mixtureOf(one, false)}`);
}
