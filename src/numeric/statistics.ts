import { createRequire } from 'node:module';
import type chi2CdfType from '@stdlib/stats/base/dists/chisquare/cdf/docs/types/index.d.ts';
import type fCdfType from '@stdlib/stats/base/dists/f/cdf/docs/types/index.d.ts';

/**
 * Distributions from @stdlib/stats. The package as a whole takes seconds to load: each function is required by its own
 * subpath when it is first called, and this is the only file that does so.
 */
const require = createRequire(import.meta.url);

const loaded = new Map<string, unknown>();
function load<F>(path: string): F {
  let found = loaded.get(path);
  if (!found) {
    found = require(`@stdlib/stats/base/dists/${path}`);
    loaded.set(path, found);
  }
  return found as F;
}

const two = (path: string, x: number, a: number): number => load<typeof chi2CdfType>(path)(x, a);
const three = (path: string, x: number, a: number, b: number): number => load<typeof fCdfType>(path)(x, a, b);

/** Distribution functions: probability of a value at or below x. */
export const fCdf = (x: number, numerator: number, denominator: number): number =>
  three('f/cdf', x, numerator, denominator);

/** Quantiles: the value that is not exceeded with probability p. */
export const tQuantile = (p: number, degrees: number): number => two('t/quantile', p, degrees);
export const normalQuantile = (p: number, mean = 0, sigma = 1): number =>
  three('normal/quantile', p, mean, sigma);
export const betaQuantile = (p: number, a: number, b: number): number => three('beta/quantile', p, a, b);
