/** What is done with rows of a map of spectra, in any thread: it reads them itself. */
import { eachSpectrumBlock, type RowRange } from '../formats/maps/spectrum-blocks.js';
import type { SpectrumMap } from '../measurement.js';
import type { Work } from '../pipeline/share.js';
import {
  newPixelFits,
  type PixelFits,
  type PixelPlan,
  pixelFitter,
  placeFits,
} from '../xrf/spectrum/pixel-fits.js';
import { planSpectra, type SpectrumFitOptions, type SpectrumPlan } from '../xrf/spectrum/spectrum-plan.js';

const module = import.meta.url;

interface Rows {
  map: SpectrumMap;
  rows: RowRange;
}

/** Counts as recorded: by channel over all detectors and pixels, and in total for each detector. */
export interface RowSums {
  sum: Float64Array;
  totals: Float64Array;
}

export async function sumRows({ map, rows }: Rows): Promise<RowSums> {
  const all = { sum: new Float64Array(map.channels), totals: new Float64Array(map.detectors.length) };
  await eachSpectrumBlock(map, rows, ({ recorded, totals }) => {
    addTo(all.sum, recorded);
    addTo(all.totals, totals);
  });
  return all;
}
export const summing: Work<Rows, RowSums> = { module, work: sumRows };

export function addTo(sum: Float64Array, more: Float64Array): void {
  for (let k = 0; k < sum.length; k++) sum[k]! += more[k]!;
}

export interface PlanRequest {
  sum: Float64Array;
  calibration: SpectrumMap['calibration'];
  options: Partial<SpectrumFitOptions>;
}

export const makePlan = ({ sum, calibration, options }: PlanRequest): ReturnType<typeof planSpectra> =>
  planSpectra(sum, calibration, options);
export const planning: Work<PlanRequest, ReturnType<typeof planSpectra>> = { module, work: makePlan };

/** Fits of the pixels of some rows, and the variance of their counts over their number where dead time is known. */
export interface RowFits {
  fits: PixelFits;
  variance: Float64Array | null;
}

export async function fitRows({ map, rows, plan }: Rows & { plan: PixelPlan }): Promise<RowFits> {
  const { nx } = map.grid;
  const pixels = (rows[1] - rows[0]) * nx;
  const fits = newPixelFits(plan, pixels);
  const elementsIn = pixelFitter(plan, map.channels);
  const variance = map.deadTimeFactors && new Float64Array(pixels);
  await eachSpectrumBlock(map, rows, (block) => {
    const at = (block.firstRow - rows[0]) * nx;
    placeFits(fits, elementsIn(block.counts), at);
    if (block.variance) variance?.set(block.variance, at);
  });
  return { fits, variance };
}
export const fitting: Work<Rows & { plan: PixelPlan }, RowFits> = { module, work: fitRows };

export const pixelPlan = ({ pixels, groups, columns }: SpectrumPlan): PixelPlan => ({
  pixels,
  groups,
  columns,
});
