import * as v from 'valibot';
import { defineStage } from '../pipeline/stage.js';
import { measureLayer } from '../xrf/layer/measure-layer.js';
import { need } from './products.js';

export const measureLayerStage = defineStage({
  name: 'measure-layer',
  version: 6,
  summary:
    'Boundary lines, roughness and thickness of the AEI on a map, with the blur of the beam taken out.',
  needs: { segmentation: need('map-segmentations', 'each') },
  gives: 'map-layers',
  split: true,
  heavy: true,
  params: v.strictObject({
    beam_um: v.optional(v.nullable(v.pipe(v.number(), v.minValue(0.01))), null),
    draws: v.optional(v.pipe(v.number(), v.integer(), v.minValue(50), v.maxValue(5000)), 300),
    seed: v.optional(v.pipe(v.number(), v.integer()), 1),
  }),
  run({ segmentation }, params, context) {
    const value = measureLayer(segmentation, params);
    if (!value) {
      context.warn(
        'the regions of this map do not form layers: no boundaries and no thickness were measured',
      );
      return [];
    }
    for (const statement of value.statements) context.warn(statement);
    return [{ key: context.key, value }];
  },
});
