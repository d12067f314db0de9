/**
 * Two simple estimators of the amount in the layer, beside the model of the whole scan: the fits of single patterns, and
 * one double ratio of lines. They share the data, not the method, and so warn of what a method takes for granted.
 */
import { median, robustSigma } from '../../numeric/robust.js';
import type { CoupledDetail } from '../coupled/coupled-scan.js';
import { type LineResponse, logResponse, type PatternObservation } from '../lines/scan-observations.js';

export interface Estimate {
  value: number;
  sigma: number;
}

/** Patterns that see only the layer, and those that see only pristine electrolyte. */
export function purePatterns(detail: CoupledDetail): {
  layer: PatternObservation[];
  pristine: PatternObservation[];
} {
  const pick = (test: (f: number) => boolean): PatternObservation[] =>
    detail.linePatterns.filter((_, i) => test(detail.share[i]));
  return { layer: pick((f) => f > 0.9), pristine: pick((f) => f < 0.03) };
}

/**
 * Mean x of single patterns inside the layer, less their mean in the pristine electrolyte (polarisation or texture
 * taken wrongly shifts both alike). Scatter from pattern to pattern sets the error, not the esds.
 */
export function patternEstimate(detail: CoupledDetail, x: (Estimate | null)[]): Estimate | null {
  const inside = robustMean(x.filter((_, i) => detail.share[i] > 0.9));
  const outside = robustMean(x.filter((_, i) => detail.share[i] < 0.03));
  if (!inside) return null;
  if (!outside) return inside;
  return { value: inside.value - outside.value, sigma: Math.hypot(inside.sigma, outside.sigma) };
}

function robustMean(values: (Estimate | null)[]): Estimate | null {
  const measured = values.filter((x): x is Estimate => x !== null && x.sigma > 0);
  if (measured.length === 0) return null;
  const center = median(measured.map((x) => x.value));
  const scatter = measured.length > 2 ? robustSigma(measured.map((x) => x.value)) : 0;
  let top = 0;
  let bottom = 0;
  let stated = 0;
  for (const x of measured) {
    const variance = x.sigma ** 2 + scatter ** 2;
    const weight = Math.min(1, 9 / Math.max(1e-12, (x.value - center) ** 2 / variance)) / variance;
    top += weight * x.value;
    bottom += weight;
    stated += x.sigma ** 2 / measured.length;
  }
  const spread = Math.sqrt(Math.max(stated, scatter ** 2));
  return { value: top / bottom, sigma: spread / Math.sqrt(measured.length) };
}

export interface DoubleRatio {
  /** For example '112/302'. */
  name: string;
  value: number;
  sigma: number;
}

/** (A/B) in the layer over (A/B) in the pristine electrolyte, of summed intensities; the error by jackknife. */
export function doubleRatio(detail: CoupledDetail, upper: string, lower: string): DoubleRatio | null {
  const a = detail.lines.findIndex((l) => l.id === upper);
  const b = detail.lines.findIndex((l) => l.id === lower);
  if (a < 0 || b < 0) return null;
  const { layer, pristine } = purePatterns(detail);
  const inside = logRatioOfSums(layer, a, b);
  const outside = logRatioOfSums(pristine, a, b);
  if (!inside || !outside) return null;
  const value = Math.exp(inside.value - outside.value);
  return { name: `${upper}/${lower}`, value, sigma: value * Math.hypot(inside.sigma, outside.sigma) };
}

