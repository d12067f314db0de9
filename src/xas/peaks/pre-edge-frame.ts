import type { NormalizedSpectrum } from '../../measurement.js';
import { rangeWithin } from '../curve/grid.js';
import { featureWidth_eV } from '../curve/resolution.js';
import type { PeakWindow } from './peak-windows.js';
import type { GivenWidths, PreEdgeFrame } from './pre-edge-variants.js';

/**
 * Range and start values of a pre-edge fit: from some widths below the first window to the top of the white line, the
 * highest point of the first crest behind the last window.
 *
 * @param widths what is known of the widths of the peaks; null to fit them
 * @throws RangeError where the spectrum does not cover the windows
 */
export function preEdgeFrame(
  spectrum: NormalizedSpectrum,
  windows: readonly PeakWindow[],
  widths: GivenWidths | null = null,
): PreEdgeFrame {
  const { energy_eV, norm, sigma } = spectrum;
  const width_eV = featureWidth_eV(spectrum.element, spectrum.edge);
  const first = Math.min(...windows.map(({ from_eV }) => from_eV));
  const last = Math.max(...windows.map(({ to_eV }) => to_eV));
  const from_eV = Math.max(energy_eV[0]!, first - 8 * width_eV - 1);
  if (!(energy_eV[0]! < first && energy_eV[energy_eV.length - 1]! > last))
    throw new RangeError(`the spectrum does not cover ${first} to ${last} eV`);
  const [start, stop] = rangeWithin(energy_eV, last, last + 10 * width_eV);
  let top = start;
  for (let i = start; i < stop; i++) {
    if (norm[i]! > norm[top]!) top = i;
    else if (
      norm[top]! > 0.8 &&
      norm[top]! - norm[i]! > 5 * sigma[i]! &&
      energy_eV[i]! - energy_eV[top]! > width_eV
    )
      break;
  }
  const whiteLine_eV = energy_eV[top]!;
  const whiteLineHeight = norm[top]!;
  let edge = top;
  while (edge > 0 && norm[edge]! > 0.5 * whiteLineHeight && energy_eV[edge]! > last - 1) edge--;
  return {
    from_eV,
    to_eV: whiteLine_eV,
    edge_eV: energy_eV[edge]!,
    whiteLine_eV,
    whiteLineHeight,
    width_eV,
    widths,
  };
}
