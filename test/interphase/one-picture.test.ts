import { describe, expect, it } from 'vitest';
import { compareMethods, placePoints, placeScan, profilesAlong } from '../../src/interphase/one-picture.js';

const grid = { ny: 10, nx: 20, pixel_um: { x: 5, y: 5 } };
const labels = Uint8Array.from({ length: 200 }, (_, i) => (i % 20 < 8 ? 0 : 1));
const map = { grid, names: ['anode', 'electrolyte'], labels, probability: new Float64Array(200).fill(0.9) };
const line = {
  name: 'anode|electrolyte',
  x_um: new Float64Array(10).fill(37.5),
  y_um: Float64Array.from({ length: 10 }, (_, i) => 5 * i),
};

describe('one picture', () => {
  it('names the region under each point and its distance to the boundary', () => {
    const placed = placePoints(
      [
        { label: 'P6', x_um: 20, y_um: 20 },
        { label: 'P3', x_um: 60, y_um: 10 },
        { label: 'off', x_um: 500, y_um: 0 },
      ],
      map,
      [line],
    );
    expect(placed.map((p) => p.region)).toEqual(['anode', 'electrolyte', null]);
    expect(placed[0].toBoundary_um).toBeCloseTo(17.5, 6);
  });

  it('lays a scan over the map in either direction, and keeps the mismatch', () => {
    const boundaries = [
      { name: 'anode|aei', axis: 'x' as const, mean_um: 80, sigma_um: 1 },
      { name: 'aei|electrolyte', axis: 'x' as const, mean_um: 65, sigma_um: 1 },
    ];
    const scan = [
      { name: 'anode|aei', position_um: 26, sigma_um: 1 },
      { name: 'aei|electrolyte', position_um: 43, sigma_um: 1 },
    ];
    const placed = placeScan(scan, boundaries, 25)!;
    expect(placed.path.angle_deg).toBe(180);
    expect(placed.path.origin_um.x).toBeCloseTo((80 + 26 + 65 + 43) / 2, 6);
    expect(placed.mismatch_um).toBeCloseTo(Math.SQRT2, 6);
    expect(placeScan([], boundaries, 0)).toBeNull();
  });

  it('reads elements along the path', () => {
    const values = Float64Array.from({ length: 200 }, (_, i) => i % 20);
    const path = { origin_um: { x: 95, y: 20 }, angle_deg: 180 };
    const [profile] = profilesAlong(
      [{ element: 'In', values, sigma: null }],
      grid,
      path,
      Float64Array.of(0, 10, 50, 500),
      15,
    );
    expect(Array.from(profile.value.slice(0, 3))).toEqual([19, 17, 9]);
    expect(profile.sigma[0]).toBeCloseTo(Math.sqrt(3 * 19) / 3, 6);
    expect(profile.value[3]).toBeNaN();
  });

  it('compares methods and never averages them', () => {
    const said = compareMethods([
      { method: 'uXRD', thickness_um: { value: 14.8, sigma: 0.6 }, present: true },
      { method: 'XRF map', thickness_um: { value: 48.1, sigma: 0.9 }, present: true },
    ]);
    expect(said[0]).toMatch(/14\.8 ± 0\.6 um; XRF map 48\.1 ± 0\.9 um/);
    expect(said[1]).toMatch(/differ by 30\.8 standard deviations/);
  });
});
