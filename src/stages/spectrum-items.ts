import type { CalibrationFeature, SpectrumEntry } from '../experiment.js';
import type { CalibratedSpectrum, Measured, NormalizedSpectrum } from '../measurement.js';
import type { EdgeFeatures } from '../xas/edge/edge-features.js';
import type { MixtureFit } from '../xas/mixture/mixture.js';
import type { StepChanges } from '../xas/normalize/strict-normalization.js';
import type { PreEdgeFit } from '../xas/peaks/pre-edge-fit.js';

/** Features of a spectrum on its measured energies, and of its reference channel where it carries one. */
export interface RawEdges {
  entry: SpectrumEntry;
  features: EdgeFeatures;
  reference: EdgeFeatures | null;
}

/** A spectrum on the calibrated axis with its features there. */
export interface CalibratedItem {
  entry: SpectrumEntry;
  spectrum: CalibratedSpectrum;
  features: EdgeFeatures;
  /** Features of its own reference channel on the calibrated axis; null where it was not calibrated on one. */
  referenceFeatures: EdgeFeatures | null;
  /** The energy that stands for the edge, and which feature it is. */
  e0: { energy_eV: Measured; feature: CalibrationFeature } | null;
  /** What the shift was taken from; null where nothing was there to calibrate on. */
  calibratedBy: string | null;
  /** The known energy that the axis was fixed at. */
  anchor_eV: number | null;
  /** Edge minus that of the calibrant, from the whole edge, where both have one shape. */
  sameShapeShift_eV: Measured | null;
  /** How well this axis lies on that of the calibrant; null where it was not aligned with it point by point. */
  axisSigma_eV: number | null;
  /** Uncertainty of e0 on the measured axis, without the calibration's. */
  ownSigma_eV: number | null;
}

export interface NormalizedItem {
  entry: SpectrumEntry;
  spectrum: NormalizedSpectrum;
  /** As in CalibratedItem. */
  axisSigma_eV: number | null;
  features: EdgeFeatures;
  /** How uncertain the scale of `norm` is; null where the profile does not say. */
  scale: { noise: number; changes: StepChanges } | null;
}

export interface PeakFitItem {
  entry: SpectrumEntry;
  fit: PreEdgeFit;
}

export interface MixtureItem {
  entry: SpectrumEntry;
  fit: MixtureFit;
  range_eV: [number, number];
}
