/**
 * Gaussian smoothing of an image with missing pixels by normalised convolution (Knutsson and Westin 1993): NaN pixels
 * carry no weight and are filled from their surroundings. `sigma_px` is the standard deviation in pixels.
 */
export function gaussianSmooth(image: Float64Array, ny: number, nx: number, sigma_px: number): Float64Array {
  const weight = new Float64Array(image.length);
  const value = new Float64Array(image.length);
  for (let i = 0; i < image.length; i++) {
    if (Number.isFinite(image[i])) {
      weight[i] = 1;
      value[i] = image[i];
    }
  }
  const kernel = gaussianKernel(sigma_px);
  const v = convolveBoth(value, ny, nx, kernel);
  const w = convolveBoth(weight, ny, nx, kernel);
  for (let i = 0; i < v.length; i++) v[i] = w[i] > 1e-6 ? v[i] / w[i] : NaN;
  return v;
}

/** Sum of an image under a Gaussian of height one (not normalised); pixels outside count as zero. */
export const gaussianSum = (image: Float64Array, ny: number, nx: number, sigma_px: number): Float64Array =>
  convolveBoth(image, ny, nx, gaussianKernel(sigma_px));

function gaussianKernel(sigma_px: number): Float64Array {
  const half = Math.max(1, Math.ceil(3 * sigma_px));
  const kernel = new Float64Array(2 * half + 1);
  for (let i = -half; i <= half; i++) kernel[i + half] = Math.exp((-i * i) / (2 * sigma_px * sigma_px));
  return kernel;
}

function convolveBoth(image: Float64Array, ny: number, nx: number, kernel: Float64Array): Float64Array {
  const half = (kernel.length - 1) / 2;
  const along = new Float64Array(image.length);
  for (let r = 0; r < ny; r++) {
    for (let c = 0; c < nx; c++) {
      let sum = 0;
      const from = Math.max(-half, -c);
      const to = Math.min(half, nx - 1 - c);
      for (let k = from; k <= to; k++) sum += kernel[k + half] * image[r * nx + c + k];
      along[r * nx + c] = sum;
    }
  }
  const out = new Float64Array(image.length);
  for (let r = 0; r < ny; r++) {
    const from = Math.max(-half, -r);
    const to = Math.min(half, ny - 1 - r);
    for (let k = from; k <= to; k++) {
      const w = kernel[k + half];
      const source = (r + k) * nx;
      for (let c = 0; c < nx; c++) out[r * nx + c] += w * along[source + c];
    }
  }
  return out;
}
