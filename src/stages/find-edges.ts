import * as v from 'valibot';
import { defineStage } from '../pipeline/stage.js';
import { findGlitches } from '../xas/curve/glitches.js';
import { featureWidth_eV } from '../xas/curve/resolution.js';
import { edgeFeaturesOf } from '../xas/edge/analyse-edge.js';
import { need } from './products.js';

export const findEdgesStage = defineStage({
  name: 'find-edges',
  version: 3,
  summary:
    'Finds all inflections, the white line and the half step of each spectrum and of its reference channel.',
  needs: { item: need('spectra', 'each') },
  gives: 'edge-features',
  params: v.strictObject({}),
  run: ({ item: { entry, spectrum } }, _params, context) => {
    const features = edgeFeaturesOf(spectrum)!;
    if (!features.main)
      context.warn(`no ${entry.element} ${entry.edge} edge stands out from the noise`, entry.label);
    const glitches = findGlitches(
      spectrum.energy_eV,
      spectrum.mu,
      spectrum.sigma,
      featureWidth_eV(entry.element, entry.edge),
    );
    if (glitches.length > 0)
      context.warn(
        `${glitches.length === 1 ? 'a point looks like a glitch' : `${glitches.length} points look like glitches`} and ${glitches.length === 1 ? 'has' : 'have'} no weight in finding the edge and fitting peaks: ${glitches.map(({ energy_eV }) => `${energy_eV.toFixed(1)} eV`).join(', ')}`,
        entry.label,
      );
    return { entry, features, reference: edgeFeaturesOf(spectrum, 'reference') };
  },
});
