import type { CalibratedSpectrum, Measured } from '../../src/measurement.js';
import { edgeFeaturesOf } from '../../src/xas/edge/analyse-edge.js';
import { fitMixture } from '../../src/xas/mixture/mixture.js';
import { normalizeSpectrum } from '../../src/xas/normalize/normalize.js';
import { windowsFor } from '../../src/xas/peaks/peak-windows.js';
import { fitPreEdge } from '../../src/xas/peaks/pre-edge-fit.js';
import { preEdgeFrame } from '../../src/xas/peaks/pre-edge-frame.js';
import type { Tallies } from './tallies.js';

export interface TruePeak {
  area: number;
  /** Null where several compounds add to the peak. */
  center: number | null;
  height: number | null;
  fwhm: number | null;
}

/** What a simulated sample is made of. Energies on the true axis, eV; curves have a step of one. */
export interface Truth {
  weights: number[];
  peaks: Record<string, TruePeak>;
  /** All maxima of the derivative, with its height as a fraction of the highest. */
  inflections: { energy: number; height: number }[];
  /** All maxima of the curve. */
  crests: number[];
  halfStep: number | null;
}

interface Columns {
  energy: ArrayLike<number>;
  mu: ArrayLike<number>;
}

export interface SpectrumCase {
  element: string;
  edge: string;
  /** Standard deviation of each axis, eV. */
  drift: number;
  sample: Columns;
  standards: Columns[];
  truth: Truth;
}

/** Measures one simulated sample as the program does, and judges every reported interval. */
export function scoreSpectrum(
  { element, edge, drift, sample, standards, truth }: SpectrumCase,
  tallies: Tallies,
) {
  const prepare = ({ energy, mu }: Columns, label: string) => {
    const spectrum: CalibratedSpectrum = {
      label,
      element,
      edge,
      energy_eV: Float64Array.from(energy),
      mu: Float64Array.from(mu),
      sigma: null,
      source: 'fluorescence',
      reference: null,
      shift_eV: { value: 0, sigma: drift },
    } as CalibratedSpectrum;
    const features = edgeFeaturesOf(spectrum);
    if (!features?.main) return null;
    const outcome = normalizeSpectrum(spectrum, features);
    const { energy_eV, norm, sigma } = outcome.spectrum;
    return { features, outcome, curve: { label, energy_eV, values: norm, sigma } };
  };
  const own = prepare(sample, 'sample');
  if (!own) return tallies.tell('no edge found');
  const { features, outcome, curve } = own;
  judgeFeatures(features, truth, drift, tallies);

  const references = standards.map((standard, k) => prepare(standard, `standard ${k + 1}`));
  if (references.every((reference) => reference !== null)) {
    const e0 = outcome.spectrum.e0_eV.value;
    const mixture = fitMixture(
      curve,
      references.map((reference) => reference.curve),
      {
        from_eV: e0 - 20,
        to_eV: e0 + 30,
        drift_eV: drift,
        scales: [own, ...references].map((one) => one.outcome.scale),
      },
    );
    mixture.weights.forEach(({ value, sigma }, k) => {
      const weight = truth.weights[k]!;
      tallies.judge(`weight (${weight ? 'present' : 'absent'})`, value, sigma, weight);
      if (!weight) tallies.judgeLimit('weight (limit of an absent one)', mixture.limits95[k]!, 0);
    });
  }
  if (element === 'Cl') judgePeaks(own, truth, tallies);
}

type Prepared = {
  features: NonNullable<ReturnType<typeof edgeFeaturesOf>>;
  outcome: ReturnType<typeof normalizeSpectrum>;
};

function judgeFeatures(features: Prepared['features'], truth: Truth, drift: number, tallies: Tallies): void {
  const onAxis = ({ value, sigma }: Measured): [number, number] => [value, Math.hypot(sigma, drift)];
  const nearest = (energy: number) =>
    truth.inflections.reduce((best, next) =>
      Math.abs(next.energy - energy) < Math.abs(best.energy - energy) ? next : best,
    );
  for (const found of features.inflections) {
    const known = nearest(found.energy_eV.value);
    const [value, sigma] = onAxis(found.energy_eV);
    const which = found === features.main ? 'main' : found.prominence > 0.5 ? 'strong' : 'weak';
    if (Math.abs(known.energy - value) > Math.max(6 * sigma, 25 * drift))
      tallies.tell(`an inflection that is none (${which})`);
    else tallies.judge(`inflection (${which})`, value, sigma, known.energy);
  }
  const main = features.main!.energy_eV.value;
  const steepest = truth.inflections.reduce((best, next) => (next.height > best.height ? next : best));
  if (Math.abs(nearest(main).energy - steepest.energy) > 1e-6)
    tallies.tell('the main inflection is not the steepest');
  const { whiteLine, halfStep } = features;
  if (whiteLine) {
    const [value, sigma] = onAxis(whiteLine);
    const crest = truth.crests.reduce((best, next) =>
      Math.abs(next - value) < Math.abs(best - value) ? next : best,
    );
    if (Math.abs(crest - value) > Math.max(6 * sigma, 50 * drift)) tallies.tell('a white line that is none');
    else tallies.judge('white line', value, sigma, crest);
  }
  if (halfStep && truth.halfStep !== null) tallies.judge('half step', ...onAxis(halfStep), truth.halfStep);
}

function judgePeaks({ features, outcome: { spectrum } }: Prepared, truth: Truth, tallies: Tallies): void {
  const windows = windowsFor(spectrum, features);
  if (windows.length === 0) {
    tallies.tell('no windows for peaks');
    return;
  }
  const fit = fitPreEdge(spectrum, windows, preEdgeFrame(spectrum, windows));
  if (!fit.describes) {
    tallies.tell('no description of the edge');
    return;
  }
  for (const { name } of windows) {
    const known = truth.peaks[name];
    const found = fit.peaks.find((peak) => peak.name === name);
    const absent = fit.absent.find((peak) => peak.name === name);
    if (absent) {
      tallies.judgeLimit(`limit of ${name}`, absent.areaLimit95, known?.area ?? 0);
      if (known) tallies.tell(`${name} missed`);
    }
    if (!found) continue;
    if (!known) {
      tallies.tell(`${name} invented`);
      continue;
    }
    tallies.judge(`area of ${name}`, found.area.value, found.area.sigma, known.area);
    if (known.center === null) continue;
    tallies.judge(`centre of ${name}`, found.center_eV.value, found.center_eV.sigma, known.center);
    tallies.judge(`height of ${name}`, found.height.value, found.height.sigma, known.height!);
    tallies.judge(`width of ${name}`, found.fwhm_eV.value, found.fwhm_eV.sigma, known.fwhm!);
  }
}
