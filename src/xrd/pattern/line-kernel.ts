/**
 * One line on the grid of a pattern, split for speed without loss: a short-range part on the channels around the line,
 * and a smooth far tail on a coarse grid that all lines share.
 *
 * The Lorentzian tail eta H / (2 pi x^2) reaches over the whole pattern: a window of 20 widths drops 1.6 % of it. Here
 * tail(x) = eta H / (2 pi (x^2 + c^2)) with c = 2.5 H is summed on the coarse grid over all angles, and only the
 * difference pseudo-Voigt - tail, which falls off as x^-4, is cut at 4 c.
 */
import { AXIAL_NODES, axialSmearing } from './axial-divergence.js';
import { FOUR_LN2, GAUSS_NORM, pseudoVoigtShape, SHAPE } from './profile.js';

/** Softening of the tail, in widths H, and where the short-range part ends, in softening lengths. */
const SOFTENING_WIDTHS = 2.5;
const WINDOW_SOFTENINGS = 4;
const MAX_NODES = AXIAL_NODES;

/** Short-range part of a line and its derivatives on channels start..end-1, plus what its tail needs. */
export class LineKernel {
  start = 0;
  end = 0;
  /** Values at channel `start + i` stand at index i: unit area, without the far tail. */
  readonly short: Float64Array;
  /** Unit-area profile with its own tail, on the same channels. */
  readonly full: Float64Array;
  /** Derivatives of the profile by position, Gaussian width, Lorentzian width (degrees) and SH/L. */
  readonly byPosition: Float64Array;
  readonly byGauss: Float64Array;
  readonly byLorentz: Float64Array;
  readonly byAsymmetry: Float64Array;
  /** eta H / (2 pi), and the square of the softening length. */
  tailStrength = 0;
  softening2 = 0;
  H = 0;
  private readonly shape = new Float64Array(SHAPE.length);
  private readonly shifts = new Float64Array(MAX_NODES);
  private readonly weights = new Float64Array(MAX_NODES);

  constructor(
    private readonly twoTheta_deg: Float64Array,
    private readonly minSoftening_deg: number,
  ) {
    const n = twoTheta_deg.length;
    this.short = new Float64Array(n);
    this.full = new Float64Array(n);
    this.byPosition = new Float64Array(n);
    this.byGauss = new Float64Array(n);
    this.byLorentz = new Float64Array(n);
    this.byAsymmetry = new Float64Array(n);
  }

  /** Computes the line at `position_deg` with the given widths; derivatives only if asked for. */
  compute(
    position_deg: number,
    gauss_deg: number,
    lorentz_deg: number,
    shOverL: number,
    derivatives: boolean,
  ): void {
    const { shape, twoTheta_deg: grid } = this;
    pseudoVoigtShape(gauss_deg, lorentz_deg, shape);
    const H = shape[SHAPE.H]!;
    const eta = shape[SHAPE.eta]!;
    const c = Math.max(SOFTENING_WIDTHS * H, this.minSoftening_deg);
    this.H = H;
    this.tailStrength = (eta * H) / (2 * Math.PI);
    this.softening2 = c * c;
    const nodes =
      shOverL > 0 ? axialSmearing(position_deg, shOverL, H, this.shifts, this.weights) : this.symmetric();
    const reach = WINDOW_SOFTENINGS * c;
    const farthest = this.shifts[nodes - 1]!;
    this.start = lowerBound(grid, position_deg - reach + Math.min(0, farthest));
    this.end = lowerBound(grid, position_deg + reach + Math.max(0, farthest));
    const count = this.end - this.start;
    for (let i = 0; i < count; i++) this.full[i] = 0;
    if (derivatives)
      for (let i = 0; i < count; i++)
        this.byPosition[i] = this.byGauss[i] = this.byLorentz[i] = this.byAsymmetry[i] = 0;
    for (let k = 0; k < nodes; k++)
      this.add(
        position_deg + this.shifts[k]!,
        this.weights[k]!,
        H,
        eta,
        shOverL > 0 ? (2 * this.shifts[k]!) / shOverL : 0,
        derivatives,
      );
    const strength = this.tailStrength;
    const c2 = this.softening2;
    for (let i = 0; i < count; i++) {
      const x = grid[this.start + i]! - position_deg;
      this.short[i] = this.full[i]! - strength / (x * x + c2);
    }
  }

  private symmetric(): number {
    this.shifts[0] = 0;
    this.weights[0] = 1;
    return 1;
  }

