/** Boundaries from the samples of the coupled model. */

import { quantilesOf, type SampleSet } from '../edges/sampler.js';
import type { CoupledModel } from './coupled-model.js';
import { type CoupledBoundary, type CoupleOptions, SAMPLES } from './coupled-scan.js';

/** The anode's own edge, sampled; nothing where there is no anode in the scan. */
export function anodeBoundary(
  coupled: CoupledModel,
  name: string,
  options: CoupleOptions,
): CoupledBoundary[] {
  if (!coupled.anode) return [];
  const samples = coupled.sampleAnode(options.samples ?? SAMPLES, options.seed ?? 1);
  return [boundaryOf(coupled, samples, name, 0, 1)];
}

export function boundaryOf(
  coupled: CoupledModel,
  samples: SampleSet,
  name: string,
  position: number,
  width: number,
): CoupledBoundary {
  const { direction } = coupled.geometry;
  const at = quantilesOf(samples, (p) => direction * p[position], [0.025, 0.5, 0.975]);
  return {
    name,
    position_um: at.quantiles[1],
    sigma_um: at.sigma,
    interval95_um: [at.quantiles[0], at.quantiles[2]],
    // Below zero it says that the beam is narrower than stated, and of the boundary only that it is sharp.
    width_um: Math.max(0, quantilesOf(samples, (p) => p[width], [0.5]).quantiles[0]),
  };
}
