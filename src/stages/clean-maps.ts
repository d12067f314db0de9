import * as v from 'valibot';
import { mapFaults } from '../experiment.js';
import { defineStage } from '../pipeline/stage.js';
import { cleanMap } from '../xrf/image/clean-map.js';
import { need } from './products.js';

export const cleanMapsStage = defineStage({
  name: 'clean-maps',
  version: 1,
  summary:
    'Looks for outlier pixels, stripes, rows out of place and offsets in element maps; corrects those that the experiment names.',
  needs: {
    entry: need('map-files', 'each'),
    map: need('element-maps', 'same'),
    spectra: need('xrf-fits', 'same'),
  },
  gives: 'clean-maps',
  split: true,
  heavy: true,
  params: v.strictObject({
    /** Corrected in every map, besides what its entry names under `clean:`. */
    apply: v.optional(v.array(v.picklist(mapFaults)), []),
  }),
  run({ entry, map, spectra }, { apply }, context) {
    const source = map ?? spectra?.map;
    if (!source || source.images.length === 0) return [];
    const asked = new Set([...apply, ...(entry.clean ?? [])]);
    const { map: value, notes } = cleanMap(source, asked, 'files' in entry.source);
    for (const note of notes) context.warn(note, source.name);
    return [{ key: context.key, value }];
  },
});
