import { normalCdf } from '../../numeric/error-function.js';

/** Standard normal density. */
export const density = (x: number): number => Math.exp(-0.5 * x * x) * 0.3989422804014327;

/**
 * A step seen through a Gaussian beam of standard deviation `sigma` by a pixel of width 1 whose centre lies `d` beyond
 * the step: rise = integral of the normal distribution over the pixel, with its derivatives by d and by sigma.
 * All lengths in pixels. Writes [rise, d rise/d d, d rise/d sigma] into `out`.
 */
export function blurredStep(d: number, sigma: number, out: Float64Array): void {
  const reach = 0.5 + 6 * sigma;
  if (d <= -reach || d >= reach) {
    out[0] = d > 0 ? 1 : 0;
    out[1] = 0;
    out[2] = 0;
    return;
  }
  const a = (d + 0.5) / sigma;
  const b = (d - 0.5) / sigma;
  const pa = normalCdf(a);
  const pb = normalCdf(b);
  const fa = density(a);
  const fb = density(b);
  out[0] = sigma * (a * pa + fa - b * pb - fb);
  out[1] = pa - pb;
  out[2] = fa - fb;
}
