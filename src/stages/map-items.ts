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

/** What other measurements of the experiment say about a map: points and scans placed on it, methods compared. */
export interface MapPicture {
  points: NonNullable<MapResult['points']>;
  scans: NonNullable<MapResult['scans']>;
  profiles: NonNullable<MapArrays['profiles']>;
  statements: string[];
}
