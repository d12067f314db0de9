import { CubicSpline } from '../../numeric/interpolate.js';
import { rangeWithin } from '../curve/grid.js';
import type { NoisyCurve } from '../edge/align.js';

export interface Merged extends NoisyCurve {
  /** Standard error of the mean at each point, from the scatter between the scans (at least that of their noise). */
  sigma: Float64Array;
  /** Mean squared deviation of each scan from the others, in units of its noise: about 1; outliers stand out. */
  scatter: number[];
  /** Scans whose scatter is an outlier; they are part of the mean unless they were left out. */
  outliers: number[];
}

/** A scan that lies this many times further from the others than its noise is an outlier. */
const OUTLIER = 9;

/**
 * Mean of repeated scans on the range that all of them cover, each point weighted by 1/sigma^2. The first scan's grid is
 * used; the others are interpolated by cubic splines, never extrapolated. The uncertainty is the standard error of the
 * weighted mean, widened by the scatter between the scans where that is larger than their noise.
 *
 * @throws RangeError for no scans, or scans that do not overlap in 5 points
 */
export function mergeScans(scans: readonly NoisyCurve[]): Merged {
  if (scans.length === 0) throw new RangeError('no scans to merge');
  const low = Math.max(...scans.map(({ energy_eV }) => energy_eV[0]!));
  const high = Math.min(...scans.map(({ energy_eV }) => energy_eV.at(-1)!));
  const first = scans[0]!;
  const [from, to] = rangeWithin(first.energy_eV, low, high);
  if (to - from < 5) throw new RangeError(`the scans share only ${Math.max(0, to - from)} points`);
  const energy_eV = first.energy_eV.slice(from, to);
  const on = scans.map((scan, k) => ({
    mu: k === 0 ? scan.mu.slice(from, to) : new CubicSpline(scan.energy_eV, scan.mu).on(energy_eV),
    sigma:
      k === 0
        ? scan.sigma.slice(from, to)
        : new CubicSpline(scan.energy_eV, scan.sigma, 'natural').on(energy_eV),
  }));
  const { mu, sigma } = weightedMean(on);
  const scatter = on.map((scan, k) =>
    scatterOf(
      scan,
      on.filter((_, j) => j !== k),
    ),
  );
  return {
    energy_eV,
    mu,
    sigma,
    scatter,
    outliers: scatter.flatMap((value, k) => (scans.length > 2 && value > OUTLIER ? [k] : [])),
  };
}

type Sampled = { mu: Float64Array; sigma: Float64Array };

function weightedMean(scans: readonly Sampled[]): Sampled {
  const n = scans[0]!.mu.length;
  const mu = new Float64Array(n);
  const sigma = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let weights = 0;
    let sum = 0;
    for (const scan of scans) {
      const w = 1 / scan.sigma[i]! ** 2;
      weights += w;
      sum += w * scan.mu[i]!;
    }
    mu[i] = sum / weights;
    let chi2 = 0;
    for (const scan of scans) chi2 += ((scan.mu[i]! - mu[i]!) / scan.sigma[i]!) ** 2;
    const birge = scans.length > 1 ? Math.max(1, chi2 / (scans.length - 1)) : 1;
    sigma[i] = Math.sqrt(birge / weights);
  }
  return { mu, sigma };
}

function scatterOf(scan: Sampled, others: readonly Sampled[]): number {
  if (others.length === 0) return 1;
  const mean = weightedMean(others);
  let sum = 0;
  for (let i = 0; i < scan.mu.length; i++)
    sum += (scan.mu[i]! - mean.mu[i]!) ** 2 / (scan.sigma[i]! ** 2 + mean.sigma[i]! ** 2);
  return sum / scan.mu.length;
}
