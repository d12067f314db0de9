import { eachSpectrumBlock } from '../../src/formats/maps/spectrum-blocks.js';
import type { SpectrumMap } from '../../src/measurement.js';
import { elementImages, pixelFitter } from '../../src/xrf/spectrum/pixel-fits.js';
import type { SpectrumPlan } from '../../src/xrf/spectrum/spectrum-plan.js';

/** Sum over all pixels of spectra that lie one behind the other. */
export function sumSpectrum(counts: ArrayLike<number>, channels: number): Float64Array {
  const sum = new Float64Array(channels);
  for (let at = 0; at < counts.length; at += channels)
    for (let k = 0; k < channels; k++) sum[k] += counts[at + k];
  return sum;
}

/** Element images of spectra in memory. */
export const fitMap = (
  counts: Float32Array,
  channels: number,
  plan: SpectrumPlan,
  variance: Float64Array | null = null,
): ReturnType<typeof elementImages> =>
  elementImages(plan, pixelFitter(plan, channels)(counts), { variance, i0: null });

/** All spectra of a map of a file, with what was counted on the way. */
export async function wholeMap(map: SpectrumMap): Promise<{
  counts: Float32Array;
  variance: Float64Array | null;
  recorded: Float64Array;
  totals: Float64Array;
}> {
  const { ny, nx } = map.grid;
  const whole = {
    counts: new Float32Array(ny * nx * map.channels),
    variance: map.deadTimeFactors && new Float64Array(ny * nx),
    recorded: new Float64Array(map.channels),
    totals: new Float64Array(map.detectors.length),
  };
  await eachSpectrumBlock(map, [0, ny], (block) => {
    whole.counts.set(block.counts, block.firstRow * nx * map.channels);
    if (block.variance) whole.variance?.set(block.variance, block.firstRow * nx);
    block.recorded.forEach((v, k) => {
      whole.recorded[k] += v;
    });
    block.totals.forEach((v, d) => {
      whole.totals[d] += v;
    });
  });
  return whole;
}
