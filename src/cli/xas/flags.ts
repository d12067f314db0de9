/** What the flags of `interphase xas` become. */
import type { CalibrationFeature } from '../../experiment.js';
import type { AssignedColumns } from '../../formats/spectra/assigned-roles.js';
import type { NormalizationProfile } from '../../xas/normalize/normalize.js';
import type { HeldWidths } from '../../xas/peaks/given-widths.js';

export interface SpectrumFlags {
  edge?: string;
  group?: string;
  mu?: string;
  columns?: AssignedColumns;
  energyShift?: number;
  /** Dead time of a pulse in us, and counting time of a point in s. */
  deadTime?: number;
  dwell?: number;
  json?: boolean;
  out?: string;
  e0?: number;
  feature?: CalibrationFeature;
  profile?: NormalizationProfile;
  pre?: [number, number];
  post?: [number, number];
  degree?: number;
  victoreen?: number;
  mback?: boolean;
  overAbsorption?: string;
  angles?: [number, number];
}

export interface PeakFlags extends SpectrumFlags {
  peak: string[];
  share?: ('width' | 'centre')[];
  widths: HeldWidths;
  coreWidth?: number;
  resolution?: number;
}

export interface LcfFlags extends SpectrumFlags {
  range: [number, number];
  space: 'auto' | 'mu' | 'norm' | 'flat' | 'derivative';
  sumToOne: boolean;
  nonNegative: boolean;
  sigma?: number;
  drift?: number;
  maxShift?: number;
  combinations?: number;
}

export interface CalibrateFlags extends SpectrumFlags {
  foil?: string;
  shift: 'energy' | 'angle';
  /** Lattice spacing of the monochromator, angstrom. */
  dSpacing?: number;
}

export interface MergeFlags extends SpectrumFlags {
  label?: string;
  weights: 'noise' | 'equal';
  align?: boolean;
  leaveOutOutliers?: boolean;
}

export interface CleanFlags extends SpectrumFlags {
  range?: [number, number];
  drop?: number[];
  deglitch?: boolean;
  rebin?: boolean;
  bins?: [number, number, number];
  smooth?: number;
}

export interface AlignFlags extends SpectrumFlags {
  to?: string;
}

export interface SeriesFlags extends SpectrumFlags {
  range: [number, number];
  space: LcfFlags['space'];
  target?: string[];
  components?: number;
}
