import { layerShares } from './transition.js';

/** One quantity measured along the scan. Points that are not finite are left out. */
export interface LayerObservable {
  name: string;
  position_um: Float64Array;
  value: Float64Array;
  /** Standard uncertainty of each value; null where unknown (then all points weigh the same). */
  sigma: Float64Array | null;
}

/** An observable as the likelihood uses it: finite points only, scaled to a span of about one. */
export interface PreparedObservable {
  name: string;
  position_um: Float64Array;
  value: Float64Array;
  /** Inverse variances up to one common factor, which is estimated from the residuals. */
  weight: Float64Array;
  offset: number;
  span: number;
  /** The weights come from stated errors, rather than being all equal. */
  stated: boolean;
}

export function prepareObservable(observable: LayerObservable): PreparedObservable | null {
  const keep: number[] = [];
  for (let i = 0; i < observable.value.length; i++) {
    const sigma = observable.sigma?.[i] ?? 1;
    if (Number.isFinite(observable.value[i]) && Number.isFinite(observable.position_um[i]) && sigma > 0)
      if (Number.isFinite(sigma)) keep.push(i);
  }
  if (keep.length < 4) return null;
  const value = Float64Array.from(keep, (i) => observable.value[i]);
  const sorted = Float64Array.from(value).sort();
  const offset = sorted[sorted.length >> 1];
  const span = sorted[sorted.length - 1] - sorted[0] || 1;
  return {
    name: observable.name,
    position_um: Float64Array.from(keep, (i) => observable.position_um[i]),
    value: value.map((v) => (v - offset) / span),
    weight: Float64Array.from(keep, (i) => (span / (observable.sigma?.[i] ?? span)) ** 2),
    offset,
    span,
    stated: observable.sigma !== null,
  };
}

/** What a set of boundaries says about one observable. */
export interface LevelFit {
  levels: Float64Array;
  /** Inverse of the weighted normal matrix: covariance of the levels up to the noise factor. */
  inverse: Float64Array;
  /** Weighted sum of squared residuals, the prior on the levels included. */
  sum: number;
  logDeterminant: number;
  points: number;
}

/** Precision of the prior on every level, relative to a point of average weight: spans of 3 are plausible. */
const LEVEL_PRIOR = 1e-3;

/**
 * Levels of one observable by weighted least squares, for given shares [point * layers + layer].
 * A faint prior keeps a layer that no point sees from making the problem singular.
 */
export function fitLevels(observable: PreparedObservable, shares: Float64Array, layers: number): LevelFit {
  const { value, weight } = observable;
  const n = value.length;
  const a = new Float64Array(layers * layers);
  const b = new Float64Array(layers);
  let yy = 0;
  let weightSum = 0;
  for (let i = 0; i < n; i++) {
    const w = weight[i];
    const y = value[i];
    weightSum += w;
    yy += w * y * y;
    const at = i * layers;
    for (let l = 0; l < layers; l++) {
      const ws = w * shares[at + l];
      if (ws === 0) continue;
      b[l] += ws * y;
      for (let m = 0; m <= l; m++) a[l * layers + m] += ws * shares[at + m];
    }
  }
  const ridge = (LEVEL_PRIOR * weightSum) / n;
  for (let l = 0; l < layers; l++) a[l * layers + l] += ridge;
  return solveLevels(a, b, yy, layers, n);
}

function solveLevels(a: Float64Array, b: Float64Array, yy: number, layers: number, points: number): LevelFit {
  // In-place Cholesky of at most 3 x 3.
  let logDeterminant = 0;
  for (let i = 0; i < layers; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * layers + j];
      for (let k = 0; k < j; k++) sum -= a[i * layers + k] * a[j * layers + k];
      a[i * layers + j] =
        i === j ? Math.sqrt(Math.max(sum, 1e-12 * Math.abs(a[i * layers + i]))) : sum / a[j * layers + j];
    }
    logDeterminant += 2 * Math.log(a[i * layers + i]);
  }
  const inverse = new Float64Array(layers * layers);
  const levels = new Float64Array(layers);
  const column = new Float64Array(layers);
  for (let c = 0; c < layers; c++) {
    for (let i = 0; i < layers; i++) {
      let sum = i === c ? 1 : 0;
      for (let k = 0; k < i; k++) sum -= a[i * layers + k] * column[k];
      column[i] = sum / a[i * layers + i];
    }
    for (let i = layers - 1; i >= 0; i--) {
      let sum = column[i];
      for (let k = i + 1; k < layers; k++) sum -= a[k * layers + i] * column[k];
      column[i] = sum / a[i * layers + i];
    }
    for (let i = 0; i < layers; i++) {
      inverse[i * layers + c] = column[i];
      levels[i] += column[i] * b[c];
    }
  }
  let explained = 0;
  for (let l = 0; l < layers; l++) explained += levels[l] * b[l];
  return { levels, inverse, sum: Math.max(yy - explained, 1e-12 * yy + 1e-300), logDeterminant, points };
}