function logRatioOfSums(patterns: PatternObservation[], a: number, b: number): Estimate | null {
  const used = patterns.filter((p) => Number.isFinite(p.intensity[a]) && Number.isFinite(p.intensity[b]));
  const n = used.length;
  if (n < 2) return null;
  // Each pattern on its own scale, so that a thick spot does not count for more.
  const first = used.map((p) => p.intensity[a] / p.electrolyte.value);
  const second = used.map((p) => p.intensity[b] / p.electrolyte.value);
  const sum = (v: number[]): number => v.reduce((s, x) => s + x, 0);
  const [A, B] = [sum(first), sum(second)];
  if (!(A > 0 && B > 0)) return null;
  let variance = 0;
  for (let i = 0; i < n; i++) {
    const [restA, restB] = [A - first[i], B - second[i]];
    if (!(restA > 0 && restB > 0)) return null;
    variance += ((n - 1) / n) * (Math.log(restA / restB) - Math.log(A / B)) ** 2;
  }
  return { value: Math.log(A / B), sigma: Math.sqrt(variance) };
}

/** The amount at which the response gives a double ratio; null where none does. */
export function amountOfRatio(
  detail: CoupledDetail,
  response: LineResponse,
  ratio: DoubleRatio,
): Estimate | null {
  const [upper, lower] = ratio.name.split('/');
  const a = detail.lines.findIndex((l) => l.id === upper);
  const b = detail.lines.findIndex((l) => l.id === lower);
  const out = new Float64Array(detail.lines.length);
  const logAt = (amount: number): number => {
    logResponse(response, amount, out);
    return out[a] - out[b];
  };
  const target = Math.log(ratio.value);
  const slopeStep = 0.005;
  let best = Number.NaN;
  let distance = Infinity;
  for (let amount = -0.1; amount <= response.max; amount += 0.0005) {
    const d = Math.abs(logAt(amount) - target);
    if (d < distance) {
      distance = d;
      best = amount;
    }
  }
  if (!(distance < 0.02)) return null;
  const slope = (logAt(best + slopeStep) - logAt(best - slopeStep)) / (2 * slopeStep);
  return { value: best, sigma: ratio.sigma / ratio.value / Math.abs(slope) };
}

/** Ratios for x, best first (most sensitive, least touched by texture and cation order); see docs/line-scan.md. */
const X_RATIOS: readonly (readonly [string, string])[] = [
  ['112', '302'],
  ['222', '302'],
  ['410', '330'],
  ['410', '302'],
  ['302', '301'],
];

/** x from the best double ratio that the data hold; null without one. */
export function doubleRatioEstimate(
  detail: CoupledDetail,
  response: LineResponse,
): { estimate: Estimate; ratio: DoubleRatio } | null {
  for (const [upper, lower] of X_RATIOS) {
    const ratio = doubleRatio(detail, upper, lower);
    const estimate = ratio && amountOfRatio(detail, response, ratio);
    if (ratio && estimate) return { ratio, estimate };
  }
  return null;
}

/**
 * Amount in each pattern alone, from its line ratios against the scan's own pristine electrolyte: what is drawn along
 * the scan, and what a gradient is looked for in.
 */
export function amountProfile(
  detail: CoupledDetail,
): { position_um: number; value: number; sigma: number }[] {
  const { coupled, response, lines, linePatterns } = detail;
  const J = lines.length;
  const own = new Float64Array(J);
  const grid = Array.from({ length: 131 }, (_, k) => -0.3 + (k / 130) * (0.3 + response.max));
  return linePatterns.map((pattern, i) => {
    const chi2 = grid.map((amount) => {
      logResponse(response, amount, own);
      return coupled.model.patternDeviance(i, own);
    });
    let best = 0;
    for (let k = 1; k < grid.length; k++) if (chi2[k] < chi2[best]) best = k;
    const [k, step] = [Math.min(grid.length - 2, Math.max(1, best)), grid[1] - grid[0]];
    const curvature = (chi2[k + 1] - 2 * chi2[k] + chi2[k - 1]) / (step * step);
    const slope = (chi2[k + 1] - chi2[k - 1]) / (2 * step);
    const shift = curvature > 0 ? Math.max(-step, Math.min(step, -slope / curvature)) : 0;
    return {
      position_um: pattern.position_um,
      value: grid[k] + shift,
      sigma: curvature > 0 ? Math.sqrt(2 / curvature) : Number.NaN,
    };
  });
}
