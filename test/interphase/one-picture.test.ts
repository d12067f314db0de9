import { describe, expect, it } from 'vitest';
import {
  compareMethods,
  givenPath,
  placePoints,
  placeScan,
  profilesAlong,
} from '../../src/interphase/together/one-picture.js';

const grid = { ny: 10, nx: 20, pixel_um: { x: 5, y: 5 } };
const labels = Uint8Array.from({ length: 200 }, (_, i) => (i % 20 < 8 ? 0 : 1));
const map = { grid, names: ['anode', 'electrolyte'], labels, probability: new Float64Array(200).fill(0.9) };
const line = {
  name: 'anode|electrolyte',
  x_um: new Float64Array(10).fill(37.5),
  y_um: Float64Array.from({ length: 10 }, (_, i) => 5 * i),
};

const boundary = (name: string, x: (y: number) => number, sigma_um = 1) => {
  const y_um = Float64Array.from({ length: 9 }, (_, i) => 5 * i);
  return { name, x_um: y_um.map(x), y_um, sigma_um: new Float64Array(9).fill(sigma_um) };
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
    const boundaries = [boundary('anode|aei', () => 80), boundary('aei|electrolyte', () => 65)];
    const scan = [
      { name: 'anode|aei', position_um: 26, sigma_um: 1 },
      { name: 'aei|electrolyte', position_um: 43, sigma_um: 1 },
    ];
    const placed = placeScan(scan, boundaries, 'x', 25)!;
    expect(placed.path.angle_deg).toBe(180);
    expect(placed.path.origin_um.x).toBeCloseTo((80 + 26 + 65 + 43) / 2, 6);
    expect(placed.mismatch_um).toBeCloseTo(Math.SQRT2, 6);
    expect(placeScan([], boundaries, 'x', 0)).toBeNull();
  });

  it('takes the boundary where the scan crosses it, not its mean', () => {
    // Tilted by 45 degrees and further apart where the scan runs: the means (60 and 42) would give another offset.
    const boundaries = [
      boundary('anode|aei', (y) => 40 + y),
      boundary('aei|electrolyte', (y) => 25 + 0.85 * y),
    ];
    const scan = [
      { name: 'anode|aei', position_um: 10, sigma_um: 1 },
      { name: 'aei|electrolyte', position_um: 25.15, sigma_um: 1 },
    ];
    const placed = placeScan(scan, boundaries, 'x', 1)!;
    expect(placed.path.origin_um.x).toBeCloseTo(51, 6);
    expect(placed.mismatch_um).toBeCloseTo(0, 6);
    const turned = boundaries.map((b) => ({ ...b, x_um: b.y_um, y_um: b.x_um }));
    expect(placeScan(scan, turned, 'y', 1)!.path.origin_um).toEqual({ x: 1, y: placed.path.origin_um.x });
    expect(placeScan(scan, boundaries, 'x', 500)).toBeNull();
    expect(placeScan(scan, boundaries, 'x', 40)!.path.origin_um.x).toBeCloseTo((90 + 84.15) / 2, 6);
  });

  it('leaves a scan where its origin and angle put it, and tells what the boundaries miss each other by', () => {
    const scan = [
      { name: 'anode|aei', position_um: 22 },
      { name: 'elsewhere', position_um: 0 },
    ];
    const level = boundary('anode|aei', () => 30);
    expect(givenPath(scan, [level], { origin_um: { x: 10, y: 12 }, angle_deg: 0 }).mismatch_um).toBeCloseTo(
      2,
      9,
    );
    // At 60 degrees the line 20 um away is met after 40 um.
    const slanted = givenPath(scan, [level], { origin_um: { x: 10, y: 0 }, angle_deg: 60 });
    expect(slanted).toMatchObject({ shared: ['anode|aei'], path: { origin_um: { x: 10, y: 0 } } });
    expect(slanted.mismatch_um).toBeCloseTo(18, 6);
    const beside = givenPath(scan, [level], { origin_um: { x: 10, y: 900 }, angle_deg: 0 });
    expect(beside).toMatchObject({ shared: [], mismatch_um: null });
  });

  it('gives a boundary that turns back the mean of its crossings, with little weight', () => {
    const bent = {
      name: 'anode|aei',
      x_um: Float64Array.of(10, 20, 30, 40),
      y_um: Float64Array.of(0, 20, 10, 30),
      sigma_um: new Float64Array(4).fill(0.1),
    };
    const scan = [
      { name: 'anode|aei', position_um: 0, sigma_um: 0.1 },
      { name: 'aei|electrolyte', position_um: 35, sigma_um: 0.1 },
    ];
    const placed = placeScan(scan, [bent, boundary('aei|electrolyte', () => 50, 0.1)], 'x', 15)!;
    // Crossings at 17.5, 25 and 32.5: 25 +- 6; the other boundary alone would lay the scan at 15.
    expect(placed.path.origin_um.x).toBeCloseTo(15, 1);
    expect(placed.path.origin_um.x).toBeGreaterThan(15);
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
