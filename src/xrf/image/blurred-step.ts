/** Standard normal density and distribution function (erfc by the Chebyshev fit of Press et al., error below 1.2e-7). */
export const density = (x: number): number => Math.exp(-0.5 * x * x) * 0.3989422804014327;

export function distribution(x: number): number {
  const z = Math.abs(x) * Math.SQRT1_2;
  const t = 1 / (1 + 0.5 * z);
  const tail =
    0.5 *
    t *
    Math.exp(
      -z * z -
        1.26551223 +
        t *
          (1.00002368 +
            t *
              (0.37409196 +
                t *
                  (0.09678418 +
                    t *
                      (-0.18628806 +
                        t *
                          (0.27886807 +
                            t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277)))))))),
    );
  return x > 0 ? 1 - tail : tail;
}

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
  const pa = distribution(a);
  const pb = distribution(b);
  const fa = density(a);
  const fb = density(b);
  out[0] = sigma * (a * pa + fa - b * pb - fb);
  out[1] = pa - pb;
  out[2] = fa - fb;
}
