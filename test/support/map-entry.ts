import type { MapEntry } from '../../src/experiment.js';

/** A map as the experiment file states it: where it lies, and what differs from a map of which nothing is said. */
export const mapEntry = (source: MapEntry['source'], more: Partial<MapEntry> = {}): MapEntry => ({
  name: 'map',
  role: 'xrf',
  source,
  incidentEnergy_eV: null,
  pixel_um: null,
  elements: null,
  element: null,
  edge: null,
  references: [],
  line: 1,
  ...more,
});
