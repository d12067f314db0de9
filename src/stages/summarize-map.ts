import * as v from 'valibot';
import { defineStage } from '../pipeline/stage.js';
import type { MapArrays, MapResult } from '../result.js';
import { impossibleLines } from '../xrf/spectrum/line-groups.js';
import {
  layerArrays,
  layerResult,
  regionArrays,
  regionResult,
  stackArrays,
  stackResult,
} from './map-summary.js';
import { need } from './products.js';

export const summarizeMapStage = defineStage({
  name: 'summarize-map',
  version: 3,
  summary: 'Gathers what was found on a map for the result.',
  needs: {
    entry: need('map-files', 'each'),
    map: need('element-maps', 'same'),
    spectra: need('xrf-fits', 'same'),
    segmentation: need('map-segmentations', 'same'),
    layer: need('map-layers', 'same'),
    stack: need('stack-fits', 'same'),
    picture: need('map-pictures', 'same'),
  },
  gives: 'map-results',
  split: true,
  params: v.strictObject({}),
  run({ entry, map, spectra, segmentation, layer, stack, picture }, _params, context) {
    const elements = map ?? spectra?.map;
    const grid = elements?.grid ?? stack?.fractions.grid;
    if (!grid) return [];
    const result: MapResult = { name: entry.name, statements: [] };
    const arrays: MapArrays = {
      name: entry.name,
      grid,
      layers: [],
      regions: null,
      boundaries: [],
      thickness_um: null,
      sumSpectrum: null,
    };
    for (const image of elements?.images ?? []) {
      arrays.layers.push({ name: image.element, unit: 'counts', values: image.values, sigma: image.sigma });
    }
    if (map) {
      const warnings = impossibleLines(
        map.images.map((image) => image.element),
        map.incidentEnergy_eV ?? entry.incidentEnergy_eV,
      );
      for (const warning of warnings) context.warn(warning, entry.name);
      result.statements.push(...warnings);
    }
    if (spectra) {
      result.detectors = spectra.detectors;
      result.elements = spectra.elements;
      result.statements.push(...spectra.statements);
      arrays.sumSpectrum = spectra.sumSpectrum;
    }
    if (segmentation) {
      Object.assign(result, regionResult(segmentation, layer));
      result.statements.push(...segmentation.statements);
      arrays.regions = regionArrays(segmentation, layer);
    }
    if (layer) {
      Object.assign(result, layerResult(layer));
      result.statements.push(...layer.statements);
      Object.assign(arrays, layerArrays(layer));
    } else if (segmentation) {
      Object.assign(result, { boundaries: [], aei_present: null, aei_thickness_um: null });
    }
    if (stack) {
      result.components = stackResult(stack);
      result.statements.push(...stack.statements);
      arrays.layers.push(...stackArrays(stack));
    }
    if (picture) {
      if (picture.points.length > 0) result.points = picture.points;
      if (picture.scans.length > 0) result.scans = picture.scans;
      result.statements.push(...picture.statements);
      if (picture.profiles.length > 0) arrays.profiles = picture.profiles;
    }
    return [{ key: context.key, value: { result, arrays } }];
  },
});
