import type { NormalizedSpectrum } from '../../measurement.js';
import type { PeakWindow } from './peak-windows.js';
import { finiteOr } from './pre-edge-average.js';
import { fitPreEdge, type PreEdgeFit } from './pre-edge-fit.js';
import { dataIn, type Known, type KnownParameters, runTrial, type Trial } from './pre-edge-trial.js';
import { EDGE_VARIANTS, type PreEdgeFrame } from './pre-edge-variants.js';

/** What peaks of one name have in common along a series. */
export type Shared = 'width' | 'centre';

export interface SeriesMember {
  spectrum: NormalizedSpectrum;
  windows: readonly PeakWindow[];
  frame: PreEdgeFrame;
}

/**
 * Pre-edge peaks of a series whose widths or centres are the same in all spectra. Each spectrum is fitted alone first;
 * then once more with what the others say about the shared parameters as further data, description of the edge by
 * description, so that an error of the description, which is the same in all spectra, does not average out. With small
 * uncertainties this is the joint fit of all spectra (a Gaussian likelihood times that of the others), without its size;
 * and a weak peak is found, or limited, where the others have it. Centres allow for the calibration of each axis.
 *
 * @throws RangeError as fitPreEdge, for the first spectrum that has too few points
 */
export function fitPreEdgeSeries(members: readonly SeriesMember[], shared: readonly Shared[]): PreEdgeFit[] {
  if (shared.length === 0 || members.length < 2)
    return members.map(({ spectrum, windows, frame }) => fitPreEdge(spectrum, windows, frame));
  const trials = members.map(trialsOf);
  return members.map((_, k) => fitKnowing(members, trials, k, shared));
}

/** One member of such a series; the others are fitted for what they say only. */
export function fitSeriesMember(
  members: readonly SeriesMember[],
  own: number,
  shared: readonly Shared[],
): PreEdgeFit {
  const trials = members.map((member, k) => (k === own ? [] : trialsOf(member)));
  return fitKnowing(members, trials, own, shared);
}

/** The peaks that a spectrum shows on its own, with every description of the edge. */
function trialsOf({ spectrum, windows, frame }: SeriesMember): Trial[] {
  const { peaks } = fitPreEdge(spectrum, windows, frame);
  const present = windows.filter((window) => peaks.some(({ name }) => name === window.name));
  if (present.length === 0) return [];
  const data = dataIn(spectrum, frame);
  return EDGE_VARIANTS.map((variant) => runTrial(data, present, variant));
}

function fitKnowing(
  members: readonly SeriesMember[],
  trials: readonly Trial[][],
  own: number,
  shared: readonly Shared[],
): PreEdgeFit {
  const { spectrum, windows, frame } = members[own]!;
  return fitPreEdge(spectrum, windows, frame, othersSay(members, trials, own, shared));
}

/** What all spectra but one say about the shared parameters of each peak. */
function othersSay(
  members: readonly SeriesMember[],
  trials: readonly Trial[][],
  own: number,
  shared: readonly Shared[],
): KnownParameters {
  const names = new Set(members.flatMap(({ windows }) => windows.map(({ name }) => name)));
  const axis = (k: number): number => finiteOr(members[k]!.spectrum.shift_eV.sigma, 0);
  const tables = EDGE_VARIANTS.map((variant, v) => {
    const table = new Map<string, Known>();
    for (const name of names)
      for (const what of shared) {
        const parameter = `${name}.${what === 'width' ? 'fwhm' : 'centre'}`;
        const said = trials.flatMap((of, k): Known[] => {
          const found = k === own ? undefined : of[v]?.fit.parameters.find((p) => p.name === parameter);
          if (!found || found.atBound || !(found.sigma > 0)) return [];
          const sigma = what === 'centre' ? Math.hypot(found.sigma, axis(k)) : found.sigma;
          return [{ value: found.value, sigma }];
        });
        const mean = weightedMean(said);
        if (mean)
          table.set(
            parameter,
            what === 'centre' ? { ...mean, sigma: Math.hypot(mean.sigma, axis(own)) } : mean,
          );
      }
    return { variant, table };
  });
  return (variant) => tables.find((one) => one.variant === variant)?.table ?? new Map();
}

/** With the Birge ratio where the spectra disagree: then they share less than was thought. */
function weightedMean(values: readonly Known[]): Known | null {
  if (values.length === 0) return null;
  const weights = values.map(({ sigma }) => 1 / sigma ** 2);
  const total = weights.reduce((sum, w) => sum + w, 0);
  const value = values.reduce((sum, one, k) => sum + weights[k]! * one.value, 0) / total;
  const chi2 = values.reduce((sum, one, k) => sum + weights[k]! * (one.value - value) ** 2, 0);
  const birge = values.length > 1 ? Math.max(1, chi2 / (values.length - 1)) : 1;
  return { value, sigma: Math.sqrt(birge / total) };
}
