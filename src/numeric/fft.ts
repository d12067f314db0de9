import { createRequire } from 'node:module';
import type FFTType from 'fft.js';

const FFT = createRequire(import.meta.url)('fft.js') as typeof FFTType;

/** Interleaved real and imaginary parts, as fft.js has them. */
export type Complex = Float64Array;

const plans = new Map<number, FFTType>();
function plan(size: number): FFTType {
  let found = plans.get(size);
  if (!found) {
    found = new FFT(size);
    plans.set(size, found);
  }
  return found;
}

/** The least power of two that is not below `n` (fft.js transforms no other lengths; at least 2). */
export const powerOfTwo = (n: number): number => Math.max(2, 2 ** Math.ceil(Math.log2(n)));

/** Forward transform of a complex array whose half length is a power of two. */
export function fft(data: Complex): Complex {
  const out = new Float64Array(data.length);
  plan(data.length / 2).transform(out, data);
  return out;
}

/** Inverse transform, with its factor 1/n. */
export function inverseFft(data: Complex): Complex {
  const out = new Float64Array(data.length);
  plan(data.length / 2).inverseTransform(out, data);
  return out;
}

/** Real data, padded with zeros to a power of two. */
export function fftReal(values: ArrayLike<number>, size = powerOfTwo(values.length)): Complex {
  const data = new Float64Array(2 * size);
  for (let i = 0; i < values.length; i++) data[2 * i] = values[i]!;
  return fft(data);
}

/** 2-D transform of an interleaved complex array, ny rows of nx (both powers of two), in place of a new one. */
export function fft2(data: Complex, ny: number, nx: number, inverse = false): Complex {
  const transform = inverse ? inverseFft : fft;
  const out = new Float64Array(data.length);
  for (let row = 0; row < ny; row++)
    out.set(transform(data.subarray(2 * row * nx, 2 * (row + 1) * nx)), 2 * row * nx);
  const column = new Float64Array(2 * ny);
  for (let x = 0; x < nx; x++) {
    for (let y = 0; y < ny; y++) {
      column[2 * y] = out[2 * (y * nx + x)]!;
      column[2 * y + 1] = out[2 * (y * nx + x) + 1]!;
    }
    const transformed = transform(column);
    for (let y = 0; y < ny; y++) {
      out[2 * (y * nx + x)] = transformed[2 * y]!;
      out[2 * (y * nx + x) + 1] = transformed[2 * y + 1]!;
    }
  }
  return out;
}

export interface Correlation2d {
  /** values[(dy mod height) * width + (dx mod width)]: sum over pixels of a(y, x) b(y + dy, x + dx). */
  values: Float64Array;
  height: number;
  width: number;
}

/** Cross correlation of two images of equal size (row-major ny x nx), zero-padded so that shifts do not wrap round. */
export function crossCorrelate2(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  ny: number,
  nx: number,
): Correlation2d {
  const height = powerOfTwo(2 * ny - 1);
  const width = powerOfTwo(2 * nx - 1);
  // Both real images ride in one complex transform: z = a + i b.
  const z = new Float64Array(2 * height * width);
  for (let y = 0; y < ny; y++) {
    for (let x = 0; x < nx; x++) {
      z[2 * (y * width + x)] = a[y * nx + x]!;
      z[2 * (y * width + x) + 1] = b[y * nx + x]!;
    }
  }
  const f = fft2(z, height, width);
  const product = new Float64Array(2 * height * width);
  for (let y = 0; y < height; y++) {
    const my = (height - y) % height;
    for (let x = 0; x < width; x++) {
      const k = 2 * (y * width + x);
      const m = 2 * (my * width + ((width - x) % width));
      // A = (Z(k) + conj Z(-k)) / 2, B = (Z(k) - conj Z(-k)) / 2i; wanted: conj(A) B.
      const ar = (f[k]! + f[m]!) / 2;
      const ai = (f[k + 1]! - f[m + 1]!) / 2;
      const br = (f[k + 1]! + f[m + 1]!) / 2;
      const bi = (f[m]! - f[k]!) / 2;
      product[k] = ar * br + ai * bi;
      product[k + 1] = ar * bi - ai * br;
    }
  }
  const back = fft2(product, height, width, true);
  const values = new Float64Array(height * width);
  for (let i = 0; i < values.length; i++) values[i] = back[2 * i]!;
  return { values, height, width };
}
