import { gaussianSmooth } from '../image/smooth.js';
import { notMeasured, type Segmentation } from '../regions/segment.js';
import { type LayerFrame, layerFrame } from './frame.js';

/** Below this angle the pixels' own rows serve as they are: their response is known best along the axes. */
const aligned_rad = 0.14;

/** How far each region is from the electrolyte on the way to the anode; the AEI is halfway. */
const depth: Record<string, number> = { anode: 1, aei: 0.5, electrolyte: 0, cathode: 0 };

/**
 * The frame of the layers: its direction across is the mean gradient of the share of anode (AEI counts half; of
 * electrolyte over cathode where there is no anode), which for a straight layer is its normal whatever its roughness.
 */
export function frameOf(s: Segmentation): LayerFrame {
  const { ny, nx, pixel_um } = s.grid;
  const names = s.regions.map((r) => r.name);
  const anode = names.includes('anode') || names.includes('aei');
  const value = (name: string): number => (anode ? depth[name] : name === 'electrolyte' ? 1 : 0);
  const share = Float64Array.from(s.labels, (label, i) => {
    if (label === notMeasured || depth[names[label]] === undefined) return NaN;
    let sum = 0;
    let total = 0;
    names.forEach((name, k) => {
      if (depth[name] === undefined) return;
      sum += value(name) * s.probabilities[i * names.length + k];
      total += s.probabilities[i * names.length + k];
    });
    return total > 0 ? sum / total : NaN;
  });
  const smooth = gaussianSmooth(share, ny, nx, 2);
  let gx = 0;
  let gy = 0;
  for (let r = 0; r + 1 < ny; r++) {
    for (let c = 0; c + 1 < nx; c++) {
      const [here, right, down] = [smooth[r * nx + c], smooth[r * nx + c + 1], smooth[(r + 1) * nx + c]];
      if (!Number.isFinite(here + right + down)) continue;
      gx += (right - here) / pixel_um.x;
      gy += (down - here) / pixel_um.y;
    }
  }
  if (gx === 0 && gy === 0) return layerFrame(s.grid, s.axis, 0);
  const axis = Math.abs(gx) >= Math.abs(gy) ? 'x' : 'y';
  // The direction is the same either way round: it is taken towards growing coordinates.
  const tilt = axis === 'x' ? Math.atan(gy / gx) : -Math.atan(gx / gy);
  return layerFrame(s.grid, axis, Math.abs(tilt) < aligned_rad ? 0 : tilt);
}
