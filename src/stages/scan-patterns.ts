import type { Pattern, Rows } from '../measurement.js';
import type { Keyed } from '../pipeline/stage.js';
import { mapRows } from '../pipeline/stored.js';
import type { Products } from './products.js';

/** The patterns of a scan, each read when it is asked for. */
export const patternsOf = (items: Rows<Keyed<Products['patterns']>>): Rows<Pattern> =>
  mapRows(items, ({ value }) => value.pattern);
