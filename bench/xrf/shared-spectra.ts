/** Parts of a map that lies in shared memory, for bench/xrf/spectra-speed.ts. */
import type { Work } from '../../src/pipeline/share.js';
import { type PixelFits, type PixelPlan, pixelFitter } from '../../src/xrf/spectrum/pixel-fits.js';

const module = import.meta.url;

interface Spectra {
  counts: Float32Array;
  channels: number;
}

export function sumShared({ counts, channels }: Spectra): Float64Array {
  const sum = new Float64Array(channels);
  const four = 4 * channels;
  let at = 0;
  for (; at <= counts.length - four; at += four)
    for (let k = at, to = 0; to < channels; k++, to++)
      sum[to] += counts[k] + counts[k + channels] + counts[k + 2 * channels] + counts[k + 3 * channels];
  for (; at < counts.length; at += channels) for (let k = 0; k < channels; k++) sum[k] += counts[at + k];
  return sum;
}
export const summing: Work<Spectra, Float64Array> = { module, work: sumShared };

type Planned = Spectra & { plan: PixelPlan };
export const fitShared = ({ counts, channels, plan }: Planned): PixelFits =>
  pixelFitter(plan, channels)(counts);
export const fitting: Work<Planned, PixelFits> = { module, work: fitShared };
