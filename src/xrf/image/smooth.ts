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

/** Convolution with a symmetric kernel along rows, then along columns, each in a frame of zeros. */
function convolveBoth(image: Float64Array, ny: number, nx: number, kernel: Float64Array): Float64Array {
  const half = (kernel.length - 1) / 2;
  const line = new Float64Array(nx + 2 * half);
  const along = new Float64Array((ny + 2 * half) * nx);
  for (let r = 0; r < ny; r++) {
    line.set(image.subarray(r * nx, (r + 1) * nx), half);
    convolveLine(along, (half + r) * nx, nx, kernel, line, half, 1);
  }
  const out = new Float64Array(image.length);
  for (let r = 0; r < ny; r++) convolveLine(out, r * nx, nx, kernel, along, (half + r) * nx, nx);
  return out;
}

/**
 * out[to + i] = sum_k kernel_k source[centre + i + k stride] for i < length. Four places at a time, whose sums stay in
 * registers: one alone would wait for each addition to end.
 */
function convolveLine(
  out: Float64Array,
  to: number,
  length: number,
  kernel: Float64Array,
  source: Float64Array,
  centre: number,
  stride: number,
): void {
  const half = (kernel.length - 1) / 2;
  const top = kernel[half];
  let i = 0;
  for (; i < length - 3; i += 4) {
    const at = centre + i;
    let a = top * source[at];
    let b = top * source[at + 1];
    let c = top * source[at + 2];
    let d = top * source[at + 3];
    for (let k = 1, low = at - stride, high = at + stride; k <= half; k++, low -= stride, high += stride) {
      const w = kernel[half + k];
      a += w * (source[low] + source[high]);
      b += w * (source[low + 1] + source[high + 1]);
      c += w * (source[low + 2] + source[high + 2]);
      d += w * (source[low + 3] + source[high + 3]);
    }
    out[to + i] = a;
    out[to + i + 1] = b;
    out[to + i + 2] = c;
    out[to + i + 3] = d;
  }
  for (; i < length; i++) {
    let sum = top * source[centre + i];
    for (let k = 1; k <= half; k++)
      sum += kernel[half + k] * (source[centre + i - k * stride] + source[centre + i + k * stride]);
    out[to + i] = sum;
  }
}
