import type { ElementMap } from '../measurement.js';
import type { MapArrays, MapResult } from '../result.js';

/** A full-spectrum map reduced to elements. */
export interface XrfFit {
  map: ElementMap;
  detectors: NonNullable<MapResult['detectors']>;
  elements: NonNullable<MapResult['elements']>;
  sumSpectrum: NonNullable<MapArrays['sumSpectrum']>;
  statements: string[];
}
