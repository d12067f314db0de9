import type { AnyStage } from '../pipeline/stage.js';
import { calibrateEnergyStage } from './calibrate-energy.js';
import { checkFramesStage } from './check-frames.js';
import { cleanMapsStage } from './clean-maps.js';
import { coupleLineScan } from './couple-line-scan.js';
import { describeLineScanStage } from './describe-line-scan.js';
import { findEdgesStage } from './find-edges.js';
import { fitMixtureStage } from './fit-mixture.js';
import { fitPeaksStage } from './fit-peaks.js';
import { fitStackStage } from './fit-stack.js';
import { fitXrfSpectraStage } from './fit-xrf-spectra.js';
import { measureLayerStage } from './measure-layer.js';
import { normalizeSpectraStage } from './normalize-spectra.js';
import { onePictureStage } from './one-picture.js';
import { preparePhases } from './prepare-phases.js';
import { readLineScanStage } from './read-line-scan.js';
import { readElementMapsStage, readEnergyStacksStage } from './read-maps.js';
import { readSpectraStage } from './read-spectra.js';
import { refinePatterns } from './refine-patterns.js';
import { segmentMapStage } from './segment-map.js';
import { spectrumSeriesStage } from './spectrum-series.js';
import { summarizeLineScan } from './summarize-line-scan.js';
import { summarizeMapStage } from './summarize-map.js';
import { summarizeSpectraStage } from './summarize-spectra.js';

/** Every stage that a pipeline file may name. */
export const stages: readonly AnyStage[] = [
  readLineScanStage,
  describeLineScanStage,
  checkFramesStage,
  preparePhases,
  refinePatterns,
  coupleLineScan,
  summarizeLineScan,
  readSpectraStage,
  findEdgesStage,
  calibrateEnergyStage,
  normalizeSpectraStage,
  fitPeaksStage,
  fitMixtureStage,
  summarizeSpectraStage,
  spectrumSeriesStage,
  readElementMapsStage,
  readEnergyStacksStage,
  fitXrfSpectraStage,
  cleanMapsStage,
  segmentMapStage,
  measureLayerStage,
  fitStackStage,
  onePictureStage,
  summarizeMapStage,
];
