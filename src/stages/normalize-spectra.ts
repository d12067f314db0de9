import * as v from 'valibot';
import { defineStage } from '../pipeline/stage.js';
import { normalizeSpectrum } from '../xas/normalize.js';
import { need } from './products.js';

const energy = v.optional(v.number());

export const normalizeSpectraStage = defineStage({
  name: 'normalize-spectra',
  version: 1,
  summary:
    'Scales each spectrum to an edge step of one, by a named profile; ranges are relative to e0, in eV.',
  needs: { item: need('calibrated', 'each') },
  gives: 'normalized',
  params: v.strictObject({
    profile: v.optional(v.picklist(['strict', 'larch-2026', 'athena-0.9.26']), 'strict'),
    pre1_eV: energy,
    pre2_eV: energy,
    norm1_eV: energy,
    norm2_eV: energy,
    degree: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(5))),
    victoreen: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(4))),
  }),
  run: ({ item: { entry, spectrum, features, axisSigma_eV } }, { profile, ...choices }, context) => {
    const outcome = normalizeSpectrum(spectrum, features, profile, choices);
    for (const warning of outcome.warnings) context.warn(warning, entry.label);
    return { entry, spectrum: outcome.spectrum, features, axisSigma_eV, scale: outcome.scale };
  },
});
