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
