import { createRequire } from 'node:module';
import type erfType from '@stdlib/math/base/special/erf/docs/types/index.d.ts';

// By their own subpaths: the package as a whole takes seconds to load.
const require = createRequire(import.meta.url);

/** Error function, to double precision. */
export const erf: typeof erfType = require('@stdlib/math/base/special/erf');

/** 1 - erf(x) without cancellation: its far tail keeps all digits. */
export const erfc: typeof erfType = require('@stdlib/math/base/special/erfc');

/** Distribution function of the standard normal. */
export const normalCdf = (x: number): number => 0.5 * erfc(-x / Math.SQRT2);
