import { distinct } from '../formats/common/distinct.js';
import type { ResultBundle } from '../result.js';
import type { Figure } from './figure.js';
import { elementOverlay } from './figures/element-overlay.js';
import { fractionMap } from './figures/fraction-map.js';
import { mixtureFits } from './figures/lcf.js';
import { mapLayers } from './figures/map-layers.js';
import { methodComparison } from './figures/methods.js';
import { patternStack } from './figures/pattern-stack.js';
import { peakFits } from './figures/peaks.js';
import { phaseProfile } from './figures/phase-profile.js';
import { ratioPlane } from './figures/ratio-plane.js';
import { regionMap } from './figures/regions.js';
import { scanOnMap } from './figures/scan-on-map.js';
import { spectraStack } from './figures/spectra.js';
import { spectrumSeries } from './figures/spectrum-series.js';
import { sumSpectrum } from './figures/sum-spectrum.js';
import { thicknessDistribution } from './figures/thickness.js';
import { uxrdContour } from './figures/uxrd-contour.js';
import { xProfile } from './figures/x-profile.js';

/** Every kind of figure, in the order of the report. */
const kinds: ((bundle: ResultBundle) => Figure[])[] = [
  uxrdContour,
  patternStack,
  xProfile,
  phaseProfile,
  ratioPlane,
  methodComparison,
  spectraStack,
  peakFits,
  mixtureFits,
  spectrumSeries,
  elementOverlay,
  scanOnMap,
  mapLayers,
  regionMap,
  thicknessDistribution,
  fractionMap,
  sumSpectrum,
];

/** All figures that a result has something for, with unique ids. */
export function figuresOf(bundle: ResultBundle): Figure[] {
  const figures = kinds.flatMap((kind) => kind(bundle));
  const ids = distinct(
    figures.map(({ id }) => id),
    (id, n) => `${id}-${n}`,
  );
  return figures.map((one, i) => ({ ...one, id: ids[i]! }));
}