  /** Adds one node of the (possibly smeared) line with derivatives. `shiftRate` is d(shift)/d(SH/L). */
  private add(
    centre: number,
    weight: number,
    H: number,
    eta: number,
    shiftRate: number,
    derivatives: boolean,
  ): void {
    const { shape, start, end, twoTheta_deg: grid, full, byPosition, byGauss, byLorentz, byAsymmetry } = this;
    const invH = 1 / H;
    const lorentzTop = (2 / Math.PI) * invH * weight;
    const gaussTop = GAUSS_NORM * invH * weight;
    const dHdG = shape[SHAPE.dHdG]!;
    const dHdL = shape[SHAPE.dHdL]!;
    const dEtadG = shape[SHAPE.dEtadG]!;
    const dEtadL = shape[SHAPE.dEtadL]!;
    for (let i = start; i < end; i++) {
      const u = (grid[i]! - centre) * invH;
      const u2 = u * u;
      const d = 1 / (1 + 4 * u2);
      const lorentz = lorentzTop * d;
      const gauss = u2 < 12 ? gaussTop * Math.exp(-FOUR_LN2 * u2) : 0;
      const value = eta * lorentz + (1 - eta) * gauss;
      const at = i - start;
      full[at] = full[at]! + value;
      if (!derivatives) continue;
      // d/du of the profile over u: -8 d L for the Lorentzian, -8 ln2 G for the Gaussian.
      const slope = -(eta * lorentz * 8 * d + (1 - eta) * gauss * 2 * FOUR_LN2);
      const byH = -invH * (value + slope * u2);
      const byEta = lorentz - gauss;
      const byX = -slope * u * invH;
      byPosition[at] = byPosition[at]! + byX;
      byGauss[at] = byGauss[at]! + byH * dHdG + byEta * dEtadG;
      byLorentz[at] = byLorentz[at]! + byH * dHdL + byEta * dEtadL;
      if (shiftRate !== 0) byAsymmetry[at] = byAsymmetry[at]! + byX * shiftRate;
    }
  }
}

/** First index whose value is not below `x`. */
export function lowerBound(values: Float64Array, x: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Sums of far tails on a coarse, uniform grid, brought back to the channels by cubic interpolation. */
export class TailGrid {
  readonly nodes: number;
  private readonly step: number;
  private readonly origin: number;
  private readonly index: Int32Array;
  private readonly weights: Float64Array;

  constructor(twoTheta_deg: Float64Array, step_deg: number) {
    const n = twoTheta_deg.length;
    this.step = step_deg;
    this.origin = twoTheta_deg[0]! - step_deg;
    this.nodes = Math.ceil((twoTheta_deg[n - 1]! - twoTheta_deg[0]!) / step_deg) + 4;
    this.index = new Int32Array(n);
    this.weights = new Float64Array(4 * n);
    for (let i = 0; i < n; i++) {
      const at = (twoTheta_deg[i]! - this.origin) / step_deg;
      const k = Math.min(this.nodes - 3, Math.max(1, Math.floor(at)));
      const t = at - k;
      this.index[i] = k - 1;
      // Lagrange weights of the nodes k-1 .. k+2.
      this.weights[4 * i] = (-t * (t - 1) * (t - 2)) / 6;
      this.weights[4 * i + 1] = ((t + 1) * (t - 1) * (t - 2)) / 2;
      this.weights[4 * i + 2] = (-(t + 1) * t * (t - 2)) / 2;
      this.weights[4 * i + 3] = ((t + 1) * t * (t - 1)) / 6;
    }
  }

  /** Fills `kernel` with strength / (x^2 + c^2) at all nodes. */
  fill(position_deg: number, strength: number, softening2: number, kernel: Float64Array): void {
    let x = this.origin - position_deg;
    for (let k = 0; k < this.nodes; k++) {
      kernel[k] = strength / (x * x + softening2);
      x += this.step;
    }
  }

  /** Adds the interpolated sums to the channels. */
  addTo(sums: Float64Array, out: Float64Array): void {
    const { index, weights } = this;
    for (let i = 0; i < out.length; i++) {
      const k = index[i]!;
      const at = 4 * i;
      out[i] =
        out[i]! +
        weights[at]! * sums[k]! +
        weights[at + 1]! * sums[k + 1]! +
        weights[at + 2]! * sums[k + 2]! +
        weights[at + 3]! * sums[k + 3]!;
    }
  }
}
