import { describe, expect, it } from 'vitest';
import { Random } from '../../src/numeric/random.js';
import { phaseCorrelation, resampled, shifted, stackDrift } from '../../src/xrf/image/registration.js';

const scene = (y: number, x: number): number =>
  40 +
  30 * Math.sin(x / 7 + Math.cos(y / 11)) +
  25 * Math.exp(-((x - 40) ** 2 + (y - 30) ** 2) / 60) +
  20 * Math.exp(-((x - 15) ** 2 + (y - 50) ** 2) / 30);
const image = (ny: number, nx: number, dy = 0, dx = 0, seed = 0): Float64Array => {
  const random = new Random(seed || 1);
  return Float64Array.from({ length: ny * nx }, (_, i) => {
    const mean = scene(Math.floor(i / nx) - dy, (i % nx) - dx);
    return seed ? random.poisson(mean) : mean;
  });
};

describe('registration', () => {
  it.each([
    [0, 0],
    [3, -5],
    [1.5, 2.3],
  ])('finds a shift of %f, %f pixels in noisy images', (dy, dx) => {
    const shift = phaseCorrelation(image(64, 80, 0, 0, 3), image(64, 80, dy, dx, 4), 64, 80);
    expect(Math.abs(shift.dy - dy)).toBeLessThan(0.35);
    expect(Math.abs(shift.dx - dx)).toBeLessThan(0.35);
    expect(shift.significance).toBeGreaterThan(8);
  });

  it('moves an image back', () => {
    const back = shifted(image(40, 50, 2, -1), 40, 50, 2, -1);
    const straight = image(40, 50);
    for (let y = 5; y < 30; y++)
      for (let x = 5; x < 40; x++) expect(back[y * 50 + x]).toBeCloseTo(straight[y * 50 + x], 6);
    expect(back[39 * 50]).toBeNaN();
  });

  it('brings a drifting stack together and leaves a steady one alone', () => {
    const grid = { ny: 64, nx: 64, pixel_um: { x: 1, y: 1 } };
    const stack = (drift: number) => ({
      name: 's',
      element: 'Y',
      edge: 'K',
      grid,
      energies_eV: Float64Array.of(1, 2, 3),
      data: Float32Array.from(
        [0, 1, 2].flatMap((k) => Array.from(image(64, 64, drift * (2 - k), 0, 10 + k))),
      ),
    });
    expect(stackDrift(stack(0)).corrected).toBeNull();
    const moved = stackDrift(stack(2));
    expect(Math.abs(moved.largest - 4)).toBeLessThan(0.5);
    expect(
      Math.abs(
        phaseCorrelation(
          moved.corrected!.data.subarray(0, 4096),
          moved.corrected!.data.subarray(8192),
          64,
          64,
        ).dy,
      ),
    ).toBeLessThan(0.4);
  });

  it('keeps means and places on another grid', () => {
    const fine = { ny: 40, nx: 60, pixel_um: { x: 1, y: 1 } };
    const values = Float64Array.from({ length: 2400 }, (_, i) => (i % 60) + 100);
    const coarse = resampled(values, fine, { ny: 5, nx: 10, pixel_um: { x: 4, y: 4 } }, { x: 1.5, y: 1.5 });
    expect(coarse[3]).toBeCloseTo(100 + 1.5 + 12, 6);
    expect(
      resampled(values, fine, { ny: 2, nx: 4, pixel_um: { x: 0.5, y: 0.5 } }, { x: 10, y: 3 })[1],
    ).toBeCloseTo(110.5, 6);
  });
});

describe('registration of images without structure', () => {
  it('moves nothing', () => {
    const random = new Random(21);
    const grid = { ny: 60, nx: 80, pixel_um: { x: 1, y: 1 } };
    for (let k = 0; k < 5; k++) {
      const data = Float32Array.from({ length: 4800 * 4 }, () => random.poisson(50));
      expect(
        stackDrift({
          name: 's',
          element: 'Y',
          edge: 'K',
          grid,
          energies_eV: Float64Array.of(1, 2, 3, 4),
          data,
        }).corrected,
      ).toBeNull();
    }
  });
});
