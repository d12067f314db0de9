import { describe, expect, it } from 'vitest';
import { axialSmearing } from '../../src/xrd/pattern/axial-divergence.js';
import {
  FWHM_PER_SIGMA,
  lineWidths,
  pseudoVoigt,
  pseudoVoigtShape,
  SHAPE,
  sizeToX,
  strainToY,
} from '../../src/xrd/pattern/profile.js';

/** Full width of the true convolution of a Gaussian and a Lorentzian, by brute force. */
function voigtWidth(gauss: number, lorentz: number): number {
  const sigma = gauss / FWHM_PER_SIGMA;
  const at = (x: number): number => {
    let sum = 0;
    for (let t = -8; t <= 8; t += 0.02) {
      const u = (2 * (x - t * sigma)) / lorentz;
      sum += Math.exp((-t * t) / 2) / (1 + u * u);
    }
    return sum;
  };
  const half = at(0) / 2;
  let low = 0;
  let high = 5 * (gauss + lorentz);
  while (high - low > 1e-7) {
    const middle = (low + high) / 2;
    if (at(middle) > half) low = middle;
    else high = middle;
  }
  return low + high;
}

describe('pseudo-Voigt of Thompson, Cox and Hastings', () => {
  const shape = new Float64Array(SHAPE.length);

  it.each([
    [1, 0.1],
    [1, 0.5],
    [1, 1],
    [0.5, 1],
    [0.1, 1],
  ])('has the width of the Voigt function for G = %f, L = %f', (gauss, lorentz) => {
    pseudoVoigtShape(gauss, lorentz, shape);
    expect(Math.abs(shape[SHAPE.H]! / voigtWidth(gauss, lorentz) - 1)).toBeLessThan(0.006);
  });

  it('is Gaussian without a Lorentzian part and Lorentzian without a Gaussian one', () => {
    pseudoVoigtShape(0.2, 0, shape);
    expect([shape[SHAPE.H], shape[SHAPE.eta]]).toEqual([expect.closeTo(0.2, 12), 0]);
    pseudoVoigtShape(0, 0.2, shape);
    expect(shape[SHAPE.H]).toBeCloseTo(0.2, 12);
    expect(shape[SHAPE.eta]).toBeCloseTo(1, 4);
  });

  it('knows its own derivatives', () => {
    const ahead = new Float64Array(SHAPE.length);
    const [G, L, h] = [0.11, 0.07, 1e-7];
    pseudoVoigtShape(G, L, shape);
    pseudoVoigtShape(G + h, L, ahead);
    expect((ahead[SHAPE.H]! - shape[SHAPE.H]!) / h).toBeCloseTo(shape[SHAPE.dHdG]!, 5);
    expect((ahead[SHAPE.eta]! - shape[SHAPE.eta]!) / h).toBeCloseTo(shape[SHAPE.dEtadG]!, 4);
    pseudoVoigtShape(G, L + h, ahead);
    expect((ahead[SHAPE.H]! - shape[SHAPE.H]!) / h).toBeCloseTo(shape[SHAPE.dHdL]!, 5);
    expect((ahead[SHAPE.eta]! - shape[SHAPE.eta]!) / h).toBeCloseTo(shape[SHAPE.dEtadL]!, 4);
  });

  it('has unit area, half of its height at half its width', () => {
    let area = 0;
    for (let x = -400; x < 400; x += 0.01) area += 0.01 * pseudoVoigt(x, 0.5, 0.4);
    expect(area).toBeCloseTo(1, 3);
    expect(pseudoVoigt(0.25, 0.5, 0.4) / pseudoVoigt(0, 0.5, 0.4)).toBeCloseTo(0.5, 10);
  });
});

describe('widths in GSAS-II units', () => {
  it('sigma^2 = U tan^2 + V tan + W in centideg^2, gamma = X / cos + Y tan + Z in centideg', () => {
    const { gauss_deg, lorentz_deg } = lineWidths({ U: 2, V: -2, W: 5, X: 1.5, Y: 2, Z: 0.1 }, 90);
    expect(gauss_deg).toBeCloseTo((FWHM_PER_SIGMA * Math.sqrt(2 - 2 + 5)) / 100, 10);
    expect(lorentz_deg).toBeCloseTo((1.5 * Math.SQRT2 + 2 + 0.1) / 100, 10);
  });

  it('broadens by size as Scherrer says, and by strain as Bragg differentiated', () => {
    // beta = K lambda / (D cos theta) in radians; 0.1 um at 1 angstrom: 1e-3 rad
    expect(sizeToX(0.1, 1) / 100).toBeCloseTo((1e-3 * 180) / Math.PI, 10);
    // delta 2theta = 2 tan(theta) * delta d / d is the full shift; the full width M gives M tan(theta) radians * 180 / pi
    expect(strainToY(1000) / 100).toBeCloseTo((1e-3 * 180) / Math.PI, 10);
  });

  it('stays real where U, V, W make a negative variance', () => {
    expect(lineWidths({ U: 0, V: -100, W: 5, X: 0, Y: 0, Z: 0 }, 60).gauss_deg).toBeGreaterThan(0);
  });
});

describe('axial divergence', () => {
  const shifts = new Float64Array(8);
  const weights = new Float64Array(8);

  it('smears to low angles below 90 degrees, to high ones above, and keeps the area', () => {
    for (const [angle, sign] of [
      [20, -1],
      [140, 1],
    ] as const) {
      const n = axialSmearing(angle, 0.06, 0.05, shifts, weights);
      expect(weights.subarray(0, n).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
      for (let k = 0; k < n; k++) expect(Math.sign(shifts[k]!)).toBe(sign);
    }
  });

  it('shifts the centroid as the integral over the slit does', () => {
    // Fine sum over u of (1 - u) / (cos^2 2phi sin 2phi), the weight of Finger, Cox & Jephcoat for S = H.
    const rad = Math.PI / 180;
    const [angle, sh] = [12, 0.05];
    let sum = 0;
    let norm = 0;
    for (let u = 0.0005; u < 1; u += 0.001) {
      const c = Math.cos(angle * rad) * Math.sqrt(1 + sh * sh * u * u);
      const w = (1 - u) / (c * c * Math.sqrt(1 - c * c));
      sum += w * (Math.acos(c) / rad - angle);
      norm += w;
    }
    for (const width of [0.01, 0.07, 0.3]) {
      const n = axialSmearing(angle, sh, width, shifts, weights);
      let centroid = 0;
      for (let k = 0; k < n; k++) centroid += shifts[k]! * weights[k]!;
      expect(centroid).toBeCloseTo(sum / norm, 4);
    }
  });

  it('is no more than a shift where it is far below the width, by as much as the rays that reach the slit', () => {
    const [angle, sh, rad] = [70, 0.01, Math.PI / 180];
    let [sum, norm] = [0, 0];
    for (let azimuth = 0; azimuth < 0.02; azimuth += 1e-5) {
      const up2 = (Math.sin(angle * rad) * Math.sin(azimuth)) ** 2;
      const weight = Math.max(0, 1 - Math.sqrt(up2 / (1 - up2)) / sh);
      sum += weight * (Math.acos(Math.cos(angle * rad) / Math.sqrt(1 - up2)) / rad - angle);
      norm += weight;
    }
    expect(axialSmearing(angle, sh, 0.2, shifts, weights)).toBe(1);
    expect(shifts[0]! / (sum / norm)).toBeCloseTo(1, 2);
    // a start that is too small can find its way back
    expect(shifts[0]).toBeLessThan(0);
  });
});
