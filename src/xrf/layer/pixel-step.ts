import { normalCdf } from '../../numeric/error-function.js';
import { blurredStep, density } from '../image/blurred-step.js';

/**
 * A straight step seen through a Gaussian beam of standard deviation `sigma` by a rectangular pixel, whose shadow on the
 * normal of the step is the convolution of two boxes of the widths `wide` >= `narrow`. The pixel's centre lies `d`
 * beyond the step. With G'' = Phi(x / sigma), G = ((x^2 + sigma^2) Phi + x sigma phi) / 2, the rise is the second
 * difference of G over both boxes; a narrow box that hardly matters is left to `blurredStep`.
 * Writes [rise, d rise / d d, d rise / d sigma] into `out`; lengths in units across.
 */
export function pixelStep(d: number, sigma: number, wide: number, narrow: number, out: Float64Array): void {
  if (narrow < 0.03 * wide) {
    blurredStep(d / wide, sigma / wide, out);
    out[1] /= wide;
    out[2] /= wide;
    return;
  }
  const reach = (wide + narrow) / 2 + 6 * sigma;
  if (d <= -reach || d >= reach) {
    out[0] = d > 0 ? 1 : 0;
    out[1] = 0;
    out[2] = 0;
    return;
  }
  const area = wide * narrow;
  out.fill(0);
  for (let corner = 0; corner < 4; corner++) {
    const x = d + (corner < 2 ? wide : -wide) / 2 + (corner % 2 === 0 ? narrow : -narrow) / 2;
    const sign = (corner === 0 || corner === 3 ? 1 : -1) / area;
    const p = normalCdf(x / sigma);
    const f = density(x / sigma);
    out[0] += 0.5 * sign * ((x * x + sigma * sigma) * p + x * sigma * f);
    out[1] += sign * (x * p + sigma * f);
    out[2] += sign * sigma * p;
  }
}
