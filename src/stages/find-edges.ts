import * as v from 'valibot';
import { defineStage } from '../pipeline/stage.js';
import { edgeFeaturesOf } from '../xas/analyse-edge.js';
import { need } from './products.js';

export const findEdgesStage = defineStage({
  name: 'find-edges',
  version: 1,
  summary:
    'Finds all inflections, the white line and the half step of each spectrum and of its reference channel.',
  needs: { item: need('spectra', 'each') },
  gives: 'edge-features',
  params: v.strictObject({}),
  run: ({ item: { entry, spectrum } }, _params, context) => {
    const features = edgeFeaturesOf(spectrum)!;
    if (!features.main)
      context.warn(`no ${entry.element} ${entry.edge} edge stands out from the noise`, entry.label);
    return { entry, features, reference: edgeFeaturesOf(spectrum, 'reference') };
  },
});
