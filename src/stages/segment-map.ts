import * as v from 'valibot';
import { defineStage } from '../pipeline/stage.js';
import { segmentMap } from '../xrf/regions/segment.js';
import { need } from './products.js';

export const segmentMapStage = defineStage({
  name: 'segment-map',
  version: 4,
  summary: 'Divides an element map into cathode, electrolyte, AEI and anode by a spatial mixture model.',
  needs: {
    entry: need('map-files', 'each'),
    map: need('element-maps', 'same'),
    spectra: need('xrf-fits', 'same'),
  },
  gives: 'map-segmentations',
  split: true,
  heavy: true,
  params: v.strictObject({
    classes: v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(8))), null),
    neighbour_strength: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(3)), 0.8),
  }),
  run({ map, spectra }, { classes, neighbour_strength }, context) {
    const source = map ?? spectra?.map;
    if (!source) return [];
    if (source.images.length < 2) {
      context.warn('regions and boundaries need maps of at least two elements', source.name);
      return [];
    }
    const value = segmentMap(source, { classes, beta: neighbour_strength });
    for (const statement of value.statements) context.warn(statement, source.name);
    return [{ key: context.key, value }];
  },
});
