import { mixtureFits } from '../../report/figures/lcf.js';
import { peakFits } from '../../report/figures/peaks.js';
import { spectraStack } from '../../report/figures/spectra.js';
import type { SpectrumCurves, SpectrumResult } from '../../result.js';
import { derivative } from '../../xas/curve/grid.js';
import type { MixtureFit } from '../../xas/mixture/mixture.js';
import type { PreEdgeFit } from '../../xas/peaks/pre-edge-fit.js';
import { drawLoose } from '../loose-figures.js';
import type { Normalized } from './normalize-one.js';

/** A step's outcome for one spectrum, as the figures of a report want it. */
export interface Drawn extends Pick<Normalized, 'spectrum' | 'features'> {
  peaks?: PreEdgeFit;
}

/** Draws the report's own figure of a step into a folder. */
export async function drawStep(folder: string, kind: 'spectra' | 'peaks', drawn: Drawn[]): Promise<void> {
  const spectra = drawn.map((one) => ({ result: resultOf(one), curves: curvesOf(one) }));
  await drawLoose(folder, { spectra }, kind === 'spectra' ? spectraStack : peakFits);
}

/** Draws a linear combination, whatever space it was made in. */
export async function drawMixture(
  folder: string,
  label: string,
  edge: string,
  fit: MixtureFit,
): Promise<void> {
  const { energy_eV, data, fit: made, labels, components, weights, statistics } = fit;
  const lcf = {
    energy_eV,
    data,
    fit: made,
    components: labels.map((name, j) => ({ name, values: components[j]! })),
  };
  const none = new Float64Array(0);
  const curves: SpectrumCurves = {
    label,
    edge,
    energy_eV,
    mu: data,
    norm: none,
    flat: none,
    sigma: none,
    preEdge: none,
    postEdge: none,
    derivative: none,
    peaks: null,
    lcf,
  };
  const result: SpectrumResult = {
    label,
    edge,
    role: 'sample',
    e0_eV: null,
    calibration_shift_eV: null,
    edge_shift_eV: null,
    edge_step: null,
    inflections: [],
    white_line_eV: null,
    peaks: [],
    lcf: {
      weights: Object.fromEntries(labels.map((name, j) => [name, weights[j]!])),
      r_factor: statistics.rFactor,
      reduced_chi2: statistics.reducedChi2,
    },
  };
  await drawLoose(folder, { spectra: [{ result, curves }] }, mixtureFits);
}

function resultOf({ spectrum, features, peaks }: Drawn): SpectrumResult {
  return {
    label: spectrum.label,
    edge: `${spectrum.element} ${spectrum.edge}`,
    role: 'sample',
    e0_eV: spectrum.e0_eV,
    calibration_shift_eV: null,
    edge_shift_eV: null,
    edge_step: spectrum.edgeStep.value,
    inflections: features.inflections,
    white_line_eV: features.whiteLine,
    peaks: peaks?.peaks ?? [],
    lcf: null,
  };
}

const curvesOf = ({ spectrum, peaks }: Drawn): SpectrumCurves => ({
  label: spectrum.label,
  edge: `${spectrum.element} ${spectrum.edge}`,
  energy_eV: spectrum.energy_eV,
  mu: spectrum.mu,
  norm: spectrum.norm,
  flat: spectrum.flat,
  sigma: spectrum.sigma,
  preEdge: spectrum.preEdge,
  postEdge: spectrum.postEdge,
  derivative: derivative(spectrum.energy_eV, spectrum.norm),
  peaks: peaks?.describes ? peaks.curves : null,
  lcf: null,
});