/**
 * Marginal log likelihood of boundaries: levels (flat) and noise factor (Jeffreys) of every observable integrated out,
 * -1/2 ln|X'WX| - (n - L)/2 ln(weighted residual sum). G. Larry Bretthorst, Bayesian Spectrum Analysis (1988), ch. 3.
 */
export class LayerLikelihood {
  private readonly observables: PreparedObservable[];
  private readonly beam_um: number;
  private readonly shares: Map<Float64Array, Float64Array>;

  constructor(observables: PreparedObservable[], beam_um: number) {
    this.observables = observables;
    this.beam_um = beam_um;
    // Observables measured at the same points share one array of positions, and so one computation.
    const unique: Float64Array[] = [];
    for (const o of observables) {
      const same = unique.find(
        (p) => p.length === o.position_um.length && p.every((v, i) => v === o.position_um[i]),
      );
      if (same) o.position_um = same;
      else unique.push(o.position_um);
    }
    this.shares = new Map(unique.map((p) => [p, new Float64Array(p.length * 3)]));
  }

  fits(boundaries_um: ArrayLike<number>, widths_um: ArrayLike<number>): LevelFit[] {
    const layers = boundaries_um.length + 1;
    for (const [position, out] of this.shares)
      layerShares(position, boundaries_um, widths_um, this.beam_um, out);
    return this.observables.map((o) => fitLevels(o, this.shares.get(o.position_um)!, layers));
  }

  logMarginal(boundaries_um: ArrayLike<number>, widths_um: ArrayLike<number>): number {
    let sum = 0;
    for (const fit of this.fits(boundaries_um, widths_um))
      sum -= 0.5 * fit.logDeterminant + 0.5 * (fit.points - fit.levels.length) * Math.log(fit.sum);
    return sum;
  }

  /** -2 ln of the maximum likelihood over levels and noise factors. */
  deviance(boundaries_um: ArrayLike<number>, widths_um: ArrayLike<number>): number {
    let sum = 0;
    for (const fit of this.fits(boundaries_um, widths_um)) sum += fit.points * Math.log(fit.sum / fit.points);
    return sum;
  }

  get points(): number {
    return this.observables.reduce((n, o) => n + o.value.length, 0);
  }

  /**
   * Weights of Student-t residuals (4 degrees of freedom) about the given boundaries, and an extra variance where the
   * scatter is not what the stated errors say: changes the weights of the observables in place.
   */
  reweigh(boundaries_um: ArrayLike<number>, widths_um: ArrayLike<number>, stated: Float64Array[]): void {
    const fits = this.fits(boundaries_um, widths_um);
    const layers = boundaries_um.length + 1;
    this.observables.forEach((o, k) => {
      const shares = this.shares.get(o.position_um)!;
      const residual = o.value.map((v, i) => {
        let model = 0;
        for (let l = 0; l < layers; l++) model += shares[i * layers + l] * fits[k].levels[l];
        return v - model;
      });
      const extra = extraVariance(residual, stated[k], layers);
      // Stated errors are not taken to be more than a third too large: else the few points on an edge, the only
      // ones that a good plateau leaves with a residual, would pass for outliers.
      const scale = Math.max(
        o.stated ? 0.7 : 0,
        robustScale(residual.map((r, i) => r / Math.sqrt(1 / stated[k][i] + extra))),
      );
      for (let i = 0; i < residual.length; i++) {
        const variance = 1 / stated[k][i] + extra;
        const t2 = residual[i] ** 2 / (variance * scale * scale);
        o.weight[i] = (1 / variance) * Math.min(1, 8 / (4 + t2));
      }
    });
  }
}

/** Variance that must be added to 1/weight for the normalised residuals to have unit variance; 0 if none. */
function extraVariance(residual: Float64Array, weight: Float64Array, used: number): number {
  const target = Math.max(1, residual.length - used);
  const chi2 = (extra: number): number =>
    residual.reduce(
      (sum, r, i) => sum + Math.min(r * r, 9 * (1 / weight[i] + extra)) / (1 / weight[i] + extra),
      0,
    );
  if (chi2(0) <= target) return 0;
  let low = 0;
  let high = residual.reduce((sum, r) => sum + r * r, 0) / target;
  for (let step = 0; step < 50; step++) {
    const mid = (low + high) / 2;
    if (chi2(mid) > target) low = mid;
    else high = mid;
  }
  return (low + high) / 2;
}

function robustScale(residual: Float64Array): number {
  const sorted = residual.map(Math.abs).sort();
  return Math.max(1e-6, 1.4826 * sorted[sorted.length >> 1]);
}
