import type { DiffractionEntry, MapEntry, SpectrumEntry } from '../experiment.js';
import type { ScanAnswer } from '../interphase/answer/scan-answer.js';
import type { ElementMap, EnergyStack, Pattern, ScanSettings, Spectrum } from '../measurement.js';
import type { Need, NeedMode } from '../pipeline/stage.js';
import type {
  LineScanCurves,
  LineScanResult,
  MapArrays,
  MapResult,
  SpectrumCurves,
  SpectrumResult,
  SpectrumSeriesResult,
} from '../result.js';
import type { FrameCheck } from '../xrd/frames/check-frame.js';
import type { ScanModels } from '../xrd/refine/scan-start.js';
import type { ScanPatternFit } from '../xrd/refine/sequential.js';
import type { LayerMeasurement } from '../xrf/layer/measure-layer.js';
import type { Segmentation } from '../xrf/regions/segment.js';
import type { StackAnalysis } from '../xrf/stack/stack-analysis.js';
import type { MapPicture, XrfFit } from './map-items.js';
import type { CalibratedItem, MixtureItem, NormalizedItem, PeakFitItem, RawEdges } from './spectrum-items.js';

/** Every product that a stage may need or give, with the type of one item. Add a line here for a new one. */
export interface Products {
  /** Sources: one item per entry of the experiment file. */
  'spectrum-files': SpectrumEntry;
  'diffraction-files': DiffractionEntry;
  'map-files': MapEntry;

  spectra: { entry: SpectrumEntry; spectrum: Spectrum };
  /** Keys `<line scan>/<index, four digits>`. */
  patterns: { index: number; position_um: number; row: number; pattern: Pattern };
  /** All but the patterns, which are never held together. */
  'line-scans': ScanSettings;

  /** Maps, each with the key of its entry in 'map-files' (a need of that product with mode 'same' gives the entry). */
  'element-maps': ElementMap;
  'energy-stacks': EnergyStack;

  /** Spectroscopy: keys are those of 'spectra'. */
  'edge-features': RawEdges;
  calibrated: CalibratedItem;
  normalized: NormalizedItem;
  'peak-fits': PeakFitItem;
  'mixture-fits': MixtureItem;
  /** Keys are edges: spectra measured along a line. */
  'spectrum-profiles': SpectrumSeriesResult;

  /** Keys are those of 'patterns'. */
  'frame-checks': FrameCheck;
  /** Phases and shared starting place of a line scan; keys are those of 'line-scans'. */
  'phase-models': ScanModels;
  /** Keys are those of 'patterns'. */
  'pattern-fits': ScanPatternFit;

  /** Map analysis: keys are those of 'map-files'. */
  'xrf-fits': XrfFit;
  /** Element maps, ready-made or fitted, after a look for faults of the scan. */
  'clean-maps': ElementMap;
  'map-segmentations': Segmentation;
  'map-layers': LayerMeasurement;
  'stack-fits': StackAnalysis;
  'map-pictures': MapPicture;

  /** What all patterns of a line scan say together; keys are those of 'line-scans'. */
  'scan-answers': ScanAnswer;

  /** What the run command gathers into result.json and result.nxs. */
  'spectrum-results': { result: SpectrumResult; curves: SpectrumCurves };
  /** The curves of its patterns stay where they are: see run/assemble.ts. */
  'line-scan-results': { result: LineScanResult; curves: Omit<LineScanCurves, 'patterns'> };
  'map-results': { result: MapResult; arrays: MapArrays };
}

/** A typed need of a product. */
export const need = <P extends keyof Products, M extends NeedMode>(
  product: P,
  mode: M,
): Need<Products[P], M> => ({
  product,
  mode,
});
